/** Kinds of character, as bits of one table; everything outside ASCII counts as a letter. */
export const LETTER = 1;
/** `0` to `9`. */
export const DIGIT = 2;
/** White space and control characters. */
export const SPACE = 4;
/** Letters, digits, `_` and `$`: what a name is made of. */
export const NAME = 8;

const TABLE = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  const digit = code >= 48 && code <= 57;
  TABLE[code] =
    (letter ? LETTER | NAME : 0) |
    (digit ? DIGIT | NAME : 0) |
    (code <= 32 || code === 127 ? SPACE : 0) |
    (code === 95 || code === 36 ? NAME : 0);
}

/** The kind of a character code; `NaN` (beyond the end) has none. */
export function kindOf(code: number): number {
  if (code < 128) return TABLE[code] as number;
  if (code === 0xa0 || code === 0x2028 || code === 0x2029 || code === 0x3000 || code === 0xfeff) return SPACE;
  return code >= 128 ? LETTER | NAME : 0;
}

/** Whether the character is white space or a control character. */
export function isSpace(code: number): boolean {
  return (kindOf(code) & SPACE) !== 0;
}

/** Whether the character can stand in a name. */
export function isName(code: number): boolean {
  return (kindOf(code) & NAME) !== 0;
}

/** Whether the character is an ASCII digit. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Whether the character is a letter or stands outside ASCII. */
export function isLetter(code: number): boolean {
  return (kindOf(code) & LETTER) !== 0;
}

/** Index of the first character at or after `from` that is no white space; the length where there is none. */
export function skipSpace(text: string, from: number): number {
  let i = from;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}

/** Index of the last character at or before `from` that is no white space; -1 where there is none. */
export function skipSpaceBack(text: string, from: number): number {
  let i = from;
  while (i >= 0 && isSpace(text.charCodeAt(i))) i--;
  return i;
}

/** End of the name that starts at `from`. */
export function nameEnd(text: string, from: number): number {
  let i = from;
  while (i < text.length && isName(text.charCodeAt(i))) i++;
  return i;
}
