import type { Signals } from '../../types.ts';
import { CONDITION, Expressions, OPERAND } from './expression.ts';
import { callPatterns } from './calls.ts';
import { GAP, SqlLexer, T } from './lex.ts';
import { SQL_RULES as R } from './rules.ts';
import { selectPatterns } from './select.ts';
import { statementPatterns } from './statements.ts';
import { SQL } from './words.ts';

/** What the patterns share while they walk over the tokens of one value. */
export interface Scan {
  readonly x: SqlLexer;
  readonly e: Expressions;
  out: Signals;
  /** The value as it came, for the case of its letters. */
  value: string;
  /** The value stood behind an open quote, which it closed. */
  quoted: boolean;
  /** Rules that count keywords of SQL met so far. */
  keywords: number;
}

const lexer = new SqlLexer();
const scan: Scan = {
  x: lexer,
  e: new Expressions(lexer),
  out: { add: () => undefined },
  value: '',
  quoted: false,
  keywords: 0,
};

/** Cuts the value as it would stand in a statement and asks all patterns at each word. `quote` as in `SqlLexer.cut`. */
export function scanSql(value: string, lower: string, quote: number, out: Signals): void {
  if (!lexer.cut(lower, quote)) return;
  scan.out = out;
  scan.value = value;
  scan.quoted = quote !== 0;
  scan.keywords = 0;
  if (lexer.executed) out.add(R['executed-comment']);
  if (scan.quoted) breakOut(scan);
  else comparedNumber(scan);
  for (let i = lexer.first; i < lexer.length; i++) {
    if (lexer.kind[i] === T.word) wordAt(scan, i);
    else if (lexer.kind[i] === T.comment) commentAt(scan, i);
    else if (lexer.kind[i] === T.sign) signAt(scan, i);
  }
  scan.out = { add: () => undefined };
  scan.value = '';
}

/** `1 rlike sleep(5)`, `1=sleep(5)`: a number is compared with what a function gives. */
function comparedNumber(s: Scan): void {
  if (s.x.kind[0] !== T.number) return;
  const behind = s.e.comparison(1);
  if (behind > 0 && s.e.operand(behind) === OPERAND.call) s.out.add(R['condition-call']);
}

function wordAt(s: Scan, i: number): void {
  const meaning = s.x.what[i] as number;
  if (meaning === 0) return;
  // A word behind a dot is a name (`image.select`), not a word of SQL.
  if (s.e.sign(i - 1, 46) && meaning !== SQL.harmful && meaning !== SQL.catalog) return;
  if (meaning <= SQL.or) logicAt(s, i);
  else if (meaning >= SQL.harmful) callPatterns(s, i, meaning);
  else {
    selectPatterns(s, i, meaning);
    statementPatterns(s, i, meaning);
  }
  if (meaning <= SQL.from || meaning === SQL.sleep || meaning === SQL.where) keywordAt(s, i);
}

/** Comments for spaces and mixed case: both only matter around words of SQL. */
function keywordAt(s: Scan, i: number): void {
  const { x } = s;
  s.keywords++;
  const commented =
    ((x.gap[i] as number) & GAP.comment) !== 0 || ((x.gap[i + 1] as number) & GAP.comment) !== 0;
  if (commented && !x.executed && x.length > 2) s.out.add(R['comment-between']);
  if (x.what[i] !== SQL.and && mixed(s.value, x.start[i] as number, x.stop[i] as number))
    s.out.add(R['mixed-case']);
}

/** Neither `select`, `SELECT` nor `Select`. */
function mixed(value: string, start: number, stop: number): boolean {
  let upper = 0;
  for (let i = start; i < stop; i++) {
    const code = value.charCodeAt(i);
    if (code >= 65 && code <= 90) upper++;
  }
  const first = value.charCodeAt(start);
  return upper > 0 && upper < stop - start && !(upper === 1 && first >= 65 && first <= 90);
}

function logicAt(s: Scan, i: number): void {
  const found = s.e.condition(i + 1);
  if (found === CONDITION.none) return truncated(s, i);
  if (s.quoted && directlyBehindQuote(s, i)) return behindQuote(s, found);
  const { x } = s;
  const positioned =
    i === 0 || x.kind[i - 1] === T.number || x.kind[i - 1] === T.string || s.e.sign(i - 1, 41);
  if (found === CONDITION.constants) {
    const sure = positioned && !inSentence(s, i) && !(x.what[i] === SQL.and && isSpaced(s, i));
    s.out.add(sure ? R['tautology-number'] : R['tautology-word']);
  } else if (found === CONDITION.call) s.out.add(positioned ? R['condition-call'] : R['condition-plain']);
  else if (positioned && i > 0 && found === CONDITION.named) {
    s.out.add(s.e.ends(s.e.next) ? R['condition-plain'] : R['condition-weak']);
  }
}

/** `' or `, `' and x>`: cut off by the attacker's tool, yet nothing honest closes a quote so. */
function truncated(s: Scan, i: number): void {
  if (s.quoted && directlyBehindQuote(s, i) && s.e.comparison(i + 2) > 0) s.out.add(R['condition-weak']);
}

function behindQuote(s: Scan, found: number): void {
  if (found === CONDITION.constants) s.out.add(R.tautology);
  else if (found === CONDITION.names && !goesOn(s, s.e.next)) s.out.add(R['condition-plain']);
  else s.out.add(R.condition);
}

