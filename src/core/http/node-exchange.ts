import type { IncomingMessage, ServerResponse } from 'node:http';
import { systemTimers, type Timers } from '../clock.ts';
import type { RequestContext } from '../context.ts';
import type { Gate } from '../gate.ts';
import { type HandlerRequest, handlersAreWatched, inHandler } from '../handler-scope.ts';
import type { Reply } from '../verdict.ts';
import { bodyTooLong, isBodiless, isDisconnect, linger, sizeOf } from './body.ts';
import {
  BODY_HEADERS,
  type GivenHeaders,
  mergeGiven,
  ownHeaders,
  unionOf,
  withoutRemoved,
} from './headers.ts';
import { followMessage, type ParsedBody } from './handler-request.ts';
import {
  type Carried,
  type End,
  EXCHANGE,
  joinSocket,
  type Methods,
  partSocket,
  watch,
  type Watched,
  type WriteHead,
  type Write,
} from './node-watch.ts';
import type { HeaderList } from './header-list.ts';
import { canKeep, keepHeaders, listFor } from './node-headers.ts';
import { joinHead } from './plan-headers.ts';
import { holdBody } from './node-body.ts';
import { NodeView } from './node-view.ts';
import { noteServer } from './server-notes.ts';

/** How an adapter on node:http wants its requests led. */
export interface NodeWay {
  /**
   * What was set before the guard goes before the house's headers (`late`), or after them (`early`). Where the response's
   * headers cannot be kept by us (HTTP/2, a response that is not node:http's own), `late` adds ours when the head is
   * written, and `early` sets them before the application runs, so that it can read and remove them there, too.
   */
  readonly headers: 'late' | 'early';
  /** Timer of the wait for a refused body; the process's own unless a test hands one in. */
  readonly timers?: Timers;
  /** Asked when the response has ended: the route's label, if the framework knows it only then. */
  readonly label?: (request: IncomingMessage) => string | null;
}

/** The context of a request that went through an adapter on node:http. */
export function contextOfMessage(request: object): RequestContext | undefined {
  return exchangeOf(request)?.context ?? handshakes.get(request);
}

const handshakes = new WeakMap<object, RequestContext>();

/** Keeps the context of a handshake, which has no response and no exchange. */
export function rememberContext(request: object, context: RequestContext): void {
  handshakes.set(request, context);
}

/** The exchange of a request that went through an adapter on node:http. */
export function exchangeOf(request: object): NodeExchange | undefined {
  return (request as Carried)[EXCHANGE] as NodeExchange | undefined;
}

/**
 * Answers for a request that failed, or whose route is not there; also for one that never met a guard, by the reply alone.
 */
export function failMessage(
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const exchange = exchangeOf(request);
  if (exchange !== undefined) {
    exchange.fail(error);
    return;
  }
  const reply = gate.fail(error, undefined);
  if (response.headersSent) response.destroy();
  else response.writeHead(reply.status, [...reply.headers]).end(reply.body ?? undefined);
}

/**
 * Leads one request to the gate, and to the application when nothing stands against it. Sees to it that the gate is left
 * exactly once, whichever way the response ends.
 * @param target path and query as received
 * @param proceed runs the application; not called when the request was refused or its client has gone
 * @param askBody asks the client for the body, where it waits for that; called only when guards want to see the body
 */
export function admit(
  gate: Gate,
  way: NodeWay,
  request: IncomingMessage,
  response: ServerResponse,
  target: string | undefined,
  proceed: (exchange: NodeExchange) => void,
  askBody?: () => void,
): void {
  const entered = gate.enter(new NodeView(request, target));
  const goOn = (context: RequestContext): void => {
    const exchange = new NodeExchange(gate, way, request, response, context);
    exchange.afterBody(() => lead(exchange, proceed), askBody);
  };
  if (entered instanceof Promise) void entered.then(goOn);
  else goOn(entered);
}

function lead(exchange: NodeExchange, proceed: (exchange: NodeExchange) => void): void {
  try {
    if (!exchange.begin()) return;
    const { reply } = exchange.context;
    if (reply !== null) exchange.refuse(reply);
    else if (handlersAreWatched()) inHandler(exchange.follow(), () => proceed(exchange));
    else proceed(exchange);
  } catch (error) {
    exchange.fail(error);
  }
}

