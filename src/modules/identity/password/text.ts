/** Most code points that a password may have. */
export const MAX_CODE_POINTS = 256;
/**
 * Most UTF-16 code units that are looked at: a letter decomposes to at most four code points (Unicode, UAX #15), so that
 * nothing which fits once it is normalised is refused before, and a password of a megabyte costs nothing.
 */
const MAX_UNITS = 4 * MAX_CODE_POINTS;

/** What a given password is. */
export type ReadPassword =
  | { readonly ok: true; readonly nfc: string; readonly codePoints: number }
  | { readonly ok: false; readonly why: 'empty' | 'too-long' | 'invalid' };

/**
 * Normalises a password to NFC (NIST SP 800-63B-4, 3.1.1.2) and counts its code points; nothing is cut off. NUL bytes end
 * a password early in older formats and lone surrogates have no UTF-8, so that both are refused. The length is bounded
 * before anything else looks at the text.
 */
export function readPassword(given: string): ReadPassword {
  if (typeof given !== 'string' || given.length === 0) return { ok: false, why: 'empty' };
  if (given.length > MAX_UNITS) return { ok: false, why: 'too-long' };
  if (given.includes('\0') || !given.isWellFormed()) return { ok: false, why: 'invalid' };
  const nfc = given.normalize('NFC');
  const codePoints = countCodePoints(nfc);
  return codePoints > MAX_CODE_POINTS ? { ok: false, why: 'too-long' } : { ok: true, nfc, codePoints };
}

/** Unicode code points of well-formed text. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
