import { numberEnd, operatorEnd, quotedEnd, spaceEnd, wordEnd, backslashedEnd } from './scan.ts';

/** What a token is. `string` holds all literals in single quotes with their prefix: `'…'`, `E'…'`, `U&'…'`, `B'…'`. */
export const TOKEN = {
  space: 0,
  lineComment: 1,
  blockComment: 2,
  word: 3,
  quotedWord: 4,
  string: 5,
  dollarString: 6,
  number: 7,
  parameter: 8,
  operator: 9,
  punctuation: 10,
  other: 11,
} as const;
/** One of the kinds. */
export type TokenKind = (typeof TOKEN)[keyof typeof TOKEN];

/** A statement cut into tokens without gaps: token `i` is `text.slice(starts[i], starts[i + 1])`. */
export interface SqlTokens {
  readonly text: string;
  readonly kinds: readonly TokenKind[];
  /** One more than there are kinds: the last is the text's length. */
  readonly starts: readonly number[];
  /** The last token has no end: an open quote or comment. */
  readonly unterminated: boolean;
}

/** How the server reads texts. */
export interface TokenOptions {
  /** The server's `standard_conforming_strings`; off, a backslash escapes in plain literals too. Default true. */
  readonly standardConformingStrings?: boolean;
}

/**
 * Cuts SQL as PostgreSQL's lexer does (PostgreSQL 18, chapter 4.1), in linear time. It never throws: what is no SQL becomes
 * a token of kind `other`.
 */
export function tokenizeSql(text: string, options: TokenOptions = {}): SqlTokens {
  return new Lexer(text, options.standardConformingStrings === false).run();
}

const CHAR = {
  newline: 10,
  doubleQuote: 34,
  dollar: 36,
  ampersand: 38,
  quote: 39,
  star: 42,
  minus: 45,
  dot: 46,
  slash: 47,
  colon: 58,
  equals: 61,
} as const;

/** Classes of the first character of a token. */
const SPACE = 1;
const LETTER = 2;
const DIGIT = 3;
const OPERATOR = 4;
const PUNCTUATION = 5;
const CLASSES = new Uint8Array(128);
function classify(characters: string, value: number): void {
  for (let i = 0; i < characters.length; i++) CLASSES[characters.charCodeAt(i)] = value;
}
classify(' \t\n\r\f\v', SPACE);
classify('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_', LETTER);
classify('0123456789', DIGIT);
classify('~!@#^&|`?+-*/%<>=', OPERATOR);
classify(',()[].;:', PUNCTUATION);

/** How a literal's inside is read, which a literal that continues it on another line takes over. */
type Inside = 'plain' | 'backslash' | 'bits';

class Lexer {
  readonly #text: string;
  readonly #plain: Inside;
  readonly #kinds: TokenKind[] = [];
  readonly #starts: number[] = [];
  #unterminated = false;
  /** The literal before, while only white space and line comments have followed. */
  #continues: Inside | null = null;
  #newline = false;

  constructor(text: string, backslashes: boolean) {
    this.#text = text;
    this.#plain = backslashes ? 'backslash' : 'plain';
  }

  run(): SqlTokens {
    const { length } = this.#text;
    let i = 0;
    while (i < length) i = this.#next(i);
    this.#starts.push(length);
    return {
      text: this.#text,
      kinds: this.#kinds,
      starts: this.#starts,
      unterminated: this.#unterminated,
    };
  }

