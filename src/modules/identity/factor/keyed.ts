import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** A keyed hash of one purpose. The parts are separated so that no two lists of parts give the same text. */
export type KeyedDigest = (...parts: readonly string[]) => string;

/**
 * HMAC-SHA-256 under a key that HKDF (RFC 5869) derives for one purpose: a hash made for one purpose says nothing in
 * another, and who has the database alone cannot try values.
 */
export function keyedDigest(secret: Uint8Array, purpose: string): KeyedDigest {
  const key = Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), `rampart identity ${purpose}`, 32));
  return (...parts) => createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
}

/** SHA-256 of a text that is itself unguessable, hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares two texts in time that does not depend on where they differ; a different length is unequal. */
export function equalTexts(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
