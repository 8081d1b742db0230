import { T } from './lex.ts';
import { SQL_RULES as R } from './rules.ts';
import type { Scan } from './scan.ts';
import { SQL } from './words.ts';

/** Lists of columns are followed this far. */
const MAX_LIST = 40;

/** UNION SELECT, SELECT … FROM, CASE WHEN, ORDER BY and their kin at word `i`. */
export function selectPatterns(s: Scan, i: number, meaning: number): void {
  switch (meaning) {
    case SQL.union:
      return unionAt(s, i);
    case SQL.select:
      return selectAt(s, i);
    case SQL.case:
      return caseAt(s, i);
    case SQL.order:
    case SQL.group:
      return orderAt(s, i);
    case SQL.having:
      return s.e.condition(i + 1) >= 2 ? s.out.add(R.having) : undefined;
    case SQL.if:
      return ifAt(s, i);
    case SQL.limit:
      return limitAt(s, i);
    default:
  }
}

function unionAt(s: Scan, i: number): void {
  const { e } = s;
  let at = i + 1;
  while (at < i + 8 && (e.word(at, SQL.filler) || e.sign(at, 40) || e.sign(at, 43))) at++;
  if (!e.word(at, SQL.select)) return;
  s.out.add(plainWordFollows(s, at + 1, i) ? R['union-word'] : R['union-select']);
}

/** Prose goes on with a word that is none of SQL, or ends: behind a value or a quote that is no prose any more. */
function plainWordFollows(s: Scan, i: number, union: number): boolean {
  const { x, e } = s;
  let at = i;
  while (e.word(at, SQL.filler) && at < i + 3) at++;
  const before = x.kind[union - 1];
  const positioned = union > x.first && before !== T.word;
  if (at >= x.length) return !positioned && !s.quoted;
  if (x.kind[at] !== T.word || x.what[at] === SQL.null) return false;
  const next = at + 1;
  const list = e.sign(next, 44) || e.sign(next, 40) || e.sign(next, 46) || e.word(next, SQL.from);
  return !(list || (e.ends(next) && (positioned || x.what[at] === SQL.treasure || next < x.length)));
}

/** What the list of a SELECT holds; bits. */
const LIST = {
  star: 1,
  call: 2,
  comma: 4,
  constant: 8,
  system: 16,
  known: 32,
  from: 64,
  prose: 128,
} as const;

function selectAt(s: Scan, i: number): void {
  if (s.e.word(i - 1, SQL.union) || s.e.word(i - 1, SQL.filler)) return;
  const list = listOf(s, i + 1);
  const strong = (list & (LIST.known | LIST.system)) !== 0;
  const from = (list & LIST.from) !== 0;
  const built = (list & (LIST.star | LIST.call | LIST.comma)) !== 0;
  const bracket = s.e.sign(i - 1, 40);
  if (bracket && (strong || from || built || (list & LIST.constant) !== 0)) return s.out.add(R.subquery);
  const sure = strong ? from || (list & (LIST.call | LIST.system)) !== 0 : from && built;
  if (!sure)
    return list !== 0 && (list & LIST.constant) !== 0 && isPositioned(s, i)
      ? s.out.add(R['select-inside'])
      : undefined;
  s.out.add(isPositioned(s, i) ? R.select : R['select-inside']);
}

/** Whether token `i` stands where an injected text begins: at the start, or behind a quote, number, bracket or `;`. */
export function isPositioned(s: Scan, i: number): boolean {
  const { x } = s;
  if (i <= x.first) return true;
  const before = x.kind[i - 1];
  return (
    before === T.number ||
    before === T.string ||
    before === T.sign ||
    (before === T.word && x.what[i - 1] !== 0)
  );
}

