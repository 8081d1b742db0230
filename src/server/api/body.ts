import { AppError } from '../../core/errors.ts';
import { parseJson, readUtf8 } from '../../modules/validate/index.ts';

/** Bytes of a request's body at most, unless a route says otherwise: 64 KiB. */
export const MAX_BODY_BYTES = 65_536;
/** What a body may hold. */
const BOUNDS = { maxDepth: 32, maxKeys: 1_000, maxItems: 10_000, maxValues: 20_000, maxTextLength: 65_536 };

function tooLarge(): AppError {
  return new AppError('The request is larger than is accepted here.', 413, 'PAYLOAD_TOO_LARGE');
}
/** @throws AppError 413 beyond `maxBytes` (reading stops there), 415 when it is encoded */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    throw new AppError('Compressed bodies are not accepted here.', 415, 'UNSUPPORTED_MEDIA_TYPE');
  }
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (request.body) {
    for await (const chunk of request.body) {
      bytes += chunk.byteLength;
      // Leaving the loop cancels the stream.
      if (bytes > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}

/**
 * Reads a body as text.
 * @throws AppError 413 beyond `maxBytes`, 415 when it is encoded; ValidationError 400 when it is not UTF-8
 */
export async function readText(request: Request, maxBytes = MAX_BODY_BYTES): Promise<string> {
  return readUtf8(await readBytes(request, maxBytes), 'body');
}

/**
 * Reads a JSON body, strictly: as `guard.validate` does for applications.
 * @throws AppError 415 for any other content type; ValidationError 400 when it is malformed, too deep, holds a key twice or
 * one that could reach an object's prototype, or a number that would be rounded
 */
export async function readJson(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new AppError('Send JSON as application/json.', 415, 'UNSUPPORTED_MEDIA_TYPE');
  }
  return parseJson(await readText(request, maxBytes), 'body', BOUNDS);
}
