import { expressionBuilder, type RawBuilder, sql } from 'kysely';
import type { SqlRunner } from '../../ports/sql.ts';
import { condition, type Filters, usesIndex } from './filters.ts';
import { firstIdAt } from './id-range.ts';
import { db, firstRow } from './query.ts';
import type { Tables } from './tables.ts';

/** Which records a count is made of. */
export interface LookedAt {
  /** Milliseconds since the epoch, inclusive and exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly filters: Filters;
  /** The newest ones, so many at most: bounds the work whatever the span. */
  readonly atMost: number;
}

/** Everything that filters look at: all but the steps, which make up most of a row. */
export const COLUMNS = [
  'id',
  'at_ms',
  'method',
  'route',
  'address',
  'ip',
  'client_group',
  'asn',
  'country',
  'principal',
  'user_agent',
  'verdict',
  'traffic_class',
  'guard',
  'code',
  'status',
  'would_refuse',
  'weight',
] as const;

/**
 * The newest records of a span as a subquery, to stand in parentheses. Where an index leads to what the filters keep,
 * so many of those are taken; otherwise the newest so many of all are looked through.
 */
export function lookedAt(what: LookedAt): RawBuilder<unknown> {
  const fits = condition(expressionBuilder<Tables, 'rampart.decisions'>(), what.filters);
  const newest = newestOf(what).select(COLUMNS).limit(what.atMost);
  return usesIndex(what.filters)
    ? sql`(${newest.where(fits)})`
    : sql`(select * from (${newest}) as scanned where ${fits})`;
}

function newestOf({ fromMs, toMs }: LookedAt) {
  return db
    .selectFrom('rampart.decisions')
    .where('id', '>=', firstIdAt('dec', fromMs))
    .where('id', '<', firstIdAt('dec', toMs))
    .orderBy('id', 'desc');
}

/** Since when the records are complete, where the bound left some out; `null` where it left out none. */
export async function sinceWhen(runner: SqlRunner, what: LookedAt): Promise<number | null> {
  let edge = newestOf(what)
    .select('at_ms')
    .offset(what.atMost - 1)
    .limit(1);
  if (usesIndex(what.filters)) edge = edge.where((eb) => condition(eb, what.filters));
  return (await firstRow(runner, edge))?.at_ms ?? null;
}
