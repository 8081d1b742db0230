import { isDigit, isName, isSpace, nameEnd, skipSpace, skipSpaceBack } from '../chars.ts';
import type { Signals } from '../../types.ts';
import { namesIn, sharedNames } from '../shared-names.ts';
import { XSS_RULES as R } from './rules.ts';
import { JS, PAGE_MEMBERS, SCRIPT_WORDS } from './words.ts';

/** Up to this many plain words a value is code rather than prose about code. */
const TERSE = 3;
/** Brackets and signs in a row without a letter, from which on it is code of nothing but signs. */
const SYMBOLS = 24;
const NAMES = sharedNames(SCRIPT_WORDS.all, (name) => SCRIPT_WORDS.of(name) === JS.window);
const WINDOW_MEMBERS = new Set([
  'location',
  'open',
  'eval',
  'name',
  'document',
  'localstorage',
  'onerror',
  'alert',
]);

/** Code of a browser, name by name. */
export function scanScript(lower: string, plainWords: number, out: Signals): void {
  if ((namesIn(lower) & NAMES) === 0) return;
  const terse = plainWords <= TERSE;
  let i = 0;
  while (i < lower.length) {
    const code = lower.charCodeAt(i);
    if (!isName(code) || isDigit(code)) {
      i++;
      continue;
    }
    const end = nameEnd(lower, i);
    const kind = SCRIPT_WORDS.get(lower, i, end);
    if (kind !== 0) wordAt(lower, kind, i, end, terse, out);
    i = end;
  }
}

function wordAt(lower: string, kind: number, start: number, end: number, terse: boolean, out: Signals): void {
  switch (kind) {
    case JS.dialog:
      if (isCalled(lower, start, end))
        out.add(terse || isBrokenOut(lower, start) ? R['dialog-call'] : R['dialog-mention']);
      return;
    case JS.evaluates:
    case JS.decodes:
      return evaluatedAt(lower, kind, end, terse, out);
    case JS.page:
      return pageAt(lower, end, terse, out);
    case JS.window:
      return windowAt(lower, start, end, terse, out);
    default:
      if (!isCalled(lower, start, end)) return;
      if (isBrokenOut(lower, start)) out.add(R['script-breakout']);
      else if (terse && isRemote(lower, end + 1)) out.add(R['eval-call']);
  }
}

/** `alert(`, `` alert` ``, `alert?.(`, `(alert)(`, `alert.call(`, `alert/**\/(`; white space only where code follows. */
function isCalled(lower: string, start: number, end: number): boolean {
  let at = end;
  const before = lower.charCodeAt(start - 1);
  if (isName(before) || before === 45) return false;
  if (lower.startsWith('?.', at)) at += 2;
  at = skipComment(lower, at);
  const code = lower.charCodeAt(at);
  if (code === 96) return true;
  if (code === 40) return isArgument(lower, at + 1);
  if (lower.startsWith('.call', at) || lower.startsWith('.apply', at) || lower.startsWith('.bind', at))
    return true;
  if (code === 41 && (before === 40 || before === 44))
    return lower.charCodeAt(skipSpace(lower, at + 1)) === 40 || lower.charCodeAt(at + 1) === 96;
  if (!isSpace(code)) return false;
  const next = skipSpace(lower, at);
  return (
    lower.charCodeAt(next) === 96 || (lower.charCodeAt(next) === 40 && isLiteral(lower.charCodeAt(next + 1)))
  );
}

/** Index behind a short comment at `at`, where one stands there. */
function skipComment(lower: string, at: number): number {
  if (!lower.startsWith('/*', at)) return at;
  const close = lower.slice(at, at + 80).indexOf('*/');
  return close < 0 ? at : at + close + 2;
}

function isArgument(lower: string, at: number): boolean {
  return at < lower.length;
}

function isLiteral(code: number): boolean {
  return isDigit(code) || code === 39 || code === 34 || code === 96 || code === 41 || code === 47;
}

/** A quote was closed before this name, and only signs stand between. */
function isBrokenOut(lower: string, start: number): boolean {
  let at = start - 1;
  let separated = false;
  const first = Math.max(0, start - 12);
  for (; at >= first; at--) {
    const code = lower.charCodeAt(at);
    // Only the first quote of a value can close what stood around it.
    if (code === 39 || code === 34 || code === 96) return separated && lower.indexOf(lower.charAt(at)) === at;
    if (isName(code) || code === 60 || code === 61 || code === 46) return false;
    if (!isSpace(code)) separated = true;
  }
  return false;
}

function evaluatedAt(lower: string, kind: number, end: number, terse: boolean, out: Signals): void {
  if (lower.charCodeAt(end) !== 40 && lower.charCodeAt(end) !== 96) return;
  const inner = skipSpace(lower, end + 1);
  const innerEnd = nameEnd(lower, inner);
  const nested = SCRIPT_WORDS.get(lower, inner, innerEnd);
  const hidden =
    nested === JS.decodes ||
    nested === JS.evaluates ||
    nested === JS.dialog ||
    lower.startsWith('string.from', inner);
  const dot = lower.charCodeAt(innerEnd) === 46;
  const member = dot ? PAGE_MEMBERS.get(lower, innerEnd + 1, nameEnd(lower, innerEnd + 1)) : 0;
  if (hidden && lower.charCodeAt(innerEnd) !== 123) return out.add(R['eval-call']);
  const text =
    lower.charCodeAt(inner) === 39 || lower.charCodeAt(inner) === 34 || lower.charCodeAt(inner) === 96;
  const numbers = kind === JS.decodes && isDigit(lower.charCodeAt(inner));
  if (numbers || (terse && kind === JS.evaluates && (text || (nested === JS.page && member !== 0))))
    return out.add(R['eval-call']);
  if (terse || text) out.add(R['eval-mention']);
}

