/** Longest input that is looked at: a backup code in groups with some stray spaces. */
const MAX_CHARACTERS = 64;
/** What people and keyboards put between digits: spaces, dashes, marks of writing direction, zero-width joiners. */
const BETWEEN = /[\s\p{Pd}\u2212._\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const ARABIC_DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/g;

/** Full-width and other compatibility forms become ASCII, and so do the two rows of Arabic digits. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(BETWEEN, '')
    .replace(ARABIC_DIGITS, (digit) => String((digit.codePointAt(0) as number) & 15));
}

/**
 * Reads a six-digit code as people type it: `123 456`, `１２３-４５６`, `١٢٣٤٥٦`.
 * @returns six ASCII digits, or `undefined` for anything else
 */
export function readCode(text: string): string | undefined {
  if (typeof text !== 'string' || text.length > MAX_CHARACTERS) return undefined;
  const digits = plain(text);
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}

/** Crockford's base 32: no I, L, O, U. */
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Reads a backup code as people type it: any case, with or without dashes and spaces, O for 0, I and L for 1.
 * @returns its characters without separators, or `undefined` when it cannot be one
 */
export function readBackupCode(text: string, length: number): string | undefined {
  if (typeof text !== 'string' || text.length > MAX_CHARACTERS) return undefined;
  const code = plain(text).toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  return code.length === length && /^[0-9A-HJKMNP-TV-Z]+$/.test(code) ? code : undefined;
}
