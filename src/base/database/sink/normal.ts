import { type SqlTokens, TOKEN, type TokenKind, tokenizeSql } from './tokens.ts';

const DEFAULT_MAX_CHARACTERS = 2_000;

/**
 * A statement without its values, for logs and for counting like with like: literals and parameters become `?`, lists and
 * rows of them one `?`, white space one blank, comments nothing. Names stay as they were written.
 * @param maxCharacters longer results end in `…`; default 2,000
 */
export function normalizeSql(text: string | SqlTokens, maxCharacters = DEFAULT_MAX_CHARACTERS): string {
  const tokens = typeof text === 'string' ? tokenizeSql(text) : text;
  const parts: string[] = [];
  let characters = 0;
  for (let i = 0; i < tokens.kinds.length && characters <= maxCharacters + 1; i++) {
    const before = parts.length;
    addNormal(parts, tokens, i);
    if (parts.length > before) characters += (parts.at(-1) as string).length;
  }
  const whole = parts.join('').trimEnd();
  return whole.length > maxCharacters ? `${whole.slice(0, maxCharacters - 1)}…` : whole;
}

const VALUES: ReadonlySet<TokenKind> = new Set([
  TOKEN.string,
  TOKEN.dollarString,
  TOKEN.number,
  TOKEN.parameter,
]);
const GAPS: ReadonlySet<TokenKind> = new Set([TOKEN.space, TOKEN.lineComment, TOKEN.blockComment]);

function addNormal(parts: string[], tokens: SqlTokens, i: number): void {
  const kind = tokens.kinds[i] as TokenKind;
  if (GAPS.has(kind)) {
    if (parts.length > 0 && parts.at(-1) !== ' ') parts.push(' ');
  } else if (VALUES.has(kind)) {
    if (endsWith(parts, ['?', ','])) parts.length = parts.lastIndexOf('?') + 1;
    else parts.push('?');
  } else {
    const word = tokens.text.slice(tokens.starts[i], tokens.starts[i + 1]);
    // `(?), (?)`: rows of a VALUES list.
    if (word === ')' && endsWith(parts, ['(', '?', ')', ',', '(', '?'])) dropRow(parts);
    else parts.push(word);
  }
}

/** Whether the parts end so, blanks apart. */
function endsWith(parts: readonly string[], tail: readonly string[]): boolean {
  let at = parts.length - 1;
  for (let i = tail.length - 1; i >= 0; i--) {
    while (parts[at] === ' ') at--;
    if (parts[at] !== tail[i]) return false;
    at--;
  }
  return true;
}

/** Removes `, (?` from the end, which `endsWith` has just found there. */
function dropRow(parts: string[]): void {
  parts.length = parts.lastIndexOf(')') + 1;
}

/**
 * What two statements share when only their values differ: every token in order, white space apart, literals by their style
 * and comments by their kind. Lists after IN count as one value, however long.
 */
export function skeletonOf(tokens: SqlTokens): string {
  const parts: string[] = [];
  let list = false;
  for (let i = 0; i < tokens.kinds.length; i++) {
    const part = skeletonPart(tokens, i);
    if (part === '') continue;
    if (part === '(' && parts.at(-1)?.toLowerCase() === 'in') list = true;
    else if (part === ')') list = false;
    if (list && parts.at(-1) === ',' && parts.at(-2) === part && isValueMark(part)) parts.pop();
    else parts.push(part);
  }
  // An open quote swallows the rest: it is like no closed one.
  if (tokens.unterminated) parts.push('…');
  return parts.join(' ');
}

const MARKS: Partial<Record<TokenKind, string>> = {
  [TOKEN.space]: '',
  [TOKEN.lineComment]: '--',
  [TOKEN.blockComment]: '/**/',
  [TOKEN.dollarString]: '$?$',
  [TOKEN.number]: '?',
};

function skeletonPart(tokens: SqlTokens, i: number): string {
  const kind = tokens.kinds[i] as TokenKind;
  const mark = MARKS[kind];
  if (mark !== undefined) return mark;
  const start = tokens.starts[i] as number;
  // The prefix tells styles apart: E'…' is none of '…'.
  if (kind === TOKEN.string) return `${tokens.text.slice(start, tokens.text.indexOf("'", start))}'?'`;
  return tokens.text.slice(start, tokens.starts[i + 1]);
}

function isValueMark(part: string): boolean {
  return part === '?' || part.endsWith("'?'");
}
