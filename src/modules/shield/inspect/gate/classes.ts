import { isWordCode } from './bits.ts';

/** Classes of bytes that the quick look tells apart, beside the letters: those are 1 to 26, whatever their case. */
export const Class = {
  end: 0,
  digit: 27,
  underscore: 28,
  space: 29,
  lineEnd: 30,
  apostrophe: 31,
  quote: 32,
  less: 33,
  equals: 34,
  greater: 35,
  ampersand: 36,
  semicolon: 37,
  pipe: 38,
  dollar: 39,
  open: 40,
  /** `)` and `]`. */
  close: 41,
  dash: 42,
  dot: 43,
  slash: 44,
  star: 45,
  percent: 46,
  question: 47,
  bracket: 48,
  hash: 49,
  plus: 50,
  colon: 51,
  /** Signs that say nothing: `,`, `!`, `~`, `}`, `@`. */
  other: 52,
  /** Signs that are always looked at: a backtick, a backslash, `{`, `^`, control characters. */
  strong: 53,
  /** The first byte of a character outside ASCII. */
  wide: 54,
  /** The first byte of `¡` to `¿`, which are no letters. */
  wideSign: 55,
  /** First bytes of a line separator, and of a full-width form. */
  lineSeparator: 56,
  fullWidth: 57,
  /** Further bytes; those that a line separator or a full-width form goes on with apart. */
  further: 58,
  further80: 59,
  furtherSeparator: 60,
  furtherFullWidth: 61,
} as const;

const SIGNS: Readonly<Record<string, number>> = {
  ' ': Class.space,
  '\n': Class.lineEnd,
  '\r': Class.lineEnd,
  "'": Class.apostrophe,
  '"': Class.quote,
  '<': Class.less,
  '=': Class.equals,
  '>': Class.greater,
  '&': Class.ampersand,
  ';': Class.semicolon,
  '|': Class.pipe,
  $: Class.dollar,
  '(': Class.open,
  ')': Class.close,
  ']': Class.close,
  '-': Class.dash,
  '.': Class.dot,
  '/': Class.slash,
  '*': Class.star,
  '%': Class.percent,
  '?': Class.question,
  '[': Class.bracket,
  '#': Class.hash,
  '+': Class.plus,
  ':': Class.colon,
  ',': Class.other,
  '!': Class.other,
  '~': Class.other,
  '}': Class.other,
  '@': Class.other,
};

/** The class of each byte of UTF-8. */
export const CLASSES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => classOf(byte));

function classOf(byte: number): number {
  if (byte >= 128) return classOfWide(byte);
  const lower = byte | 32;
  if (lower >= 97 && lower <= 122) return lower - 96;
  if (isWordCode(byte)) return byte === 95 ? Class.underscore : Class.digit;
  return SIGNS[String.fromCharCode(byte)] ?? Class.strong;
}

function classOfWide(byte: number): number {
  switch (byte) {
    case 0xc2:
      return Class.wideSign;
    case 0xe2:
      return Class.lineSeparator;
    case 0xef:
      return Class.fullWidth;
    case 0x80:
      return Class.further80;
    case 0xa8:
    case 0xa9:
      return Class.furtherSeparator;
    case 0xb9:
    case 0xbc:
    case 0xbd:
      return Class.furtherFullWidth;
    default:
      return byte >= 0xc0 ? Class.wide : Class.further;
  }
}
