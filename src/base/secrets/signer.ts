import { timingSafeEqual } from 'node:crypto';
import { type Clock, systemClock } from '../../core/clock.ts';
import { hmacSha256 } from './primitives.ts';
import type { KeyRing, LoadedKey } from './ring.ts';

/** How messages are signed. */
export interface SignerOptions {
  /** Keys of the purpose `hmac`. */
  readonly ring: KeyRing;
  /** What the messages are, such as `webhook`: a signature for one thing is none for another. */
  readonly about: string;
  /** Signatures older than this, or further in the future, are refused. Milliseconds, default 300,000 (five minutes). */
  readonly toleranceMs?: number;
  readonly clock?: Clock;
}

/** What was found out about a signature. */
export type SignatureVerdict =
  | { readonly valid: true; readonly keyId: string; readonly atMs: number }
  | {
      readonly valid: false;
      /** `form`: none of ours; `key`: made with a key that is gone; `mac`: does not fit; `time`: fits, but too old or too new. */
      readonly reason: 'form' | 'key' | 'mac' | 'time';
    };

/** Signs messages and checks signatures. */
export interface Signer {
  /** @returns `rs1.KID.MILLISECONDS.MAC` */
  sign(message: string | Uint8Array): string;
  /** Compares in constant time. A message that is replayed within the tolerance fits: who minds keeps what was seen. */
  verify(message: string | Uint8Array, signature: string): SignatureVerdict;
}

const VERSION = 'rs1';
const FORM = /^rs1\.([A-Za-z0-9_-]{1,40})\.(\d{1,15})\.([A-Za-z0-9_-]{43})$/;

/** Makes a signer: HMAC-SHA-256 (RFC 2104) over version, purpose, key id, time and message. */
export function signer(options: SignerOptions): Signer {
  const { ring, about, toleranceMs = 300_000, clock = systemClock } = options;
  const head = `${VERSION}\0${about.length}:${about}\0`;
  const macOf = ({ id, key }: LoadedKey, at: string, message: string | Uint8Array): Buffer => {
    const begin = `${head}${id}\0${at}\0`;
    // One call for both where it can be: each one crosses into native code.
    return typeof message === 'string' ? hmacSha256(key, begin + message) : hmacSha256(key, begin, message);
  };
  return {
    sign(message) {
      const key = ring.sealing();
      const at = String(clock.now());
      return `${VERSION}.${key.id}.${at}.${macOf(key, at, message).toString('base64url')}`;
    },
    verify(message, signature) {
      const [, kid, at, mac] = FORM.exec(signature) ?? [];
      if (kid === undefined || at === undefined || mac === undefined) return { valid: false, reason: 'form' };
      const key = ring.find(kid);
      if (key === undefined) return { valid: false, reason: 'key' };
      const given = Buffer.from(mac, 'base64url');
      if (!timingSafeEqual(macOf(key, at, message), given)) return { valid: false, reason: 'mac' };
      const atMs = Number(at);
      if (Math.abs(clock.now() - atMs) > toleranceMs) return { valid: false, reason: 'time' };
      return { valid: true, keyId: kid, atMs };
    },
  };
}
