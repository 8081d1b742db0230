import { HOTP, Secret, TOTP } from 'otpauth';
import { equalTexts } from './keyed.ts';

/** Time step of RFC 6238, in milliseconds. */
export const STEP_MS = 30_000;
/** Digits of a code. */
export const DIGITS = 6;

/** How codes are computed; authenticator apps agree on SHA-1, six digits. */
export interface CodeKind {
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA512';
  readonly digits: number;
}

const APP_KIND: CodeKind = { algorithm: 'SHA1', digits: DIGITS };

/** Code of a counter or time step (RFC 4226, RFC 6238). */
export function codeOf(secret: Uint8Array, step: number, kind: CodeKind = APP_KIND): string {
  return HOTP.generate({ secret: secretOf(secret), counter: step, ...kind });
}

/** Time step of a moment. */
export function stepAt(nowMs: number): number {
  return Math.floor(nowMs / STEP_MS);
}

/**
 * Finds the time step that a code belongs to. Every candidate is computed and compared in constant time, whichever fits.
 * @param window steps before and after the present one that are accepted too
 * @returns the newest step that fits, so that a code which happens to fit two is used up for both
 */
export function matchStep(
  secret: Uint8Array,
  code: string,
  nowMs: number,
  window: number,
): number | undefined {
  const present = stepAt(nowMs);
  let found: number | undefined;
  for (let step = Math.max(0, present - window); step <= present + window; step++) {
    if (equalTexts(codeOf(secret, step), code)) found = step;
  }
  return found;
}

/** The secret as authenticator apps take it by hand, base 32 (RFC 4648) without padding. */
export function base32Of(secret: Uint8Array): string {
  return secretOf(secret).base32;
}

/** Reads it back. */
export function secretOfBase32(text: string): Uint8Array {
  return Secret.fromBase32(text).bytes;
}

/** The address that authenticator apps read from a QR code: `otpauth://totp/ISSUER:LABEL?…`. */
export function uriOf(secret: Uint8Array, issuer: string, label: string): string {
  const seconds = STEP_MS / 1_000;
  return new TOTP({ issuer, label, secret: secretOf(secret), ...APP_KIND, period: seconds }).toString();
}

function secretOf(bytes: Uint8Array): Secret {
  return new Secret({ buffer: Uint8Array.from(bytes).buffer });
}