  #add(kind: TokenKind, start: number, end: number): number {
    this.#kinds.push(kind);
    this.#starts.push(start);
    if (kind !== TOKEN.space && kind !== TOKEN.lineComment) this.#continues = null;
    return end;
  }

  #next(i: number): number {
    const code = this.#text.charCodeAt(i);
    switch (code < 128 ? (CLASSES[code] as number) : LETTER) {
      case SPACE:
        return this.#space(i);
      case LETTER:
        return this.#letter(i, code);
      case DIGIT:
        return this.#add(TOKEN.number, i, numberEnd(this.#text, i));
      case OPERATOR:
        return this.#operator(i, code);
      case PUNCTUATION:
        return this.#punctuation(i, code);
      default:
        if (code === CHAR.quote) return this.#literal(i, i + 1, this.#continued() ?? this.#plain);
        if (code === CHAR.doubleQuote) return this.#quotedWord(i, i + 1);
        if (code === CHAR.dollar) return this.#dollar(i);
        return this.#add(TOKEN.other, i, i + 1);
    }
  }

  #space(i: number): number {
    const end = spaceEnd(this.#text, i);
    if (this.#continues !== null && !this.#newline) {
      const newline = this.#text.indexOf('\n', i);
      const carriage = newline >= 0 && newline < end ? newline : this.#text.slice(i, end).indexOf('\r');
      this.#newline = carriage >= 0;
    }
    return this.#add(TOKEN.space, i, end);
  }

  /** Literals on several lines are one: what follows is read like the first part (PostgreSQL 4.1.2.1). */
  #continued(): Inside | null {
    return this.#newline ? this.#continues : null;
  }

  #letter(i: number, code: number): number {
    const text = this.#text;
    const next = text.charCodeAt(i + 1);
    // e, u, b, x, n in either case.
    const lower = code | 32;
    if (next === CHAR.quote && code < 128) {
      if (lower === 101) return this.#literal(i, i + 2, 'backslash');
      if (lower === 98 || lower === 120) return this.#literal(i, i + 2, 'bits');
      if (lower === 110) return this.#literal(i, i + 2, this.#plain);
    } else if (next === CHAR.ampersand && lower === 117) {
      const quote = text.charCodeAt(i + 2);
      if (quote === CHAR.quote) return this.#literal(i, i + 3, 'plain');
      if (quote === CHAR.doubleQuote) return this.#quotedWord(i, i + 3);
    }
    return this.#add(TOKEN.word, i, wordEnd(text, i));
  }

  #literal(i: number, from: number, inside: Inside): number {
    const text = this.#text;
    const end =
      inside === 'backslash' ? backslashedEnd(text, from) : quotedEnd(text, from, "'", inside === 'plain');
    this.#add(TOKEN.string, i, end);
    if (end < 0) return this.#open();
    this.#continues = inside;
    this.#newline = false;
    return end;
  }

  #quotedWord(i: number, from: number): number {
    const end = quotedEnd(this.#text, from, '"', true);
    this.#add(TOKEN.quotedWord, i, end);
    return end < 0 ? this.#open() : end;
  }

  #open(): number {
    this.#unterminated = true;
    return this.#text.length;
  }

  /** `$1`, `$$…$$`, `$tag$…$tag$`, or a lone dollar sign. */
  #dollar(i: number): number {
    const text = this.#text;
    const first = text.charCodeAt(i + 1);
    if (first < 128 && CLASSES[first] === DIGIT) {
      let end = i + 2;
      while (CLASSES[text.charCodeAt(end)] === DIGIT) end++;
      return this.#add(TOKEN.parameter, i, end);
    }
    let tagEnd = i + 1;
    while (isTagCharacter(text.charCodeAt(tagEnd))) tagEnd++;
    if (text.charCodeAt(tagEnd) !== CHAR.dollar) return this.#add(TOKEN.other, i, i + 1);
    const tag = text.slice(i, tagEnd + 1);
    const close = text.indexOf(tag, tagEnd + 1);
    this.#add(TOKEN.dollarString, i, close);
    return close < 0 ? this.#open() : close + tag.length;
  }

  #operator(i: number, code: number): number {
    const text = this.#text;
    const next = text.charCodeAt(i + 1);
    if (code === CHAR.minus && next === CHAR.minus) {
      return this.#add(TOKEN.lineComment, i, lineEnd(text, i));
    }
    if (code === CHAR.slash && next === CHAR.star) return this.#blockComment(i);
    const { end, cut } = operatorEnd(text, i);
    this.#add(TOKEN.operator, i, end);
    // Signs that an operator may not end with stand alone; adding them here keeps the time linear.
    for (let sign = end; sign < cut; sign++) this.#add(TOKEN.operator, sign, sign + 1);
    return cut;
  }

  #blockComment(i: number): number {
    const text = this.#text;
    this.#add(TOKEN.blockComment, i, i);
    let depth = 1;
    for (let at = i + 2; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === CHAR.star && text.charCodeAt(at + 1) === CHAR.slash) {
        depth--;
        at++;
        if (depth === 0) return at + 1;
      } else if (code === CHAR.slash && text.charCodeAt(at + 1) === CHAR.star) {
        depth++;
        at++;
      }
    }
    return this.#open();
  }

  #punctuation(i: number, code: number): number {
    const next = this.#text.charCodeAt(i + 1);
    if (code === CHAR.dot && CLASSES[next] === DIGIT) {
      return this.#add(TOKEN.number, i, numberEnd(this.#text, i));
    }
    const pair =
      (code === CHAR.colon && (next === CHAR.colon || next === CHAR.equals)) ||
      (code === CHAR.dot && next === CHAR.dot);
    return this.#add(TOKEN.punctuation, i, pair ? i + 2 : i + 1);
  }
}

function isTagCharacter(code: number): boolean {
  const kind = code < 128 ? CLASSES[code] : code >= 128 ? LETTER : 0;
  return kind === LETTER || kind === DIGIT;
}

function lineEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === CHAR.newline || code === 13) return i;
  }
  return text.length;
}
