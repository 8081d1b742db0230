import { type RawBuilder, sql } from 'kysely';
import type { SqlRunner } from '../../ports/sql.ts';
import { TRAFFIC_CLASSES, type TopEntry, type TrafficClass, type TrafficCounts } from '../api/types.ts';
import { condition, type Filters, isUnfiltered } from './filters.ts';
import { firstIdAt } from './id-range.ts';
import { db, rows } from './query.ts';
import { noTraffic } from './traffic-class.ts';
import { TRAFFIC_BUCKET_MS, TrafficStore, type TrafficSeriesRow } from './traffic.ts';

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
  readonly sampleShare: number;
  /** The lists of the busiest are made of the newest records of the span: since when; absent when of all. */
  readonly topsSinceMs?: number;
}

/** Records that the lists of the busiest are made of at most, so that a wide span stays affordable. */
export const MAX_TOP_RECORDS = 100_000;
const TOP = 10;

/**
 * Totals, series and the busiest of a span. Without filters the figures are exact (the traffic table); with filters they
 * come from the kept decisions, each counted for as many requests as it stands for.
 */
export async function overview(runner: SqlRunner, query: OverviewQuery): Promise<Overview> {
  const span = alignedSpan(query);
  const exact = isUnfiltered(query.filters);
  const traffic = new TrafficStore(runner);
  const count = (fromMs: number, toMs: number, bucketMs: number): Promise<readonly TrafficSeriesRow[]> =>
    exact
      ? traffic.series(fromMs, toMs, bucketMs)
      : weightedSeries(runner, fromMs, toMs, bucketMs, query.filters);
  const lengthMs = span.toMs - span.fromMs;
  const [found, before, tops, routes] = await Promise.all([
    count(span.fromMs, span.toMs, span.bucketMs),
    count(span.fromMs - lengthMs, span.fromMs, lengthMs),
    busiest(runner, span.fromMs, span.toMs, query.filters),
    exact ? traffic.topRoutes(span.fromMs, span.toMs, TOP) : undefined,
  ]);
  const series = Array.from({ length: lengthMs / span.bucketMs }, (_, i) => ({
    atMs: span.fromMs + i * span.bucketMs,
    ...noTraffic(),
  }));
  for (const { index, ...counts } of found) addTo(series[index], counts);
  const totals = noTraffic();
  for (const bucket of series) addTo(totals, bucket);
  const previousTotals = noTraffic();
  for (const bucket of before) addTo(previousTotals, bucket);
  return {
    ...span,
    series,
    totals,
    previousTotals,
    topAddresses: tops.address,
    topRoutes: routes ?? tops.route,
    topGuards: tops.guard,
    topPrincipals: tops.principal,
    sampleShare: tops.sampleShare,
    ...(tops.sinceMs === null ? {} : { topsSinceMs: tops.sinceMs }),
  };
}

/** Widens a span to whole buckets, whose width is a multiple of the stored one. */
function alignedSpan(query: OverviewQuery): { fromMs: number; toMs: number; bucketMs: number } {
  const fromMs = Math.floor(query.fromMs / TRAFFIC_BUCKET_MS) * TRAFFIC_BUCKET_MS;
  const lengthMs = Math.max(1, query.toMs - fromMs);
  const bucketMs = Math.ceil(lengthMs / query.buckets / TRAFFIC_BUCKET_MS) * TRAFFIC_BUCKET_MS;
  return { fromMs, toMs: fromMs + Math.ceil(lengthMs / bucketMs) * bucketMs, bucketMs };
}

function addTo(sum: Record<keyof TrafficCounts, number> | undefined, counts: TrafficCounts): void {
  if (sum === undefined) return;
  for (const name of TRAFFIC_CLASSES) sum[name] += counts[name];
  sum.wouldRefuse += counts.wouldRefuse;
}

