import { hexRun, isEncoding } from '../forms/utf16.ts';
import { Bit, Kind, KINDS, passes } from '../gate/bits.ts';
import { bitsOf } from '../gate/bits-of.ts';
import { isAddressColon } from '../gate/gate.ts';
import { addressBits } from '../gate/hosts.ts';
import { wordBits } from '../gate/words.ts';
import { beyondRepetition, STRETCH } from '../repeated.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const PERCENT = 37;

/** What the gate saw in a string of JSON. */
export interface StringLook {
  readonly passes: boolean;
  /** Something in it is escaped, or may be. */
  readonly escaped: boolean;
}

const PASSES: StringLook = { passes: true, escaped: true };

/**
 * Whether a string of JSON gets past the gate.
 * @param text the string with its closing quote
 */
export function lookAtString(text: string): StringLook {
  const end = text.length;
  let mask = wordBits(text, 0, end, 0);
  let escaped = false;
  let stretch = STRETCH;
  for (let i = 0; i < end; i++) {
    if (i >= stretch) {
      if ((mask & Bit.word) === 0) i = beyondRepetition(text, i, end);
      stretch = i + STRETCH;
    }
    const code = text.charCodeAt(i);
    if (code < 128 && KINDS[code] === Kind.plain) continue;
    if (code === QUOTE) break;
    let seen = code === COLON && i > 0 && isAddressColon(text, i) ? addressBits(text, i, 0, i + 140) : 0;
    if (code === BACKSLASH) {
      escaped = true;
      seen |= escapeBits(text, i);
      i += 1;
    } else if (code >= 128 || KINDS[code] === Kind.special) seen |= specialBits(text, i, code);
    if (code < 128) seen |= wordBits(text, i + 1, end, mask);
    // What was seen is never taken back: the rest need not be read.
    if (seen !== 0 && passes((mask |= seen))) return PASSES;
  }
  return { passes: passes(mask), escaped };
}

function specialBits(text: string, at: number, code: number): number {
  if (code === PERCENT && isEncoding(text, at)) return Bit.strong;
  const previous = at > 0 ? text.charCodeAt(at - 1) : 0;
  const before = at > 1 ? text.charCodeAt(at - 2) : 0;
  return bitsOf(code, before, previous, nextOf(text, at + 1));
}

/** The character at a place of a string, the quote of an escape for the escape; 0 at the string's end. */
function nextOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === BACKSLASH && text.charCodeAt(at + 1) === QUOTE) return QUOTE;
  return code === QUOTE ? 0 : code;
}

/** What an escape says: a quote, a backslash, a character that needed none. */
function escapeBits(text: string, at: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === QUOTE) return Bit.quote;
  if (next === BACKSLASH) return Bit.strong;
  if (next !== 117) return 0;
  const code = hexRun(text, at + 2, 4);
  if (code < 0) return Bit.strong;
  return code < 128 ? Bit.strong : bitsOf(code, 0, 0, 0);
}

/** What stands between the quotes of a JSON string. */
export function decodedString(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    // No JSON: looked at as it stands, and the forms take its escapes away.
    return raw;
  }
}