function listOf(s: Scan, i: number): number {
  const { x, e } = s;
  let seen = 0;
  let plain = 0;
  const last = Math.min(x.length, i + MAX_LIST);
  for (let at = i; at < last; at++) {
    if (e.word(at, SQL.from)) return seen | fromOf(s, at + 1, plain);
    const kind = x.kind[at];
    if (kind === T.word) {
      const next = e.sign(at + 1, 40);
      seen |= wordInList(x.what[at] as number, next);
      plain =
        x.what[at] === 0 && !next && x.kind[at - 1] === T.word && x.what[at - 1] === 0 ? plain + 1 : plain;
      if (plain > 2) return 0;
    } else if (kind === T.number || kind === T.string || kind === T.open) {
      if (at === i || e.sign(at - 1, 44) || e.sign(at - 1, 40)) seen |= LIST.constant;
    } else if (kind === T.sign) {
      const code = x.what[at] as number;
      if (code === 59) return seen;
      if (code === 44) seen |= LIST.comma;
      else if (code === 42 && at === i) seen |= LIST.star;
      else if (code === 64 * 256 + 64) seen |= LIST.system;
    }
  }
  return seen & ~LIST.comma;
}

function wordInList(meaning: number, called: boolean): number {
  if (!called) return meaning === SQL.catalog || meaning === SQL.column ? LIST.known : 0;
  if (meaning === SQL.harmful || meaning === SQL.function || meaning === SQL.sleep)
    return LIST.call | LIST.known;
  return meaning === SQL.common || meaning === SQL.if ? LIST.call | LIST.known : LIST.call;
}

function fromOf(s: Scan, i: number, plain: number): number {
  const { x, e } = s;
  if (plain > 1) return 0;
  if (e.sign(i, 40)) return LIST.from | LIST.known;
  if (x.kind[i] !== T.word && x.kind[i] !== T.string) return e.ends(i) ? LIST.from : 0;
  const meaning = x.what[i] as number;
  const known =
    meaning === SQL.catalog || meaning === SQL.treasure || meaning === SQL.column || meaning === SQL.object;
  return LIST.from | (known ? LIST.known : 0);
}

function caseAt(s: Scan, i: number): void {
  const last = Math.min(s.x.length, i + MAX_LIST);
  let when = false;
  for (let at = i + 1; at < last; at++) {
    if (s.e.word(at, SQL.when)) {
      if (at > i + 6) return;
      when = true;
    } else if (when && s.e.word(at, SQL.thereupon)) {
      const kind = s.e.operand(at + 1);
      const end = s.e.next;
      if (kind !== 0 && (s.e.word(end, SQL.else) || s.e.word(end, SQL.end) || s.e.word(end, SQL.when)))
        s.out.add(R['case-when']);
      return;
    }
  }
}

/** `order by 3`, `group by 1,2`: numbers count columns; prose orders by 5 o'clock. */
function orderAt(s: Scan, i: number): void {
  const { x, e } = s;
  if (!e.word(i + 1, SQL.by)) return;
  const positioned = i > 0 && (x.kind[i - 1] !== T.word || x.what[i - 1] !== 0);
  let at = i + 2;
  if (e.sign(at, 40)) {
    if (e.word(at + 1, SQL.select) || e.word(at + 1, SQL.case)) s.out.add(R['order-probe']);
    return;
  }
  if (x.kind[at] === T.number) {
    while (x.kind[at] === T.number && e.sign(at + 1, 44)) at += 2;
    const cut = x.kind[at + 1] === T.comment;
    if ((positioned && e.ends(at + 1)) || cut) s.out.add(R['order-probe']);
    return;
  }
  if (s.quoted && positioned && x.kind[at] === T.word && e.ends(at + 1) && at + 1 < x.length)
    s.out.add(R['order-probe']);
}

/** `if(1=1,sleep(5),0)`: a comma behind the comparison tells it from a program's `if (a == b) {`. */
function ifAt(s: Scan, i: number): void {
  const { e } = s;
  if (!e.sign(i + 1, 40)) return;
  if (e.condition(i + 2) >= 2 && e.sign(e.next, 44)) s.out.add(R['if-call']);
}

function limitAt(s: Scan, i: number): void {
  const { x, e } = s;
  if (x.kind[i + 1] !== T.number) return;
  const at = e.sign(i + 2, 44) ? i + 4 : i + 2;
  if (e.word(at, SQL.object) && x.text.startsWith('procedure', x.start[at])) s.out.add(R.procedure);
  if (s.quoted && x.kind[at] === T.comment) s.out.add(R['comment-cut']);
}