function pageAt(lower: string, end: number, terse: boolean, out: Signals): void {
  let at = end;
  at = skipComment(lower, at);
  at = skipSpace(lower, at);
  if (lower.charCodeAt(at) === 63) at++;
  const code = lower.charCodeAt(at);
  if (code === 41 && lower.charCodeAt(at + 1) === 91) at++;
  if (lower.charCodeAt(at) === 91) {
    const quote = lower.charCodeAt(at + 1);
    if (quote === 39 || quote === 34 || quote === 96) out.add(R['hidden-name']);
    return;
  }
  if (code !== 46) return;
  at++;
  at = skipComment(lower, at);
  const member = skipSpace(lower, at);
  if (member > at && !isSpace(lower.charCodeAt(end)) && lower.charCodeAt(end) !== 47) return;
  if (PAGE_MEMBERS.get(lower, member, nameEnd(lower, member)) === 0) return;
  out.add(terse ? R['document-access'] : R['document-mention']);
}

/** `import('//x')`, `fetch("https://x")`. */
function isRemote(lower: string, at: number): boolean {
  const quote = lower.charCodeAt(at);
  if (quote !== 39 && quote !== 34 && quote !== 96) return false;
  return (
    lower.startsWith('//', at + 1) || lower.startsWith('http', at + 1) || lower.startsWith('data:', at + 1)
  );
}

/** `window['al'+'ert']`, `top[/al/.source+/ert/.source]`, `self["alert"]`. */
function windowAt(lower: string, start: number, end: number, terse: boolean, out: Signals): void {
  if (isName(lower.charCodeAt(start - 1)) || lower.charCodeAt(start - 1) === 46) return;
  const at = lower.startsWith('?.', end) ? end + 2 : end;
  if (
    terse &&
    lower.charCodeAt(end) === 46 &&
    WINDOW_MEMBERS.has(lower.slice(end + 1, nameEnd(lower, end + 1)))
  )
    return out.add(R['document-access']);
  if (lower.charCodeAt(at) !== 91) return;
  const inner = lower.charCodeAt(skipSpace(lower, at + 1));
  if (inner === 39 || inner === 34 || inner === 96 || inner === 47) out.add(R['hidden-name']);
}

/** Code of nothing but `[]()!+{}`, and a quote of a script that is closed in front of any call. */
export function scanSigns(lower: string, out: Signals): void {
  let run = 0;
  for (let i = 0; i < lower.length; i++) {
    const code = lower.charCodeAt(i);
    if (code === 91 || code === 93 || code === 40 || code === 41 || code === 33 || code === 43) run++;
    else if (code !== 32 || isSpace(lower.charCodeAt(i + 1))) run = 0;
    if (run >= SYMBOLS) return out.add(R['symbols-only']);
  }
}

/** `';f(1)//`, `"-f(1)-"`, `'});f()`: the quote is the first of the value, what follows ends like an attack. */
export function scanBreakout(lower: string, out: Signals): void {
  const quote = firstQuote(lower);
  if (quote < 0) return;
  let at = quote + 1;
  let operator = false;
  while (at < lower.length && at < quote + 20 && isOperator(lower.charCodeAt(at))) {
    if (!isSpace(lower.charCodeAt(at))) operator = true;
    at++;
  }
  if (!operator) return;
  const end = chainEnd(lower, at);
  const called = lower.charCodeAt(end) === 40 || lower.charCodeAt(end) === 96;
  if (!called || end === at) return;
  const tail = lower.charCodeAt(skipSpaceBack(lower, lower.length - 1));
  const quoteAgain =
    tail === lower.charCodeAt(quote) || tail === 47 || tail === 59 || tail === 45 || tail === 43;
  out.add(quoteAgain ? R['script-breakout'] : R['script-breakout-weak']);
}

function firstQuote(lower: string): number {
  const single = lower.indexOf("'");
  const double = lower.indexOf('"');
  if (single < 0 || double < 0) return Math.max(single, double);
  return Math.min(single, double);
}

function isOperator(code: number): boolean {
  return isSpace(code) || '-+*/|&,?^%;)]}(!~[{'.includes(String.fromCharCode(code));
}

/** End of `a.b?.c`. */
function chainEnd(lower: string, from: number): number {
  let at = nameEnd(lower, from);
  while (lower.charCodeAt(at) === 46 || lower.charCodeAt(at) === 63) {
    const next = nameEnd(lower, at + 1);
    if (next === at + 1 && lower.charCodeAt(at + 1) !== 46) return at;
    at = next;
  }
  return at;
}
