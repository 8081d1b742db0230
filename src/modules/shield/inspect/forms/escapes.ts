import { Codes, hexPair, hexRun } from './utf16.ts';

const BACKSLASH = 92;
/** What `\n` and its like stand for, by the letter. */
const LETTERS: Readonly<Record<number, number>> = { 110: 10, 114: 13, 116: 9, 98: 8, 102: 12, 118: 11 };

/** Whether there is an escape of JavaScript or of a shell that stands for another character. */
export function hasEscape(text: string): boolean {
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 117 || next === 85 || next === 120 || (next >= 48 && next <= 55)) return true;
  }
  return false;
}

/** Replaces `\u0027`, `\u{27}`, `\x27`, `\47` and `\n`; other backslashes stay. */
export function decodeEscapes(text: string): string {
  const out = new Codes(text.length);
  for (let i = 0; i < text.length;) {
    const code = text.charCodeAt(i);
    const taken = code === BACKSLASH ? decodeEscape(text, i, out) : 0;
    if (taken === 0) out.push(code);
    i += taken === 0 ? 1 : taken;
  }
  return out.text();
}

/** @returns characters that were taken; 0 where nothing is escaped */
function decodeEscape(text: string, at: number, out: Codes): number {
  const next = text.charCodeAt(at + 1);
  if (next === 117 || next === 85) return decodeUnicode(text, at, out);
  if (next === 120 || next === 88) {
    const value = hexPair(text, at + 2);
    if (value < 0) return 0;
    out.push(value);
    return 4;
  }
  if (next >= 48 && next <= 55) return decodeOctal(text, at, out);
  const letter = LETTERS[next];
  if (letter === undefined) return 0;
  out.push(letter);
  return 2;
}

function decodeUnicode(text: string, at: number, out: Codes): number {
  if (text.charCodeAt(at + 2) !== 123) {
    const value = hexRun(text, at + 2, 4);
    if (value < 0) return 0;
    out.push(value);
    return 6;
  }
  // At most six digits matter; a longer run of zeros is nobody's writing.
  for (let digits = 1; digits <= 6; digits++) {
    if (text.charCodeAt(at + 3 + digits) !== 125) continue;
    const value = hexRun(text, at + 3, digits);
    if (value < 0) return 0;
    out.pushPoint(value);
    return digits + 4;
  }
  return 0;
}

function decodeOctal(text: string, at: number, out: Codes): number {
  let value = 0;
  let i = at + 1;
  for (; i < at + 4; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 48 && code <= 55) || value * 8 + code - 48 > 255) break;
    value = value * 8 + code - 48;
  }
  // `\0` and `\7` stand in patterns and paths far more often than for a character.
  if (i - at < 3 || value < 32 || value > 126) return 0;
  out.push(value);
  return i - at;
}
