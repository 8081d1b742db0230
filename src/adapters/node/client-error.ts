import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemTimers, type Timers } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { LINGER_BYTES, LINGER_MS } from '../../core/http/body.ts';
import { isAnswering } from '../../core/http/node-watch.ts';
import type { Reply } from '../../core/verdict.ts';

/** Listener of a server's `clientError` event. */
export type ClientErrorHandler = (error: Error, socket: Duplex) => void;

const ANSWERED = Symbol('rampart.clientError');
interface Marked {
  [ANSWERED]?: number;
  bytesRead?: number;
  remoteAddress?: string;
}

/** What node:http's parser says, as what the caller is told: status, code, message. Everything else is 400. */
const KNOWN: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'HEADERS_TOO_LARGE', 'The headers are larger than is accepted here.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'PAYLOAD_TOO_LARGE', 'The request is larger than is accepted here.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'REQUEST_TIMEOUT', 'The request took too long to arrive.'],
};
const MALFORMED = [400, 'INVALID_REQUEST', 'The request could not be read.'] as const;

/**
 * Answers what is no HTTP at all (malformed lines, headers without end, conflicting lengths) in the house's envelope and
 * closes the connection: `server.on('clientError', onClientError(gate))`. Such a request never reaches the corridor.
 */
export function onClientError(gate: Gate, timers: Timers = systemTimers): ClientErrorHandler {
  return function answerClientError(error, socket) {
    const marked = socket as Marked;
    if (marked[ANSWERED] !== undefined) {
      // The parser complains again of every further piece; what is still being sent is read for a while, not for ever.
      if ((marked.bytesRead ?? Infinity) - marked[ANSWERED] > LINGER_BYTES) socket.destroy();
      return;
    }
    marked[ANSWERED] = marked.bytesRead ?? 0;
    const { code = '' } = error as { code?: string };
    if (code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const [status, word, message] = KNOWN[code] ?? MALFORMED;
    socket.end(
      asBytes(gate.fail(new AppError(message, status, word), undefined, marked.remoteAddress ?? '')),
    );
    const cancel = timers.after(LINGER_MS, () => socket.destroy());
    socket.once('close', cancel);
    socket.once('end', () => socket.destroy());
  };
}

/** A whole response, written by hand: there is no ServerResponse for what was not a request. */
function asBytes(reply: Reply): Buffer {
  const body = Buffer.from(reply.body ?? '');
  let head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n`;
  for (let i = 0; i < reply.headers.length; i += 2)
    head += `${reply.headers[i]}: ${reply.headers[i + 1]}\r\n`;
  head += `content-length: ${body.byteLength}\r\nconnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
