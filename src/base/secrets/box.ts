import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { OptionsError, RampartError } from '../../core/errors.ts';

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
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Makes a box. The first key seals; all of them open.
 * @throws OptionsError on no key, a key of another length, or an id that is given twice
 */
export function secretBox(keys: readonly BoxKey[]): SecretBox {
  const byId = new Map<string, Uint8Array>();
  for (const { id, key } of keys) {
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(id)) throw new OptionsError('keys', `'${id}' is not an id of a key`);
    if (key.byteLength !== 32) throw new OptionsError('keys', `the key '${id}' must have 32 bytes`);
    if (byId.has(id)) throw new OptionsError('keys', `the id '${id}' is given twice`);
    byId.set(id, Uint8Array.from(key));
  }
  const [first] = keys;
  if (first === undefined) throw new OptionsError('keys', 'expected at least one key');
  const sealing = byId.get(first.id) as Uint8Array;
  return {
    seal(secret, context) {
      const nonce = randomFillSync(Buffer.allocUnsafeSlow(NONCE_BYTES));
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      cipher.setAAD(aadOf(first.id, context));
      const body = Buffer.concat([
        nonce,
        cipher.update(typeof secret === 'string' ? Buffer.from(secret) : secret),
        cipher.final(),
        cipher.getAuthTag(),
      ]);
      return `${VERSION}.${first.id}.${body.toString('base64url')}`;
    },
    open(sealed, context) {
      const [version, id, text, ...rest] = sealed.split('.');
      const key = byId.get(id ?? '');
      const body = Buffer.from(text ?? '', 'base64url');
      const whole = version === VERSION && rest.length === 0 && body.length >= NONCE_BYTES + TAG_BYTES;
      if (key === undefined || !whole) throw unreadable();
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(aadOf(id as string, context));
        decipher.setAuthTag(body.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        // The cause would tell which part was wrong.
        throw unreadable();
      }
    },
  };
}

function aadOf(id: string, context: string): Buffer {
  return Buffer.from(`${VERSION}\0${id}\0${context}`);
}

function unreadable(): RampartError {
  return new RampartError(
    'SECRET_UNREADABLE',
    'A sealed secret cannot be opened: it was changed, moved, or its key is gone.',
  );
}
