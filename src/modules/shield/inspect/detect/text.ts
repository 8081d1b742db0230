import { DIGIT, kindOf, LETTER, SPACE } from './chars.ts';

/** Characters that a detector asks for before it looks any closer; `HAS.quote` and so on are bits of `Text.has`. */
export const HAS = {
  quote: 1 << 0,
  doubleQuote: 1 << 1,
  less: 1 << 2,
  greater: 1 << 3,
  backtick: 1 << 4,
  dollar: 1 << 5,
  brace: 1 << 6,
  paren: 1 << 7,
  slash: 1 << 8,
  backslash: 1 << 9,
  semicolon: 1 << 10,
  pipe: 1 << 11,
  ampersand: 1 << 12,
  equals: 1 << 13,
  newline: 1 << 14,
  nul: 1 << 15,
  percent: 1 << 16,
  at: 1 << 17,
  hash: 1 << 18,
  star: 1 << 19,
  minus: 1 << 20,
  colon: 1 << 21,
  bracket: 1 << 22,
  dot: 1 << 23,
  wide: 1 << 24,
  space: 1 << 25,
  digit: 1 << 26,
  letter: 1 << 27,
  underscore: 1 << 28,
  bang: 1 << 29,
} as const;

const BITS = new Int32Array(128);
const SIGNS: readonly (readonly [characters: string, bit: number])[] = [
  ["'", HAS.quote],
  ['"', HAS.doubleQuote],
  ['<', HAS.less],
  ['>', HAS.greater],
  ['`', HAS.backtick],
  ['$', HAS.dollar],
  ['{}', HAS.brace],
  ['()', HAS.paren],
  ['/', HAS.slash],
  ['\\', HAS.backslash],
  [';', HAS.semicolon],
  ['|', HAS.pipe],
  ['&', HAS.ampersand],
  ['=', HAS.equals],
  ['\n\r', HAS.newline],
  ['\0', HAS.nul],
  ['%', HAS.percent],
  ['@', HAS.at],
  ['#', HAS.hash],
  ['*', HAS.star],
  ['-', HAS.minus],
  [':', HAS.colon],
  ['[]', HAS.bracket],
  ['.', HAS.dot],
  ['_', HAS.underscore],
  ['!', HAS.bang],
];
for (let code = 0; code < 128; code++) {
  const kind = kindOf(code);
  BITS[code] =
    (kind & SPACE ? HAS.space : 0) | (kind & DIGIT ? HAS.digit : 0) | (kind & LETTER ? HAS.letter : 0);
}
for (const [characters, bit] of SIGNS) {
  for (let i = 0; i < characters.length; i++) {
    const code = characters.charCodeAt(i);
    BITS[code] = (BITS[code] as number) | bit;
  }
}

/** What every detector wants to know of a value; found out in one walk over it. */
export interface Text {
  /** In small letters; as long as the value itself, so that places fit both. */
  readonly lower: string;
  /** Bits of `HAS`. */
  readonly has: number;
  /**
   * Plain words that stand between white space, as in prose. Injections work by their position; what stands in the
   * middle of prose is most often spoken about, not sent.
   */
  readonly words: number;
}

let lastValue = '';
let last: Text = { lower: '', has: 0, words: 0 };

/** Facts of a value; the last one is remembered, as all detectors are asked about a value in turn. */
export function textOf(value: string): Text {
  if (value === lastValue) return last;
  lastValue = value;
  last = factsOf(value);
  return last;
}

function factsOf(value: string): Text {
  let has = 0;
  let words = 0;
  let wide = 0;
  let gaps = 0;
  // Start of a run of letters that white space or an opening sign precedes, else -1.
  let start = -1;
  let open = true;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 128) {
      has |= HAS.wide;
      wide++;
    } else has |= BITS[code] as number;
    const kind = kindOf(code);
    if ((kind & SPACE) !== 0 && !open) gaps++;
    if ((kind & LETTER) !== 0) {
      if (open) start = i;
      open = false;
      continue;
    }
    if (start >= 0 && i - start > 1 && endsWord(value, i, code, kind)) words++;
    start = -1;
    open = (kind & SPACE) !== 0 || code === 40 || code === 91 || code === 42 || code === 62;
  }
  if (start >= 0 && value.length - start > 1) words++;
  // Scripts without spaces count by their letters, texts of many short pieces (tables, listings) by the pieces.
  const count = Math.max(words + Math.floor(wide / 6), Math.floor(gaps / 8));
  return { lower: lowered(value, has), has, words: count };
}

/** A word ends at white space, or at a sign of a sentence before white space or the end. */
function endsWord(value: string, i: number, code: number, kind: number): boolean {
  if ((kind & SPACE) !== 0) return true;
  if (code === 41 || code === 93 || code === 42 || code === 60) return true;
  if (code !== 44 && code !== 46 && code !== 63 && code !== 58 && code !== 33) return false;
  return i + 1 >= value.length || (kindOf(value.charCodeAt(i + 1)) & SPACE) !== 0;
}

/** Small letters without a change of length: `İ` alone becomes two characters, and places would no longer fit. */
function lowered(value: string, has: number): string {
  if ((has & HAS.letter) === 0) return value;
  const lower = value.toLowerCase();
  if ((has & HAS.wide) === 0 || lower.length === value.length) return lower;
  return value.replaceAll('İ', 'I').toLowerCase().padEnd(value.length).slice(0, value.length);
}
