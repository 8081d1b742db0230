import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { SSI_RULES as S, XXE_RULES as R } from './rules.ts';

const DIRECTIVES = [
  'exec',
  'include',
  'echo',
  'config',
  'fsize',
  'flastmod',
  'printenv',
  'set',
  'if',
  'elif',
  'else',
  'endif',
];

/** Entities and inclusions of XML; inclusions of servers and caches. */
export function detectXml(value: string, _where: Where, out: Signals): void {
  const { has, lower } = textOf(value);
  if ((has & (HAS.less | HAS.bang)) === 0 || (has & HAS.letter) === 0) return;
  if (lower.includes('!entity')) out.add(R.entity);
  if ((has & HAS.less) === 0) return;
  doctype(lower, out);
  included(lower, out);
  directives(lower, out);
  if (lower.includes('<esi:')) out.add(S['edge-include']);
}

/** `<!DOCTYPE html>` loads nothing. */
function doctype(lower: string, out: Signals): void {
  const at = lower.indexOf('<!doctype');
  if (at < 0) return;
  const rest = lower.slice(at + 9, at + 400);
  const close = rest.indexOf('>');
  const head = close < 0 ? rest : rest.slice(0, close);
  if (head.includes('w3.org') || head.includes('w3c')) return;
  if (head.includes('system') || head.includes('public') || head.includes('[')) out.add(R.doctype);
}

function included(lower: string, out: Signals): void {
  if (
    lower.includes('/xinclude') ||
    lower.includes('<xi:include') ||
    lower.includes('<xs:include') ||
    lower.includes('<xsl:include') ||
    lower.includes('<xs:import') ||
    lower.includes('<xsl:import')
  )
    out.add(R.include);
  const schema = lower.indexOf('schemalocation');
  if (schema >= 0 && lower.indexOf('://', schema) > 0)
    out.add(lower.length < 600 ? R.include : R['schema-location']);
  if (lower.includes('<?xml-stylesheet')) out.add(R.stylesheet);
  if (lower.includes('<?xml') && /encoding=.?utf-(?:7|16|32)/.test(lower.slice(0, 200))) out.add(R.charset);
}

/** `<!--#exec cmd="ls"-->`. */
function directives(lower: string, out: Signals): void {
  for (let at = lower.indexOf('<!--'); at >= 0; at = lower.indexOf('<!--', at + 4)) {
    let from = at + 4;
    while (lower.charCodeAt(from) === 32 && from < at + 8) from++;
    if (lower.charCodeAt(from) !== 35) continue;
    const rest = lower.slice(from + 1, from + 14).trimStart();
    if (DIRECTIVES.some((name) => rest.startsWith(name))) return out.add(S.directive);
  }
}
