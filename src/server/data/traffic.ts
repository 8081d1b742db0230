import { type RawBuilder, sql } from 'kysely';
import type { SqlRunner } from '../../ports/sql.ts';
import type { TopEntry, TrafficCounts } from '../api/types.ts';
import { toJsonText } from '../../base/database/index.ts';
import { db, rows } from './query.ts';
import type { TrafficTable } from './tables.ts';
import { SUM_WIDTHS_MS } from './traffic-tables.ts';

/** Width of a stored bucket. */
export const TRAFFIC_BUCKET_MS = 10_000;

/** What a node counted of one route within one bucket since it last wrote. */
export interface TrafficEntry {
  /** Start of the bucket, a multiple of `TRAFFIC_BUCKET_MS`. */
  readonly bucketMs: number;
  readonly node: string;
  readonly route: string;
  readonly counts: TrafficCounts;
}

/** Counts of a span, by index of `bucketMs` since `fromMs`. */
export interface TrafficSeriesRow extends TrafficCounts {
  readonly index: number;
}

const ADD = `
INSERT INTO rampart.traffic AS there
  (bucket_ms, node, route, allowed, answered, challenged, limited, blocked, would_refuse)
SELECT bucket_ms, node, route, sum(allowed), sum(answered), sum(challenged), sum(limited), sum(blocked),
  sum(would_refuse)
FROM jsonb_to_recordset($1::text::jsonb) AS given (
  bucket_ms bigint, node text, route text, allowed bigint, answered bigint, challenged bigint, limited bigint,
  blocked bigint, would_refuse bigint)
GROUP BY bucket_ms, node, route
ORDER BY bucket_ms, node, route
ON CONFLICT (bucket_ms, node, route) DO UPDATE SET
  allowed = there.allowed + excluded.allowed,
  answered = there.answered + excluded.answered,
  challenged = there.challenged + excluded.challenged,
  limited = there.limited + excluded.limited,
  blocked = there.blocked + excluded.blocked,
  would_refuse = there.would_refuse + excluded.would_refuse`;

/** Exact counts of all traffic, sampled or not. */
export class TrafficStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /**
   * Adds to what is there. Not idempotent: after a failure whose outcome is unknown, giving the same entries again may
   * count them twice.
   */
  async add(entries: readonly TrafficEntry[], runner: SqlRunner = this.#sql): Promise<void> {
    for (let i = 0; i < entries.length; i += 500) {
      const chunk = entries.slice(i, i + 500).map(({ bucketMs, node, route, counts }) => ({
        bucket_ms: bucketMs,
        node,
        route: route.slice(0, 300),
        allowed: counts.allowed,
        answered: counts.answered,
        challenged: counts.challenged,
        limited: counts.limited,
        blocked: counts.blocked,
        would_refuse: counts.wouldRefuse,
      }));
      await runner.query(ADD, [toJsonText(chunk)]);
    }
  }

  /** Counts per `bucketMs` between two times (multiples of the stored bucket); empty buckets are left out. */
  async series(fromMs: number, toMs: number, bucketMs: number): Promise<readonly TrafficSeriesRow[]> {
    const index = sql<number>`((bucket_ms - ${fromMs}::bigint) / ${bucketMs}::bigint)`;
    return rows(
      this.#sql,
      db
        .selectFrom(counted(fromMs, toMs, bucketMs).as('counted'))
        .select([
          index.as('index'),
          sum('allowed').as('allowed'),
          sum('answered').as('answered'),
          sum('challenged').as('challenged'),
          sum('limited').as('limited'),
          sum('blocked').as('blocked'),
          sum('would_refuse').as('wouldRefuse'),
        ])
        .groupBy(sql`1`),
    );
  }

  /** Routes with the most requests between two times. */
  async topRoutes(fromMs: number, toMs: number, limit = 10): Promise<readonly TopEntry[]> {
    return rows(
      this.#sql,
      db
        .selectFrom(counted(fromMs, toMs, toMs - fromMs).as('counted'))
        .select([
          'route as value',
          sql<number>`sum(allowed + answered + challenged + limited + blocked)::bigint`.as('requests'),
          sql<number>`sum(challenged + limited + blocked)::bigint`.as('refused'),
        ])
        .groupBy('route')
        .orderBy('requests', 'desc')
        .orderBy('route')
        .limit(limit),
    );
  }
}

/** What was counted between two times, in the widest sums of which `stepMs` and the times are whole multiples. */
function counted(fromMs: number, toMs: number, stepMs: number): RawBuilder<TrafficTable> {
  const width = SUM_WIDTHS_MS.find((one) => [fromMs, toMs, stepMs].every((ms) => ms % one === 0));
  const range = sql`bucket_ms >= ${fromMs}::bigint and bucket_ms < ${toMs}::bigint`;
  return width === undefined
    ? sql<TrafficTable>`(select * from rampart.traffic where ${range})`
    : sql<TrafficTable>`(select * from rampart.traffic_sums where width_ms = ${width}::bigint and ${range})`;
}

function sum(
  column: 'allowed' | 'answered' | 'challenged' | 'limited' | 'blocked' | 'would_refuse',
): ReturnType<typeof sql<number>> {
  return sql<number>`sum(${sql.ref(column)})::bigint`;
}