async function weightedSeries(
  runner: SqlRunner,
  fromMs: number,
  toMs: number,
  bucketMs: number,
  filters: Filters,
): Promise<readonly TrafficSeriesRow[]> {
  const statement = db
    .selectFrom('rampart.decisions')
    .select([
      sql<number>`((at_ms - ${fromMs}::bigint) / ${bucketMs}::bigint)`.as('index'),
      weighed('allowed').as('allowed'),
      weighed('answered').as('answered'),
      weighed('challenged').as('challenged'),
      weighed('limited').as('limited'),
      weighed('blocked').as('blocked'),
      sql<number>`coalesce(round(sum(weight) filter (where would_refuse <> '[]'::jsonb and traffic_class = 'allowed')), 0)::bigint`.as(
        'wouldRefuse',
      ),
    ])
    .where('id', '>=', firstIdAt('dec', fromMs))
    .where('id', '<', firstIdAt('dec', toMs))
    .where((eb) => condition(eb, filters))
    .groupBy(sql`1`);
  return rows(runner, statement);
}

function weighed(name: TrafficClass): RawBuilder<number> {
  return sql<number>`coalesce(round(sum(weight) filter (where traffic_class = ${name})), 0)::bigint`;
}

interface Busiest {
  readonly address: readonly TopEntry[];
  readonly route: readonly TopEntry[];
  readonly guard: readonly TopEntry[];
  readonly principal: readonly TopEntry[];
  readonly sampleShare: number;
  readonly sinceMs: number | null;
}

const DIMENSIONS = ['address', 'route', 'guard', 'principal'] as const;
type Dimension = (typeof DIMENSIONS)[number];
interface BusiestRow {
  readonly dimension: Dimension | 'all';
  readonly value: string | null;
  readonly requests: number;
  readonly refused: number;
  readonly most_weight: number;
  readonly since_ms: number;
  readonly kept: number;
}

/** All four lists in one pass over the records: grouping sets, then the first ten of each. */
async function busiest(runner: SqlRunner, fromMs: number, toMs: number, filters: Filters): Promise<Busiest> {
  const within = db
    .selectFrom('rampart.decisions')
    .select(['address', 'route', 'guard', 'principal', 'verdict', 'weight', 'at_ms'])
    .where('id', '>=', firstIdAt('dec', fromMs))
    .where('id', '<', firstIdAt('dec', toMs))
    .where((eb) => condition(eb, filters))
    .orderBy('id', 'desc')
    .limit(MAX_TOP_RECORDS);
  const statement = sql<BusiestRow>`
    select dimension, value, requests, refused, most_weight, since_ms, kept from (
      select
        case when grouping(address) = 0 then 'address' when grouping(route) = 0 then 'route'
             when grouping(guard) = 0 then 'guard' when grouping(principal) = 0 then 'principal' else 'all' end as dimension,
        coalesce(address, route, guard, principal) as value,
        round(sum(weight))::bigint as requests,
        coalesce(round(sum(weight) filter (where verdict in ('deny', 'challenge'))), 0)::bigint as refused,
        max(weight) as most_weight, min(at_ms) as since_ms, count(*) as kept,
        row_number() over (partition by grouping(address, route, guard, principal)
          order by (coalesce(address, route, guard, principal) is null), sum(weight) desc,
            coalesce(address, route, guard, principal)) as place
      from (${within}) as newest
      group by grouping sets ((address), (route), (guard), (principal), ())
    ) as ranked
    where place <= ${TOP} and (value is not null or dimension = 'all')
    order by dimension, place`;
  const found = await rows(runner, { compile: () => statement.compile(db) });
  const all = found.find((row) => row.dimension === 'all');
  const list = (dimension: Dimension): readonly TopEntry[] =>
    found
      .filter((row) => row.dimension === dimension)
      .map((row) => ({
        value: row.value as string,
        requests: row.requests,
        refused: row.refused,
      }));
  return {
    address: list('address'),
    route: list('route'),
    guard: list('guard'),
    principal: list('principal'),
    sampleShare: all?.most_weight ? Math.min(1, 1 / all.most_weight) : 1,
    sinceMs: all !== undefined && all.kept >= MAX_TOP_RECORDS ? all.since_ms : null,
  };
}
