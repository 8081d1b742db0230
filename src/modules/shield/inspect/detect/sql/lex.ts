import { DIGIT, isDigit, kindOf, NAME, nameEnd, SPACE } from '../chars.ts';
import { SQL, sqlWord } from './words.ts';

/** Kinds of tokens. White space and comments leave none; `gap` of the next token remembers them. */
export const T = { word: 1, number: 2, string: 3, open: 4, sign: 5, comment: 6, end: 7 } as const;

/** What stood before a token. */
export const GAP = { none: 0, space: 1, comment: 2 } as const;

const QUOTE = 39;
const DOUBLE = 34;
const BACKTICK = 96;
const START_SIZE = 256;

/**
 * A value cut as a database would, if it stood as it is, or behind an open quote, in a statement. One is kept and filled
 * again, so that nothing is made per value; its arrays only grow.
 */
export class SqlLexer {
  kind = new Uint8Array(START_SIZE);
  /** Meaning of a word (`SQL`), or code of a sign: two signs are `first * 256 + second`. */
  what = new Int32Array(START_SIZE);
  start = new Int32Array(START_SIZE);
  stop = new Int32Array(START_SIZE);
  gap = new Uint8Array(START_SIZE);
  length = 0;
  text = '';
  /** A comment of MySQL that is executed (`/*!50000 … *\/`) was met. */
  executed = false;
  /** Index of the token behind the quote that ends the literal the value started in; 0 where it stands as it is. */
  first = 0;
  #gap = 0;

  /** Cuts `text`; `quote` is the character code of the literal that it stands in, 0 for none. False: it stays inside. */
  cut(text: string, quote: number): boolean {
    this.text = text;
    this.length = 0;
    this.executed = false;
    this.#gap = GAP.none;
    this.first = 0;
    let i = 0;
    if (quote !== 0) {
      i = literalEnd(text, 0, quote);
      if (i < 0) return false;
      this.#add(T.string, quote, 0, i);
      this.first = 1;
    }
    while (i < text.length) {
      const kind = kindOf(text.charCodeAt(i));
      if ((kind & SPACE) !== 0) {
        this.#gap |= GAP.space;
        i++;
      } else if ((kind & (NAME | DIGIT)) === NAME) i = this.#word(i);
      else i = this.#next(i);
    }
    this.#add(T.end, 0, text.length, text.length);
    this.length--;
    return true;
  }

  #add(kind: number, what: number, start: number, stop: number): number {
    const at = this.length;
    if (at >= this.kind.length) this.#grow();
    this.kind[at] = kind;
    this.what[at] = what;
    this.start[at] = start;
    this.stop[at] = stop;
    this.gap[at] = this.#gap;
    this.#gap = GAP.none;
    this.length = at + 1;
    return stop;
  }

  #grow(): void {
    const size = this.kind.length * 2;
    const wide = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    const kind = new Uint8Array(size);
    kind.set(this.kind);
    const gap = new Uint8Array(size);
    gap.set(this.gap);
    [this.kind, this.gap] = [kind, gap];
    [this.what, this.start, this.stop] = [wide(this.what), wide(this.start), wide(this.stop)];
  }

  /** Takes a number, a literal, a sign or a comment. @returns where it ends */
  #next(i: number): number {
    const { text } = this;
    const code = text.charCodeAt(i);
    if (isDigit(code)) return this.#add(T.number, 0, i, numberEnd(text, i));
    if (code === QUOTE || code === DOUBLE || code === BACKTICK) return this.#literal(i, code);
    return this.#sign(i, code);
  }

  #word(i: number): number {
    const end = nameEnd(this.text, i);
    return this.#add(T.word, sqlWord(this.text, i, end), i, end);
  }

  #literal(i: number, quote: number): number {
    const end = literalEnd(this.text, i + 1, quote);
    if (end < 0) return this.#add(T.open, quote, i, this.text.length);
    return this.#add(quote === BACKTICK ? T.word : T.string, quote === BACKTICK ? 0 : quote, i, end);
  }

  #sign(i: number, code: number): number {
    const { text } = this;
    const next = text.charCodeAt(i + 1);
    if (code === 47 && next === 42) return this.#block(i);
    if (code === 42 && next === 47 && this.executed) {
      this.#gap |= GAP.comment;
      return i + 2;
    }
    if (code === 45 && next === 45) return this.#line(i, i + 2);
    if (code === 35 && next !== 62 && next !== 62) return this.#line(i, i + 1);
    if (code === 46 && isDigit(next)) return this.#add(T.number, 0, i, numberEnd(text, i));
    if (isPair(code, next)) {
      const meaning = code === 38 ? SQL.and : code === 124 ? SQL.or : 0;
      return this.#add(
        meaning === 0 ? T.sign : T.word,
        meaning === 0 ? code * 256 + next : meaning,
        i,
        i + 2,
      );
    }
    return this.#add(T.sign, code, i, i + 1);
  }

  #block(i: number): number {
    if (this.text.charCodeAt(i + 2) === 33) {
      this.executed = true;
      this.#gap |= GAP.comment;
      let at = i + 3;
      while (isDigit(this.text.charCodeAt(at))) at++;
      return at;
    }
    const close = this.text.indexOf('*/', i + 2);
    if (close < 0) return this.#add(T.comment, 42, i, this.text.length);
    this.#gap |= GAP.comment;
    return close + 2;
  }

  #line(i: number, from: number): number {
    const close = this.text.indexOf('\n', from);
    if (close < 0) return this.#add(T.comment, this.text.charCodeAt(i), i, this.text.length);
    this.#gap |= GAP.comment;
    return close + 1;
  }
}

/** End of a literal, behind its closing quote; doubled quotes belong to it. -1: it is not closed. */
function literalEnd(text: string, from: number, quote: number): number {
  const sign = String.fromCharCode(quote);
  let at = text.indexOf(sign, from);
  while (at >= 0 && text.charCodeAt(at + 1) === quote) at = text.indexOf(sign, at + 2);
  return at < 0 ? -1 : at + 1;
}

function numberEnd(text: string, from: number): number {
  let i = from;
  if (text.charCodeAt(i) === 48 && (text.charCodeAt(i + 1) | 32) === 120) {
    i += 2;
    while (isHex(text.charCodeAt(i))) i++;
    return i;
  }
  while (isDigit(text.charCodeAt(i)) || text.charCodeAt(i) === 46) i++;
  if ((text.charCodeAt(i) | 32) === 101 && isDigit(text.charCodeAt(i + 1))) {
    i++;
    while (isDigit(text.charCodeAt(i))) i++;
  }
  return i;
}

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);
}

/** `&&`, `||`, `!=`, `<>`, `<=`, `>=`, `==`, `::`, `:=`, `@@`, `@>`, `<@`, `->`, `#>`, `!~`, `^^`. */
function isPair(code: number, next: number): boolean {
  switch (code) {
    case 38: // &
    case 124: // |
    case 94: // ^
      return next === code;
    case 61: // =
      return next === 61;
    case 58: // :
      return next === 58 || next === 61;
    case 64: // @
      return next === 64 || next === 62;
    case 33: // !
      return next === 61 || next === 126;
    case 60: // <
      return next === 62 || next === 61 || next === 64;
    case 62: // >
      return next === 61;
    case 45: // -
    case 35: // #
      return next === 62;
    default:
      return false;
  }
}