/** One request of node:http, its response, and its way through the corridor. */
export class NodeExchange implements Watched {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: RequestContext;
  /** Where the framework keeps the body once it has parsed it. */
  parsedBody: ParsedBody | null = null;
  /** Bytes of the response's body so far. @internal */
  bytes = 0;
  /** Off while a chunk that was counted is handed on. @internal */
  counting = true;
  /** The response's headers, where they are kept by us. @internal */
  list: HeaderList | null = null;
  /** What the response's methods were before. @internal */
  readonly write: Write;
  readonly end: End;
  readonly #writeHead: WriteHead;
  readonly #gate: Gate;
  readonly #way: NodeWay;
  /** Kept, because a request that is destroyed (as by leaving a loop over its body early) forgets it. */
  readonly #socket: IncomingMessage['socket'] | null;
  #left = false;
  #early = false;

  constructor(
    gate: Gate,
    way: NodeWay,
    request: IncomingMessage,
    response: ServerResponse,
    context: RequestContext,
  ) {
    this.request = request;
    this.response = response;
    this.context = context;
    this.#gate = gate;
    this.#way = way;
    this.#socket = request.socket;
    const tracked = response as unknown as Methods;
    this.write = tracked.write;
    this.end = tracked.end;
    this.#writeHead = tracked.writeHead;
  }

  /** Makes the request known to its handler's work. */
  follow(): HandlerRequest {
    const { request, response, context } = this;
    return followMessage(request, context.request.target, {
      parsed: () => this.parsedBody?.(),
      // Injected requests have no connection that closes.
      onEnd: (ended) => void response.once('finish', ended).once('close', ended),
    });
  }

