import type { IncomingMessage } from 'node:http';
import type { BodyWalk } from '../body-stage.ts';
import { HeldBytes } from './held-bytes.ts';

/** How parser and stream hand bytes to a request: `request.push`. */
type Push = (this: IncomingMessage, chunk: Uint8Array | string | null, encoding?: BufferEncoding) => boolean;
interface Pushed {
  push: Push;
  _read(size: number): void;
}

/**
 * Shows a request's body to the guards before anybody reads it. The bytes are taken where node:http hands them to the
 * request, held until enough of them were seen, and handed on in order, so that whoever reads the request afterwards finds
 * it as if nothing had been; what the guards refuse is never handed on.
 * @param proceed called once: when the body was seen, when it was refused, or when its client has gone
 * @param broken called when what comes after the held bytes is refused: the application has begun to read
 */
export function holdBody(
  request: IncomingMessage,
  walk: BodyWalk,
  proceed: () => void,
  broken: () => void,
): void {
  new HeldBody(request, walk, proceed, broken).begin();
}

/** Where a request carries its body's keeper, until all of it has passed. */
const KEEPER = Symbol('keeper of the body');
interface Kept {
  [KEEPER]?: HeldBody | null;
}

/** Whether the guards wait for more of this request's body: nobody else reads it meanwhile. */
export function isHeld(request: object): boolean {
  return (request as Kept)[KEEPER]?.isHolding === true;
}

/**
 * Stands in for `request.push`. One function for all requests: a function of its own on each would cost the engine fifteen
 * microseconds a request.
 */
const takePushed: Push = function (chunk, encoding) {
  const keeper = (this as Kept)[KEEPER] as HeldBody;
  return keeper.take(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
};

/** One for all requests, too. */
function onClose(this: IncomingMessage): void {
  (this as Kept)[KEEPER]?.letGo();
}

class HeldBody {
  readonly #request: IncomingMessage & Pushed;
  readonly #push: Push;
  /** Who keeps it too, where two guards are mounted one after the other: it is handed on to them. */
  readonly #next: HeldBody | null;
  readonly #walk: BodyWalk;
  readonly #proceed: () => void;
  readonly #broken: () => void;
  readonly #held = new HeldBytes();
  /** What had come before anybody looked: it goes back to where it was taken from. */
  #early: Uint8Array | null = null;
  #bytes = 0;
  isHolding = true;
  #dropping = false;

  constructor(request: IncomingMessage, walk: BodyWalk, proceed: () => void, broken: () => void) {
    this.#request = request;
    this.#push = this.#request.push;
    this.#next = (request as Kept)[KEEPER] ?? null;
    this.#walk = walk;
    this.#proceed = proceed;
    this.#broken = broken;
  }

  begin(): void {
    const request = this.#request;
    // Whoever went while the corridor waited has said so already: `close` does not come twice.
    if (hasGone(request)) {
      this.#proceed();
      return;
    }
    (request as Kept)[KEEPER] = this;
    request.push = takePushed;
    request.on('close', onClose);
    if (request.readableLength > 0) this.#takeEarly();
    if (!this.isHolding) return;
    if (request.complete) this.take(null);
    else if (this.#walk.streams) this.#release(false);
    // A stream of HTTP/2 gives nothing before it is asked; node:http's parser does.
    else if (request.httpVersionMajor > 1) request._read(0);
  }

  /** The corridor had to wait, or the guard was mounted late: what has come stands in the request's own buffer. */
  #takeEarly(): void {
    const request = this.#request as { _consumed?: boolean } & IncomingMessage;
    const consumed = request._consumed;
    const state = stateOf(request);
    const { dataEmitted } = state;
    const early = request.read() as Uint8Array | null;
    // A request that nobody reads is thrown away by node:http, and one that was read is nobody's to read again
    // (`readableDidRead`). What is given back was not read.
    if (consumed !== undefined) request._consumed = consumed;
    state.dataEmitted = dataEmitted;
    if (early === null) return;
    this.#early = early;
    this.#bytes = early.length;
    if (this.#walk.write(early)) this.#forget();
    else this.#keep(early.length);
  }

  /** Takes what the parser or the stream hands to the request. */
  take(chunk: Uint8Array | null): boolean {
    if (this.#dropping) return true;
    if (!this.isHolding) return this.#pass(chunk);
    const refused = chunk === null ? this.#walk.end() : this.#walk.write(chunk);
    if (refused) {
      this.#forget();
      return true;
    }
    if (chunk !== null) {
      this.#bytes += chunk.length;
      return this.#keep(this.#held.add(chunk));
    }
    return this.#release(true);
  }

  /** Goes on holding while there is room, for this request and for all of them. */
  #keep(takenBytes: number): boolean {
    if (!this.#walk.hold(takenBytes)) {
      if (!this.#walk.refused) return this.#release(false);
      this.#forget();
      return true;
    }
    return this.#bytes <= this.#walk.holdBytes ? this.#more() : this.#release(false);
  }

  /** Asks a stream of HTTP/2 for more. */
  #more(): boolean {
    const request = this.#request;
    if (request.httpVersionMajor > 1) queueMicrotask(() => this.isHolding && request._read(0));
    return true;
  }

  /** Hands the held bytes on and lets the application begin. */
  #release(whole: boolean): boolean {
    this.isHolding = false;
    const request = this.#request;
    request.off('close', onClose);
    if (whole) this.#restore();
    if (this.#early !== null) request.unshift(this.#early);
    let wanted = true;
    for (const chunk of this.#held.takeAll()) wanted = this.#handOn(chunk);
    // What had come early may have been all of it.
    if (whole && !request.readableEnded && !stateOf(request).ended) this.#handOn(null);
    this.#walk.letGo();
    this.#proceed();
    return wanted;
  }

  /** What comes after the held bytes is shown while it passes. */
  #pass(chunk: Uint8Array | null): boolean {
    const refused = chunk === null ? this.#walk.end() : this.#walk.write(chunk);
    if (chunk === null) this.#restore();
    if (!refused) return this.#handOn(chunk);
    // The application is left to the end of the connection: no more of this is for it.
    this.#dropping = true;
    this.#broken();
    return true;
  }

  /** Refused: the held bytes are nobody's. */
  #forget(): void {
    this.isHolding = false;
    this.#held.takeAll();
    this.#walk.letGo();
    this.#request.off('close', onClose);
    this.#restore();
    this.#proceed();
  }

  /** The client has gone before its body was whole. */
  letGo(): void {
    if (this.isHolding) this.#forget();
    else this.#next?.letGo();
  }

  /** Not by deletion, which costs the engine as much as a function of each request's own. */
  #restore(): void {
    this.#request.push = this.#push;
    (this.#request as Kept)[KEEPER] = this.#next;
  }

  #handOn(chunk: Uint8Array | null): boolean {
    return this.#next === null ? this.#push.call(this.#request, chunk) : this.#next.take(chunk);
  }
}

/** What a stream knows of itself: whether its end was put into it, and whether somebody has read of it. */
function stateOf(request: IncomingMessage): { readonly ended: boolean; dataEmitted: boolean } {
  return (request as unknown as { _readableState: { ended: boolean; dataEmitted: boolean } })._readableState;
}

/** Whether the client went before its body was whole. One that was read to its end may be destroyed, too. */
function hasGone(request: IncomingMessage): boolean {
  if (request.readableEnded) return false;
  const { stream } = request as { stream?: { readonly destroyed: boolean } };
  return request.destroyed || stream?.destroyed === true || request.socket.destroyed;
}
