import { isEncoding } from '../forms/utf16.ts';
import { Bit, Kind, KINDS, passes } from './bits.ts';
import { bitsOf } from './bits-of.ts';
import { decodeBase64 } from '../forms/base64.ts';
import { beyondRepetition, STRETCH } from '../repeated.ts';
import { addressBits } from './hosts.ts';
import { wordBits } from './words.ts';

const COLON = 58;
const PERCENT = 37;

/**
 * Whether the detectors are to be asked about a value that is decoded already. In time linear in its length; most honest
 * values stop here.
 */
export function gate(text: string, from = 0, to = text.length): boolean {
  let mask = wordBits(text, from, to, 0);
  if (passes(mask)) return true;
  let stretch = from + STRETCH;
  for (let i = from; i < to; i++) {
    if (i >= stretch) {
      // A word counts again where it comes again.
      if ((mask & Bit.word) === 0) i = beyondRepetition(text, i, to);
      stretch = i + STRETCH;
    }
    const code = text.charCodeAt(i);
    const kind = code < 128 ? KINDS[code] : Kind.special;
    if (kind === Kind.plain) continue;
    let seen = code === COLON && i > from && isAddressColon(text, i) ? addressBits(text, i, from, to) : 0;
    if (kind === Kind.special) seen |= specialBits(text, i, code, from, to);
    if (code < 128) seen |= wordBits(text, i + 1, to, mask);
    // What was seen is never taken back: the rest need not be read.
    if (seen !== 0 && passes((mask |= seen))) return true;
  }
  return false;
}

function specialBits(text: string, at: number, code: number, from: number, to: number): number {
  if (code === PERCENT && isEncoding(text, at)) return Bit.strong;
  const previous = at > from ? text.charCodeAt(at - 1) : 0;
  const before = at > from + 1 ? text.charCodeAt(at - 2) : 0;
  return bitsOf(code, before, previous, at + 1 < to ? text.charCodeAt(at + 1) : 0);
}

/** Whether a colon may be that of `http://` or `http:` before something: a letter stands before it, and no blank after it. */
export function isAddressColon(text: string, at: number): boolean {
  const previous = text.charCodeAt(at - 1) | 32;
  return (
    (previous === 112 || previous === 115 || text.charCodeAt(at + 1) === 47) && text.charCodeAt(at + 1) > 32
  );
}

/** Whether a decoded text of Base64 is worth a look. Nobody encodes a text that begins with an empty line. */
export function isToldOf(decoded: string): boolean {
  const first = decoded.charCodeAt(0);
  return first === 10 || first === 13 || gate(decoded);
}

/** As `gate`, and whether a value of Base64 says something that the detectors are to be asked about. */
export function gateValue(text: string): boolean {
  if (gate(text)) return true;
  const decoded = decodeBase64(text.trim());
  return decoded !== undefined && isToldOf(decoded);
}
