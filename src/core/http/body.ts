import type { IncomingMessage } from 'node:http';
import type { Timers } from '../clock.ts';

/** A refused request's body up to this size is read and thrown away, and the connection lives on. Bytes. */
export const KEEP_ALIVE_BODY_BYTES = 65_536;
/** Of a larger body at most this much is read before the connection is closed. Bytes. */
export const LINGER_BYTES = 1_048_576;
/** And for at most this long. Milliseconds. */
export const LINGER_MS = 1_000;

/**
 * Whether more of the request's body may come than is worth reading: larger than `KEEP_ALIVE_BODY_BYTES`, or of unknown
 * length. Such a connection is closed after the refusal.
 */
export function bodyTooLong(message: IncomingMessage): boolean {
  // A stream of HTTP/2 ends without its connection.
  if (message.complete || message.httpVersionMajor > 1) return false;
  if (message.headers['transfer-encoding'] !== undefined) return true;
  const length = message.headers['content-length'];
  return length !== undefined && Number(length) > KEEP_ALIVE_BODY_BYTES;
}

/**
 * Reads on for a while after the answer was written, so that a client that is still sending reads the answer rather than
 * a reset (RFC 9112, 9.6), then calls `done` once: at the body's end, at `LINGER_BYTES`, or after `LINGER_MS`.
 */
export function linger(message: IncomingMessage, timers: Timers, done: () => void): void {
  let taken = 0;
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    cancel();
    done();
  };
  const cancel = timers.after(LINGER_MS, finish);
  message.on('data', (chunk: Uint8Array | string) => {
    taken += chunk.length;
    if (taken > LINGER_BYTES) finish();
  });
  message.on('end', finish);
  message.on('close', finish);
  message.on('error', finish);
  message.resume();
}

/** Whether a response of this status to this method has no body (RFC 9110, 6.4.1). */
export function isBodiless(method: string | undefined, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304 || (status >= 100 && status < 200);
}

/** Bytes of a chunk as it is sent; 0 for what node:http will refuse. */
export function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

/**
 * Whether a thrown value only says that the client went while its body was read, or its response written: no failure of
 * the application. To be asked only where the client has gone.
 */
export function isDisconnect(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return name === 'AbortError' || (typeof code === 'string' && DISCONNECTS.has(code));
}
const DISCONNECTS: ReadonlySet<string> = new Set([
  'ABORT_ERR',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
