import { bytesMayBeBase64, decodeBase64, mayBeBase64 } from '../forms/base64.ts';
import { decodePercent } from '../forms/percent.ts';
import { borrowBytes, giveBackBytes } from '../gate/ascii.ts';
import { Bit, Kind, KINDS, passes } from '../gate/bits.ts';
import { calmEncoded, encodedSyntax, type EncodedSyntax } from '../gate/calm.ts';
import { encodedBits, encodedCode, encodedLength, isEncodedBlank, ONE_LINE, PLUS } from '../gate/encoded.ts';
import { isCalmJson } from '../gate/calm-json.ts';
import { isToldOf } from '../gate/gate.ts';
import { wordBits } from '../gate/words.ts';
import { beyondRepetition, STRETCH } from '../repeated.ts';
import type { Place } from '../types.ts';
import type { ValueSink } from './sink.ts';

const EQUALS = 61;

/** How a list of pairs is written. */
export interface PairSyntax {
  /** Code of what stands between two pairs. */
  readonly separator: number;
  /** `PLUS`, `ONE_LINE`, or both. */
  readonly style: number;
  /** Pairs that are read at most. */
  readonly maxPairs: number;
  readonly name: EncodedSyntax;
  readonly value: EncodedSyntax;
}

/** The query of an address. */
export const QUERY: PairSyntax = pairSyntax('&', PLUS | ONE_LINE, 10_000);
/** A form. */
export const FORM: PairSyntax = pairSyntax('&', PLUS, 10_000);
/** The Cookie header. */
export const COOKIES: PairSyntax = pairSyntax(';', ONE_LINE, 1_000);

function pairSyntax(separator: '&' | ';', style: number, maxPairs: number): PairSyntax {
  return {
    separator: separator.charCodeAt(0),
    style,
    maxPairs,
    name: encodedSyntax(style, `=${separator}`),
    value: encodedSyntax(style, separator),
  };
}

/** Looks at names and values of a query, a form or a cookie header, in one pass over the encoded text. */
export function scanPairs(
  text: string,
  from: number,
  to: number,
  syntax: PairSyntax,
  place: Place,
  sink: ValueSink,
): void {
  const bytes = borrowBytes(text);
  try {
    const list: PairList = { text, to, syntax, place, sink };
    let pairs = 0;
    for (let start = from; start <= to; pairs++) {
      if (pairs >= syntax.maxPairs) {
        sink.problem('too-many-values');
        return;
      }
      if (syntax.separator === 59) while (start < to && text.charCodeAt(start) === 32) start++;
      start = 1 + (bytes === null ? scanPair(list, start) : scanBytes(list, bytes, start));
    }
  } finally {
    giveBackBytes(bytes);
  }
}

interface PairList {
  readonly text: string;
  /** Where the list ends. */
  readonly to: number;
  readonly syntax: PairSyntax;
  readonly place: Place;
  readonly sink: ValueSink;
}

/** Takes a quick look at a pair. @returns where it ends */
function scanBytes(list: PairList, bytes: Uint8Array, from: number): number {
  const { text, to, syntax } = list;
  const name = calmEncoded(bytes, from, to, syntax.name);
  const equals = name < 0 ? ~name : name;
  if (equals === to || bytes[equals] !== EQUALS) {
    if (name < 0) look(list, from, equals, equals, true, false);
    else if (bytesMayBeBase64(bytes, from, equals)) lookAtBase64(list, '', text.slice(from, equals));
    return equals;
  }
  const value = calmEncoded(bytes, equals + 1, to, syntax.value);
  const end = value < 0 ? ~value : value;
  if (name < 0 || value < 0) {
    const isCalm = name >= 0 && isCalmJson(bytes, equals + 1, end, true);
    if (!isCalm) look(list, from, equals, end, name < 0, value < 0);
  } else if (bytesMayBeBase64(bytes, equals + 1, end))
    lookAtBase64(list, text.slice(from, equals), text.slice(equals + 1, end));
  return end;
}

