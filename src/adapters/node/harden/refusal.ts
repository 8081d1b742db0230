import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { AppError } from '../../../core/errors.ts';
import type { Gate } from '../../../core/gate.ts';

/** Answers a request that nobody is to read, and closes its connection behind it. */
export function refuse(
  gate: Gate | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  status: 400 | 431,
): void {
  const error =
    status === 431
      ? new AppError('The headers are larger than is accepted here.', 431, 'HEADERS_TOO_LARGE')
      : new AppError('The request could not be read.', 400, 'INVALID_REQUEST');
  const reply = gate?.fail(error, undefined, request.socket.remoteAddress ?? '');
  const { code, message } = error;
  const text = reply?.body ?? JSON.stringify({ success: false, error: { code, message } });
  const body = Buffer.from(text);
  const headers = reply?.headers ?? ['content-type', 'application/json'];
  response.shouldKeepAlive = false;
  response.writeHead(reply?.status ?? status, STATUS_CODES[status], [
    ...headers,
    'content-length',
    String(body.byteLength),
  ]);
  response.end(body);
  // What else was sent is another's reading of the same bytes.
  request.resume();
}
