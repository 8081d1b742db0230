import { T } from './lex.ts';
import { SQL_RULES as R } from './rules.ts';
import type { Scan } from './scan.ts';
import { SQL } from './words.ts';

/** Statements that change, wait or run something, at word `i`. */
export function statementPatterns(s: Scan, i: number, meaning: number): void {
  switch (meaning) {
    case SQL.statement:
    case SQL.select:
    case SQL.copy:
    case SQL.if:
      return stackedAt(s, i, meaning);
    case SQL.exec:
      return execAt(s, i);
    case SQL.declare:
      return s.e.sign(i + 1, 64) ? s.out.add(R.declare) : undefined;
    case SQL.waitfor:
      return s.e.word(i + 1, SQL.delay) && !plain(s, i + 2) ? s.out.add(R.waitfor) : undefined;
    case SQL.into:
      return s.e.word(i + 1, SQL.outfile) ? s.out.add(R.outfile) : undefined;
    default:
  }
}

function plain(s: Scan, i: number): boolean {
  return s.x.kind[i] === T.word && s.x.what[i] === 0;
}

/** How sure it is that a statement begins at `i`: 0 no, 1 by its first words, 2 by its whole shape. */
function shapeOf(s: Scan, i: number, meaning: number): number {
  const { x, e } = s;
  const word = x.text.slice(x.start[i], x.stop[i]);
  const next = i + 1;
  switch (word) {
    case 'insert':
    case 'replace':
    case 'merge':
      return insertShape(s, next);
    case 'delete':
      return e.word(next, SQL.from) ? tailShape(s, next + 2, SQL.where, next + 1) : 0;
    case 'update':
      return e.word(next + 1, SQL.set) && e.comparison(next + 3) > 0 ? 2 : 0;
    case 'drop':
    case 'create':
    case 'alter':
    case 'truncate':
      return objectShape(s, next);
    case 'shutdown':
      return e.ends(next) ? 1 : 0;
    case 'grant':
    case 'revoke':
      return 0;
    case 'copy':
      return copyShape(s, next);
    default:
      return meaning === SQL.select && !plain(s, next) && next < x.length ? 2 : 0;
  }
}

function insertShape(s: Scan, i: number): number {
  const { e } = s;
  const at = e.word(i, SQL.filler) ? i + 1 : i;
  if (!e.word(at, SQL.into)) return 0;
  const behind = at + 2;
  return e.sign(behind, 40) || e.word(behind, SQL.values) || e.word(behind, SQL.select) || e.sign(behind, 46)
    ? 2
    : 1;
}

function tailShape(s: Scan, i: number, meaning: number, name: number): number {
  if (s.e.word(i, meaning) || s.e.ends(i) || s.e.sign(i, 59)) return s.x.what[name] === SQL.treasure ? 2 : 1;
  return 0;
}

function objectShape(s: Scan, i: number): number {
  const { x, e } = s;
  let at = i;
  while (e.word(at, SQL.or) || e.word(at, SQL.statement) || e.word(at, SQL.filler)) at++;
  if (!e.word(at, SQL.object)) return e.sign(at + 1, 59) && x.kind[at + 2] === T.comment ? 2 : 0;
  while (e.word(at, SQL.object) && at < i + 4) at++;
  if (x.kind[at] !== T.word && x.kind[at] !== T.string) return 0;
  return e.sign(at + 1, 59) || e.sign(at + 1, 40) || x.kind[at + 1] === T.comment ? 2 : 1;
}

function copyShape(s: Scan, i: number): number {
  const last = Math.min(s.x.length, i + 12);
  for (let at = i; at < last; at++) {
    const reads =
      s.e.word(at, SQL.from) || (s.x.kind[at] === T.word && s.x.stop[at] === (s.x.start[at] as number) + 2);
    if (reads && (s.e.word(at + 1, SQL.program) || s.x.kind[at + 1] === T.string)) return 2;
  }
  return 0;
}

function stackedAt(s: Scan, i: number, meaning: number): void {
  const { x, e } = s;
  const stacked = e.sign(i - 1, 59) && i >= 1;
  if (meaning === SQL.select && !stacked) return;
  const shape = shapeOf(s, i, meaning);
  if (shape === 0) return;
  const behindValue =
    i === 1 || x.kind[i - 2] === T.number || x.kind[i - 2] === T.string || e.sign(i - 2, 41);
  const ended = stacked && meaning === SQL.statement && x.length <= i + 4;
  if (stacked && (shape === 2 || behindValue || ended)) s.out.add(R.stacked);
  else if (shape === 2 && (i === x.first || s.quoted)) s.out.add(R.statement);
  else s.out.add(R['statement-loose']);
}

/** `exec xp_…`, `exec master..xp_…`, `exec('…')`, `execute immediate '…'`. */
function execAt(s: Scan, i: number): void {
  const { x, e } = s;
  const next = i + 1;
  const name = x.kind[next] === T.word ? x.text.slice(x.start[next], x.stop[next]) : '';
  if (name.startsWith('xp_') || name.startsWith('sp_') || (e.sign(next + 1, 46) && e.sign(next + 2, 46)))
    return s.out.add(R.procedure);
  if (name === 'immediate' || (name === 'master' && e.sign(next + 1, 46))) return s.out.add(R.procedure);
  const literal = e.sign(next, 40) && (x.kind[next + 1] === T.string || e.sign(next + 1, 64));
  if (literal && (e.sign(i - 1, 59) || s.quoted)) s.out.add(R.procedure);
}
