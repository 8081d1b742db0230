import { type RawBuilder, sql } from 'kysely';
import type { SqlRunner } from '../../ports/sql.ts';
import { TRAFFIC_CLASSES, type TopEntry, type TrafficClass, type TrafficCounts } from '../api/types.ts';
import { type Filters, isUnfiltered } from './filters.ts';
import { type LookedAt, lookedAt, sinceWhen } from './looked-at.ts';
import { alignedSpan } from './aligned-span.ts';
import { db, rows } from './query.ts';
import { noTraffic } from './traffic-class.ts';
import { TrafficStore, type TrafficSeriesRow } from './traffic.ts';

/** A span to look at. */
export interface OverviewQuery {
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How many buckets are wished for, 1 to 500; widths are whole multiples of 10 s. */
  readonly buckets: number;
  readonly filters: Filters;
}

/** What the overview shows, without its sentence. */
export interface Overview {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  readonly series: readonly (TrafficCounts & { readonly atMs: number })[];
  readonly totals: TrafficCounts;
  readonly previousTotals: TrafficCounts;
  readonly topAddresses: readonly TopEntry[];
  readonly topRoutes: readonly TopEntry[];
  readonly topGuards: readonly TopEntry[];
  readonly topPrincipals: readonly TopEntry[];
  readonly topRanges: readonly TopEntry[];
  readonly topNetworks: readonly TopEntry[];
  readonly topCountries: readonly TopEntry[];
  readonly topClients: readonly TopEntry[];
  readonly topCodes: readonly TopEntry[];
  readonly sampleShare: number;
  /** The lists of the busiest are made of the newest records of the span: since when; absent when of all. */
  readonly topsSinceMs?: number;
  /** The same for the filtered totals and series. */
  readonly seriesSinceMs?: number;
}

/** Kept decisions that the lists of the busiest are made of at most, so that a wide span stays affordable. */
export const MAX_TOP_RECORDS = 20_000;
/** The same for filtered totals and series. */
export const MAX_COUNTED_RECORDS = 200_000;
const TOP = 10;

/**
 * Totals, series and the busiest of a span. Without filters the figures are exact (the traffic table); with filters they
 * come from the kept decisions, each counted for as many requests as it stands for.
 */
export async function overview(runner: SqlRunner, query: OverviewQuery): Promise<Overview> {
  const span = alignedSpan(query);
  const exact = isUnfiltered(query.filters);
  const traffic = new TrafficStore(runner);
  const { fromMs, toMs, bucketMs } = span;
  const lengthMs = toMs - fromMs;
  const { filters } = query;
  const kept: LookedAt = { fromMs, toMs, filters, atMost: MAX_COUNTED_RECORDS };
  const newest: LookedAt = { ...kept, atMost: MAX_TOP_RECORDS };
  const before: LookedAt = { ...kept, fromMs: fromMs - lengthMs, toMs: fromMs };
  const [found, earlier, tops, topsSinceMs, routes, seriesSinceMs] = await Promise.all([
    exact ? traffic.series(fromMs, toMs, bucketMs) : weightedSeries(runner, kept, bucketMs),
    exact ? traffic.series(before.fromMs, fromMs, lengthMs) : weightedSeries(runner, before, lengthMs),
    busiest(runner, newest),
    sinceWhen(runner, newest),
    exact ? traffic.topRoutes(fromMs, toMs, TOP) : undefined,
    exact ? null : sinceWhen(runner, kept),
  ]);
  const series = Array.from({ length: lengthMs / span.bucketMs }, (_, i) => ({
    atMs: span.fromMs + i * span.bucketMs,
    ...noTraffic(),
  }));
  for (const { index, ...counts } of found) addTo(series[index], counts);
  const totals = noTraffic();
  for (const bucket of series) addTo(totals, bucket);
  const previousTotals = noTraffic();
  for (const bucket of earlier) addTo(previousTotals, bucket);
  return {
    ...span,
    series,
    totals,
    previousTotals,
    topAddresses: tops.lists.address,
    topRoutes: routes ?? tops.lists.route,
    topGuards: tops.lists.guard,
    topPrincipals: tops.lists.principal,
    topRanges: tops.lists.range,
    topNetworks: tops.lists.network,
    topCountries: tops.lists.country,
    topClients: tops.lists.client,
    topCodes: tops.lists.code,
    sampleShare: tops.sampleShare,
    ...(topsSinceMs === null ? {} : { topsSinceMs }),
    ...(seriesSinceMs === null ? {} : { seriesSinceMs }),
  };
}

