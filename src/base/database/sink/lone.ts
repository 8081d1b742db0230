import { type SqlTokens, TOKEN, type TokenKind } from './tokens.ts';

const GAPS: ReadonlySet<TokenKind> = new Set([TOKEN.space, TOKEN.lineComment, TOKEN.blockComment]);
/** Operators of PostgreSQL that may stand before their only operand. */
const PREFIXES: ReadonlySet<string> = words('+ - ~ @ |/ ||/ @@ @-@ # !! ?- ?|');
/** Operators that an application may let a caller choose. */
const COMPARISONS: ReadonlySet<string> = words('= <> != < > <= >=');
/** Key words that no operand ends with. */
const BEFORE_OPERANDS: ReadonlySet<string> = words(
  'select distinct all where and or not by on having limit offset case when then else from in is like ilike similar ' +
    'between as returning values set union except intersect order group into fetch for any some array to with join',
);
/** Key words that no operand begins with. */
const AFTER_OPERANDS: ReadonlySet<string> = words(
  'and or from where group order having limit offset fetch for union except intersect returning on using as in is like ' +
    'ilike similar then else when end asc desc into window collate join set',
);
/** What an operator may follow that is named and not applied: `ORDER BY a USING >`, `EXCLUDE (a WITH &&)`, `OPERATOR(+)`. */
const NAMING: ReadonlySet<string> = words('using with operator');
const BEFORE_STAR: ReadonlySet<string> = words('select distinct all returning . )');
/** Tokens that are gone back over to find where a list begins. */
const MAX_LIST = 500;
const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/**
 * Whether an operator, a sign or a character that is no SQL stands where no application could have meant it: an operator
 * or comma that lacks an operand, a bracket without its partner, a semicolon within. Only for tokens that a value of the
 * request is made of.
 * @param whole the value is the whole token: operators of several characters must then be comparisons, too
 */
export function isOutOfPlace(tokens: SqlTokens, i: number, whole: boolean): boolean {
  const kind = tokens.kinds[i];
  if (kind === TOKEN.other) return true;
  const sign = textAt(tokens, i);
  if (kind === TOKEN.operator) return !isApplied(tokens, i, sign, whole);
  if (kind !== TOKEN.punctuation) return false;
  if ('()[]'.includes(sign)) return !isBalanced(tokens);
  if (sign === ';') return !isEnd(tokens, i);
  if (sign === ':' && isInBrackets(tokens, i)) return false;
  return !(hasLeft(tokens, i) && (hasRight(tokens, i) || (sign === '.' && isNamed(tokens, i))));
}

/** Whether any sign of a statement is so: no application's own, whoever wrote it. */
export function hasOutOfPlace(tokens: SqlTokens): boolean {
  return tokens.kinds.some((_, i) => isOutOfPlace(tokens, i, false));
}

function isApplied(tokens: SqlTokens, i: number, sign: string, whole: boolean): boolean {
  const left = before(tokens, i);
  const word = textAt(tokens, left);
  if (NAMING.has(word) || (word === '(' && textAt(tokens, before(tokens, left)) === 'operator')) return true;
  if (sign === '*' && isStar(tokens, left)) return true;
  if (word === '.' && textAt(tokens, after(tokens, i)) === ')') return true;
  if (!hasRight(tokens, i)) return false;
  if (!hasLeft(tokens, i)) return PREFIXES.has(sign);
  // One character is in too many requests, as `/` is the path of every first page.
  return !whole || sign.length === 1 || COMPARISONS.has(sign);
}

/** `SELECT *`, `t.*`, `count(*)`. */
function isStar(tokens: SqlTokens, left: number): boolean {
  const word = textAt(tokens, left);
  if (word === ',') return isSelectList(tokens, left);
  if (word !== '(') return BEFORE_STAR.has(word);
  const called = before(tokens, left);
  return tokens.kinds[called] === TOKEN.word && !BEFORE_OPERANDS.has(textAt(tokens, called));
}

