import { createHmac, timingSafeEqual } from 'node:crypto';
import { makeToken, readToken } from '../../../base/secrets/index.ts';

/** What an API key says of itself: `rk_live_ID_…`. */
export interface KeyText {
  readonly environment: string;
  /** Finds its row. */
  readonly id: string;
  /** Shown in lists. */
  readonly hint: string;
}

/** Beginning of every API key, by which scanners for leaked secrets find them. */
export const KEY_PREFIX = 'rk_';
const FORM = /^rk_(live|test)_([0-9a-hjkmnp-tv-z]{16})$/;

/** Makes an API key of 256 random bits, with a checksum. */
export function makeKey(environment: string, id: string): string {
  return makeToken(`rk_${environment}_${id}`, 32);
}

/** Reads a key's form. @returns undefined for what is none, or was mistyped: no look-up is needed to refuse it */
export function readKey(text: string): KeyText | undefined {
  const token = readToken(text);
  const [, environment, id] = FORM.exec(token?.prefix ?? '') ?? [];
  if (token === undefined || environment === undefined || id === undefined) return undefined;
  return { environment, id, hint: token.hint };
}

/**
 * HMAC-SHA-256 of a key (RFC 2104), base64url: what is kept. A copy of the database alone, even one that somebody wrote
 * rows into, opens nothing.
 */
export function keyHash(secret: Uint8Array, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** Compares without telling by its time how much was right. */
export function sameHash(given: string, kept: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(kept);
  return a.length === b.length && timingSafeEqual(a, b);
}
