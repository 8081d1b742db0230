import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { foldPassword } from './fold.ts';

/** Bytes of SHA-256 that are kept of each common password. */
export const PREFIX_BYTES = 5;

/**
 * Common passwords, as sorted prefixes of SHA-256 of their folded forms: `scripts/common-passwords.mjs` writes them. With
 * n of them a password that is not on the list is taken for one with a chance of n / 2⁴⁰, for 122,000 one in nine
 * million: it is refused then, and the next choice passes.
 */
export class CommonPasswords {
  readonly #prefixes: Buffer;

  /** @param prefixes sorted, `PREFIX_BYTES` each */
  constructor(prefixes: Buffer) {
    this.#prefixes = prefixes;
  }

  /** How many there are. */
  get size(): number {
    return Math.floor(this.#prefixes.length / PREFIX_BYTES);
  }

  /** Whether the whole password, without case, is on the list. */
  has(password: string): boolean {
    const wanted = prefixOf(foldPassword(password));
    let low = 0;
    let high = this.size - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = middle * PREFIX_BYTES;
      const order = this.#prefixes.compare(wanted, 0, PREFIX_BYTES, at, at + PREFIX_BYTES);
      if (order === 0) return true;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}

/** What is kept of a folded password. */
export function prefixOf(folded: string): Buffer {
  return createHash('sha256').update(folded).digest().subarray(0, PREFIX_BYTES);
}

let loading: Promise<CommonPasswords> | undefined;

/** The list that comes with the house, read at first use. */
export function commonPasswords(): Promise<CommonPasswords> {
  loading ??= readFile(new URL('./common.bin', import.meta.url)).then(
    (bytes) => new CommonPasswords(bytes),
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}
