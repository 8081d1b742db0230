import { Codes } from './utf16.ts';

const SINGLE = 39;
const DOUBLE = 34;
const BACKSLASH = 92;
const CARET = 94;
const DOLLAR = 36;
const BRACKET = 91;

/** 1 for the signs that are looked at. */
const LOOKED_AT = new Uint8Array(128);
for (const code of [SINGLE, DOUBLE, BACKSLASH, CARET, DOLLAR, BRACKET]) LOOKED_AT[code] = 1;

/**
 * Whether words are broken up as only a shell would join them: `c''at`, `c\at`, `w^hoami`, `${IFS}`, `$@`, and paths with
 * a character in brackets, `/bi[n]/sh`. One apostrophe within a word is no such sign.
 */
export function isShellQuoted(text: string): boolean {
  let quotes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > CARET || LOOKED_AT[code] === 0) continue;
    if (code === DOLLAR && (nothingLength(text, i) > 0 || blankLength(text, i) > 0)) return true;
    if (code === BRACKET && isBracketed(text, i) && text.includes('/')) return true;
    if (code !== SINGLE && code !== DOUBLE && code !== BACKSLASH && code !== CARET) continue;
    if (!isWithinWord(text, i)) continue;
    if (code === BACKSLASH || code === CARET) return true;
    if (++quotes === 2) return true;
  }
  return false;
}

/** Joins what a shell would join: quotes, backslashes and carets go, `${IFS}` and braces are blanks. */
export function unquoteShell(text: string): string {
  const out = new Codes(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SINGLE || code === DOUBLE || code === BACKSLASH || code === CARET) continue;
    if (code === BRACKET && isBracketed(text, i)) {
      out.push(text.charCodeAt(i + 1));
      i += 2;
      continue;
    }
    const nothing = code === DOLLAR ? nothingLength(text, i) : 0;
    const blank = code === DOLLAR && nothing === 0 ? blankLength(text, i) : 0;
    if (blank > 0) out.push(32);
    if (nothing + blank > 0) i += nothing + blank - 1;
    else out.push(code);
  }
  return out.text();
}

/** `[n]`, in a path where only letters and slashes stand around it. */
function isBracketed(text: string, at: number): boolean {
  if (text.charCodeAt(at + 2) !== 93) return false;
  const inner = text.charCodeAt(at + 1) | 32;
  return (
    inner >= 97 &&
    inner <= 122 &&
    isWordLike(text.charCodeAt(at - 1), false) &&
    !isDigit(text.charCodeAt(at - 1))
  );
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Length of what stands for nothing within a word: `$@`, `$*`, `$$`, `$()`; 0 where none stands. */
function nothingLength(text: string, at: number): number {
  const next = text.charCodeAt(at + 1);
  const empty = next === 64 || next === 42 || next === DOLLAR;
  const length = empty ? 2 : text.startsWith('()', at + 1) ? 3 : 0;
  const before = text.charCodeAt(at - 1);
  return length > 0 && isWordLike(before, true) && isWordLike(text.charCodeAt(at + length), true)
    ? length
    : 0;
}

/** Length of a variable that stands for a blank; 0 where none stands. */
function blankLength(text: string, at: number): number {
  const braced = text.charCodeAt(at + 1) === 123;
  const from = at + (braced ? 2 : 1);
  if (text.slice(from, from + 3).toUpperCase() !== 'IFS') return 0;
  if (!braced) {
    // `$IFS$9`: an empty argument that keeps the name apart.
    const digit = text.charCodeAt(from + 4);
    return text.charCodeAt(from + 3) === DOLLAR && digit >= 48 && digit <= 57 ? 6 : 4;
  }
  const end = text.indexOf('}', from + 3);
  return end < 0 || end - at > 24 ? 0 : end - at + 1;
}

function isWithinWord(text: string, at: number): boolean {
  return isWordLike(text.charCodeAt(at - 1), false) && isWordLike(text.charCodeAt(at + 1), true);
}

function isWordLike(code: number, quoteToo: boolean): boolean {
  const lower = code | 32;
  if ((lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 47) return true;
  return code === SINGLE || code === DOUBLE || (quoteToo && (code === DOLLAR || code === BACKSLASH));
}
