import { sql } from 'kysely';
import type { SqlRunner } from '../../ports/sql.ts';
import type { HarmAnswer } from '../api/security-types.ts';
import type { Filters } from './filters.ts';
import { firstIdAt } from './id-range.ts';
import { type LookedAt, lookedAt, sinceWhen } from './looked-at.ts';
import { db, firstRow } from './query.ts';

/** Records that figures of harm are made of, at most: the newest. */
export const MAX_HARM_RECORDS = 50_000;
/** Challenges that were solved, of which the solvers are known, at most. */
const MAX_SOLVED = 20_000;
const GUARDS = 5;

/** What decisions say of harm to honest people. */
export type HarmFigures = Pick<HarmAnswer, 'challenges' | 'limited' | 'shadow' | 'sinceMs'>;

interface HarmRow {
  readonly asked: number;
  readonly callers: number;
  readonly solved: number;
  readonly limited: number;
  readonly people: number;
  readonly watched: number;
  readonly guards: HarmAnswer['shadow']['guards'] | null;
}

/** Counts of a span, each record for as many requests as it stands for. */
export async function harmFigures(
  runner: SqlRunner,
  span: { readonly fromMs: number; readonly toMs: number; readonly filters: Filters },
): Promise<HarmFigures> {
  const what: LookedAt = { ...span, atMost: MAX_HARM_RECORDS };
  const sum = (where: ReturnType<typeof sql>) =>
    sql<number>`coalesce(round(sum(weight) filter (where ${where})), 0)::float8`;
  const isChallenged = sql`traffic_class = 'challenged'`;
  const isLimited = sql`traffic_class = 'limited' and principal is not null`;
  // What another guard refused anyway, a shadow guard would not have harmed.
  const isWatched = sql`traffic_class = 'allowed' and would_refuse <> '[]'::jsonb`;
  const statement = sql<HarmRow>`
    with looked as materialized ${lookedAt(what)},
    solvers as materialized (
      select distinct address from (select address from rampart.events where type = 'CHALLENGE_SOLVED'
        and id >= ${firstIdAt('evt', span.fromMs)} and id < ${firstIdAt('evt', span.toMs)}
        order by id desc limit ${MAX_SOLVED}) as newest
    )
    select ${sum(isChallenged)} as asked,
      count(distinct address) filter (where ${isChallenged})::int as callers,
      count(distinct address) filter (where ${isChallenged} and address in (select address from solvers))::int as solved,
      ${sum(isLimited)} as limited, count(distinct principal) filter (where ${isLimited})::int as people,
      ${sum(isWatched)} as watched,
      (select jsonb_agg(jsonb_build_object('name', name, 'requests', requests) order by requests desc, name) from (
        select name, round(sum(weight))::float8 as requests
        from looked cross join lateral jsonb_array_elements_text(would_refuse) as name
        where ${isWatched} group by name order by sum(weight) desc, name limit ${GUARDS}) as named) as guards
    from looked`;
  const [found, sinceMs] = await Promise.all([
    firstRow(runner, { compile: () => statement.compile(db) }),
    sinceWhen(runner, what),
  ]);
  return {
    challenges: { asked: found?.asked ?? 0, callers: found?.callers ?? 0, solved: found?.solved ?? 0 },
    limited: { requests: found?.limited ?? 0, people: found?.people ?? 0 },
    shadow: { requests: found?.watched ?? 0, guards: found?.guards ?? [] },
    ...(sinceMs === null ? {} : { sinceMs }),
  };
}
