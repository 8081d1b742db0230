import { isDigit, isSpace, skipSpace } from '../chars.ts';
import { PhraseTable } from '../phrase-table.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { TEMPLATE_RULES as R } from './rules.ts';

/** Up to this many plain words a value is a template rather than a text about one. */
const TERSE = 3;
/** Expressions are read this far. */
const MAX_INSIDE = 300;
const OPENINGS: readonly (readonly [open: string, close: string, sign: number])[] = [
  ['{{', '}}', HAS.brace],
  ['${', '}', HAS.brace],
  ['#{', '}', HAS.brace],
  ['<%', '%>', HAS.percent],
  ['{%', '%}', HAS.brace],
  ['*{', '}', HAS.brace],
  ['~{', '}', HAS.brace],
  ['!{', '}', HAS.brace],
  ['[[', ']]', HAS.bracket],
  ['@(', ')', HAS.at],
  ['{$', '}', HAS.brace],
  ['{=', '}', HAS.brace],
];
const INSIDES =
  `__class__ __mro__ __subclasses__ __globals__ __builtins__ __init__ __import__ __base__ __dict__ _self.
  registerundefinedfilter self.env app.request getclass( .class.forname runtime freemarker .constructor lipsum cycler
  joiner namespace( get_flashed_messages config.items url_for. request.application process.mainmodule child_process
  constructor[ |attr( |filter( popen( os.system file.open( t(java java.lang settings.secret root.process global.process
  require( .prototype #_memberaccess @java. include_relative system( readline( %x( exec( spawn( session.invalidate
  getruntime localstorage forname( newinstance( $where execute( _c.constructor range.constructor string.constructor
  ].constructor $eval $on.constructor `
    .toLowerCase()
    .split(/\s+/)
    .filter((name) => name !== '');
const DIRECTIVES = [
  '#set(',
  '#set (',
  '#include(',
  '#parse(',
  '#foreach(',
  '#evaluate(',
  '<#assign',
  '<#include',
  '<#import',
  '?new()',
  '{php}',
  '{/php}',
  '{{#with',
  '{{#each',
  '{{=<%',
  '{% import',
  '{%import',
  '{% include',
  '{%include',
  '{% for x in',
  '{%for x in',
  '{% set ',
  '{% debug',
  '{% load',
  '<%@',
  '#{$',
  'v-on:',
  '{{#if(',
  '<%=',
  '{system(',
  '{if ',
];

const OBJECTS = new Set([
  'config',
  'self',
  'request',
  'settings',
  'session',
  'debug',
  'app',
  'this',
  'global',
  '.',
  'dump',
  'env',
  'g',
  'url_for',
]);

const PHRASE = { inside: 1, directive: 2, probe: 4 } as const;
const TABLE = new PhraseTable([
  [INSIDES, PHRASE.inside],
  [DIRECTIVES, PHRASE.directive],
  [['${{<%', '{{<%[', '<%[%'], PHRASE.probe],
]);

/** Injection into templates: what stands between the signs of the usual engines. */
export function detectTemplate(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & (HAS.brace | HAS.percent | HAS.bracket | HAS.hash | HAS.at)) === 0) return;
  const terse = words <= TERSE;
  const found = TABLE.find(lower);
  for (const [open, close, sign] of OPENINGS)
    if ((has & sign) !== 0) scan(lower, open, close, terse, found, where, out);
  if ((found & PHRASE.directive) !== 0) out.add(terse ? R.directive : R['directive-mention']);
  if ((found & PHRASE.probe) !== 0) out.add(R.probe);
}

function scan(
  lower: string,
  open: string,
  close: string,
  terse: boolean,
  found: number,
  where: Where,
  out: Signals,
): void {
  for (let at = lower.indexOf(open); at >= 0;) {
    const from = at + open.length;
    // One that opens inside is judged by itself: each character is read as often as there are kinds of openings.
    const next = lower.indexOf(open, from);
    const part = lower.slice(from, next < 0 ? from + MAX_INSIDE : Math.min(next, from + MAX_INSIDE));
    const end = part.indexOf(close);
    judge(lower, end < 0 ? part : part.slice(0, end), open, terse && where.place !== 'graphql', found, out);
    at = next;
  }
}

function judge(
  lower: string,
  inside: string,
  open: string,
  terse: boolean,
  found: number,
  out: Signals,
): void {
  const weak = open === '[[' || open === '@(' || open === '{=';
  if (isWhole(lower, inside, open) && OBJECTS.has(inside.trim())) return out.add(R.inside);
  if (isArithmetic(inside)) return out.add(R.arithmetic);
  if ((found & PHRASE.inside) !== 0 && (TABLE.find(inside) & PHRASE.inside) !== 0) {
    if (terse || open !== '${') out.add(R.inside);
    else out.add(R['call-mention']);
    return;
  }
  if (weak) return;
  if (isCall(inside)) return out.add(terse ? R.call : R['call-mention']);
  if (terse && isWhole(lower, inside, open) && open !== '{$' && !/^[a-z_]{0,24}$/.test(inside.trim()))
    out.add(R.expression);
}

/** Nothing stands around the template. */
function isWhole(lower: string, inside: string, open: string): boolean {
  return lower.length <= inside.length + open.length + 2;
}

/** `7*7`, `7*'7'`, `1337*1338`, `9-3`: numbers and an operator, and nothing else. */
function isArithmetic(inside: string): boolean {
  let at = skipSpace(inside, 0);
  if (inside.charCodeAt(at) === 61 || inside.charCodeAt(at) === 40) at++;
  at = skipSpace(inside, at);
  const first = at;
  while (isDigit(inside.charCodeAt(at))) at++;
  if (at === first) return false;
  at = skipSpace(inside, at);
  const sign = inside.charAt(at);
  if (sign !== '*' && sign !== '+' && sign !== '-' && sign !== '/' && sign !== '%') return false;
  const next = inside.charCodeAt(skipSpace(inside, at + 1));
  return isDigit(next) || next === 39 || next === 34;
}

/** A name with a bracket behind it, as in `name(`, or `name.call(`; commas and colons of prose or ICU messages are none. */
function isCall(inside: string): boolean {
  const at = inside.indexOf('(');
  if (at < 1)
    return (
      inside.includes('|') && /\|\s?(?:attr|map|join|system|filter|safe|e\b|exec|eval|shell)/.test(inside)
    );
  const before = inside.charCodeAt(at - 1);
  return !isSpace(before) && before !== 44 && before !== 58;
}