/** The statement ends, or goes on, rather than a sentence. */
function goesOn(s: Scan, i: number): boolean {
  return s.e.ends(i) || s.e.word(i, SQL.escape) || s.e.word(i, SQL.and) || s.e.word(i, SQL.or);
}

/** Only brackets stand between the quote that was closed and token `i`. */
function directlyBehindQuote(s: Scan, i: number): boolean {
  let at = i - 1;
  while (at >= s.x.first && s.e.sign(at, 41)) at--;
  return at < s.x.first || s.x.kind[at] === T.string;
}

/** `and 1 = 2`: programs leave the spaces out. */
function isSpaced(s: Scan, i: number): boolean {
  const { x } = s;
  return !s.quoted && x.kind[i + 2] === T.sign && x.gap[i + 2] === GAP.space && x.gap[i + 3] === GAP.space;
}

/** `1 and 1 = 2` with words behind it is spoken of, `1 and 1=2` at the end is sent. */
function inSentence(s: Scan, i: number): boolean {
  const behind = s.e.next;
  return behind < s.x.length && s.x.kind[behind] === T.word && s.x.what[behind] === 0 && i > 0;
}

/** What follows at once behind the quote that the value closed. */
function breakOut(s: Scan): void {
  const { x, e } = s;
  let i = x.first;
  while (e.sign(i, 41) || e.sign(i, 59)) i++;
  if (i < x.length && x.kind[i] === T.comment) return cutBehindQuote(s, i);
  if (e.word(i, SQL.collate) || e.word(i, SQL.escape)) return s.out.add(R['quote-operator']);
  if (e.word(i, SQL.or) && x.what[i + 1] !== undefined && x.stop[i] === (x.start[i] as number) + 2) {
    if (x.text.charCodeAt(x.start[i] as number) === 124) operatorBehind(s, i + 1);
    return;
  }
  const compared = e.comparison(i);
  if (compared > 0) operatorBehind(s, compared);
  else if (isArithmetic(s, i) || e.word(i, SQL.div)) operatorBehind(s, i + 1);
}

function operatorBehind(s: Scan, i: number): void {
  const kind = s.e.operand(i);
  if (kind === 0) return;
  const end = s.e.next;
  const { x } = s;
  const cut = x.kind[end] === T.comment && end < x.length;
  const balanced =
    s.e.ends(end) &&
    (end < x.length || x.kind[end - 1] === T.open) &&
    (kind === 1 || s.e.comparison(x.first) > 0);
  if (cut || balanced || (kind === 3 && s.e.ends(end))) s.out.add(R['quote-operator']);
  else if (kind === 3 || s.e.comparison(end) > 0) s.out.add(R['condition-plain']);
}

function isArithmetic(s: Scan, i: number): boolean {
  if (s.x.kind[i] !== T.sign) return false;
  const code = s.x.what[i] as number;
  return (
    code === 43 ||
    code === 45 ||
    code === 42 ||
    code === 47 ||
    code === 37 ||
    code === 94 ||
    code === 38 ||
    code === 124
  );
}

function cutBehindQuote(s: Scan, i: number): void {
  const rest = restLength(s, i);
  if (rest <= 3) s.out.add(R['comment-cut']);
  else if (s.x.what[i] !== 35) s.out.add(R['comment-tail']);
}

/** Characters of a comment behind its opening, white space and dashes apart; counted up to 9. */
function restLength(s: Scan, i: number): number {
  const { text } = s.x;
  let count = 0;
  for (let at = (s.x.start[i] as number) + 1; at < text.length && count < 9; at++) {
    const code = text.charCodeAt(at);
    if (code > 32 && code !== 45 && code !== 42 && code !== 43 && code !== 35) count++;
  }
  return count;
}

function commentAt(s: Scan, i: number): void {
  const { x } = s;
  if (i === x.first || restLength(s, i) > (x.what[i] === 35 ? 0 : 3)) return;
  let before = i - 1;
  while (before > x.first && (s.e.sign(before, 59) || s.e.sign(before, 41))) before--;
  if (x.kind[before] === T.number && before === 0 && x.what[i] === 45) s.out.add(R['comment-number']);
  else if (s.keywords > 0) s.out.add(R['comment-tail']);
}

function signAt(s: Scan, i: number): void {
  const { x, e } = s;
  const code = x.what[i] as number;
  if (code === 58 * 256 + 58 && isCast(x.text, x.start[i + 1] as number, x.stop[i + 1] as number)) {
    const before = x.kind[i - 1];
    if (before === T.string || e.sign(i - 1, 41)) s.out.add(R.cast);
  }
  const json = code === 64 * 256 + 62 || code === 60 * 256 + 64 || code === 35 * 256 + 62;
  if (json && x.kind[i - 1] === T.string && i >= 1) s.out.add(R['json-operator']);
}

const CASTS = new Set([
  'json',
  'jsonb',
  'int',
  'integer',
  'text',
  'varchar',
  'numeric',
  'bool',
  'float',
  'bigint',
]);

function isCast(text: string, start: number, stop: number): boolean {
  return stop - start <= 8 && CASTS.has(text.slice(start, stop));
}