/** A comma whose nearest open bracket begins with SELECT, or that stands in none. */
function isSelectList(tokens: SqlTokens, comma: number): boolean {
  let depth = 0;
  for (let i = comma - 1; i >= 0 && comma - i < MAX_LIST; i--) {
    const sign = tokens.kinds[i] === TOKEN.punctuation ? textAt(tokens, i) : '';
    if (sign === ')') depth++;
    else if (sign === '(' && depth-- === 0)
      return ['select', 'with'].includes(textAt(tokens, after(tokens, i)));
  }
  return true;
}

/** Whether what stands before could be the end of an operand. */
function hasLeft(tokens: SqlTokens, i: number): boolean {
  const at = before(tokens, i);
  const kind = tokens.kinds[at];
  const word = textAt(tokens, at);
  // Behind these a key word is a name.
  if (kind === TOKEN.word)
    return !BEFORE_OPERANDS.has(word) || /^(?:\.|as)$/.test(textAt(tokens, before(tokens, at)));
  if (kind === TOKEN.operator) {
    const left = before(tokens, at);
    return textAt(tokens, left) === 'using' || (word === '*' && isStar(tokens, left));
  }
  if (kind === TOKEN.punctuation) return word === ')' || word === ']';
  return kind !== undefined && kind !== TOKEN.other;
}

/** Whether what stands behind could be the beginning of an operand. */
function hasRight(tokens: SqlTokens, i: number): boolean {
  for (let at = after(tokens, i); ; at = after(tokens, at)) {
    const kind = tokens.kinds[at];
    const word = textAt(tokens, at);
    if (kind === TOKEN.operator) {
      if (word === '*') return isStar(tokens, i);
      if (!PREFIXES.has(word)) return false;
      continue;
    }
    if (kind === TOKEN.word) return !AFTER_OPERANDS.has(word);
    if (kind === TOKEN.punctuation) return word === '(' || word === '[';
    return kind !== undefined && kind !== TOKEN.other;
  }
}

/** Of a semicolon: nothing comes behind, and something stands before that may end a statement. */
function isEnd(tokens: SqlTokens, i: number): boolean {
  return after(tokens, i) >= tokens.kinds.length && hasLeft(tokens, i);
}

/** `OPERATOR(pg_catalog.+)`. */
function isNamed(tokens: SqlTokens, dot: number): boolean {
  const next = after(tokens, dot);
  return tokens.kinds[next] === TOKEN.operator && textAt(tokens, after(tokens, next)) === ')';
}

/** `items[2:]`. */
function isInBrackets(tokens: SqlTokens, i: number): boolean {
  const sides = textAt(tokens, before(tokens, i)) + textAt(tokens, after(tokens, i));
  return sides.startsWith('[') || sides.endsWith(']');
}

const balances = new WeakMap<SqlTokens, boolean>();

function isBalanced(tokens: SqlTokens): boolean {
  const known = balances.get(tokens);
  if (known !== undefined) return known;
  const open: string[] = [];
  let balanced = true;
  for (let i = 0; i < tokens.kinds.length && balanced; i++) {
    if (tokens.kinds[i] !== TOKEN.punctuation) continue;
    const sign = textAt(tokens, i);
    const partner = PAIRS[sign];
    if (partner !== undefined) open.push(partner);
    else if (sign === ')' || sign === ']') balanced = open.pop() === sign;
  }
  balanced &&= open.length === 0;
  balances.set(tokens, balanced);
  return balanced;
}

function before(tokens: SqlTokens, i: number): number {
  let at = i - 1;
  while (at >= 0 && GAPS.has(tokens.kinds[at] as TokenKind)) at--;
  return at;
}

function after(tokens: SqlTokens, i: number): number {
  let at = i + 1;
  while (at < tokens.kinds.length && GAPS.has(tokens.kinds[at] as TokenKind)) at++;
  return at;
}

/** In lower case; empty beyond either end. */
function textAt(tokens: SqlTokens, i: number): string {
  return i < 0 ? '' : tokens.text.slice(tokens.starts[i], tokens.starts[i + 1]).toLowerCase();
}