  /** Goes on once the guards have seen the body, or at once where none wants to. */
  afterBody(goOn: () => void, askBody?: () => void): void {
    const { context, request } = this;
    const walk = context.reply === null ? (this.#gate.openBody?.(context) ?? null) : null;
    if (walk === null) {
      goOn();
      return;
    }
    if (wasRead(request)) {
      walk.taken((request as { readonly body?: unknown }).body);
      walk.letGo();
      goOn();
      return;
    }
    askBody?.();
    holdBody(request, walk, goOn, () => this.#breakOff());
  }

  /** The application has begun to read a body that is refused now. */
  #breakOff(): void {
    const { response, context } = this;
    const { reply } = context;
    if (reply === null || response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    for (const name of BODY_HEADERS) response.removeHeader(name);
    // The application is left waiting for the rest, which will not come: the connection must end.
    this.#send(reply, (status, flat) => this.sendHead(status, undefined, flat), true);
  }

  /** Starts to watch the response. @returns `false` when the client has gone meanwhile */
  begin(): boolean {
    const { request, response } = this;
    noteServer(this.#gate, request);
    (request as Carried)[EXCHANGE] = this;
    if (response.destroyed || this.#socket === null || this.#socket.destroyed) {
      this.leave(true);
      return false;
    }
    (response as Carried)[EXCHANGE] = this;
    const early = this.#way.headers === 'early';
    if (this.context.reply === null && canKeep(response)) {
      this.list = listFor(response, this.context, !early);
      keepHeaders(response);
    }
    watch(response);
    joinSocket(this.#socket, this);
    if (early && this.list === null && this.context.reply === null) this.#setEarly();
    return true;
  }

  #setEarly(): void {
    this.#early = true;
    const { response } = this;
    const own = ownHeaders(this.context);
    for (let i = 0; i < own.length; i += 2) {
      if (own[i] !== 'set-cookie') response.setHeader(own[i] as string, own[i + 1] as string);
    }
    for (const name of this.context.plan.removes) response.removeHeader(name);
  }

  /** Writes the response's head with the house's headers in it. @internal */
  sendHead(status: number, reason: string | undefined, given: GivenHeaders | undefined): ServerResponse {
    const { response, context, list } = this;
    if (list !== null) return this.#sendList(list, status, reason, given);
    const own = ownHeaders(context);
    const names = response.getHeaderNames();
    if (names.length === 0) {
      return this.#head(status, reason, given === undefined ? own : mergeGiven(context, own, given));
    }
    for (let i = 0; i < own.length; i += 2)
      this.#setUnlessGiven(own[i] as string, own[i + 1] as string, names);
    for (const name of context.plan.removes) response.removeHeader(name);
    return this.#head(status, reason, given && withoutRemoved(given, context.plan.removes));
  }

  #sendList(
    list: HeaderList,
    status: number,
    reason: string | undefined,
    given?: GivenHeaders,
  ): ServerResponse {
    const { response } = this;
    // Too late: node:http has the words for it.
    if (response.headersSent) return this.#head(status, reason, given);
    this.#head(status, reason, list.finish(this.context, given));
    if (list.lines !== '') joinHead(response, list.lines);
    return response;
  }

  #setUnlessGiven(name: string, value: string, names: readonly string[]): void {
    const { response } = this;
    if (name === 'set-cookie') response.appendHeader(name, value);
    else if (name === 'vary' && names.includes(name)) {
      response.setHeader(name, unionOf(value, String(response.getHeader(name))));
    } else if (!this.#early && !names.includes(name)) response.setHeader(name, value);
  }

  #head(status: number, reason: string | undefined, given: GivenHeaders | undefined): ServerResponse {
    return reason === undefined
      ? this.#writeHead.call(this.response, status, given)
      : this.#writeHead.call(this.response, status, reason, given);
  }

  /** Answers with what a guard said; the reply has the house's headers already. */
  refuse(reply: Reply): void {
    for (const name of this.context.plan.removes) this.response.removeHeader(name);
    this.#send(reply, (status, flat) => this.#head(status, undefined, flat));
  }

  /** Answers for a handler that threw: by the gate's words, or by closing the connection when it is too late for any. */
  fail(error: unknown): void {
    const { response } = this;
    if (response.destroyed && isDisconnect(error)) return;
    const reply = this.#gate.fail(error, this.context);
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    try {
      for (const name of BODY_HEADERS) response.removeHeader(name);
      this.#send(reply, (status, flat) => this.sendHead(status, undefined, flat));
    } catch {
      // A header that cannot be sent at all: the request must not hang, and must not take the process along.
      response.destroy();
    }
  }

  #send(
    reply: Reply,
    writeHead: (status: number, flat: readonly string[]) => void,
    tooLong = bodyTooLong(this.request),
  ): void {
    const { request, response } = this;
    const flat = [...reply.headers];
    if (reply.status !== 204 && reply.status !== 304) {
      flat.push('content-length', String(reply.body === null ? 0 : sizeOf(reply.body, 'utf8')));
    }
    if (tooLong) flat.push('connection', 'close');
    writeHead(reply.status, flat);
    if (!tooLong) {
      response.end(reply.body ?? undefined);
      return;
    }
    // The answer is whole once it is flushed; what comes after concerns the connection, not the request.
    response.write(reply.body ?? '', (error) => this.leave(error !== null && error !== undefined));
    if (isBodiless(request.method, reply.status) || !reply.body) response.flushHeaders();
    linger(request, this.#way.timers ?? systemTimers, () => response.end());
  }

  /** Leaves the gate, once. */
  leave(aborted: boolean): void {
    if (this.#left) return;
    this.#left = true;
    const { request, response, context } = this;
    if (this.#socket !== null) partSocket(this.#socket, this);
    const label = this.#way.label?.(request);
    if (typeof label === 'string') context.routeLabel = label;
    const status = response.headersSent ? response.statusCode : 0;
    this.#gate.leave(context, status, isBodiless(request.method, status) ? 0 : this.bytes, aborted);
  }
}

/** Whether somebody has read the body to its end before the guard, as a body parser that was mounted before it. */
function wasRead(request: IncomingMessage): boolean {
  if (!request.readableEnded) return false;
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  if (coding !== undefined || (length !== undefined && Number(length) > 0)) return true;
  // Over HTTP/2 nothing need tell of a body.
  return request.httpVersionMajor > 1 && request.readableDidRead;
}
