import { createCipheriv, createDecipheriv, createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import { NONCE_BYTES } from './nonces.ts';

/** Bytes of a tag of AES-GCM: never fewer, and one that was cut off is refused. */
export const TAG_BYTES = 16;
const SCRATCH_BYTES = 8_192;
/** The default initial value of RFC 3394 2.2.3.1, by which a wrong key is noticed. */
const INITIAL_VALUE = Buffer.alloc(8, 0xa6);

/** Where texts are put together; nothing in it is read after the call that wrote it. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * AES-256-GCM (NIST SP 800-38D).
 * @param nonce 12 bytes that this key has never seen
 * @param aad what is authenticated beside the text, not kept in it
 * @returns nonce, ciphertext and tag as base64url
 */
export function gcmSeal(key: KeyObject, nonce: Uint8Array, plain: string | Uint8Array, aad: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bytesOf(aad));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  const size = NONCE_BYTES + body.length + TAG_BYTES;
  const out = size <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafe(size);
  out.set(nonce, 0);
  out.set(body, NONCE_BYTES);
  out.set(cipher.getAuthTag(), NONCE_BYTES + body.length);
  return out.toString('base64url', 0, size);
}

/**
 * The opposite of `gcmSeal`. Accepts the one true spelling alone: decoding by itself would step over foreign characters
 * and spare bits.
 * @throws Error on whatever differs by a bit; its words must not reach a caller
 */
export function gcmOpen(key: KeyObject, text: string, aad: string): Buffer {
  const sealed = Buffer.from(text, 'base64url');
  const tagFrom = sealed.length - TAG_BYTES;
  if (tagFrom < NONCE_BYTES || sealed.toString('base64url') !== text) throw new Error('not a sealed text');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(bytesOf(aad));
  decipher.setAuthTag(sealed.subarray(tagFrom));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, tagFrom));
  decipher.final();
  return plain;
}

/** UTF-8, in the scratch where it fits: three bytes a code unit at most. */
function bytesOf(text: string): Uint8Array {
  if (text.length * 3 > SCRATCH_BYTES) return Buffer.from(text);
  return scratch.subarray(0, scratch.write(text, 0));
}

/** AES-256-KW (RFC 3394, NIST SP 800-38F) of a key whose length is a multiple of 8, at least 16. */
export function kwWrap(wrapping: Uint8Array, key: Uint8Array): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', wrapping, INITIAL_VALUE);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** The opposite. @throws Error when anything was changed, or the wrapping key is another */
export function kwUnwrap(wrapping: Uint8Array, wrapped: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('id-aes256-wrap', wrapping, INITIAL_VALUE);
  return new Uint8Array(Buffer.concat([decipher.update(wrapped), decipher.final()]));
}

/** HMAC-SHA-256 (RFC 2104) over the parts one after the other. @returns 32 bytes */
export function hmacSha256(key: KeyObject | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** HKDF-SHA-256 (RFC 5869). @param salt may be empty */
export function hkdfSha256(
  secret: Uint8Array,
  salt: Uint8Array,
  info: string | Uint8Array,
  bytes: number,
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, salt, info, bytes));
}