function addTo(sum: Record<keyof TrafficCounts, number> | undefined, counts: TrafficCounts): void {
  if (sum === undefined) return;
  for (const name of TRAFFIC_CLASSES) sum[name] += counts[name];
  sum.wouldRefuse += counts.wouldRefuse;
}

async function weightedSeries(
  runner: SqlRunner,
  what: LookedAt,
  bucketMs: number,
): Promise<readonly TrafficSeriesRow[]> {
  const statement = sql<TrafficSeriesRow>`
    select (at_ms - ${what.fromMs}::bigint) / ${bucketMs}::bigint as index,
      ${weighed('allowed')} as allowed, ${weighed('answered')} as answered,
      ${weighed('challenged')} as challenged, ${weighed('limited')} as limited, ${weighed('blocked')} as blocked,
      coalesce(round(sum(weight) filter (where would_refuse <> '[]'::jsonb and traffic_class = 'allowed')), 0)::bigint
        as "wouldRefuse"
    from ${lookedAt(what)} as looked group by 1`;
  return rows(runner, { compile: () => statement.compile(db) });
}

function weighed(name: TrafficClass): RawBuilder<number> {
  return sql<number>`coalesce(round(sum(weight) filter (where traffic_class = ${name})), 0)::bigint`;
}

/** What the busiest are asked for, and what of a record it is. Nothing else enumerates them. */
const DIMENSIONS = {
  address: sql`address`,
  range: sql`network(set_masklen(ip, case family(ip) when 4 then 24 else 48 end))::text`,
  network: sql`asn::text`,
  country: sql`country`,
  route: sql`route`,
  client: sql`user_agent`,
  principal: sql`principal`,
  guard: sql`guard`,
  code: sql`code`,
} as const;
type Dimension = keyof typeof DIMENSIONS;
const NAMES = Object.keys(DIMENSIONS) as readonly Dimension[];

interface Busiest {
  readonly lists: Readonly<Record<Dimension, readonly TopEntry[]>>;
  readonly sampleShare: number;
}
interface BusiestRow {
  readonly dimension: Dimension | 'all';
  readonly value: string;
  readonly requests: number;
  readonly refused: number;
}

/** All lists from one reading of the records. */
async function busiest(runner: SqlRunner, what: LookedAt): Promise<Busiest> {
  const top = (dimension: Dimension): RawBuilder<BusiestRow> => sql`
    (select ${dimension}::text as dimension, ${DIMENSIONS[dimension]} as value,
      round(sum(weight))::float8 as requests,
      coalesce(round(sum(weight) filter (where verdict in ('deny', 'challenge'))), 0)::float8 as refused
    from looked where ${DIMENSIONS[dimension]} is not null
    group by 2 order by sum(weight) desc, 2 limit ${TOP})`;
  const statement = sql<BusiestRow>`
    with looked as materialized ${lookedAt(what)}
    ${sql.join(NAMES.map(top), sql` union all `)}
    union all (select 'all', '', coalesce(max(weight), 1), 0 from looked)`;
  const found = await rows(runner, { compile: () => statement.compile(db) });
  const list = (dimension: Dimension): readonly TopEntry[] =>
    found
      .filter((row) => row.dimension === dimension)
      .map(({ value, requests, refused }) => ({ value, requests, refused }))
      .toSorted((a, b) => b.requests - a.requests);
  const mostWeight = found.find((row) => row.dimension === 'all')?.requests ?? 1;
  return {
    lists: Object.fromEntries(NAMES.map((name) => [name, list(name)])) as unknown as Busiest['lists'],
    sampleShare: Math.min(1, 1 / mostWeight),
  };
}
