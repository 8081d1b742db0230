import { OptionsError } from '../../core/errors.ts';
import { hmacSha256 } from './primitives.ts';
import type { KeyRing, LoadedKey } from './ring.ts';

/** What an index of an encrypted column is made of. */
export interface BlindIndexOptions {
  /** Keys of the purpose `index`: never those that encrypt. */
  readonly ring: KeyRing;
  readonly table: string;
  /** The encrypted column, not the one of the index. */
  readonly column: string;
  /** What counts as equal, such as `(text) => text.trim().toLowerCase()`; default: the very same text. */
  readonly normalise?: (text: string) => string;
  /**
   * How many bits are kept: 16 to 256 in steps of 8, default 128. Fewer hide which rows are equal among chance hits, which
   * the application sorts out after decryption.
   */
  readonly bits?: number;
}

/** Finds rows by an encrypted value without decrypting any: a keyed hash of it in a column of its own. */
export interface BlindIndex {
  readonly ring: KeyRing;
  /** What is stored: `KID.…`. Equal values of a tenant are equal here: whoever sees the table learns that. */
  of(value: string, tenant?: string | number | bigint): string;
  /** What to look for, the newest key first: `WHERE column = ANY($1)` finds rows of old keys too, while a rotation runs. */
  candidates(value: string, tenant?: string | number | bigint): readonly string[];
}

/**
 * Makes an index: HMAC-SHA-256 (RFC 2104), truncated, bound to table, column and tenant.
 * @throws OptionsError on another number of bits
 */
export function blindIndex(options: BlindIndexOptions): BlindIndex {
  const { ring, table, column, normalise = (text) => text, bits = 128 } = options;
  if (!Number.isInteger(bits / 8) || bits < 16 || bits > 256)
    throw new OptionsError('bits', 'expected 16 to 256 in steps of 8');
  const place = [table, column].map((part) => `${part.length}:${part}`).join('');
  const under = ({ id, key }: LoadedKey, text: string, tenant: string): string => {
    const mac = hmacSha256(key, `ri1${place}${tenant.length}:${tenant}`, text);
    return `${id}.${mac.toString('base64url', 0, bits / 8)}`;
  };
  return {
    ring,
    of: (value, tenant = '') => under(ring.sealing(), normalise(value), String(tenant)),
    candidates(value, tenant = '') {
      const text = normalise(value);
      return ring.keys().map((key) => under(key, text, String(tenant)));
    },
  };
}

/** The id of the key of an index's entry. */
export function keyOfIndex(entry: string): string | undefined {
  const end = entry.indexOf('.');
  return end < 1 ? undefined : entry.slice(0, end);
}
