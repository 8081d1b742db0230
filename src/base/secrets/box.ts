import { RampartError } from '../../core/errors.ts';
import { nextNonce } from './nonces.ts';
import { gcmOpen, gcmSeal } from './primitives.ts';
import { fixedRing, KeyRing, use } from './ring.ts';

/** A key that seals. */
export interface BoxKey {
  /** Stands in every sealed text, so that old ones open after a rotation: 1 to 40 letters, digits, `-` and `_`. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/**
 * Seals small secrets for the database with AES-256-GCM (NIST SP 800-38D). A sealed text opens only under the context
 * that it was sealed with, so that it cannot be moved to another row or column.
 */
export interface SecretBox {
  /**
   * @param context where it will stand: table, column and row, such as `identity.factor fac_…`
   * @returns `rb1.KEY.…`, base64url
   */
  seal(secret: string | Uint8Array, context: string): string;
  /** @throws RampartError `SECRET_UNREADABLE`, the same whatever is wrong with it */
  open(sealed: string, context: string): Uint8Array;
}

const VERSION = 'rb1';

/**
 * Makes a box of a ring, or of keys that never change: the first of them seals, all of them open.
 * @throws OptionsError on no key, a key of another length, or an id that is given twice
 */
export function secretBox(keys: readonly BoxKey[] | KeyRing): SecretBox {
  const ring = keys instanceof KeyRing ? keys : fixedRing('box', keys);
  return {
    seal(secret, context) {
      const { id, key } = use(ring.sealing());
      return `${VERSION}.${id}.${gcmSeal(key, nextNonce(), secret, aadOf(id, context))}`;
    },
    open(sealed, context) {
      const id = keyOfBox(sealed) ?? '';
      const key = ring.find(id)?.key;
      if (key === undefined) throw unreadable();
      try {
        return gcmOpen(key, sealed.slice(VERSION.length + id.length + 2), aadOf(id, context));
      } catch {
        // The cause would tell which part was wrong.
        throw unreadable();
      }
    },
  };
}

/** The id of the key that sealed a text; `undefined` where no box did. */
export function keyOfBox(sealed: string): string | undefined {
  const [version, id, text] = sealed.split('.', 3);
  return version === VERSION && text !== undefined ? id : undefined;
}

function aadOf(id: string, context: string): string {
  return `${VERSION}\0${id}\0${context}`;
}

function unreadable(): RampartError {
  return new RampartError(
    'SECRET_UNREADABLE',
    'A sealed secret cannot be opened: it was changed, moved, or its key is gone.',
  );
}
