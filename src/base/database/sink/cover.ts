import { isOutOfPlace } from './lone.ts';
import { type SqlTokens, TOKEN, type TokenKind } from './tokens.ts';

/** Index of the token in which a character stands. */
export function tokenAt(tokens: SqlTokens, at: number): number {
  const { starts } = tokens;
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Whether a piece of a statement, `from` up to `to`, does more than fill one token: it opens or ends a literal, a quoted
 * name or a comment, or it brings tokens of its own. A signed number, a dotted name, and lists of such where a list stands
 * already (ORDER BY, SELECT, IN) bring nothing that one word could not. A lone operator does where it has nothing to work on.
 */
export function breaksOut(tokens: SqlTokens, from: number, to: number): boolean {
  let first = tokenAt(tokens, from);
  let last = tokenAt(tokens, to - 1);
  if (first === last && tokens.kinds[first] !== TOKEN.space) return !isInside(tokens, first, from, to);
  while (first <= last && tokens.kinds[first] === TOKEN.space) first++;
  while (last >= first && tokens.kinds[last] === TOKEN.space) last--;
  if (first > last) return false;
  if (first === last) return !isWhole(tokens, first, from, to);
  return !(isSignedNumber(tokens, first, last) || isHarmlessList(tokens, first, last));
}

const QUOTED: ReadonlySet<TokenKind> = new Set([
  TOKEN.string,
  TOKEN.dollarString,
  TOKEN.quotedWord,
  TOKEN.lineComment,
  TOKEN.blockComment,
]);

/** A piece of one token: of something quoted, only what lies between its quotes. */
function isInside(tokens: SqlTokens, i: number, from: number, to: number): boolean {
  const kind = tokens.kinds[i] as TokenKind;
  const start = tokens.starts[i] as number;
  const end = tokens.starts[i + 1] as number;
  if (!QUOTED.has(kind)) return !isOutOfPlace(tokens, i, from === start && to === end);
  // One character opens nothing that is quoted, quotes themselves apart, which are not looked for.
  if (to === from + 1) return true;
  if (isOpen(tokens, i)) return false;
  const [opening, closing] = quoteLengths(tokens, i);
  if (from >= start + opening && to <= end - closing) return true;
  return isWholeLiteral(kind) && from === start && to === end;
}

/** One token with white space around it. */
function isWhole(tokens: SqlTokens, i: number, from: number, to: number): boolean {
  const kind = tokens.kinds[i] as TokenKind;
  if (!QUOTED.has(kind)) return !isOutOfPlace(tokens, i, true);
  if (isOpen(tokens, i) || !isWholeLiteral(kind)) return false;
  return from <= (tokens.starts[i] as number) && to >= (tokens.starts[i + 1] as number);
}

/** A literal with its own quotes is a value, and a quoted name a name. */
function isWholeLiteral(kind: TokenKind): boolean {
  return kind === TOKEN.string || kind === TOKEN.quotedWord;
}

function isOpen(tokens: SqlTokens, i: number): boolean {
  return tokens.unterminated && i === tokens.kinds.length - 1;
}

/** Characters of the opening and the closing quote, with prefix. */
function quoteLengths(tokens: SqlTokens, i: number): readonly [number, number] {
  const start = tokens.starts[i] as number;
  const kind = tokens.kinds[i];
  const upTo = (quote: string, from: number): number => tokens.text.indexOf(quote, from) - start + 1;
  if (kind === TOKEN.string) return [upTo("'", start), 1];
  if (kind === TOKEN.quotedWord) return [upTo('"', start), 1];
  if (kind === TOKEN.lineComment) return [2, 0];
  if (kind === TOKEN.blockComment) return [2, 2];
  const tag = upTo('$', start + 1);
  return [tag, tag];
}

function wordOf(tokens: SqlTokens, i: number): string {
  return tokens.text.slice(tokens.starts[i], tokens.starts[i + 1]).toLowerCase();
}

function isSignedNumber(tokens: SqlTokens, first: number, last: number): boolean {
  if (last !== first + 1 || tokens.kinds[last] !== TOKEN.number) return false;
  const sign = wordOf(tokens, first);
  return sign === '-' || sign === '+';
}

/** Words before a list of names, in which one more changes only what is sorted or shown. */
const NAME_LISTS: ReadonlySet<string> = new Set(['by', 'select', 'distinct', 'returning']);
/** Words that may follow a name in ORDER BY. */
const DIRECTIONS: ReadonlySet<string> = new Set(['asc', 'desc', 'nulls', 'first', 'last']);
const MAX_LIST = 2_000;

/** `a.b`, `a desc`, `a, b.c desc` after ORDER BY and the like, `1, 2, 3` in IN (…) and ARRAY[…]. */
function isHarmlessList(tokens: SqlTokens, first: number, last: number): boolean {
  if (last - first > MAX_LIST) return false;
  const shape = listShape(tokens, first, last);
  if (shape === 'name') return true;
  if (shape === 'names') return NAME_LISTS.has(headOf(tokens, first));
  return shape === 'numbers' && isNumberList(tokens, first);
}

type Shape = 'name' | 'names' | 'numbers' | 'other';

function listShape(tokens: SqlTokens, first: number, last: number): Shape {
  let names = 0;
  let numbers = 0;
  let commas = 0;
  let directions = 0;
  // What must come next: a name or number, or something that follows one.
  let open = true;
  for (let i = first; i <= last; i++) {
    const kind = tokens.kinds[i];
    if (kind === TOKEN.space) continue;
    const word = wordOf(tokens, i);
    if (kind === TOKEN.word && open) names++;
    else if (kind === TOKEN.word && DIRECTIONS.has(word)) directions++;
    else if (kind === TOKEN.number && open) numbers++;
    else if (word === ',' && !open) commas++;
    else if (!(word === '.' && tokens.kinds[i - 1] === TOKEN.word)) return 'other';
    open = word === ',' || word === '.';
  }
  if (numbers > 0) return names === 0 && directions === 0 ? 'numbers' : 'other';
  return commas === 0 && directions === 0 ? 'name' : 'names';
}

/** The word or sign before the list in which a token stands: names and numbers that end in a comma are stepped over. */
function headOf(tokens: SqlTokens, from: number): string {
  let right = '';
  for (let i = from - 1; i >= 0 && from - i < MAX_LIST; i--) {
    const kind = tokens.kinds[i];
    if (kind === TOKEN.space) continue;
    const word = wordOf(tokens, i);
    const joins = word === ',' || word === '.';
    const item = kind === TOKEN.word || kind === TOKEN.number;
    if (!joins && !(item && (right === ',' || right === '.' || DIRECTIONS.has(right)))) return word;
    right = word;
  }
  return '';
}

function isNumberList(tokens: SqlTokens, first: number): boolean {
  const bracket = headOf(tokens, first);
  if (bracket === '[') return true;
  if (bracket !== '(') return false;
  for (let i = first - 1; i > 0; i--) {
    if (tokens.kinds[i] !== TOKEN.punctuation || wordOf(tokens, i) !== '(') continue;
    while (i > 0 && tokens.kinds[i - 1] === TOKEN.space) i--;
    return i > 0 && wordOf(tokens, i - 1) === 'in';
  }
  return false;
}