/** Looks at a pair. @returns where it ends */
function scanPair(list: PairList, from: number): number {
  const { text, to, syntax } = list;
  let end = text.indexOf(syntax.separator === 38 ? '&' : ';', from);
  if (end < 0 || end > to) end = to;
  let equals = from;
  while (equals < end && text.charCodeAt(equals) !== EQUALS) equals++;
  look(list, from, equals, end, true, true);
  return end;
}

/** Asks the gate about the name of a pair, its value, or both. */
function look(
  { text, syntax: { style }, place, sink }: PairList,
  from: number,
  equals: number,
  to: number,
  atName: boolean,
  atValue: boolean,
): void {
  const nameless = equals === to;
  const nameFound = atName && scanEncoded(text, from, equals, style);
  const valueFrom = nameless ? to : equals + 1;
  const valueFound = atValue && scanEncoded(text, valueFrom, to, style);
  const plus = (style & PLUS) !== 0;
  if (!nameFound && !valueFound) {
    const value = toldBase64(text.slice(nameless ? from : valueFrom, to));
    if (value !== undefined) sink.suspect(value, place, nameless ? '' : text.slice(from, equals));
    return;
  }
  const name = decodePercent(text.slice(from, equals), plus);
  // A parameter without a value is itself the value: `?<script>`.
  if (nameFound) sink.suspect(name, nameless ? place : 'name', nameless ? '' : name);
  if (valueFound) sink.suspect(decodePercent(text.slice(valueFrom, to), plus), place, name);
}

function lookAtBase64({ place, sink }: PairList, name: string, raw: string): void {
  const value = toldBase64(raw);
  if (value !== undefined) sink.suspect(value, place, name);
}

/** A value of Base64, where what it says does not stop at the gate; undefined for all others. */
export function toldBase64(raw: string): string | undefined {
  if (!mayBeBase64(raw, 0, raw.length)) return undefined;
  // Its padding may be encoded.
  const value = raw.includes('%') ? decodePercent(raw, false) : raw;
  const decoded = decodeBase64(value);
  return decoded !== undefined && isToldOf(decoded) && !isCalmJsonText(decoded) ? value : undefined;
}

function isCalmJsonText(text: string): boolean {
  const bytes = borrowBytes(text);
  const calm = bytes !== null && isCalmJson(bytes, 0, text.length, false);
  giveBackBytes(bytes);
  return calm;
}

const ONE_LINE_SYNTAX = encodedSyntax(ONE_LINE, '');

/** Whether an encoded text of one line gets past the gate: what is certain not to need not be looked at. */
export function passesEncoded(text: string, from: number, to: number): boolean {
  const bytes = borrowBytes(text);
  const calm = bytes !== null && calmEncoded(bytes, from, to, ONE_LINE_SYNTAX) >= 0;
  giveBackBytes(bytes);
  return !calm && scanEncoded(text, from, to, ONE_LINE);
}

/** Whether an encoded value gets past the gate. */
export function scanEncoded(text: string, from: number, to: number, style: number): boolean {
  let mask = from < to ? wordBits(text, from, to, 0) : 0;
  let stretch = from + STRETCH;
  for (let i = from; i < to; i++) {
    if (i >= stretch) {
      if ((mask & Bit.word) === 0) i = beyondRepetition(text, i, to);
      stretch = i + STRETCH;
    }
    const code = text.charCodeAt(i);
    if (code < 128 && KINDS[code] === Kind.plain) continue;
    if (isEncodedBlank(text, i, to)) {
      i += 2;
      mask |= wordBits(text, i + 1, to, mask);
      if (passes(mask)) return true;
      continue;
    }
    let seen = encodedBits(text, i, from, to, style);
    i += encodedLength() - 1;
    if (seen !== Bit.strong && encodedCode() < 128) seen |= wordBits(text, i + 1, to, mask);
    // What was seen is never taken back: the rest need not be read.
    if (seen !== 0 && passes((mask |= seen))) return true;
  }
  return passes(mask);
}
