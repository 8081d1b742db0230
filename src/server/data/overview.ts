import { type RawBuilder, sql } from 'kysely';
import type { SqlRunner } from '../../ports/sql.ts';
import { TRAFFIC_CLASSES, type TopEntry, type TrafficClass, type TrafficCounts } from '../api/types.ts';
import { type Filters, isUnfiltered } from './filters.ts';
import { type LookedAt, lookedAt, sinceWhen } from './looked-at.ts';
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
    sampleShare: tops.sampleShare,
    ...(topsSinceMs === null ? {} : { topsSinceMs }),
    ...(seriesSinceMs === null ? {} : { seriesSinceMs }),
  };
}

/** Widths that a reader of a clock expects, 10 s to a day: columns begin at whole minutes, hours, days. */
const ROUND_WIDTHS_MS = [
  ...[10, 20, 30, 60, 120, 300, 600, 900, 1_800].map((seconds) => seconds * 1_000),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * 3_600_000),
];

/**
 * Widens a span to whole buckets, whose width is a multiple of the stored one. Round widths are taken where they widen
 * the span by a tenth at most.
 */
function alignedSpan(query: OverviewQuery): { fromMs: number; toMs: number; bucketMs: number } {
  const askedMs = query.toMs - query.fromMs;
  for (const bucketMs of ROUND_WIDTHS_MS) {
    const first = Math.floor(query.fromMs / bucketMs);
    const end = Math.ceil(query.toMs / bucketMs);
    const isClose = (end - first) * bucketMs - askedMs <= Math.max(2 * TRAFFIC_BUCKET_MS, askedMs / 10);
    if (end - first <= query.buckets && isClose)
      return { fromMs: first * bucketMs, toMs: end * bucketMs, bucketMs };
  }
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

type Dimension = 'address' | 'route' | 'guard' | 'principal';
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

/** All four lists from one reading of the records. */
async function busiest(runner: SqlRunner, what: LookedAt): Promise<Busiest> {
  const top = (dimension: Dimension): RawBuilder<BusiestRow> => sql`
    (select ${dimension}::text as dimension, ${sql.ref(dimension)} as value,
      round(sum(weight))::float8 as requests,
      coalesce(round(sum(weight) filter (where verdict in ('deny', 'challenge'))), 0)::float8 as refused
    from looked where ${sql.ref(dimension)} is not null
    group by ${sql.ref(dimension)} order by sum(weight) desc, ${sql.ref(dimension)} limit ${TOP})`;
  const statement = sql<BusiestRow>`
    with looked as materialized ${lookedAt(what)}
    ${top('address')} union all ${top('route')} union all ${top('guard')} union all ${top('principal')}
    union all (select 'all', '', coalesce(max(weight), 1), 0 from looked)`;
  const found = await rows(runner, { compile: () => statement.compile(db) });
  const list = (dimension: Dimension): readonly TopEntry[] =>
    found
      .filter((row) => row.dimension === dimension)
      .map(({ value, requests, refused }) => ({ value, requests, refused }))
      .toSorted((a, b) => b.requests - a.requests);
  const mostWeight = found.find((row) => row.dimension === 'all')?.requests ?? 1;
  return {
    lists: {
      address: list('address'),
      route: list('route'),
      guard: list('guard'),
      principal: list('principal'),
    },
    sampleShare: Math.min(1, 1 / mostWeight),
  };
}
