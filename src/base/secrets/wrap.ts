import { randomFillSync } from 'node:crypto';
import { RampartError } from '../../core/errors.ts';
import { hkdfSha256, kwUnwrap, kwWrap } from './primitives.ts';

/** Which key is wrapped: a wrapped key opens as no other one. */
export interface KeyContext {
  readonly purpose: string;
  readonly id: string;
}

/** Keeps data keys under a key of its own. Asked once per key and start, never per field. */
export interface KeyWrapper {
  /** For people and for the database, such as `secret`, or `aws-kms eu-central-1`. Never a credential. */
  readonly name: string;
  /**
   * Makes a data key of 32 bytes.
   * @throws RampartError `KMS_UNAVAILABLE`, `KMS_REFUSED`
   */
  generate(context: KeyContext): Promise<{ readonly key: Uint8Array; readonly wrapped: string }>;
  /**
   * Wraps a data key that there is already, where what wraps keys is exchanged for this.
   * @throws RampartError `KMS_UNAVAILABLE`, `KMS_REFUSED`
   */
  wrap(key: Uint8Array, context: KeyContext): Promise<string>;
  /** @throws RampartError `KEY_UNWRAP_FAILED` when it is another's, was moved or changed; `KMS_UNAVAILABLE`, `KMS_REFUSED` */
  unwrap(wrapped: string, context: KeyContext): Promise<Uint8Array>;
}

/** Bytes of a data key. */
export const DATA_KEY_BYTES = 32;
const VERSION = 'rw1';

/**
 * Wraps keys on this machine. Each is wrapped by AES-256-KW (RFC 3394, NIST SP 800-38F) under a key of its own, which
 * HKDF-SHA-256 (RFC 5869) makes of the wrapping key and the name of what is wrapped: moved to another name it fails.
 * @param wrapping at least 32 random bytes
 * @param name which wrapping key that is, such as `secret`
 */
export function localWrapper(wrapping: Uint8Array, name: string): KeyWrapper {
  if (wrapping.byteLength < DATA_KEY_BYTES) throw new TypeError('a wrapping key has at least 32 bytes');
  const keyOf = ({ purpose, id }: KeyContext): Uint8Array =>
    hkdfSha256(wrapping, new Uint8Array(0), `rampart wrap\0${purpose}\0${id}`, 32);
  const wrap = (key: Uint8Array, context: KeyContext): string =>
    `${VERSION}.${kwWrap(keyOf(context), key).toString('base64url')}`;
  return {
    name,
    generate(context) {
      const key = new Uint8Array(randomFillSync(Buffer.allocUnsafeSlow(DATA_KEY_BYTES)));
      return Promise.resolve({ key, wrapped: wrap(key, context) });
    },
    wrap: (key, context) => Promise.resolve(wrap(key, context)),
    unwrap(wrapped, context) {
      const [version, text] = wrapped.split('.');
      try {
        if (version !== VERSION) throw unwrapFailed(context);
        return Promise.resolve(kwUnwrap(keyOf(context), Buffer.from(text ?? '', 'base64url')));
      } catch {
        return Promise.reject(unwrapFailed(context));
      }
    },
  };
}

/** What every wrapper throws when a key does not open. */
export function unwrapFailed({ purpose, id }: KeyContext, cause?: unknown): RampartError {
  return new RampartError(
    'KEY_UNWRAP_FAILED',
    `The key '${id}' for '${purpose}' cannot be unwrapped: it was wrapped by another wrapping key, or was changed.`,
    { cause },
  );
}
