import { isName, isSpace, nameEnd, skipSpace } from '../chars.ts';
import type { Signals } from '../../types.ts';
import { CODE_RULES as R } from './rules.ts';

/** Words of Node.js that are looked at. */
export const WORD = {
  require: 1,
  import: 2,
  process: 3,
  run: 4,
  global: 5,
  constructor: 6,
  function: 7,
  loop: 8,
  server: 9,
  module: 10,
  eval: 11,
} as const;

const MODULES = new Set([
  'child_process',
  'fs',
  'fs/promises',
  'os',
  'http',
  'https',
  'net',
  'dns',
  'vm',
  'module',
  'process',
  'repl',
  'cluster',
  'worker_threads',
  'inspector',
  'v8',
  'util',
  'path',
  'tls',
  'dgram',
  'flag',
  'crypto',
  'events',
  'stream',
  'url',
]);
const PROCESS = [
  'mainmodule',
  'binding',
  'env',
  'exit',
  'kill',
  'abort',
  'argv',
  'cwd',
  'versions',
  'version',
  'dlopen',
  'chdir',
  'stdout',
  'platform',
  'config',
  'execpath',
  'getbuiltinmodule',
  'memoryusage',
  'pid',
  '_tickcallback',
  'nexttick',
  'report',
  'uptime',
  'title',
];

/** `require('fs')`, `import("child_process")`, `require.main`, `require[x]`. */
export function moduleAt(lower: string, kind: number, end: number, terse: boolean, out: Signals): void {
  const next = lower.charCodeAt(end);
  if (next === 46 || next === 91) {
    if (
      kind === WORD.require &&
      (lower.startsWith('.main', end) || lower.startsWith('.cache', end) || next === 91)
    )
      out.add(terse ? R['node-module'] : R['node-module-mention']);
    return;
  }
  const open = skipSpace(lower, end);
  const tick = lower.charCodeAt(open) === 96 && kind === WORD.require && open === end;
  if (lower.charCodeAt(open) !== 40 && !tick) {
    if (kind === WORD.require && terse && next === 59) out.add(R['node-module']);
    return;
  }
  const quote = tick ? open : skipSpace(lower, open + 1);
  if (open > end && !isQuote(lower.charCodeAt(quote))) return;
  const from = tick ? open + 1 : isQuote(lower.charCodeAt(quote)) ? quote + 1 : quote;
  const close = moduleEnd(lower, from);
  const name = lower.slice(from, close).replace('node:', '');
  const used =
    lower.slice(close, close + 4).includes(')') && lower.startsWith('.', lower.indexOf(')', close) + 1);
  if (!MODULES.has(name) && !(terse && kind === WORD.require)) return;
  out.add(terse || (used && name === 'child_process') ? R['node-module'] : R['node-module-mention']);
}

function moduleEnd(lower: string, from: number): number {
  let at = from;
  while (
    at < lower.length &&
    at < from + 24 &&
    (isName(lower.charCodeAt(at)) || lower.charCodeAt(at) === 47 || lower.charCodeAt(at) === 58)
  )
    at++;
  return at;
}

function isQuote(code: number): boolean {
  return code === 39 || code === 34 || code === 96;
}

/** `process.env`, `process['mainModule']`. */
export function processAt(lower: string, end: number, terse: boolean, out: Signals): void {
  const next = lower.charCodeAt(end);
  if (next !== 46 && next !== 91) return;
  const at = next === 91 && isQuote(lower.charCodeAt(end + 1)) ? end + 2 : end + 1;
  if (next === 91 && terse) return out.add(R['node-process']);
  const member = lower.slice(at, nameEnd(lower, at));
  if (!PROCESS.includes(member)) return;
  const strong = member === 'mainmodule' || member === 'binding' || member === 'dlopen';
  out.add(strong || terse ? R['node-process'] : R['node-process-mention']);
}

/** `execSync(`, `.spawn(`, `child_process`. */
export function runAt(lower: string, start: number, end: number, terse: boolean, out: Signals): void {
  const name = lower.slice(start, end);
  if (name === 'child_process') {
    const used =
      !isSpace(lower.charCodeAt(end)) && !isSpace(lower.charCodeAt(start - 1)) && end < lower.length;
    return out.add(terse && used ? R['node-run'] : R['node-run-mention']);
  }
  const called = lower.charCodeAt(end) === 40 || lower.charCodeAt(end) === 96;
  if (!called) return;
  const member = lower.charCodeAt(start - 1) === 46;
  if ((name === 'exec' || name === 'fork') && !(member && isQuote(lower.charCodeAt(end + 1)))) return;
  if ((name === 'spawn' || name === 'unlink' || name === 'readfile') && !member) return;
  out.add(terse ? R['node-run'] : R['node-run-mention']);
}

/** `constructor.constructor(`, `constructor("return …")`, `['constructor']`, `constructor.prototype`. */
export function constructorAt(lower: string, start: number, end: number, out: Signals): void {
  const next = lower.slice(end, end + 16);
  if (
    next.startsWith('.constructor') ||
    next.startsWith('["constructor') ||
    next.startsWith("['constructor") ||
    next.startsWith('"]["constr') ||
    next.startsWith("']['constr")
  )
    out.add(R['constructor-chain']);
  else if (next.startsWith('.prototype') || next.startsWith('._load')) out.add(R['constructor-chain']);
  else if (
    /^["'`]?\]?\(\s?["'`](?:return|alert|throw|require|process|global|import|fetch|eval)/.test(
      lower.slice(end, end + 24),
    )
  )
    out.add(R['constructor-chain']);
  else if (lower.charCodeAt(start - 1) === 58 && next.startsWith(':constructor'))
    out.add(R['component-action']);
}
