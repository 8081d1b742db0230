import { hexValue } from '../forms/utf16.ts';
import { Bit, Kind, KINDS, passes } from './bits.ts';
import { CLASSES, Class } from './classes.ts';
import { PLUS } from './encoded.ts';
import { MACHINE, ROW_BITS, TOLD_BITS, UNKNOWN_WORD } from './machine.ts';
import { Told } from './states.ts';

const PERCENT = 37;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
/** What ends the reading, or has to be counted. */
export const EVENTS = Told.hit | Told.word;
/** 1 for what was told in a value that the gate has to look at. */
const LOOKS: Uint8Array = Uint8Array.from({ length: TOLD_BITS + 1 }, (_, told) => (needsLook(told) ? 1 : 0));
/** Classes within a string of JSON: its closing quote stops the reading, as does all that is looked at. */
const CLASSES_OF_JSON = stoppingAt('"');

function needsLook(told: number): boolean {
  let mask = 0;
  if ((told & Told.hit) !== 0) mask |= Bit.strong;
  if ((told & Told.quote) !== 0) mask |= Bit.quote;
  if ((told & Told.equals) !== 0) mask |= Bit.equals;
  if ((told & Told.ampersand) !== 0) mask |= Bit.ampersand;
  if ((told & Told.joint) !== 0) mask |= Bit.joint;
  if ((told & Told.word) !== 0) mask |= Bit.word;
  return passes(mask);
}

function stoppingAt(signs: string): Uint8Array {
  const classes = CLASSES.slice();
  for (const sign of signs) classes[sign.charCodeAt(0)] = Class.strong;
  return classes;
}

/** Whether a value that ends in a row is certain to be calm. */
export function isCalmEnd(row: number, told: number): boolean {
  const last = MACHINE[row | Class.end] as number;
  if ((last & told & Told.word) !== 0) return false;
  return LOOKS[(told | last) & TOLD_BITS] === 0;
}

/** Whether one more event is one too many: anything that is looked at, or the second word. */
export function isTooMuch(entry: number, told: number): boolean {
  return (entry & Told.hit) !== 0 || (entry & told & Told.word) !== 0;
}

const { letter: BEHIND_LETTER, digit: BEHIND_DIGIT } = UNKNOWN_WORD;

/** The row behind a character of a word that no list knows, by its class. */
function rowBehind(given: number): number {
  return given === Class.digit ? BEHIND_DIGIT : BEHIND_LETTER;
}

/**
 * Where the last letter or digit of a word stands that goes on behind `at`. For the long ones that cookies and addresses are
 * made of; in strings of JSON, whose words are short, looking for their ends costs more than it saves.
 */
function lastOfWord(bytes: Uint8Array, at: number, to: number, classes: Uint8Array): number {
  let i = at + 1;
  // Letters are 1 to 26; what is 0 here would be the largest number.
  while (i < to && ((classes[bytes[i] as number] as number) - 1) >>> 0 < Class.digit) i++;
  return i - 1;
}

/**
 * Whether a decoded value is certain to stop at the gate: a quick look at its bytes, one entry of a table for each. What it
 * is not certain of, the gate looks at; nothing that the gate lets past is calm.
 * @param bytes UTF-8
 */
export function isCalm(bytes: Uint8Array, from: number, to: number): boolean {
  let row = 0;
  let told = 0;
  for (let i = from; i < to; i++) {
    const entry = MACHINE[row | (CLASSES[bytes[i] as number] as number)] as number;
    if ((entry & EVENTS) !== 0 && isTooMuch(entry, told)) return false;
    told |= entry;
    row = entry & ROW_BITS;
  }
  return isCalmEnd(row, told);
}

/**
 * As `isCalm`, of a string of JSON up to its closing quote.
 * @returns where that stands, or `to`; negative, `~place`, where the string is not certain to be calm
 */
