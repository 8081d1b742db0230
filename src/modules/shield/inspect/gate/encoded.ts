import { decodePercent } from '../forms/percent.ts';
import { hexPair } from '../forms/utf16.ts';
import { Bit, isHex, isLetterCode, Kind, KINDS } from './bits.ts';
import { bitsOf } from './bits-of.ts';
import { addressBits } from './hosts.ts';

/** How a text is encoded: a plus is a blank. */
export const PLUS = 1;
/** Lines do not belong into it: an address, a header. */
export const ONE_LINE = 2;

/** Percent-encoding as it is read on the way: what was decoded, and how long it was. */
let decoded = 0;
let length = 0;

/**
 * Looks at one special character of percent-encoded text. Afterwards `encodedLength()` tells how many characters it took,
 * `encodedCode()` what it is once decoded.
 */
export function encodedBits(text: string, at: number, from: number, to: number, style: number): number {
  length = 1;
  decoded = text.charCodeAt(at);
  if (decoded === 43 && (style & PLUS) !== 0) decoded = 32;
  if (decoded !== 37) return specialBits(text, at, from, to);
  const byte = at + 2 < to ? hexPair(text, at + 1) : -1;
  if (byte < 0) return (text.charCodeAt(at + 1) | 32) === 117 ? Bit.strong : 0;
  length = 3;
  decoded = byte;
  if (byte >= 0x80) return byteBits(text, at, byte);
  // A letter or a digit needs no encoding, a percent sign before two digits was encoded twice.
  if (KINDS[byte] === Kind.plain) return Bit.strong;
  if (byte === 37) return isTwice(text, at + 3) ? Bit.strong : 0;
  if (byte === 10 || byte === 13) return lineBits(text, at, from, to, style);
  return specialBits(text, at, from, to);
}

/** Whether `%20` stands at a place, by far the most frequent of all that is encoded. It says nothing. */
export function isEncodedBlank(text: string, at: number, to: number): boolean {
  if (text.charCodeAt(at) !== 37 || at + 2 >= to) return false;
  return text.charCodeAt(at + 1) === 50 && text.charCodeAt(at + 2) === 48;
}

/** What is behind an encoded percent sign: digits, which may be encoded themselves. */
function isTwice(text: string, at: number): boolean {
  const next = codeAt(text, at);
  return isHex(next) || (next | 32) === 117;
}

/** What was decoded last. */
export function encodedCode(): number {
  return decoded;
}

/** How many characters it took. */
export function encodedLength(): number {
  return length;
}

function lineBits(text: string, at: number, from: number, to: number, style: number): number {
  if ((style & ONE_LINE) !== 0 || at === from) return Bit.strong;
  return isHeaderLine(text, at + 3, to) ? Bit.strong : 0;
}

function specialBits(text: string, at: number, from: number, to: number): number {
  if (decoded === 58) return colonBits(text, at, from, to);
  if (decoded < 128 && KINDS[decoded] !== Kind.special) return 0;
  const next = at + length < to ? codeAt(text, at + length) : 0;
  const previous = codeBefore(text, at, from);
  const before = previous === 0 ? 0 : codeBefore(text, at - lengthBefore(text, at, from), from);
  return bitsOf(decoded, before, previous, next);
}

/** An address is decoded before it is looked at; there are few of them. */
function colonBits(text: string, at: number, from: number, to: number): number {
  if (at <= from || !(isTwoSlashes(text, at + length) || endsInHttp(text, at))) return 0;
  // `https` and one encoded character before it.
  const scheme = decodePercent(text.slice(Math.max(from, at - 8), at), true);
  const part = scheme + decodePercent(text.slice(at, Math.min(to, at + 140)), true);
  return addressBits(part, scheme.length, 0, part.length);
}

function isTwoSlashes(text: string, at: number): boolean {
  return codeAt(text, at) === 47 && codeAt(text, at + (text.charCodeAt(at) === 37 ? 3 : 1)) === 47;
}

/** Whether `http` or `https` stands before a place. An encoded letter among them is enough for the gate anyway. */
function endsInHttp(text: string, at: number): boolean {
  const last = text.charCodeAt(at - 1) | 32;
  if (last !== 112 && last !== 115) return false;
  return (
    text.slice(Math.max(0, at - (last === 115 ? 5 : 4)), at).toLowerCase() ===
    (last === 115 ? 'https' : 'http')
  );
}

function codeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code !== 37) return code === 43 ? 32 : code;
  const byte = hexPair(text, at + 1);
  return byte < 0 ? code : byte;
}

function lengthBefore(text: string, at: number, from: number): number {
  return at - 3 >= from && text.charCodeAt(at - 3) === 37 ? 3 : 1;
}

function codeBefore(text: string, at: number, from: number): number {
  if (at <= from) return 0;
  return codeAt(text, at - lengthBefore(text, at, from));
}

/** Over-long UTF-8 and full-width signs; any other byte of another script is plain. */
function byteBits(text: string, at: number, byte: number): number {
  if (byte === 0xc0 || byte === 0xc1) return Bit.strong;
  if (byte !== 0xe0 && byte !== 0xf0 && byte !== 0xef) return 0;
  const second = text.charCodeAt(at + 3) === 37 ? hexPair(text, at + 4) : -1;
  if (byte === 0xe0) return second >= 0x80 && second < 0xa0 ? Bit.strong : 0;
  if (byte === 0xf0) return second >= 0x80 && second < 0x90 ? Bit.strong : 0;
  if (second !== 0xbc && second !== 0xbd) return 0;
  const third = text.charCodeAt(at + 6) === 37 ? hexPair(text, at + 7) : -1;
  const code = 0xf000 | ((second & 0x3f) << 6) | (third & 0x3f);
  return third < 0 ? 0 : bitsOf(code, 0, 0, 0);
}

/** Whether a line begins that looks like a header: `Set-Cookie:`. */
function isHeaderLine(text: string, at: number, to: number): boolean {
  // The second half of a line's end.
  const from = text.startsWith('%0', at) ? at + 3 : at;
  let i = from;
  while (i < to && i - from < 30 && (isLetterCode(text.charCodeAt(i)) || text.charCodeAt(i) === 45)) i++;
  return i > from + 1 && codeAt(text, i) === 58;
}
