import { OptionsError, RampartError } from '../../core/errors.ts';
import { nextNonce } from './nonces.ts';
import { gcmOpen, gcmSeal } from './primitives.ts';
import { type KeyRing, use } from './ring.ts';
import { codecOf, FIELD_TYPES, type FieldType, type FieldValues } from './values.ts';

/** Where a field stands, and by which keys it is sealed. */
export interface FieldOptions<T extends FieldType = 'string'> {
  /** Keys of the purpose `fields`, or `payment`. */
  readonly ring: KeyRing;
  /** With its schema, such as `public.customers`; part of what is authenticated, so it can't be renamed freely. */
  readonly table: string;
  readonly column: string;
  /** Default `string`. */
  readonly type?: T;
}

/** The row of a field; a number and its text are the same row. */
export type RowId = string | number | bigint;

/**
 * Seals the values of one column with AES-256-GCM (NIST SP 800-38D). A sealed text opens only as what it was sealed as: in
 * the same tenant, row, column and table, for the same purpose and type. It tells the length of what it holds.
 */
export interface FieldCipher<T> {
  readonly ring: KeyRing;
  /**
   * @returns `rf1.KID.…`: nonce, ciphertext and tag as base64url; 46 characters and 4/3 of the value's bytes
   * @throws TypeError on a value of another type; RampartError `KEY_UNAVAILABLE`, `KEY_EXHAUSTED`
   */
  seal(value: T, row: RowId, tenant?: RowId): string;
  /** @throws RampartError `FIELD_UNREADABLE`, the same whatever is wrong with it */
  open(sealed: string, row: RowId, tenant?: RowId): T;
}

const VERSION = 'rf1';

/**
 * Makes a cipher for a column.
 * @throws OptionsError on a name that is empty, or a type that is none
 */
export function fieldCipher<T extends FieldType = 'string'>(
  options: FieldOptions<T>,
): FieldCipher<FieldValues[T]> {
  const { ring, table, column } = options;
  const type = options.type ?? ('string' as T);
  for (const [name, value] of Object.entries({ table, column }))
    if (value === '') throw new OptionsError(name, 'must not be empty');
  if (!FIELD_TYPES.includes(type))
    throw new OptionsError('type', `expected one of ${FIELD_TYPES.join(', ')}`);
  const codec = codecOf(type);
  // Each part carries its length: no two places can be written the same way.
  const place = [VERSION, ring.purpose, table, column, type].map(sized).join('');
  const placeOf = (kid: string, row: RowId, tenant: RowId | undefined): string =>
    place + sized(kid) + sized(String(row)) + (tenant === undefined ? '' : sized(String(tenant)));

  return {
    ring,
    seal(value, row, tenant) {
      const plain = codec.encode(value);
      const key = use(ring.sealing());
      return `${VERSION}.${key.id}.${gcmSeal(key.key, nextNonce(), plain, placeOf(key.id, row, tenant))}`;
    },
    open(sealed, row, tenant) {
      const kid = keyOfField(sealed);
      const key = kid === undefined ? undefined : ring.find(kid);
      if (key === undefined) throw fieldUnreadable();
      const text = sealed.slice(VERSION.length + key.id.length + 2);
      try {
        return codec.decode(gcmOpen(key.key, text, placeOf(key.id, row, tenant)));
      } catch {
        // The cause would tell which part was wrong.
        throw fieldUnreadable();
      }
    },
  };
}

/** The id of the key that sealed a text; `undefined` where it is no sealed field. */
export function keyOfField(sealed: string): string | undefined {
  if (!sealed.startsWith(`${VERSION}.`)) return undefined;
  const end = sealed.indexOf('.', VERSION.length + 1);
  return end < 0 ? undefined : sealed.slice(VERSION.length + 1, end);
}

/** What every text begins with that a key sealed. */
export function fieldPrefix(kid: string): string {
  return `${VERSION}.${kid}.`;
}

function sized(part: string): string {
  return `${part.length}:${part}`;
}

/** What every unreadable field throws, whatever is wrong with it. */
export function fieldUnreadable(): RampartError {
  return new RampartError(
    'FIELD_UNREADABLE',
    'An encrypted field cannot be opened: it was changed, moved, or its key is gone.',
  );
}
