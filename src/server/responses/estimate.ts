import { formatCidr } from '../../core/address.ts';
import type { LeaseTarget, Radius } from '../../modules/respond/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { firstIdAt } from '../data/id-range.ts';

/** Records that are looked through at most: of a busier day the newest. */
export const MAX_ESTIMATED = 100_000;
const DAY_MS = 86_400_000;

/** Which day is looked at. */
export interface EstimateSpan {
  /** The end, milliseconds since the epoch: where the attack began, so that its own traffic does not count. */
  readonly untilMs: number;
  /** Who called before this time, and does still, is in good standing. */
  readonly goodBeforeMs: number;
}

/**
 * Whom a response would touch, by the decisions of the day before `untilMs`. In good standing is whom the house let in as the same
 * caller before `goodBeforeMs`: nobody makes that up within an attack.
 */
export async function estimate(runner: SqlRunner, target: LeaseTarget, span: EstimateSpan): Promise<Radius> {
  const { untilMs, goodBeforeMs } = span;
  const fits = fitting(target);
  const { rows } = await runner.query(
    `WITH looked AS (
       SELECT principal, weight, verdict, ip FROM rampart.decisions
       WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT ${MAX_ESTIMATED}
     ), seen AS (
       SELECT principal, sum(weight) AS requests,
         sum(weight) FILTER (WHERE ${fits.sql}) AS targeted,
         bool_or(verdict IN ('pass', 'answer')) AS passed
       FROM looked GROUP BY principal
     ), judged AS (
       SELECT *, principal IS NOT NULL AND passed AND (
         EXISTS (SELECT 1 FROM rampart.decisions before
           WHERE before.principal = seen.principal AND before.id < $3 AND before.verdict IN ('pass', 'answer'))
         OR EXISTS (SELECT 1 FROM rampart.identity_sessions session
           WHERE session.account = substr(seen.principal, 6) AND session.created_at_ms < $4 AND session.ended_at_ms IS NULL)
       ) AS good FROM seen
     )
     SELECT coalesce(sum(requests), 0)::float8 AS requests, coalesce(sum(targeted), 0)::float8 AS targeted,
       count(*) FILTER (WHERE good)::int AS good,
       count(*) FILTER (WHERE good AND targeted > 0)::int AS good_targeted
     FROM judged`,
    [
      firstIdAt('dec', untilMs - DAY_MS),
      firstIdAt('dec', untilMs),
      firstIdAt('dec', goodBeforeMs),
      goodBeforeMs,
      ...fits.values,
    ],
  );
  const row = rows[0] ?? {};
  const requests = Math.round(Number(row['requests'] ?? 0));
  const targeted = Math.round(Number(row['targeted'] ?? 0));
  return {
    requests,
    targeted,
    share: requests === 0 ? 0 : targeted / requests,
    good: Number(row['good'] ?? 0),
    goodTargeted: Number(row['good_targeted'] ?? 0),
  };
}

function fitting(target: LeaseTarget): { readonly sql: string; readonly values: readonly string[] } {
  if (target.kind === 'range') return { sql: 'ip <<= $5::text::inet', values: [formatCidr(target.range)] };
  if (target.kind === 'user')
    return { sql: 'principal IN ($5, $6)', values: [target.id, `user:${target.id}`] };
  return { sql: 'true', values: [] };
}

/** Whether somebody who runs the house called from a range within a day. */
export async function coversOperators(
  runner: SqlRunner,
  target: Extract<LeaseTarget, { kind: 'range' }>,
  roles: readonly string[],
  nowMs: number,
): Promise<boolean> {
  const { rows } = await runner.query(
    `SELECT EXISTS (
       SELECT 1 FROM rampart.decisions
       WHERE id >= $1 AND ip <<= $2::text::inet AND principal LIKE 'admin:%' AND verdict IN ('pass', 'answer')
     ) OR EXISTS (
       SELECT 1 FROM rampart.identity_sessions session
         JOIN rampart.identity_accounts account ON account.id = session.account
       WHERE account.roles && $3::text[] AND session.ended_at_ms IS NULL AND session.expires_at_ms > $4
         AND CASE WHEN session.address ~ '^[0-9a-f.:]+$' THEN session.address::inet <<= $2::text::inet ELSE false END
     ) AS covered`,
    [firstIdAt('dec', nowMs - DAY_MS), formatCidr(target.range), [...roles], nowMs],
  );
  return rows[0]?.['covered'] === true;
}
