import type { SqlLexer } from './lex.ts';
import { T } from './lex.ts';
import { SQL } from './words.ts';

/** What an operand is made of. */
export const OPERAND = { none: 0, constant: 1, name: 2, call: 3, unknownCall: 4 } as const;

/** How much a condition looks like one of SQL, from nothing to constants on both sides. */
export const CONDITION = { none: 0, names: 1, named: 2, call: 3, constants: 4 } as const;

const OPEN = 40;
const CLOSE = 41;
/** Brackets are followed this far; what is longer counts as ended there. Keeps the time linear. */
const MAX_TOKENS = 48;
const PREFIXES = new Set([OPEN, 43, 45, 126, 33, 64, 64 * 256 + 64, 36]);

/** Reads expressions from the tokens of a value. Positions are kept in the reader, so that nothing is made. */
export class Expressions {
  readonly #x: SqlLexer;
  /** Where the last operand or condition ended. */
  next = 0;

  constructor(lexer: SqlLexer) {
    this.#x = lexer;
  }

  /** Whether token `i` is this sign. */
  sign(i: number, code: number): boolean {
    return this.#x.kind[i] === T.sign && this.#x.what[i] === code && i < this.#x.length;
  }

  /** Whether token `i` is a word of this meaning. */
  word(i: number, meaning: number): boolean {
    return this.#x.kind[i] === T.word && this.#x.what[i] === meaning && i < this.#x.length;
  }

  /** Whether the value ends at token `i`, or a comment takes the rest, or an open quote. */
  ends(i: number): boolean {
    const kind = this.#x.kind[i];
    const last = this.sign(i, 59) && i + 1 >= this.#x.length;
    return last || i >= this.#x.length || kind === T.comment || kind === T.open;
  }

  /** Index behind the bracket that closes the one at `i`. */
  behindBracket(i: number): number {
    const last = Math.min(this.#x.length, i + MAX_TOKENS);
    let depth = 0;
    for (let at = i; at < last; at++) {
      if (this.sign(at, OPEN)) depth++;
      else if (this.sign(at, CLOSE) && --depth === 0) return at + 1;
    }
    return last;
  }

  /** Reads one operand at `i`; its kind, and `next` behind it and the brackets that close there. */
  operand(i: number): number {
    const x = this.#x;
    let at = i;
    while (at < i + 8 && at < x.length && this.#isPrefix(at)) at++;
    this.next = at;
    if (at >= x.length) return OPERAND.none;
    const kind = x.kind[at];
    if (kind === T.number || kind === T.string || kind === T.open)
      return this.#behind(at + 1, OPERAND.constant);
    if (kind !== T.word) return OPERAND.none;
    const meaning = x.what[at] as number;
    if (meaning === SQL.select || meaning === SQL.case)
      return this.#behind(at + 1, this.#isPlain(at + 1) ? OPERAND.none : OPERAND.call);
    if (this.sign(at + 1, OPEN)) return this.#call(at, meaning);
    if (meaning === SQL.true || meaning === SQL.null) return this.#behind(at + 1, OPERAND.constant);
    let end = at + 1;
    while (this.sign(end, 46) && end < at + 8) end += 2;
    return this.#behind(end, OPERAND.name);
  }

  /** The next word is one of prose, or there is none. */
  #isPlain(at: number): boolean {
    const x = this.#x;
    if (at >= x.length) return true;
    if (x.kind[at] !== T.word) return false;
    return at + 1 >= x.length || (x.kind[at + 1] === T.word && !this.word(at + 1, SQL.from));
  }

  #isPrefix(at: number): boolean {
    return this.#x.kind[at] === T.sign
      ? PREFIXES.has(this.#x.what[at] as number)
      : this.word(at, SQL.not) || this.word(at, SQL.filler);
  }

  #call(at: number, meaning: number): number {
    const known =
      meaning === SQL.function ||
      meaning === SQL.common ||
      meaning === SQL.harmful ||
      meaning === SQL.sleep ||
      meaning === SQL.if;
    return this.#behind(this.behindBracket(at + 1), known ? OPERAND.call : OPERAND.unknownCall);
  }

  #behind(at: number, kind: number): number {
    let end = at;
    while (this.sign(end, CLOSE)) end++;
    while (this.sign(end, 58 * 256 + 58) && end < at + 6) end += 2;
    this.next = end;
    return kind;
  }

  /** Index behind a comparison at `i`, or -1. */
  comparison(i: number): number {
    const x = this.#x;
    let at = i;
    if (this.word(at, SQL.not)) at++;
    if (x.kind[at] === T.word && x.what[at] === SQL.compares && at < x.length) {
      const word =
        x.text.charCodeAt(x.start[at] as number) === 105 ? x.text.charCodeAt((x.start[at] as number) + 1) : 0;
      at++;
      // `in` and `is` are words of prose but for what follows them.
      if (word === 110 && !this.sign(at, OPEN)) return -1;
      if (word === 115 && x.kind[at] === T.word && x.what[at] === 0) return -1;
      while ((this.word(at, SQL.not) || this.word(at, SQL.filler) || this.word(at, SQL.from)) && at < i + 5)
        at++;
      return at;
    }
    if (x.kind[at] !== T.sign || at >= x.length) return -1;
    const code = x.what[at] as number;
    if (!isComparison(code)) return -1;
    return this.sign(at + 1, 62) || this.sign(at + 1, 61) ? at + 2 : at + 1;
  }

  /** What kind of condition begins at `i`; `next` is behind it. */
  condition(i: number): number {
    const left = this.operand(i);
    if (left === OPERAND.none) return CONDITION.none;
    const leftEnd = this.next;
    const behind = this.comparison(leftEnd);
    if (behind < 0) return this.#alone(left, leftEnd);
    const right = this.operand(behind);
    if (right === OPERAND.none)
      return this.#isNullTest(leftEnd) ? this.#tested(behind) : this.#alone(left, behind);
    if (left === OPERAND.call || right === OPERAND.call) return CONDITION.call;
    if (left === OPERAND.constant && right === OPERAND.constant) return CONDITION.constants;
    return left === OPERAND.constant || right === OPERAND.constant ? CONDITION.named : CONDITION.names;
  }

  /** `x notnull`, `x isnull`: complete without a right side, where the statement ends or a comment begins behind it. */
  #isNullTest(at: number): boolean {
    const x = this.#x;
    const start = x.start[at] as number;
    if (x.kind[at] !== T.word || !this.ends(at + 1)) return false;
    return x.text.startsWith('notnull', start) || x.text.startsWith('isnull', start);
  }

  #tested(end: number): number {
    this.next = end;
    return CONDITION.named;
  }

  #alone(kind: number, end: number): number {
    this.next = end;
    if (kind === OPERAND.call) return CONDITION.call;
    const on = this.word(end, SQL.and) || this.word(end, SQL.or);
    if (kind === OPERAND.unknownCall) return this.ends(end) || on ? CONDITION.names : CONDITION.none;
    return kind === OPERAND.constant && this.ends(end) ? CONDITION.named : CONDITION.none;
  }
}

/** `=`, `<`, `>`, `~`, `==`, `!=`, `<>`, `<=`, `>=`, `@>`, `<@`, `!~`, `?`. */
function isComparison(code: number): boolean {
  if (code < 256) return code === 61 || code === 60 || code === 62 || code === 126 || code === 63;
  const first = code >> 8;
  return (
    first === 61 ||
    first === 60 ||
    first === 62 ||
    first === 33 ||
    code === 64 * 256 + 62 ||
    code === 45 * 256 + 62 ||
    code === 35 * 256 + 62
  );
}
