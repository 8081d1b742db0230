import type { IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { UpstreamError } from './errors.ts';

/** What is unpacked; anything else, and packing within packing, is refused. */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What may be sent back packed. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/** Told of what has come of a body: bytes as they were sent, and how many there will be, where the head says so. */
export type OnBytes = (bytes: number, totalBytes: number | null) => void;

/**
 * Reads a body, unpacked, and stops at the first byte too many: of what came and of what it unpacks to.
 * @throws UpstreamError
 */
export async function readAnswer(
  response: IncomingMessage,
  maxBytes: number,
  onBytes?: OnBytes,
): Promise<Uint8Array> {
  const upstreamStatus = response.statusCode;
  const tooLarge = (): UpstreamError => new UpstreamError('UPSTREAM_TOO_LARGE', { upstreamStatus });
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const isPlain = encoding === '' || encoding === 'identity';
  const decoder = isPlain ? undefined : Object.hasOwn(DECODERS, encoding) && DECODERS[encoding];
  if (decoder === false) throw new UpstreamError('UPSTREAM_FAILED', { upstreamStatus });
  if (onBytes !== undefined) tellProgress(response, onBytes);
  const chunks: Uint8Array[] = [];
  const kept = meter(maxBytes, tooLarge, (chunk) => chunks.push(chunk));
  await (decoder === undefined
    ? pipeline(response, kept)
    : pipeline(response, meter(maxBytes, tooLarge), decoder(), kept));
  return Buffer.concat(chunks);
}

function tellProgress(response: IncomingMessage, onBytes: OnBytes): void {
  const length = Number(response.headers['content-length']);
  const total = Number.isSafeInteger(length) && length > 0 ? length : null;
  let bytes = 0;
  // Beside the pipeline, which goes on holding the stream back.
  response.on('data', (chunk: Uint8Array) => onBytes((bytes += chunk.byteLength), total));
}

/** Hands on what passes, or keeps it; fails at the first byte beyond `maxBytes`. */
function meter(maxBytes: number, tooLarge: () => Error, keep?: (chunk: Uint8Array) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done: TransformCallback) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) done(tooLarge());
      else if (keep === undefined) done(null, chunk);
      else {
        keep(chunk);
        done();
      }
    },
  });
}
