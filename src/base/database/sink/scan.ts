/**
 * Ends of tokens. Each looks at every character a bounded number of times and gives back the place after the token, or -1
 * where a quote is not closed.
 */

const BACKSLASH = 92;
const QUOTE = 39;
const PLUS = 43;
const MINUS = 45;
const STAR = 42;
const SLASH = 47;
const DOT = 46;
const UNDERSCORE = 95;
const OPERATORS = codesOf('~!@#^&|`?+-*/%<>=');
/** An operator may end with a sign only when one of these is in it (PostgreSQL 4.1.3). */
const SIGN_KEEPERS = codesOf('~!@#^&|`?%');

function codesOf(characters: string): ReadonlySet<number> {
  return new Set(characters.split('').map((character) => character.charCodeAt(0)));
}

/** After a run of white space. */
export function spaceEnd(text: string, from: number): number {
  let i = from + 1;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 32 && (code < 9 || code > 13)) break;
  }
  return i;
}

/** After a key word or a name without quotes: letters, digits, `_`, `$` and everything beyond ASCII. */
export function wordEnd(text: string, from: number): number {
  let i = from + 1;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const inside =
      code >= 128 ||
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      isDigit(code) ||
      code === UNDERSCORE ||
      code === 36;
    if (!inside) break;
  }
  return i;
}

/** After the closing quote. @param doubled whether two quotes stand for one */
export function quotedEnd(text: string, from: number, quote: string, doubled: boolean): number {
  let i = from;
  for (;;) {
    const close = text.indexOf(quote, i);
    if (close < 0) return -1;
    if (!doubled || text[close + 1] !== quote) return close + 1;
    i = close + 2;
  }
}

/** After the closing quote of a literal in which a backslash escapes the next character. */
export function backslashedEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) {
      if (text.charCodeAt(i + 1) !== QUOTE) return i + 1;
      i++;
    }
  }
  return -1;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** After digits with single underscores between them; `from` itself when there are none. */
function digitsEnd(text: string, from: number, digit: (code: number) => boolean): number {
  let i = from;
  while (i < text.length) {
    if (digit(text.charCodeAt(i))) i++;
    else if (text.charCodeAt(i) === UNDERSCORE && i > from && digit(text.charCodeAt(i + 1))) i += 2;
    else break;
  }
  return i;
}

/** After `0x…`, `0o…` or `0b…`; `from` itself when it is none of them. */
function radixEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== 48) return from;
  const radix = text.charCodeAt(from + 1) | 32;
  const digit =
    radix === 120
      ? isHexDigit
      : radix === 111
        ? (code: number) => code >= 48 && code <= 55
        : radix === 98
          ? (code: number) => code === 48 || code === 49
          : undefined;
  if (digit === undefined) return from;
  // An underscore may follow the letter.
  const first = from + 2 + (text.charCodeAt(from + 2) === UNDERSCORE ? 1 : 0);
  const end = digitsEnd(text, first, digit);
  return end === first ? from : end;
}

/** After a number: `1`, `1_000`, `0x1F`, `1.5`, `.5`, `1.`, `1e-5`. Two dots after digits belong to no number. */
export function numberEnd(text: string, from: number): number {
  const radix = radixEnd(text, from);
  if (radix > from) return radix;
  let i = digitsEnd(text, from, isDigit);
  if (text.charCodeAt(i) === DOT && text.charCodeAt(i + 1) !== DOT) i = digitsEnd(text, i + 1, isDigit);
  if ((text.charCodeAt(i) | 32) === 101) {
    const sign = text.charCodeAt(i + 1);
    const first = i + (sign === PLUS || sign === MINUS ? 2 : 1);
    const end = digitsEnd(text, first, isDigit);
    if (end > first) return end;
  }
  return i;
}

/**
 * Where an operator ends, and where the run of operator characters ends that it stands in. Between the two there are only
 * signs, each a token of its own. A comment ends the run.
 */
export function operatorEnd(text: string, from: number): { readonly end: number; readonly cut: number } {
  let cut = from;
  let keeper = false;
  for (; cut < text.length; cut++) {
    const code = text.charCodeAt(cut);
    if (!OPERATORS.has(code)) break;
    const next = text.charCodeAt(cut + 1);
    if ((code === MINUS && next === MINUS) || (code === SLASH && next === STAR)) break;
    if (SIGN_KEEPERS.has(code)) keeper = true;
  }
  let end = cut;
  if (!keeper) {
    while (end > from + 1 && isSign(text.charCodeAt(end - 1))) end--;
  }
  return { end, cut };
}

function isSign(code: number): boolean {
  return code === PLUS || code === MINUS;
}
