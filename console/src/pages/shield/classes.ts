import type { AttackClass, ShieldAnswer } from '../../api/shield.ts';
import { columnTime } from '../../chart/words.ts';
import { percent, plural, whole } from '../../format/number.ts';
import { clockTime, shortTime } from '../../format/time.ts';
import type { Zone } from '../../format/time.ts';

/** Kinds of attack as a reader sees them, in the order that the chart stacks them. */
export const CLASS_NAME: Readonly<Record<AttackClass, string>> = {
  sql: 'SQL injection',
  xss: 'Cross-site scripting',
  traversal: 'Path traversal',
  command: 'Command injection',
  nosql: 'NoSQL injection',
  template: 'Template injection',
  code: 'Code injection',
  xxe: 'XML entities',
  ldap: 'LDAP injection',
  crlf: 'Header injection',
  ssrf: 'Request forgery',
  ssi: 'Server-side includes',
  pollution: 'Prototype pollution',
  scanner: 'Scanners',
  protocol: 'Protocol abuse',
};
const ORDER = Object.keys(CLASS_NAME) as readonly AttackClass[];

/** What a column of the chart is made of: a kind of attack, or all that have no colour of their own. */
export type Kind = AttackClass | 'other';
export const kindName = (kind: Kind): string => (kind === 'other' ? 'Other kinds' : CLASS_NAME[kind]);

/** Kinds that get a colour of their own. */
const COLOURS = 5;

/** A kind with its place among the colours: 1 to 5, or `other`. */
export interface Band {
  readonly kind: Kind;
  readonly colour: 1 | 2 | 3 | 4 | 5 | 'other';
}

/**
 * The busiest kinds in a fixed order, the rest as one. A kind keeps its colour from one answer to the next, but where a
 * busier one had it before.
 */
export function bandsOf(series: ShieldAnswer['series']): readonly Band[] {
  const totals = totalsOf(series);
  const busiest = ORDER.filter((kind) => (totals.get(kind) ?? 0) > 0)
    .toSorted((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0))
    .slice(0, COLOURS);
  const taken = new Set<number>();
  const bands = ORDER.filter((kind) => busiest.includes(kind)).map((kind): Band => {
    let slot = ORDER.indexOf(kind) % COLOURS;
    while (taken.has(slot)) slot = (slot + 1) % COLOURS;
    taken.add(slot);
    return { kind, colour: (slot + 1) as 1 };
  });
  return totals.size > busiest.length ? [...bands, { kind: 'other', colour: 'other' }] : bands;
}

function totalsOf(series: ShieldAnswer['series']): ReadonlyMap<AttackClass, number> {
  const totals = new Map<AttackClass, number>();
  for (const { counts } of series)
    for (const kind of ORDER) {
      const count = counts[kind] ?? 0;
      if (count > 0) totals.set(kind, (totals.get(kind) ?? 0) + count);
    }
  return totals;
}

type Counts = ShieldAnswer['series'][number]['counts'];

/** Requests of a column that belong to a band. */
export function countOf(counts: Counts, kind: Kind, bands: readonly Band[]): number {
  if (kind !== 'other') return counts[kind] ?? 0;
  return ORDER.filter((one) => bands.every((band) => band.kind !== one)).reduce(
    (sum, one) => sum + (counts[one] ?? 0),
    0,
  );
}

/** All requests of a column. */
export const sumOf = (counts: Counts): number => ORDER.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);

/** A column of the chart: each shown band with its lower and upper bound. */
export interface KindColumn {
  readonly atMs: number;
  readonly total: number;
  readonly parts: readonly (Band & { readonly from: number; readonly to: number })[];
}

/** Stacks the bands that are shown. */
export function stackKinds(
  series: ShieldAnswer['series'],
  bands: readonly Band[],
  hidden: ReadonlySet<string>,
): readonly KindColumn[] {
  return series.map(({ atMs, counts }) => {
    let total = 0;
    const parts: KindColumn['parts'][number][] = [];
    for (const band of bands) {
      const count = hidden.has(band.kind) ? 0 : countOf(counts, band.kind, bands);
      if (count === 0) continue;
      parts.push({ ...band, from: total, to: total + count });
      total += count;
    }
    return { atMs, total, parts };
  });
}

/** One column read aloud: `14:05: 12 requests, 9 SQL injection, 3 scanners`. */
export function columnSentence(
  column: ShieldAnswer['series'][number],
  bands: readonly Band[],
  spanMs: number,
  zone: Zone,
): string {
  const total = sumOf(column.counts);
  const parts = bands
    .map(({ kind }) => ({ kind, count: countOf(column.counts, kind, bands) }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${whole(count)} ${kindName(kind)}`);
  return `${columnTime(column.atMs, spanMs, zone)}: ${total === 0 ? 'nothing found' : [plural(total, 'request'), ...parts].join(', ')}`;
}

/** What the chart shows, which kind is most of it, and when it was worst. */
export function kindsSentence(
  { series, bucketMs }: Pick<ShieldAnswer, 'series' | 'bucketMs'>,
  zone: Zone,
): string {
  const totals = totalsOf(series);
  const all = [...totals.values()].reduce((sum, count) => sum + count, 0);
  const first = series[0];
  if (all === 0 || !first) return 'Inspection found no attack in this span.';
  const [top, count] = [...totals].reduce((best, one) => (one[1] > best[1] ? one : best));
  const worst = series.reduce((best, one) => (sumOf(one.counts) > sumOf(best.counts) ? one : best));
  const spanMs = bucketMs * series.length;
  const when =
    spanMs > 86_400_000 ? `on ${shortTime(worst.atMs, zone)}` : `at ${clockTime(worst.atMs, zone, false)}`;
  return `${plural(all, 'attack')} found; ${percent(count / all)} ${CLASS_NAME[top]}. Most ${when}: ${whole(sumOf(worst.counts))}.`;
}
