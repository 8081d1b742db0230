import { type RawBuilder, sql } from 'kysely';
import type { DecisionStep } from '../../core/decision.ts';
import type { VerdictKind } from '../../core/verdict.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { firstIdAt } from './id-range.ts';
import { db, firstRow, rows } from './query.ts';

/** Name of the guard of request inspection, as records have it. */
export const INSPECTION = 'inspection';

/** A decision in which inspection refused, or would have. */
export interface InspectedDecision {
  readonly id: string;
  readonly atMs: number;
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly address: string;
  readonly group: string;
  readonly verdict: VerdictKind;
  /** Guard that ended the request's way; inspection itself, another one where inspection only watched, null for a pass. */
  readonly guard: string | null;
  /** The part of inspection. */
  readonly step: DecisionStep | null;
}

/** A span of records. */
export interface Span {
  /** Milliseconds since the epoch, inclusive and exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Decisions that are counted at most. */
const MAX_COUNTED = 1_000_000;

/** The newest of a span that are older than `before`, so many at most. */
export async function inspectedPage(
  runner: SqlRunner,
  span: Span,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<readonly InspectedDecision[]> {
  const to = before ?? firstIdAt('dec', span.toMs);
  const statement = sql<InspectedDecision>`
    select id, at_ms as "atMs", method, route, path, address, client_group as "group", verdict, guard,
      jsonb_path_query_first(steps, '$[*] ? (@.guard == "inspection" && exists(@.evidence))') as step
    from (${refusals(span.fromMs, to, limit)}) as newest order by id desc`;
  return rows(runner, { compile: () => statement.compile(db) });
}

/** How many there are in a span; a million at most. */
export async function countInspected(runner: SqlRunner, { fromMs, toMs }: Span): Promise<number> {
  const found = refusals(fromMs, firstIdAt('dec', toMs), MAX_COUNTED);
  const statement = sql<{ count: number }>`select count(*)::int as count from (${found}) as found`;
  return (await firstRow(runner, { compile: () => statement.compile(db) }))?.count ?? 0;
}

/** Two short walks, each along the index that leads to it. */
function refusals(fromMs: number, toId: string, limit: number): RawBuilder<unknown> {
  const range = sql`id >= ${firstIdAt('dec', fromMs)} and id < ${toId}`;
  return sql`
    (select * from rampart.decisions where guard = ${INSPECTION} and ${range} order by id desc limit ${limit})
    union all
    (select * from rampart.decisions where would_refuse <> '[]'::jsonb and would_refuse @> ${`["${INSPECTION}"]`}::text::jsonb
      and guard is distinct from ${INSPECTION} and ${range} order by id desc limit ${limit})
    order by id desc limit ${limit}`;
}

/** Records of refusals that callers are looked up in, at most. */
const MAX_REFUSALS = 20_000;

/** Callers (address groups) that some guards refused in a span, among the newest 20,000 refusals. */
export async function groupsRefusedBy(
  runner: SqlRunner,
  guards: readonly string[],
  { fromMs, toMs }: Span,
): Promise<ReadonlySet<string>> {
  if (guards.length === 0) return new Set();
  const newest = db
    .selectFrom('rampart.decisions')
    .select('client_group')
    .where('guard', 'in', [...guards])
    .where('traffic_class', '=', 'blocked')
    .where('id', '>=', firstIdAt('dec', fromMs))
    .where('id', '<', firstIdAt('dec', toMs))
    .orderBy('id', 'desc')
    .limit(MAX_REFUSALS)
    .as('newest');
  const found = await rows(runner, db.selectFrom(newest).select('client_group').distinct());
  return new Set(found.map((row) => row.client_group));
}
