import { createGunzip, createInflate } from 'node:zlib';
import { refusedAs } from '../errors.ts';

/** What may still be unpacked; shared by all that one upload brings. */
export class Room {
  readonly #maxRatio: number;
  /** Bytes. */
  left: number;

  constructor(maxBytes: number, maxRatio: number) {
    this.left = maxBytes;
    this.#maxRatio = maxRatio;
  }

  /** Takes what came out. @throws UploadRefused */
  take(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0)
      throw refusedAs('expands', 'unpacked', 'The file becomes too large once it is unpacked.');
  }

  /** Small things may shrink as they like. @throws UploadRefused */
  ratio(out: number, packed: number): void {
    if (out > RATIO_FROM_BYTES && out > packed * this.#maxRatio)
      throw refusedAs('expands', 'ratio', 'The file is packed more tightly than honest files are.', {
        maxRatio: this.#maxRatio,
      });
  }
}

const RATIO_FROM_BYTES = 1_048_576;

/** What a stream of compressed bytes turned into. */
export interface Inflated {
  readonly bytes: number;
  /** Compressed bytes that it took; of one that is broken, those that it was given. */
  readonly packed: number;
  /** The first of them. */
  readonly head: Buffer;
  /** Whether the stream was whole. */
  readonly whole: boolean;
}

const KEPT_BYTES = 4_100;

/**
 * Inflates piece by piece, counts, and keeps the beginning alone. Stops at once where there is no more room.
 * @param tight whether the ratio counts, beside the sum
 * @param see shown each piece
 * @throws UploadRefused
 */
export async function inflateWithin(
  source: AsyncIterable<Uint8Array>,
  coding: 'gzip' | 'deflate',
  room: Room,
  tight: boolean,
  see?: (chunk: Buffer) => void,
): Promise<Inflated> {
  const unzip = coding === 'gzip' ? createGunzip() : createInflate();
  let packed = 0;
  let bytes = 0;
  const kept: Buffer[] = [];
  let broken = false;
  let failure: Error | undefined;
  unzip.on('error', () => (broken = true));
  const feeding = (async () => {
    for await (const chunk of source) {
      packed += chunk.byteLength;
      if (broken || unzip.destroyed) return;
      if (!unzip.write(chunk))
        await new Promise<void>((go) => void unzip.once('drain', go).once('close', go));
    }
    unzip.end();
  })().catch((error: unknown) => {
    failure = error as Error;
    unzip.destroy(failure);
  });
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) {
      if (bytes < KEPT_BYTES) kept.push(Buffer.from(chunk.subarray(0, KEPT_BYTES - bytes)));
      bytes += chunk.byteLength;
      room.take(chunk.byteLength);
      see?.(chunk);
      if (tight) room.ratio(bytes, packed);
    }
  } catch (error) {
    if (!broken) throw error;
  } finally {
    unzip.destroy();
    await feeding;
  }
  if (failure !== undefined) throw failure;
  return { bytes, packed: broken ? packed : unzip.bytesWritten, head: Buffer.concat(kept), whole: !broken };
}
