import { type RawBuilder, sql } from 'kysely';
import { DETECTION_TYPES } from '../../modules/detect/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { SignInCounts } from '../api/security-types.ts';
import type { DetectionSlot } from '../security/activity.ts';
import { firstIdAt } from './id-range.ts';
import { firstRow, db, rows } from './query.ts';

/** Detections that are counted at most: the newest. */
export const MAX_DETECTIONS = 20_000;
/** Events of one type that are counted at most. */
export const MAX_COUNTED_EVENTS = 100_000;

/** A span in milliseconds since the epoch, its end exclusive. */
export interface EventSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Detections by detector, type and part of the span; and since when, where there were more than are counted. */
export async function detectionSlots(
  runner: SqlRunner,
  span: EventSpan,
  slots: number,
): Promise<{ readonly slots: readonly DetectionSlot[]; readonly sinceMs: number | null }> {
  const { fromMs, toMs } = span;
  // One short walk along the index for each type: a list of types would have the whole span looked through.
  const ofType = (type: string): RawBuilder<unknown> => sql`
    (select id, type, at_ms, severity, details from rampart.events where type = ${type} and ${within(span)}
      order by id desc limit ${MAX_DETECTIONS})`;
  const statement = sql<DetectionSlot & { readonly from_ms: number; readonly all: number }>`
    with newest as materialized (
      select id, type, at_ms, severity, details ->> 'rule' as rule, details ->> 'what' as what
      from (${sql.join(DETECTION_TYPES.map(ofType), sql` union all `)}) as found
      where details ->> 'detection' is not null order by id desc limit ${MAX_DETECTIONS}
    )
    select rule, type, severity,
      least(${slots - 1}::int, ((at_ms - ${fromMs}::bigint) * ${slots}::bigint / ${toMs - fromMs}::bigint)::int) as slot,
      count(*)::int as detections, max(at_ms) as "lastAtMs", (array_agg(what order by id desc))[1] as what,
      (select min(at_ms) from newest) as from_ms, (select count(*)::int from newest) as all
    from newest where rule is not null group by rule, type, severity, slot`;
  const found = await rows(runner, { compile: () => statement.compile(db) });
  const [first] = found;
  return {
    slots: found.map(({ from_ms: _from, all: _all, ...slot }) => slot),
    sinceMs: first !== undefined && first.all >= MAX_DETECTIONS ? first.from_ms : null,
  };
}

function within({ fromMs, toMs }: EventSpan): RawBuilder<boolean> {
  return sql<boolean>`id >= ${firstIdAt('evt', fromMs)} and id < ${firstIdAt('evt', toMs)}`;
}

function countOf(type: string, span: EventSpan): RawBuilder<number> {
  return sql<number>`(select count(*)::int from (select 1 from rampart.events where type = ${type} and ${within(span)}
    limit ${MAX_COUNTED_EVENTS}) as few)`;
}

/** How often each type happened in a span, `MAX_COUNTED_EVENTS` at most. */
export async function countEvents<Type extends string>(
  runner: SqlRunner,
  types: readonly Type[],
  span: EventSpan,
): Promise<Readonly<Record<Type, number>>> {
  const columns = types.map((type) => sql`${countOf(type, span)} as ${sql.id(type)}`);
  const statement = sql<Record<Type, number>>`select ${sql.join(columns)}`;
  const found = await firstRow(runner, { compile: () => statement.compile(db) });
  return found ?? (Object.fromEntries(types.map((type) => [type, 0])) as Record<Type, number>);
}

/** Sign-ins of a span. */
export async function signInCounts(runner: SqlRunner, span: EventSpan): Promise<SignInCounts> {
  const found = await countEvents(runner, ['SIGN_IN_SUCCEEDED', 'SIGN_IN_FAILED'], span);
  return { ok: found.SIGN_IN_SUCCEEDED, failed: found.SIGN_IN_FAILED };
}

/** Sign-ins by what was proven, the most used first; of the newest `MAX_COUNTED_EVENTS`. */
export function signInsByFactors(
  runner: SqlRunner,
  span: EventSpan,
): Promise<readonly { readonly factors: string; readonly signIns: number }[]> {
  const statement = sql<{ factors: string; signIns: number }>`
    select coalesce(factors, 'password') as factors, count(*)::int as "signIns"
    from (select details ->> 'factors' as factors from rampart.events
      where type = 'SIGN_IN_SUCCEEDED' and ${within(span)} order by id desc limit ${MAX_COUNTED_EVENTS}) as newest
    group by 1 order by 2 desc, 1`;
  return rows(runner, { compile: () => statement.compile(db) });
}

/** When each type happened last; types that never did are left out. @param types one at least */
export async function lastEvents<Type extends string>(
  runner: SqlRunner,
  types: readonly Type[],
): Promise<Readonly<Partial<Record<Type, number>>>> {
  // A value that the plan knows, each by itself: of one that it does not know it hopes to meet it soon, and walks through
  // all events where there is none.
  const ofType = (type: Type): RawBuilder<unknown> =>
    sql`(select type, at_ms from rampart.events where type = ${type} order by id desc limit 1)`;
  const statement = sql<{ type: Type; at_ms: number }>`${sql.join(types.map(ofType), sql` union all `)}`;
  const found = await rows(runner, { compile: () => statement.compile(db) });
  return Object.fromEntries(found.map((row) => [row.type, row.at_ms])) as Partial<Record<Type, number>>;
}
