import { createHmac, timingSafeEqual } from 'node:crypto';
import { OptionsError } from '../../core/errors.ts';
import { newSecret } from '../../core/id.ts';

/** Signed tokens for the double-submit pattern, bound to a session (OWASP CSRF cheat sheet). */
export interface CsrfTokens {
  /**
   * A fresh token: send it as the token cookie and let pages send it back in the token header.
   * @param session value of the session cookie; `''` before sign-in
   */
  issue(session: string, nowMs: number): string;
  /** Whether it was issued here, for this session, not too long ago. Constant time over the signature. */
  verify(token: string, session: string, nowMs: number): boolean;
}

/**
 * Makes the tokens. A token is `time.random.signature`; the signature is HMAC-SHA-256 over all of it and the session,
 * so that it dies with the session.
 * @param keys at least 32 bytes each; the first signs, all verify (rotation)
 * @param maxAgeMs life of a token
 * @throws OptionsError when a key is short or there is none
 */
export function csrfTokens(keys: readonly Uint8Array[], maxAgeMs: number): CsrfTokens {
  if (keys.length === 0 || keys.length > 10) throw new OptionsError('csrfKeys', 'expected 1 to 10 keys');
  keys.forEach((key, i) => {
    if (key.byteLength < 32) throw new OptionsError(`csrfKeys[${i}]`, 'a key has at least 32 bytes');
  });
  const sign = (key: Uint8Array, head: string, session: string): Buffer =>
    createHmac('sha256', key).update('rampart-csrf-v1\0').update(head).update('\0').update(session).digest();
  return {
    issue(session, nowMs) {
      const head = `${Math.floor(nowMs).toString(36)}.${newSecret(16)}`;
      return `${head}.${sign(keys[0] as Uint8Array, head, session).toString('base64url')}`;
    },
    verify(token, session, nowMs) {
      if (token.length > 100 || session.length > 4096) return false;
      const match = /^(([0-9a-z]{6,11})\.[A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(token);
      if (!match) return false;
      const ageMs = nowMs - parseInt(match[2] as string, 36);
      // Nodes' clocks may differ by a minute.
      if (ageMs > maxAgeMs || ageMs < -60_000) return false;
      const given = Buffer.from(match[3] as string, 'base64url');
      let good = false;
      for (const key of keys) good = timingSafeEqual(sign(key, match[1] as string, session), given) || good;
      return good;
    },
  };
}

/** Compares two texts without telling by time where they differ. */
export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
