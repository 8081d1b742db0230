import { Bit, isLetterCode, isQuoteCode, isWordCode } from './bits.ts';

const BLANK = 32;

/**
 * What one character that is neither letter, digit nor blank says, by its neighbours.
 * @param before the character before `previous`; 0 where there is none, as for the others
 */
export function bitsOf(code: number, before: number, previous: number, next: number): number {
  if (code >= 128) return wideBits(code);
  switch (code) {
    case 39: // '
      // Between letters it is an apostrophe: O'Brien, don't.
      return isLetterCode(previous) && isLetterCode(next) ? 0 : Bit.quote;
    case 34: // "
      return Bit.quote;
    case 60: // <
      return next === BLANK || (next >= 48 && next <= 57) ? Bit.equals : Bit.strong;
    case 61: // =
      return previous === 58 ? Bit.strong : Bit.equals;
    case 62: // >
      return Bit.equals;
    case 38: // &
      return next === 35 || next === 38 || previous === 38 ? Bit.strong : Bit.ampersand;
    case 59: // ;
    case 124: // |
      return separatorBits(code, previous, next);
    case 36: // $
      return dollarBits(next);
    case 40: // (
      return isWordCode(previous) || previous === 41 || previous === 93
        ? Bit.strong
        : besideQuote(before, previous, next);
    case 45: // -
      return previous === 45 ? Bit.strong : 0;
    case 46: // .
      return dotBits(previous, next);
    case 47: // /
      return slashBits(before, previous, next);
    default:
      return otherBits(code, before, previous, next);
  }
}

function otherBits(code: number, before: number, previous: number, next: number): number {
  switch (code) {
    case 42: // *
      return previous === 47 || next === 47 ? Bit.strong : besideQuote(before, previous, next);
    case 37: // %
      // What comes after it is asked for by whoever has the text.
      return 0;
    case 63: // ?
      return next === 63 && (previous === 47 || previous === 63) ? Bit.strong : 0;
    case 91: // [
      return (next === 93 && !isWordCode(previous)) || next === 36 || previous === 47
        ? Bit.strong
        : besideQuote(before, previous, next);
    case 35: // #
      return next === 123 ? Bit.strong : besideQuote(before, previous, next);
    case 41: // )
    case 43: // +
      return besideQuote(before, previous, next);
    case 94: // ^
      return isLetterCode(previous) && isLetterCode(next) ? Bit.strong : besideQuote(before, previous, next);
    default:
      // ` \ { and control characters.
      return Bit.strong;
  }
}

function besideQuote(before: number, previous: number, next: number): number {
  return isQuoteCode(previous) || isQuoteCode(next) || (previous === BLANK && isQuoteCode(before))
    ? Bit.sign
    : 0;
}

/** Between words `;` and `|` are punctuation, elsewhere a shell's. */
function separatorBits(code: number, previous: number, next: number): number {
  if (next === 0 && code === 59) return Bit.ampersand;
  const prose =
    code === 59 ? next === BLANK || next === 10 || next === 13 : isWordCode(next) || next === BLANK;
  return prose && (isLetterCode(previous) || isWordCode(previous) || previous === BLANK)
    ? Bit.ampersand
    : Bit.strong;
}

/** A price, or the name of an operator or of a variable. */
function dollarBits(next: number): number {
  if (next === 0 || next === BLANK || (next >= 48 && next <= 57)) return 0;
  return next >= 97 && next <= 122 ? 0 : Bit.strong;
}

/** `../`, `./.`, and a file whose name begins with a dot. */
function dotBits(previous: number, next: number): number {
  if (previous === 46) return next === 47 || next === 92 ? Bit.strong : 0;
  return (previous === 47 || previous === 92) && isWordCode(next) ? Bit.strong : 0;
}

function slashBits(before: number, previous: number, next: number): number {
  if (previous === 46 && before === 46) return Bit.strong;
  // A comment of SQL or JavaScript.
  return next === 42 ? Bit.strong : 0;
}

/** Full-width forms and look-alikes of what attacks need. */
function wideBits(code: number): number {
  if (code >= 0xff01 && code <= 0xff5e) return isFullWidthSign(code - 0xfee0) ? Bit.strong : 0;
  return code === 0x2028 || code === 0x2029 || (code >= 0xfe60 && code <= 0xfe6b) ? Bit.strong : 0;
}

/** Other signs of Chinese and Japanese writing are full-width by custom: `，！？：；（）`. */
function isFullWidthSign(plain: number): boolean {
  return (
    isQuoteCode(plain) ||
    plain === 60 ||
    plain === 62 ||
    plain === 36 ||
    (plain >= 46 && plain <= 47) ||
    plain === 92
  );
}
