import { isLetter, isSpace } from '../chars.ts';
import type { Signals } from '../../types.ts';
import { XSS_RULES as R } from './rules.ts';

const SCHEMES = ['javascript', 'vbscript', 'livescript', 'jscript', 'mocha'];
/** Scheme names are read backwards over this many characters at most, white space inside them included. */
const MAX_SCHEME = 40;
const DOCUMENTS = [
  'text/html',
  'text/xml',
  'text/javascript',
  'application/xhtml',
  'application/javascript',
  'image/svg',
  'text/vbscript',
  'application/xml',
  'text/x-',
];

/** URLs that are code, at each `:`. */
export function scanUrls(lower: string, out: Signals): void {
  for (let at = lower.indexOf(':'); at >= 0; at = lower.indexOf(':', at + 1)) {
    const before = lower.charCodeAt(at - 1);
    // All schemes end with t or a; white space may stand anywhere before the colon.
    if (before !== 116 && before !== 97 && !isSpace(before)) continue;
    const name = schemeBefore(lower, at);
    if (name === 'data') dataAt(lower, at + 1, out);
    else if (SCHEMES.some((scheme) => name.endsWith(scheme)) && isCode(lower, at + 1))
      out.add(R['script-url']);
  }
}

/** Letters before the colon. White space counts as nothing where tabs or line ends break a scheme apart. */
function schemeBefore(lower: string, colon: number): string {
  let name = '';
  const first = Math.max(0, colon - MAX_SCHEME);
  for (let i = colon - 1; i >= first && name.length < 11; i--) {
    const code = lower.charCodeAt(i);
    if (isLetter(code) && code < 128) name = lower.charAt(i) + name;
    else if (!isSpace(code) && code < 128) break;
  }
  return name;
}

/** `JavaScript: the good parts` goes on as prose, `javascript:alert(1)` as code. */
function isCode(lower: string, from: number): boolean {
  if (lower.charCodeAt(from) === 43 && isLetter(lower.charCodeAt(from + 1))) return false;
  const rest = lower.slice(from, from + 160);
  const first = rest.trimStart();
  if (first === '') return false;
  if (/^(?:[("'`[{</\\!+&\uFEFF-]|\d)/.test(first)) return true;
  return (
    /^[\w$.]{1,60}\s?[(`=[;/\\:?]/.test(first) &&
    (rest === first || /^[\t\n\r]/.test(rest) || first.includes('('))
  );
}

function dataAt(lower: string, from: number, out: Signals): void {
  const rest = lower.slice(from, from + 40).trimStart();
  if (rest.startsWith(',') || rest.startsWith(';base64,phn')) return out.add(R['data-url']);
  if (!DOCUMENTS.some((type) => rest.startsWith(type))) return;
  if (lower.indexOf(',', from) >= 0 || lower.indexOf(';', from) >= 0) out.add(R['data-url']);
}
