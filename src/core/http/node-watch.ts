import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { sizeOf } from './body.ts';
import type { HeaderList } from './header-list.ts';
import type { GivenHeaders } from './headers.ts';

/** Where a request and its response carry their exchange. @internal */
export const EXCHANGE = Symbol('rampart.exchange');
const OPEN = Symbol('rampart.open');

/** What the watched methods of a response need of its exchange. */
export interface Watched {
  readonly response: ServerResponse;
  /** Bytes of the response's body so far. */
  bytes: number;
  /** Off while a chunk that was counted is handed on. */
  counting: boolean;
  /** The response's headers, where they are kept by us. */
  readonly list: HeaderList | null;
  /** What the methods were before. */
  readonly write: Write;
  readonly end: End;
  /** Writes the head with the house's headers in it. */
  sendHead(status: number, reason: string | undefined, given: GivenHeaders | undefined): ServerResponse;
  /** Leaves the gate, once. */
  leave(aborted: boolean): void;
}

/** `response.write`, in the one form that all of its forms come down to. */
export type Write = (this: ServerResponse, chunk: unknown, encoding?: unknown, callback?: unknown) => boolean;
/** `response.end`, likewise. */
export type End = (
  this: ServerResponse,
  chunk?: unknown,
  encoding?: unknown,
  callback?: unknown,
) => ServerResponse;
/** `response.writeHead`, likewise. */
export type WriteHead = (
  this: ServerResponse,
  status: number,
  reason?: string | GivenHeaders,
  given?: GivenHeaders,
) => ServerResponse;
/** A request or a response with its exchange. */
export interface Carried {
  [EXCHANGE]?: Watched;
}
/** The methods of a response that are watched. */
export interface Methods {
  write: Write;
  end: End;
  writeHead: WriteHead;
  writeHeader: WriteHead;
}
/** What goes on on a connection: nothing, one exchange, or several (pipelined). */
type TrackedSocket = Socket & { [OPEN]?: Watched | Set<Watched> | null };

/**
 * Puts the watched methods on a response. They are shared functions, so that a request costs no closures.
 * The response's exchange must be in its place already.
 */
export function watch(response: ServerResponse): void {
  const tracked = response as unknown as Methods;
  tracked.write = countedWrite;
  tracked.end = countedEnd;
  tracked.writeHead = ownWriteHead;
  // Its old name.
  tracked.writeHeader = ownWriteHead;
  response.on('close', onClose);
}

/**
 * Notes that an exchange goes on on a connection. A queued (pipelined) response hears nothing of its connection's end, so
 * the socket itself is listened to.
 */
export function joinSocket(socket: TrackedSocket, exchange: Watched): void {
  const open = socket[OPEN];
  if (open === undefined) socket.once('close', onSocketClose);
  if (open === undefined || open === null) socket[OPEN] = exchange;
  else if (open instanceof Set) open.add(exchange);
  else socket[OPEN] = new Set([open, exchange]);
}

/** Notes that an exchange is over. */
export function partSocket(socket: TrackedSocket, exchange: Watched): void {
  const open = socket[OPEN];
  if (open === exchange) socket[OPEN] = null;
  else if (open instanceof Set) open.delete(exchange);
}

function openOn(socket: TrackedSocket): readonly Watched[] {
  const open = socket[OPEN];
  if (open === undefined || open === null) return [];
  return open instanceof Set ? [...open] : [open];
}

function onSocketClose(this: TrackedSocket): void {
  for (const exchange of openOn(this)) exchange.leave(isBroken(exchange.response));
}

/** Whether bytes of a response are already on this connection's way, so that nothing else may be written to it. */
export function isAnswering(socket: object): boolean {
  const open = openOn(socket as TrackedSocket);
  return open.length > 1 || open.some((exchange) => exchange.response.headersSent);
}

const ownWriteHead: WriteHead = function writeHead(status, reason, given) {
  const exchange = (this as Carried)[EXCHANGE] as Watched;
  if (typeof reason === 'string') return exchange.sendHead(status, reason, given);
  return exchange.sendHead(status, undefined, reason);
};

const countedWrite: Write = function write(chunk, encoding, callback) {
  const exchange = (this as Carried)[EXCHANGE] as Watched;
  if (exchange.counting) exchange.bytes += sizeOf(chunk, encoding);
  return exchange.write.call(this, chunk, encoding, callback);
};

const countedEnd: End = function end(chunk, encoding, callback) {
  const exchange = (this as Carried)[EXCHANGE] as Watched;
  if (exchange.counting) exchange.bytes += sizeOf(chunk, encoding);
  exchange.counting = false;
  return exchange.end.call(this, chunk, encoding, callback);
};

function onClose(this: ServerResponse): void {
  (this as Carried)[EXCHANGE]?.leave(isBroken(this));
}

/** Whether a closed response was broken off. HTTP/2 tells by its stream; a test's mock of a socket never was one. */
function isBroken(response: ServerResponse): boolean {
  const { stream } = response as { stream?: { readonly aborted: boolean } };
  if (stream !== undefined) return stream.aborted;
  // A request that was destroyed, as by leaving a loop over its body early, has no socket any more.
  const socket = response.req.socket as { readonly destroyed?: boolean } | null;
  return !response.writableFinished && (socket === null || socket.destroyed === true);
}
