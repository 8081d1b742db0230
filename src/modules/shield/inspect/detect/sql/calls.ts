import { T } from './lex.ts';
import { SQL_RULES as R } from './rules.ts';
import type { Scan } from './scan.ts';
import { SQL } from './words.ts';

/** Functions, procedures and tables of the system at word `i`. */
export function callPatterns(s: Scan, i: number, meaning: number): void {
  const called = s.e.sign(i + 1, 40);
  switch (meaning) {
    case SQL.harmful:
      return s.out.add(called || s.e.sign(i + 1, 46) ? R['harmful-function'] : R['harmful-name']);
    case SQL.sleep:
      return called ? sleepAt(s, i) : undefined;
    case SQL.function:
    case SQL.common:
      return called ? functionAt(s, i, meaning) : undefined;
    case SQL.catalog:
      return catalogAt(s, i);
    case SQL.column:
      return s.out.add(R['catalog-column']);
    default:
  }
}

function sleepAt(s: Scan, i: number): void {
  const kind = s.e.operand(i + 2);
  if (kind === 1 || kind === 3) s.out.add(s.e.sign(s.e.next, 44) ? R['harmful-function'] : R.sleep);
}

function functionAt(s: Scan, i: number, meaning: number): void {
  const { x, e } = s;
  const word = x.start[i] as number;
  if (meaning === SQL.function) s.out.add(R.function);
  if (isChar(x.text, word, x.stop[i] as number)) charsAt(s, i);
  if (e.sign(i + 2, 41)) {
    if (IDENTITIES.has(x.text.slice(word, x.stop[i]))) s.out.add(R.identity);
    return;
  }
  // ascii(substr(…)), concat(0x7e,version(),…): another function in the first arguments.
  const last = Math.min(x.length, i + 10);
  for (let at = i + 2; at < last; at++) {
    if (e.sign(at, 41)) return;
    if (x.kind[at] === T.word && e.sign(at + 1, 40) && isInner(x.what[at] as number, meaning))
      return s.out.add(R['nested-functions']);
    if (e.word(at, SQL.select)) return s.out.add(R['nested-functions']);
  }
}

const IDENTITIES = new Set([
  'version',
  'user',
  'database',
  'current_user',
  'session_user',
  'system_user',
  'schema',
]);

function isInner(meaning: number, outer: number): boolean {
  return (
    meaning === SQL.function || meaning === SQL.sleep || (meaning === SQL.common && outer === SQL.function)
  );
}

function isChar(text: string, start: number, stop: number): boolean {
  if (stop - start === 3) return text.startsWith('chr', start);
  return (
    (stop - start === 4 && text.startsWith('char', start)) ||
    (stop - start === 5 && text.startsWith('nchar', start))
  );
}

/** `char(113,122,120)` or `chr(113)||chr(122)`. */
function charsAt(s: Scan, i: number): void {
  const { x, e } = s;
  if (x.kind[i + 2] !== T.number) return;
  if (e.sign(i + 3, 44) && x.kind[i + 4] === T.number) return s.out.add(R['char-chain']);
  if (!e.sign(i + 3, 41)) return;
  const join = i + 4;
  const joined = e.word(join, SQL.or) || e.sign(join, 43) || e.sign(join, 44) || x.kind[join] === T.word;
  const at = x.kind[join] === T.word && !e.word(join, SQL.or) ? join : join + 1;
  if (joined && x.kind[at] === T.word && isChar(x.text, x.start[at] as number, x.stop[at] as number))
    s.out.add(R['char-chain']);
}

/** `information_schema.tables`, `from sqlite_master`. */
function catalogAt(s: Scan, i: number): void {
  const used = s.e.sign(i + 1, 46) || s.e.word(i - 1, SQL.from) || s.e.sign(i - 1, 46);
  s.out.add(used ? R.catalog : R['catalog-name']);
}
