import { isName, nameEnd } from '../chars.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { namesIn, sharedNames } from '../shared-names.ts';
import { WordTable, words as entries } from '../word-table.ts';
import { scanOtherCode } from './languages.ts';
import { constructorAt, moduleAt, processAt, runAt, WORD } from './node-words.ts';
import { CODE_RULES as R } from './rules.ts';

/** Up to this many plain words a value is code rather than prose about code. */
const TERSE = 4;
const SIGNS = HAS.paren | HAS.dot | HAS.bracket | HAS.underscore;
const TABLE = new WordTable([
  ...entries(WORD.require, 'require createrequire'),
  ...entries(WORD.import, 'import'),
  ...entries(WORD.process, 'process'),
  ...entries(
    WORD.run,
    `execsync spawnsync execfile execfilesync spawn exec fork child_process readfilesync readfile
    writefilesync writefile readdirsync readdir createreadstream createwritestream unlinksync appendfilesync
    runinnewcontext runinthiscontext runincontext dlopen mainmodule _load _linkedbinding unlink existssync
    createserver`,
  ),
  ...entries(WORD.global, 'global globalthis root'),
  ...entries(WORD.constructor, 'constructor'),
  ...entries(WORD.function, 'function'),
  ...entries(WORD.loop, 'while do for'),
  ...entries(WORD.server, 'res req response request arguments'),
  ...entries(WORD.module, 'module console buffer'),
  ...entries(WORD.eval, 'eval settimeout setinterval setimmediate'),
]);
const NAMES = sharedNames(TABLE.all, (name) => TABLE.of(name) === WORD.loop);

/** Code that a server would run, Node.js first. */
export function detectCode(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.letter) === 0 || where.place === 'graphql') return;
  const terse = words <= TERSE && lower.length < 4000;
  if ((has & SIGNS) !== 0 && (namesIn(lower) & NAMES) !== 0) scanWords(lower, terse, out);
  if ((has & HAS.paren) !== 0) functions(lower, terse, out);
  if ((has & HAS.underscore) !== 0 && (lower.includes('_$$nd_func$$_') || lower.includes('__js_function')))
    out.add(R['serialized-function']);
  if ((has & HAS.dollar) !== 0) components(lower, out);
  scanOtherCode(value, lower, has, terse, out);
}

function scanWords(lower: string, terse: boolean, out: Signals): void {
  let i = 0;
  while (i < lower.length) {
    if (!isName(lower.charCodeAt(i))) {
      i++;
      continue;
    }
    const end = nameEnd(lower, i);
    const kind = TABLE.get(lower, i, end);
    if (kind !== 0) wordAt(lower, kind, i, end, terse, out);
    i = end;
  }
}

function wordAt(lower: string, kind: number, start: number, end: number, terse: boolean, out: Signals): void {
  const next = lower.charCodeAt(end);
  switch (kind) {
    case WORD.require:
    case WORD.import:
      return moduleAt(lower, kind, end, terse, out);
    case WORD.process:
      return processAt(lower, end, terse, out);
    case WORD.run:
      return runAt(lower, start, end, terse, out);
    case WORD.global:
      if (
        lower.startsWith('.process', end) ||
        lower.startsWith("['process", end) ||
        lower.startsWith('["process', end)
      )
        out.add(R['node-process']);
      return;
    case WORD.constructor:
      return constructorAt(lower, start, end, out);
    case WORD.loop:
      return next === 40 ? loopAt(lower, end, terse, out) : undefined;
    case WORD.server:
      return serverAt(lower, end, terse, out);
    case WORD.module:
      return terse && next === 46 && usesModule(lower, end + 1) ? out.add(R['module-change']) : undefined;
    case WORD.eval:
      return next === 40 &&
        /^["'`]?(?:require|process|global|string|atob|res\.|buffer)/.test(lower.slice(end + 1, end + 12))
        ? out.add(R['node-run'])
        : undefined;
    default:
  }
}

function usesModule(lower: string, at: number): boolean {
  return [
    'exports',
    'constructor',
    'children',
    'log(',
    'info(',
    'error(',
    'warn(',
    'info.',
    'log.',
    'from(',
    'paths',
    'debug(',
  ].some((one) => lower.startsWith(one, at));
}

/** `while(true)`, `while(1)`, `for(;;)`, `while(!0)`. */
function loopAt(lower: string, end: number, terse: boolean, out: Signals): void {
  if (
    terse &&
    /^\(\s?(?:true|[-+(]{0,3}\d|[-+!(]|;\s?;|[-+]?infinity|date|new date|["'])/.test(
      lower.slice(end, end + 16),
    )
  )
    out.add(R['function-value']);
}

/** `(function(){…})()`, `()=>{…})()`, `function(){…}()`, `new Function(`, `new Date(); do {`. */
function functions(lower: string, terse: boolean, out: Signals): void {
  if (!terse) return;
  const called = lower.includes('})()') || lower.includes('}()') || lower.includes('})(');
  if (called && (lower.includes('function') || lower.includes('=>'))) return out.add(R['function-value']);
  if (
    lower.includes('new date') &&
    (lower.includes('while') || lower.includes('do{') || lower.includes('do {'))
  )
    return out.add(R['function-value']);
  if (/(?:^|[=(\s;])(?:new\s)?function\(["'`]/.test(lower.slice(0, 4000))) out.add(R['function-value']);
}

function serverAt(lower: string, end: number, terse: boolean, out: Signals): void {
  if (!terse || (lower.charCodeAt(end) !== 46 && lower.charCodeAt(end) !== 91)) return;
  if (
    /^(?:\.(?:end|send|write|writehead|json|redirect|sendfile|setheader|connection|query|body|socket|cookies|callee)\b|\[\d\]\.)/.test(
      lower.slice(end, end + 14),
    )
  )
    out.add(R['server-answer']);
}

/** References of React server actions that climb to constructors: `$1:__proto__:then`, `$1:constructor:constructor`. */
function components(lower: string, out: Signals): void {
  for (let at = lower.indexOf('$'); at >= 0; at = lower.indexOf('$', at + 1)) {
    if (!isReference(lower, lower.charCodeAt(at + 1) === 64 ? at + 2 : at + 1)) continue;
    const part = lower.slice(at + 1, at + 40);
    if (
      /^@?[0-9a-f]{1,3}:(?:[\w:]{0,30}(?:__proto__|constructor|prototype|_response|_chunks|module))/.test(
        part,
      )
    )
      return out.add(R['component-action']);
  }
}

/** Up to three characters and a colon. */
function isReference(lower: string, at: number): boolean {
  return (
    lower.charCodeAt(at + 1) === 58 || lower.charCodeAt(at + 2) === 58 || lower.charCodeAt(at + 3) === 58
  );
}
