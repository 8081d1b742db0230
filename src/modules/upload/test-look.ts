import { UploadRefused } from './errors.ts';
import type { Look } from './inspect/facts.ts';
import { lookThrough } from './inspect/look.ts';
import { readUploadOptions, type UploadOptions } from './options.ts';
import { TYPES } from './types.ts';

const ALL: UploadOptions = { types: Object.keys(TYPES) };

/** Looks through some bytes. @returns what was found, or the reason of the refusal */
export async function look(
  bytes: Uint8Array | string,
  options: Partial<UploadOptions> = {},
  extension = '',
): Promise<Look | { readonly refused: string; readonly status: number }> {
  const all = Buffer.from(bytes);
  const file = {
    bytes: all.length,
    read: (from: number, to: number) => Promise.resolve(all.subarray(from, to)),
    async *stream() {
      for (let at = 0; at < all.length; at += 65_536) yield all.subarray(at, at + 65_536);
    },
    close: () => Promise.resolve(),
  };
  try {
    return await lookThrough(file, { ...readUploadOptions('x', { ...ALL, ...options }), extension });
  } catch (error) {
    if (!(error instanceof UploadRefused)) throw error;
    return { refused: error.reason.slice('upload.'.length), status: error.status };
  }
}

/** A PDF of these objects. */
export const pdf = (...objects: readonly string[]): Buffer =>
  Buffer.from(
    `%PDF-1.7\n${objects.map((text, i) => `${i + 1} 0 obj\n${text}\nendobj\n`).join('')}trailer <<>>\n%%EOF\n`,
    'latin1',
  );
