import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import type { Clock, Timers } from '../../../core/clock.ts';
import type { BodySource } from '../../../core/intake.ts';
import { refusedAs, UploadRefused } from '../errors.ts';

/** How long and how much is read. */
export interface SourceBounds {
  readonly maxBytes: number;
  readonly withinMs: number;
  readonly idleMs: number;
}

/** What time is read by. */
export interface SourcePorts {
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 * Reads a body until it is over, too long, or too slow. Nothing is read ahead, and whoever stops early leaves the rest
 * unread: the connection must live until the refusal has been written.
 */
export async function* withinBounds(
  body: BodySource,
  bounds: SourceBounds,
  ports: SourcePorts,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = body[Symbol.asyncIterator]();
  const watch = new Watch(bounds, ports);
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await watch.within(source.next());
      if (done === true) return;
      bytes += value.byteLength;
      if (bytes > bounds.maxBytes)
        throw refusedAs('tooLarge', 'total', 'The body is larger than all files together may be.', {
          maxBytes: bounds.maxBytes,
        });
      yield value;
    }
  } finally {
    watch.end();
    // Not waited for: a source that is stuck stays stuck.
    source.return?.()?.catch(() => undefined);
  }
}

/** One timer for the whole and one for silence, which is put off rather than made anew for each chunk. */
class Watch {
  readonly #ports: SourcePorts;
  readonly #idleMs: number;
  #heardMs: number;
  #stop: ((error: Error) => void) | undefined;
  #late: UploadRefused | undefined;
  #cancelIdle: () => void;
  readonly #cancelWhole: () => void;

  constructor({ withinMs, idleMs }: SourceBounds, ports: SourcePorts) {
    this.#ports = ports;
    this.#idleMs = idleMs;
    this.#heardMs = ports.clock.monotonic();
    this.#cancelWhole = ports.timers.after(withinMs, () =>
      this.#fail(refusedAs('slow', 'within', 'The body took longer than it may.', { withinMs })),
    );
    this.#cancelIdle = ports.timers.after(idleMs, () => this.#look());
  }

  #look(): void {
    const isListening = this.#stop !== undefined;
    const leftMs = this.#heardMs + this.#idleMs - this.#ports.clock.monotonic();
    if (isListening && leftMs <= 0) {
      this.#fail(refusedAs('slow', 'idle', 'Nothing came for too long.', { idleMs: this.#idleMs }));
      return;
    }
    // Whoever begins to listen meanwhile has silence counted from then on: no look is due before that.
    const waitMs = isListening ? Math.max(1, leftMs) : this.#idleMs;
    this.#cancelIdle = this.#ports.timers.after(waitMs, () => this.#look());
  }

  #fail(error: UploadRefused): void {
    this.#late = error;
    this.#stop?.(error);
  }

  within<T>(next: Promise<T>): Promise<T> {
    if (this.#late !== undefined) {
      next.catch(() => undefined);
      return Promise.reject(this.#late);
    }
    // Silence counts from when we began to listen: our own slowness is not the sender's.
    this.#heardMs = this.#ports.clock.monotonic();
    return new Promise<T>((resolve, reject) => {
      this.#stop = reject;
      next.then(resolve, reject);
    }).finally(() => (this.#stop = undefined));
  }

  end(): void {
    this.#cancelIdle();
    this.#cancelWhole();
  }
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
};

/**
 * Decodes a body of a content coding piece by piece; cut off where it becomes too large.
 * @throws UploadRefused where it is not of that coding
 */
export async function* decoded(
  body: BodySource,
  coding: string,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = (DECODERS[coding] as () => Transform)();
  // The error reaches the loop below by the decoder's own end.
  pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined);
  let bytes = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes)
        throw refusedAs('tooLarge', 'decoded', 'The body becomes too large once it is decoded.', {
          maxBytes,
        });
      yield chunk;
    }
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && /^(Z_|ERR_BROTLI|ERR__ERROR|ERR_ZLIB|ZSTD_|ERR_ZSTD)/.test(code))
      throw new UploadRefused(
        'malformed',
        'coding',
        'The body is not of the coding that it names.',
        { coding },
        error,
      );
    throw error;
  }
}
