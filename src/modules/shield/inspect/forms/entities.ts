import { Codes } from './utf16.ts';

/** Named references that attacks use; browsers know some of them without the semicolon. */
const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  tab: '\t',
  newline: '\n',
  colon: ':',
  semi: ';',
  comma: ',',
  period: '.',
  sol: '/',
  bsol: '\\',
  lpar: '(',
  rpar: ')',
  lbrace: '{',
  lcub: '{',
  rcub: '}',
  lsqb: '[',
  lbrack: '[',
  rsqb: ']',
  dollar: '$',
  excl: '!',
  num: '#',
  equals: '=',
  grave: '`',
  lowbar: '_',
  percnt: '%',
  vert: '|',
  plus: '+',
};
const LONGEST = 8;
/** Digits of a numeric reference, with leading zeros. */
const MOST_DIGITS = 12;

/** Replaces HTML character references, with or without their semicolons. */
export function decodeEntities(text: string): string {
  const out = new Codes(text.length);
  for (let i = 0; i < text.length;) {
    const code = text.charCodeAt(i);
    const taken = code === 38 ? decodeReference(text, i, out) : 0;
    if (taken === 0) out.push(code);
    i += taken === 0 ? 1 : taken;
  }
  return out.text();
}

/** Whether there may be a reference. */
export function hasEntity(text: string): boolean {
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 35 || ((next | 32) >= 97 && (next | 32) <= 122)) return true;
  }
  return false;
}

/** @returns characters that were taken; 0 where no reference stands */
function decodeReference(text: string, at: number, out: Codes): number {
  return text.charCodeAt(at + 1) === 35 ? decodeNumber(text, at, out) : decodeName(text, at, out);
}

function decodeNumber(text: string, at: number, out: Codes): number {
  const hex = (text.charCodeAt(at + 2) | 32) === 120;
  let i = at + (hex ? 3 : 2);
  const from = i;
  let value = 0;
  for (; i < text.length && i - from < MOST_DIGITS; i++) {
    const digit = digitOf(text.charCodeAt(i), hex);
    if (digit < 0) break;
    value = value * (hex ? 16 : 10) + digit;
  }
  if (i === from) return 0;
  out.pushPoint(value);
  return i - at + (text.charCodeAt(i) === 59 ? 1 : 0);
}

function digitOf(code: number, hex: boolean): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return hex && lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

function decodeName(text: string, at: number, out: Codes): number {
  let i = at + 1;
  while (i < text.length && i - at <= LONGEST && isLetter(text.charCodeAt(i))) i++;
  const name = text.slice(at + 1, i).toLowerCase();
  if (!Object.hasOwn(NAMED, name)) return 0;
  out.push((NAMED[name] as string).charCodeAt(0));
  return i - at + (text.charCodeAt(i) === 59 ? 1 : 0);
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
