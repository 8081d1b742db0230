import { isLetter, isSpace, skipSpace } from '../chars.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { NOSQL_RULES as R } from './rules.ts';

const OPERATORS = new Set(
  `ne eq gt gte lt lte in nin regex where or and nor not exists type mod all size elemmatch expr jsonschema text
  function accumulator lookup merge out options slice near geowithin`.split(/\s+/),
);
/** Honest programs name parameters so too (OData, GraphQL, analytics), so that only inside other signs they count. */
const COMMON = new Set([
  'size',
  'type',
  'text',
  'options',
  'slice',
  'out',
  'function',
  'near',
  'merge',
  'where',
  'all',
]);
const LOOKUPS = [
  'startswith',
  'contains',
  'icontains',
  'istartswith',
  'endswith',
  'iendswith',
  'regex',
  'iregex',
  'gt',
  'gte',
  'lt',
  'lte',
  'exact',
  'iexact',
  'isnull',
  'range',
];

/** Operators and code of document databases. */
export function detectNoSql(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if (where.place === 'name') return nameOf(lower, out);
  if (where.place === 'graphql') return;
  if ((has & HAS.dollar) !== 0) operators(lower, out);
  const code =
    (has & (HAS.quote | HAS.doubleQuote | HAS.semicolon | HAS.pipe | HAS.equals | HAS.paren)) !== 0;
  if (code && words <= 6) scanCode(lower, out);
}

/** `$ne`, `user[$ne]`, `user.$gt`; `user__password__startswith` of object mappers. */
function nameOf(lower: string, out: Signals): void {
  for (let at = lower.indexOf('$'); at >= 0; at = lower.indexOf('$', at + 1)) {
    const end = operatorEnd(lower, at + 1);
    const name = lower.slice(at + 1, end);
    if (!OPERATORS.has(name)) continue;
    const before = lower.charCodeAt(at - 1);
    const inside = before === 91 || before === 46;
    if (inside || !COMMON.has(name) || name === 'where') return out.add(R['operator-name']);
  }
  const last = lower.lastIndexOf('__');
  if (last > 0 && lower.indexOf('__') < last && LOOKUPS.includes(lower.slice(last + 2)))
    out.add(R['lookup-name']);
}

/** `{"$ne":1}`, `{$gt:''}`, `, $where: '…'`, `[$ne]=`. */
function operators(lower: string, out: Signals): void {
  for (let at = lower.indexOf('$'); at >= 0; at = lower.indexOf('$', at + 1)) {
    const end = operatorEnd(lower, at + 1);
    if (!OPERATORS.has(lower.slice(at + 1, end))) continue;
    const before = previous(lower, at);
    const behind = skipSpace(lower, isQuote(lower.charCodeAt(end)) ? end + 1 : end);
    const next = lower.charCodeAt(behind);
    if (next === 93 && before === 91) return out.add(R['operator-object']);
    if (next !== 58 || !isValue(lower, skipSpace(lower, behind + 1))) continue;
    out.add(before === 123 ? R['operator-object'] : R['operator-text']);
    if (before === 44 || before === 123) return out.add(R['operator-object']);
  }
}

/** A value rather than the type of a GraphQL variable (`$where: Filter`). */
function isValue(lower: string, at: number): boolean {
  return (
    !isLetter(lower.charCodeAt(at)) || /^(?:true|false|null|function|new)\b/.test(lower.slice(at, at + 9))
  );
}

/** End of the letters of an operator; none is longer than these. */
function operatorEnd(lower: string, from: number): number {
  let end = from;
  while (end < from + 16 && lower.charCodeAt(end) >= 97 && lower.charCodeAt(end) <= 122) end++;
  return end;
}

/** The sign in front of a name, a quote and white space apart. */
function previous(lower: string, at: number): number {
  let i = at - 1;
  while (i >= 0 && (isSpace(lower.charCodeAt(i)) || isQuote(lower.charCodeAt(i)))) i--;
  return lower.charCodeAt(i);
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}

function scanCode(lower: string, out: Signals): void {
  const at = lower.indexOf('db.');
  if (
    at >= 0 &&
    !isLetter(lower.charCodeAt(at - 1)) &&
    /^db\.(?:[\w$]{1,40}\.)?(?:find|insert|update|remove|drop|delete|save|aggregate|count|getcollection|dropdatabase|version|stats|runcommand|hostinfo|adduser|createuser|eval)/.test(
      lower.slice(at, at + 80),
    )
  )
    out.add(R['database-call']);
  if (comparesDocument(lower)) out.add(R['where-code']);
  if (
    lower.includes('return') &&
    /[;{}]\s?return\s?(?:true|false|1|0|!|\(|this|\{|\/|['"])/.test(lower.slice(0, 2000))
  )
    out.add(R['where-code']);
  quoted(lower, out);
}

/** `this.password.match(`, `this.a == 'b'`, `|| this.a`. */
function comparesDocument(lower: string): boolean {
  for (let at = lower.indexOf('this'); at >= 0; at = lower.indexOf('this', at + 4)) {
    if (
      isLetter(lower.charCodeAt(at - 1)) ||
      (lower.charCodeAt(at + 4) !== 46 && lower.charCodeAt(at + 4) !== 91)
    )
      continue;
    const rest = lower.slice(at + 4, at + 60);
    if (
      /^\.[\w.]{1,30}(?:match|test|length|charat|substr|indexof|startswith)?\s?(?:\(|==|!=|>|<|&&|\|\|)/.test(
        rest,
      )
    )
      return true;
  }
  return false;
}

/** `' || 1==1`, `' && this.x`, `'; return`, `' || 'a'=='a`, `'}, …`. */
function quoted(lower: string, out: Signals): void {
  const quote = firstQuote(lower);
  if (quote < 0) return;
  const rest = lower.slice(quote + 1, quote + 80);
  if (/^[\s)\]}]{0,4}(?:\|\||&&)\s?['"(!]?[\w.'"]{1,24}['")]?\s?(?:==|!=|>|<|\/\/|%00|\0|$)/.test(rest))
    return out.add(R['quote-code']);
  if (/^[\s)]{0,3}[;}]{1,3}\s?(?:return|while|sleep|var |let |if|do|throw|function|this)\b/.test(rest))
    out.add(R['quote-code']);
  else if (/^\s?,\s?['"]?\$/.test(rest)) out.add(R['operator-object']);
}

function firstQuote(lower: string): number {
  const single = lower.indexOf("'");
  const double = lower.indexOf('"');
  return single < 0 || (double >= 0 && double < single) ? double : single;
}
