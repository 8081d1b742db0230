import { bytesMayBeBase64 } from '../forms/base64.ts';
import { calmString } from '../gate/calm.ts';
import type { Place } from '../types.ts';
import { decodedString, lookAtString, type StringLook } from './json-string.ts';
import { toldBase64 } from './pairs.ts';
import type { ValueSink } from './sink.ts';

const QUOTE = 34;
const COLON = 58;
const PROTOTYPE = 'prototype';
/** Characters of a key that stand in a path. */
const MAX_KEY = 64;
/** Bytes of a string that is short: the engine copies parts of texts up to this length. */
const SHORT = 12;
/** What is known of a string without a look at it. */
const CALM: StringLook = { passes: false, escaped: false };

/** Bounds of a JSON text. */
export interface JsonBounds {
  readonly maxDepth: number;
  /** Keys and strings at most. */
  readonly maxValues: number;
}

/** What a JSON text is read as. */
export interface JsonReading {
  readonly place: Place;
  /** Name of the parameter that holds the text; empty for a body. */
  readonly name: string;
  /** Is given a suspicious string; says whether it has seen to it. */
  readonly take?: (value: string, name: string) => boolean;
}

/**
 * Looks at all keys and strings of a JSON text in one pass, without building it. Lenient: in what is not JSON, it finds
 * whatever stands between double quotes.
 */
export function scanJson(text: string, bounds: JsonBounds, reading: JsonReading, sink: ValueSink): void {
  scanJsonBytes(Buffer.from(text), bounds, reading, sink);
}

/** As `scanJson`, of a text in UTF-8. */
export function scanJsonBytes(
  bytes: Buffer,
  bounds: JsonBounds,
  reading: JsonReading,
  sink: ValueSink,
): void {
  const scan = new JsonScan(bytes, bounds, reading, sink);
  scan.run();
  scan.giveBack();
}

/** Places of keys that no scan uses just now: JSON within JSON is scanned while its outer text is. */
const SPARE: Int32Array[] = [];

function takeKeys(length: number): Int32Array {
  const spare = SPARE.pop();
  const keys = spare !== undefined && spare.length >= length ? spare : new Int32Array(length);
  keys[0] = -1;
  keys[1] = -1;
  return keys;
}

class JsonScan {
  readonly #bytes: Buffer;
  readonly #bounds: JsonBounds;
  readonly #reading: JsonReading;
  readonly #sink: ValueSink;
  /** Where the key of each level begins and ends; -1 for none. */
  readonly #keys: Int32Array;
  #depth = 0;

  constructor(bytes: Buffer, bounds: JsonBounds, reading: JsonReading, sink: ValueSink) {
    this.#bytes = bytes;
    this.#bounds = bounds;
    this.#reading = reading;
    this.#sink = sink;
    this.#keys = takeKeys(2 * (bounds.maxDepth + 2));
  }

  run(): void {
    const bytes = this.#bytes;
    const { maxDepth, maxValues } = this.#bounds;
    const { length } = bytes;
    let values = 0;
    for (let i = 0; i < length; i++) {
      const byte = bytes[i] as number;
      if (byte === QUOTE) {
        i = this.#string(i + 1);
        if (++values > maxValues) return this.#sink.problem('too-many-values');
      } else if (byte === 123 || byte === 91) {
        if (++this.#depth > maxDepth) return this.#sink.problem('too-deep');
        this.#keys[2 * this.#depth] = -1;
      } else if ((byte === 125 || byte === 93) && this.#depth > 0) this.#depth--;
    }
  }

  /** Lets the next scan have what this one used. */
  giveBack(): void {
    if (SPARE.length < 4) SPARE.push(this.#keys);
  }

  /** Reads the string that begins at `from`. @returns where its closing quote stands */
  #string(from: number): number {
    const bytes = this.#bytes;
    const end = calmString(bytes, from, bytes.length);
    if (end < 0) return this.#looked(from, ~end);
    if (this.#isKey(end)) this.#key(from, end, CALM, '');
    else if (bytesMayBeBase64(bytes, from, end)) this.#base64(from, end);
    return end;
  }

  /** As `#string`, of one that is not certain to be calm. */
  #looked(from: number, to: number): number {
    const text = this.#bytes.toString('utf8', from, to + 1);
    const look = lookAtString(text);
    if (this.#isKey(to)) this.#key(from, to, look, text);
    else if (look.passes) this.#suspect(decodedString(this.#raw(from, to, text)));
    else if (!look.escaped && bytesMayBeBase64(this.#bytes, from, to)) this.#base64(from, to);
    return to;
  }

  /** Whether a colon stands behind the string that ends at `end`. */
  #isKey(end: number): boolean {
    const bytes = this.#bytes;
    let next = end + 1;
    while (next < bytes.length && (bytes[next] as number) <= 32) next++;
    return bytes[next] === COLON;
  }

  #base64(from: number, to: number): void {
    const value = toldBase64(this.#bytes.toString('utf8', from, to));
    if (value !== undefined) this.#sink.suspect(value, this.#reading.place, this.#path());
  }

  /** @param text the key with its closing quote, where it was looked at */
  #key(from: number, to: number, look: StringLook, text: string): void {
    this.#keys[2 * this.#depth] = from;
    this.#keys[2 * this.#depth + 1] = to;
    if (look.passes) {
      const raw = this.#raw(from, to, text);
      this.#sink.suspect(decodedString(raw), 'name', this.#path(raw));
    }
    if (look.escaped || to - from === PROTOTYPE.length) this.#prototype(from, to);
  }

  /** Two keys that are harmless alone and lead to a prototype together. */
  #prototype(from: number, to: number): void {
    const parent = this.#keys[2 * this.#depth - 2] as number;
    const parentEnd = this.#keys[2 * this.#depth - 1] as number;
    if (parent < 0 || this.#decoded(from, to) !== PROTOTYPE) return;
    if (this.#decoded(parent, parentEnd) === 'constructor')
      this.#sink.suspect('constructor.prototype', 'name', this.#path());
  }

  #suspect(value: string): void {
    const name = this.#path();
    if (this.#reading.take?.(value, name) !== true) this.#sink.suspect(value, this.#reading.place, name);
  }

  #decoded(from: number, to: number): string {
    return decodedString(this.#bytes.toString('utf8', from, to));
  }

  /**
   * What stands between the quotes of a string that was looked at. Of a short one the text is there already: a body may
   * hold ten thousand of them. A part of a long one would only refer to the whole, and be slower to read.
   */
  #raw(from: number, to: number, text: string): string {
    if (to - from > SHORT) return this.#bytes.toString('utf8', from, to);
    return to < this.#bytes.length ? text.slice(0, -1) : text;
  }

  /**
   * `user.name` of where the scan stands; lists leave no trace.
   * @param key that of the innermost level, where it is known
   */
  #path(key?: string): string {
    const parts: string[] = this.#reading.name === '' ? [] : [this.#reading.name];
    for (let depth = 1; depth <= this.#depth; depth++) {
      const from = this.#keys[2 * depth] as number;
      if (from < 0) continue;
      if (depth === this.#depth && key !== undefined) {
        parts.push(key.slice(0, MAX_KEY));
        continue;
      }
      const to = Math.min(this.#keys[2 * depth + 1] as number, from + 4 * MAX_KEY);
      parts.push(this.#bytes.toString('utf8', from, to).slice(0, MAX_KEY));
    }
    return parts.join('.');
  }
}
