import type { RequestContext } from '../context.ts';
import type { Gate } from '../gate.ts';
import { handlersAreWatched, inHandler } from '../handler-scope.ts';
import type { Reply } from '../verdict.ts';
import { isBodiless, isDisconnect } from './body.ts';
import { followRequest } from './handler-request.ts';
import { ownHeaders, unionOf } from './headers.ts';
import { showBody, type WatchedRest } from './web-body.ts';
import { WebView } from './web-view.ts';

const CONTEXT = Symbol('rampart.context');

/** The context of a Request that went through an adapter of the Web standard. A clone of the Request has none. */
export function contextOfWebRequest(request: object): RequestContext | undefined {
  return (request as { [CONTEXT]?: RequestContext })[CONTEXT];
}

/**
 * Leads one Request to the gate and to the application, and sees to it that the gate is left exactly once: at the end of
 * the response's body, when it is cancelled, or when the client has gone.
 * @param peer remote address, where the runtime tells it
 * @param proceed runs the application with the Request that it is to read: the very one, or one whose body is watched
 */
export async function admitWeb(
  gate: Gate,
  request: Request,
  peer: string | undefined,
  proceed: (context: RequestContext, request: Request) => Response | Promise<Response>,
): Promise<Response> {
  const entered = gate.enter(new WebView(request, peer));
  const context = entered instanceof Promise ? await entered : entered;
  (request as { [CONTEXT]?: RequestContext })[CONTEXT] = context;
  const walk = context.reply === null ? (gate.openBody?.(context) ?? null) : null;
  const rest = walk === null ? null : await showBody(request, walk);
  const exchange = new WebExchange(gate, request, context);
  if (exchange.left) return goneResponse();
  if (context.reply !== null) return exchange.answer(context.reply);
  const given = rest?.request ?? request;
  (given as { [CONTEXT]?: RequestContext })[CONTEXT] = context;
  const run = (): Response | Promise<Response> => proceed(context, given);
  try {
    const answering = handlersAreWatched() ? inHandler(followRequest(given), run) : run();
    return exchange.finish(rest === null ? await answering : await unlessRefused(answering, rest, exchange));
  } catch (error) {
    if (context.reply !== null) return exchange.answer(context.reply);
    return exchange.left && isDisconnect(error) ? goneResponse() : exchange.answer(gate.fail(error, context));
  }
}

/** The application's response, or a rejection once the rest of the body is refused; a response that has begun is broken off. */
async function unlessRefused(
  answering: Response | Promise<Response>,
  { refused }: WatchedRest,
  exchange: WebExchange,
): Promise<Response> {
  let isRefused = false;
  const over = refused.then(() => {
    isRefused = true;
    exchange.breakOff();
    throw new Error('The rest of the body was refused.');
  });
  over.catch(() => undefined);
  const answered = Promise.resolve(answering).then((response) => {
    if (isRefused) response.body?.cancel().catch(() => undefined);
    return response;
  });
  const first = await Promise.race([over, answered]);
  // What the application made of the error that it met in the body is not to be sent.
  if (isRefused) throw new Error('The rest of the body was refused.');
  return first;
}

/** Something to hand to the runtime for a client that is no longer there; nobody will read it. */
export function goneResponse(): Response {
  return new Response(null, { status: 499 });
}

/** A reply as a Response; the body is left out where method or status forbid one, and its length is told all the same. */
export function responseOf(reply: Reply, method: string): Response {
  const headers = new Headers();
  for (let i = 0; i < reply.headers.length; i += 2) {
    headers.append(reply.headers[i] as string, reply.headers[i + 1] as string);
  }
  if (reply.status !== 204 && reply.status !== 304)
    headers.set('content-length', String(lengthOf(reply.body)));
  const body = isBodiless(method, reply.status)
    ? null
    : (reply.body as string | Uint8Array<ArrayBuffer> | null);
  return new Response(body, { status: reply.status, headers });
}

function lengthOf(body: string | Uint8Array | null): number {
  if (body === null) return 0;
  return typeof body === 'string' ? new TextEncoder().encode(body).byteLength : body.byteLength;
}

class WebExchange {
  readonly #gate: Gate;
  readonly #request: Request;
  readonly #context: RequestContext;
  readonly #onAbort: () => void;
  #status = 0;
  #bytes = 0;
  #breakOff: (() => void) | null = null;
  /** The gate has been left: the body is over, or the client has gone. */
  left = false;

  constructor(gate: Gate, request: Request, context: RequestContext) {
    this.#gate = gate;
    this.#request = request;
    this.#context = context;
    this.#onAbort = () => this.#leave(true);
    if (request.signal.aborted) this.#leave(true);
    else request.signal.addEventListener('abort', this.#onAbort);
  }

  /** Answers with a whole reply: a guard's, or the gate's words for an error. It is small, and counts as sent at once. */
  answer(reply: Reply): Response {
    const response = responseOf(reply, this.#request.method);
    this.#status = reply.status;
    this.#bytes = isBodiless(this.#request.method, reply.status) ? 0 : lengthOf(reply.body);
    this.#leave(false);
    const headers = this.#withOwn(response.headers);
    return new Response(response.body, { status: reply.status, headers });
  }

  /** Puts the house's headers on the application's response and watches its body. */
  finish(response: Response): Response {
    this.#status = response.status;
    const { body, status, statusText } = response;
    // A protocol switch and a network error cannot be built anew; their runtimes want the very object back.
    if (status < 200 || status > 599) {
      this.#leave(false);
      return response;
    }
    const init = { status, statusText, headers: this.#withOwn(response.headers) };
    if (body !== null && !this.left && !isBodiless(this.#request.method, status)) {
      return new Response(this.#watched(body), init);
    }
    if (body !== null) body.cancel().catch(() => undefined);
    this.#leave(false);
    return new Response(null, init);
  }

  #withOwn(given: Headers): Headers {
    const headers = new Headers(given);
    const own = ownHeaders(this.#context);
    for (let i = 0; i < own.length; i += 2) {
      const name = own[i] as string;
      const value = own[i + 1] as string;
      const theirs = given.get(name);
      if (name === 'set-cookie') headers.append(name, value);
      else if (theirs === null) headers.set(name, value);
      else if (name === 'vary') headers.set(name, unionOf(value, theirs));
    }
    for (const name of this.#context.plan.removes) headers.delete(name);
    return headers;
  }

  /** Ends a response that has begun with an error: its request was refused meanwhile. */
  breakOff(): void {
    this.#breakOff?.();
  }

  /** The body chunk by chunk, counted; nothing is held back. */
  #watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#breakOff = () => {
            if (this.left) return;
            this.#leave(true);
            reader.cancel().catch(() => undefined);
            controller.error(new Error('The rest of the request was refused.'));
          };
        },
        pull: async (controller) => {
          try {
            const { done, value } = await reader.read();
            if (done) {
              controller.close();
              this.#leave(false);
              return;
            }
            this.#bytes += value.byteLength;
            controller.enqueue(value);
          } catch (error) {
            if (!this.left) this.#gate.fail(error, this.#context);
            this.#leave(true);
            controller.error(error);
          }
        },
        cancel: (reason) => {
          this.#leave(true);
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  #leave(aborted: boolean): void {
    if (this.left) return;
    this.left = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#gate.leave(this.#context, this.#status, this.#bytes, aborted);
  }
}
