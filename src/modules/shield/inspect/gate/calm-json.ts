import { bytesMayBeBase64 } from '../forms/base64.ts';
import { hexValue } from '../forms/utf16.ts';
import { EVENTS, isCalmEnd, isTooMuch } from './calm.ts';
import { CLASSES } from './classes.ts';
import { MACHINE, ROW_BITS } from './machine.ts';

const QUOTE = 34;
const PERCENT = 37;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
/** Longer texts are read as all others are. */
const MOST = 1_024;
/** Digits of a number; more are left to the parser. */
const MOST_DIGITS = 15;

/**
 * 1 for what may stand in a string. Nothing of it is an escape, a quote or the beginning of another encoding: such a text has
 * no other reading than that of JSON.
 */
const SAFE = new Uint8Array(256);
for (const char of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. /')
  SAFE[char.charCodeAt(0)] = 1;

/**
 * Whether a text is certain to be one flat list or object of JSON (strings, whole numbers, `true`, `false`, `null`), without
 * white space, all strings of which would stop at the gate: what applications keep in cookies. To the gate its quotes would
 * be suspicious.
 * @param encoded signs may be percent-encoded
 */
export function isCalmJson(bytes: Uint8Array, from: number, to: number, encoded: boolean): boolean {
  if (to - from > MOST) return false;
  reader.start(bytes, from, to, encoded);
  return reader.isCalm();
}

class Reader {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #to = 0;
  #encoded = false;

  start(bytes: Uint8Array, from: number, to: number, encoded: boolean): void {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    this.#encoded = encoded;
  }

  isCalm(): boolean {
    const open = this.#sign();
    if (open !== OPEN_LIST && open !== OPEN_OBJECT) return false;
    const close = open === OPEN_LIST ? CLOSE_LIST : CLOSE_OBJECT;
    for (;;) {
      if (open === OPEN_OBJECT && !(this.#sign() === QUOTE && this.#string() && this.#sign() === COLON))
        return false;
      if (!this.#value()) return false;
      const next = this.#sign();
      if (next === close) return this.#at === this.#to;
      if (next !== COMMA) return false;
    }
  }

  /** The next sign, encoded or not; -1 at the end and for what is no sign of JSON. */
  #sign(): number {
    if (this.#at >= this.#to) return -1;
    const byte = this.#bytes[this.#at] as number;
    if (byte !== PERCENT || !this.#encoded) {
      this.#at++;
      return byte;
    }
    if (this.#at + 2 >= this.#to) return -1;
    const high = hexValue(this.#bytes[this.#at + 1] as number);
    const low = hexValue(this.#bytes[this.#at + 2] as number);
    this.#at += 3;
    return high < 0 || low < 0 ? -1 : 16 * high + low;
  }

  #value(): boolean {
    const first = this.#bytes[this.#at] as number;
    if (this.#at < this.#to && first >= 48 && first <= 57) return this.#number(first);
    if (first === 116) return this.#word('true');
    if (first === 102) return this.#word('false');
    if (first === 110) return this.#word('null');
    return this.#sign() === QUOTE && this.#string();
  }

  #word(word: string): boolean {
    if (this.#at + word.length > this.#to) return false;
    for (let i = 0; i < word.length; i++) if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    this.#at += word.length;
    return true;
  }

  #number(first: number): boolean {
    const from = this.#at;
    while (this.#at < this.#to && isDigit(this.#bytes[this.#at] as number)) this.#at++;
    const length = this.#at - from;
    return length === 1 || (first !== 48 && length <= MOST_DIGITS);
  }

  /** Goes on behind the string's closing quote. An empty string is left to the others: two quotes may hide a word. */
  #string(): boolean {
    const bytes = this.#bytes;
    const from = this.#at;
    let row = 0;
    let told = 0;
    let i = from;
    for (; i < this.#to; i++) {
      const byte = bytes[i] as number;
      if (SAFE[byte] === 0) break;
      const entry = MACHINE[row | (CLASSES[byte] as number)] as number;
      if ((entry & EVENTS) !== 0 && isTooMuch(entry, told)) return false;
      told |= entry;
      row = entry & ROW_BITS;
    }
    this.#at = i;
    return i > from && this.#sign() === QUOTE && isCalmEnd(row, told) && !bytesMayBeBase64(bytes, from, i);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/** One for all: nothing is made for a text. */
const reader = new Reader();
