import type { IncomingMessage } from 'node:http';
import { AppError } from '../errors.ts';

function tooLarge(): AppError {
  return new AppError('The request is larger than is accepted here.', 413, 'PAYLOAD_TOO_LARGE');
}

/**
 * Reads the body of a message. Where it is too large the rest stays unread, and the connection can still be answered on.
 * Rejects with AppError 413 beyond `maxBytes`, 400 when the client breaks off.
 */
export function bytesOfMessage(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(message.headers['content-length'] ?? 0) > maxBytes) {
      reject(tooLarge());
      return;
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const stop = (): void => {
      message.off('data', take).off('end', end).off('close', broken).off('error', broken);
    };
    const take = (chunk: Uint8Array | string): void => {
      const one = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytes += one.byteLength;
      if (bytes > maxBytes) {
        stop();
        message.pause();
        reject(tooLarge());
      } else chunks.push(one);
    };
    const end = (): void => {
      stop();
      resolve(Buffer.concat(chunks));
    };
    const broken = (): void => {
      stop();
      reject(brokenOff());
    };
    message.on('data', take).on('end', end).on('close', broken).on('error', broken);
    if (message.destroyed || message.readableEnded) broken();
  });
}

function brokenOff(): AppError {
  const error = new AppError('The request broke off.', 400, 'INVALID_REQUEST');
  // Read by isDisconnect: nobody is left to be answered.
  return Object.assign(error, { name: 'AbortError' });
}

/**
 * Reads the body of a Request. A copy is measured first, where the length is not told: the reader is asked only for what
 * is within bounds.
 * @param read reads the whole of it, so that whoever follows the request's own methods sees what was read
 */
export async function bytesOfRequest(
  request: Request,
  maxBytes: number,
  read: () => Promise<ArrayBuffer> = () => request.arrayBuffer(),
): Promise<Uint8Array> {
  const length = request.headers.get('content-length');
  if (length !== null) {
    if (!(Number(length) <= maxBytes)) throw tooLarge();
  } else if (!request.bodyUsed) await measure(request, maxBytes);
  const bytes = new Uint8Array(await read());
  if (bytes.byteLength > maxBytes) throw tooLarge();
  return bytes;
}

async function measure(request: Request, maxBytes: number): Promise<void> {
  const reader = request.clone().body?.getReader();
  if (reader === undefined) return;
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
      if (bytes > maxBytes) throw tooLarge();
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