export function calmString(bytes: Uint8Array, from: number, to: number): number {
  let row = 0;
  let told = 0;
  for (let i = from; i < to; i++) {
    const entry = MACHINE[row | (CLASSES_OF_JSON[bytes[i] as number] as number)] as number;
    if ((entry & EVENTS) !== 0 && isTooMuch(entry, told)) {
      if (bytes[i] === QUOTE) return isCalmEnd(row, told) ? i : ~i;
      return ~endOfString(bytes, i, to);
    }
    told |= entry;
    row = entry & ROW_BITS;
  }
  return isCalmEnd(row, told) ? to : ~to;
}

/** Where the closing quote of a JSON string stands, or `to`. */
function endOfString(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    if (bytes[i] === QUOTE) return i;
    if (bytes[i] === BACKSLASH) i++;
  }
  return to;
}

/** How percent-encoded text is read, up to where it ends. */
export interface EncodedSyntax {
  readonly classes: Uint8Array;
  /** Codes of the characters that end it; -1 for none. */
  readonly stop: number;
  readonly other: number;
}

/**
 * @param style `PLUS`, `ONE_LINE`, or both
 * @param stops at most two characters, each of which ends the text
 */
export function encodedSyntax(style: number, stops: string): EncodedSyntax {
  const classes = stoppingAt(`%${stops}`);
  if ((style & PLUS) !== 0) classes[43] = Class.space;
  return { classes, stop: codeOf(stops, 0), other: codeOf(stops, stops.length - 1) };
}

function codeOf(text: string, at: number): number {
  return text === '' ? -1 : text.charCodeAt(at);
}

/**
 * As `isCalm`, of percent-encoded text. Encoded letters and line ends, and characters that need three bytes and more, are
 * left to the gate.
 * @returns where it ends; negative, `~place`, where it is not certain to be calm
 */
export function calmEncoded(bytes: Uint8Array, from: number, to: number, syntax: EncodedSyntax): number {
  const { classes, stop, other } = syntax;
  let row = 0;
  let told = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    let given = classes[byte] as number;
    if (byte === PERCENT) {
      given = i + 2 < to ? encodedClass(bytes[i + 1] as number, bytes[i + 2] as number) : Class.percent;
      if (i + 2 < to) i += 2;
    }
    const entry = MACHINE[row | given] as number;
    if ((entry & EVENTS) !== 0 && isTooMuch(entry, told)) {
      if (byte === stop || byte === other) return isCalmEnd(row, told) ? i : ~i;
      return ~endOfPart(bytes, i, to, syntax);
    }
    told |= entry;
    row = entry & ROW_BITS;
    if (row !== BEHIND_LETTER && row !== BEHIND_DIGIT) continue;
    const last = lastOfWord(bytes, i, to, classes);
    if (last > i) row = rowBehind(classes[bytes[(i = last)] as number] as number);
  }
  return isCalmEnd(row, told) ? to : ~to;
}

/** Where a text ends of which a place is known. */
function endOfPart(bytes: Uint8Array, from: number, to: number, { stop, other }: EncodedSyntax): number {
  for (let i = from; i < to; i++) if (bytes[i] === stop || bytes[i] === other) return i;
  return to;
}

/** The class of what two digits of hexadecimal writing stand for; that of what is always looked at for what few encode. */
function encodedClass(first: number, second: number): number {
  // By far the most frequent: a blank.
  if (first === 50 && second === 48) return Class.space;
  const high = hexValue(first);
  const low = hexValue(second);
  if (high < 2 || low < 0) return Class.strong;
  const byte = 16 * high + low;
  if (byte < 128) {
    // Digits, letters, and the rarer signs: nobody has to encode these.
    if (byte >= 60 || KINDS[byte] === Kind.plain || byte === PERCENT) return Class.strong;
    // To the gate whatever is encoded with a C at the end is a slash before a word.
    return byte === COMMA ? Class.slash : (CLASSES[byte] as number);
  }
  return byte < 0xe0 && byte !== 0xc0 && byte !== 0xc1 ? (CLASSES[byte] as number) : Class.strong;
}
