import { AppError, ValidationError } from '../../core/errors.ts';

/** Bytes of a request's body at most, unless a route says otherwise: 64 KiB. */
export const MAX_BODY_BYTES = 65_536;
const MAX_DEPTH = 32;
const POLLUTING_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

function tooLarge(): AppError {
  return new AppError('The request is larger than is accepted here.', 413, 'PAYLOAD_TOO_LARGE');
}
function unreadable(message: string): AppError {
  return new AppError(message, 400, 'INVALID_REQUEST');
}

/**
 * Reads a body as text.
 * @throws AppError 413 beyond `maxBytes` (reading stops there), 415 when it is encoded, 400 when it is not UTF-8
 */
export async function readText(request: Request, maxBytes = MAX_BODY_BYTES): Promise<string> {
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
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new AppError('The body is not valid UTF-8.', 400, 'INVALID_REQUEST', { cause: error });
  }
}

/**
 * Reads a JSON body.
 * @throws AppError 415 for any other content type, 400 when it is malformed, too deep, or holds a key that could reach
 * an object's prototype
 */
export async function readJson(request: Request, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/json') {
    throw new AppError('Send JSON as application/json.', 415, 'UNSUPPORTED_MEDIA_TYPE');
  }
  const text = await readText(request, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the body, so it is not kept.
    throw unreadable('The body is not valid JSON.');
  }
  refuseHostile(value, '', 0);
  return value;
}

function refuseHostile(value: unknown, path: string, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) throw unreadable(`The body is nested more than ${MAX_DEPTH} levels deep.`);
  for (const key of Object.keys(value)) {
    if (POLLUTING_KEYS.has(key)) {
      throw new ValidationError('The request is not valid.', {
        details: [{ field: path || 'body', code: 'FORBIDDEN_KEY', message: 'This key is not accepted.' }],
      });
    }
    refuseHostile((value as Record<string, unknown>)[key], Array.isArray(value) ? path : key, depth + 1);
  }
}
