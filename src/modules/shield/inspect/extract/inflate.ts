import * as zlib from 'node:zlib';

const { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } = zlib;
// Node.js 20 has none.
const { zstdDecompressSync } = zlib as Partial<typeof zlib>;

/** What became of a compressed body. */
export type Inflated =
  { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly tooLarge: boolean };

interface InflateOptions {
  readonly maxOutputLength: number;
  readonly info: true;
}
type Inflate = (bytes: Uint8Array, options: InflateOptions) => unknown;
/** What zlib gives with `info`, which its types leave out. */
interface InflateInfo {
  readonly buffer: Buffer;
  /** Bytes of the input that were used. */
  readonly engine: { readonly bytesWritten: number };
}

const INFLATERS: Readonly<Record<string, Inflate | undefined>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  // Some clients send the raw format under this name, and servers take either.
  deflate: (bytes, options) =>
    ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync(bytes, options) : inflateRawSync(bytes, options),
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/**
 * Inflates a body. It is cut as soon as it grows beyond `maxBytes`, so that a bomb costs no more than an honest body. What
 * stands behind the compressed data is refused: nobody would look at it, and applications that know of no compression read
 * it.
 * @param encoding the Content-Encoding header
 */
export function inflate(bytes: Buffer, encoding: string, maxBytes: number): Inflated {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return { ok: true, bytes };
  const run = Object.hasOwn(INFLATERS, name) ? INFLATERS[name] : undefined;
  if (run === undefined) return { ok: false, tooLarge: false };
  try {
    const { buffer, engine } = run(bytes, { maxOutputLength: maxBytes, info: true }) as InflateInfo;
    return engine.bytesWritten === bytes.length
      ? { ok: true, bytes: buffer }
      : { ok: false, tooLarge: false };
  } catch (error) {
    return { ok: false, tooLarge: (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' };
  }
}
