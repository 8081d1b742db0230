import { expressionBuilder, type RawBuilder, sql } from 'kysely';
import type { AttackClass } from '../../modules/shield/index.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import type { ShieldAnswer } from '../api/shield-types.ts';
import { alignedSpan, type SpanQuery } from './aligned-span.ts';
import { condition, type Filters } from './filters.ts';
import { firstIdAt } from './id-range.ts';
import { INSPECTION } from './inspected.ts';
import { COLUMNS } from './looked-at.ts';
import { db, firstRow, rows } from './query.ts';
import type { Tables } from './tables.ts';

/** What the shield refused in a span, and what inspection saw in it. */
export type ShieldFigures = Pick<
  ShieldAnswer,
  'fromMs' | 'toMs' | 'bucketMs' | 'series' | 'classes' | 'rules' | 'guards' | 'sinceMs'
>;

/** A span, and which of its records count. */
export interface ShieldQuery extends SpanQuery {
  readonly filters: Filters;
}

/** Records that figures are made of, at most: the newest in which inspection found something, and the newest refusals. */
export const MAX_FIGURE_RECORDS = 20_000;
const MAX_RULES = 20;

/** The findings of a record. Exactly as the index has it, which leads to the few records that hold some. */
const FINDINGS = `'$[*] ? (@.guard == "inspection").evidence.features.findings`;
const HAS_FINDINGS = sql.raw(`jsonb_path_exists(steps, ${FINDINGS}[0]')`);

/** The index that leads to records in which inspection found something. */
export const foundIndex = `
CREATE INDEX decisions_found ON rampart.decisions (id) WHERE jsonb_path_exists(steps, ${FINDINGS}[0]');`;

interface FoundRow {
  readonly series: readonly { index: number; class: AttackClass; requests: number }[] | null;
  readonly classes: ShieldAnswer['classes'] | null;
  readonly rules: ShieldAnswer['rules'] | null;
}

/**
 * Figures of a span, each record counted for as many requests as it stands for.
 * @param guards names of the shield's guards
 */
export async function shieldFigures(
  store: SqlStore,
  query: ShieldQuery,
  guards: readonly string[],
): Promise<ShieldFigures> {
  const span = alignedSpan(query);
  const { fromMs, toMs, bucketMs } = span;
  const fits = condition(expressionBuilder<Tables, 'rampart.decisions'>(), query.filters);
  const range = sql`id >= ${firstIdAt('dec', fromMs)} and id < ${firstIdAt('dec', toMs)}`;
  const [found, refusing, ...edges] = await Promise.all([
    findings(store, range, span, fits),
    refusals(store, range, guards, fits),
    edge(store, sql`${HAS_FINDINGS} and ${range}`),
    edge(store, sql`guard in (${sql.join(guards)}) and ${range}`),
  ]);
  const series = Array.from({ length: (toMs - fromMs) / bucketMs }, (_, i) => ({
    atMs: fromMs + i * bucketMs,
    counts: {} as Partial<Record<AttackClass, number>>,
  }));
  for (const one of found?.series ?? []) {
    const bucket = series[one.index];
    if (bucket !== undefined) bucket.counts[one.class] = one.requests;
  }
  const since = edges.filter((atMs) => atMs !== null);
  return {
    ...span,
    series,
    classes: found?.classes ?? [],
    rules: found?.rules ?? [],
    guards: refusing,
    ...(since.length === 0 ? {} : { sinceMs: Math.max(...since) }),
  };
}

/** Of the newest records those that fit, and not the newest that fit: the work is bounded whatever is asked for. */
type Fits = ReturnType<typeof condition>;

const weighed = (where: RawBuilder<unknown>): RawBuilder<number> =>
  sql`coalesce(round(sum(weight) filter (where ${where})), 0)::float8`;
const stopped = sql`outcome <> 'below'`;

/** One reading of the records for all of it. */
function findings(
  store: SqlStore,
  range: RawBuilder<unknown>,
  { fromMs, bucketMs }: { readonly fromMs: number; readonly bucketMs: number },
  fits: Fits,
): Promise<FoundRow | undefined> {
  const statement = sql<FoundRow>`
    with looked as materialized (
      select id, at_ms, weight, route,
        case when guard = ${INSPECTION} and verdict = 'deny' then 'refused'
          when would_refuse @> ${`["${INSPECTION}"]`}::text::jsonb then 'would' else 'below' end as outcome,
        jsonb_path_query_array(steps, ${sql.raw(FINDINGS)}[*]') as findings
      from (select * from rampart.decisions where ${HAS_FINDINGS} and ${range}
        order by id desc limit ${MAX_FIGURE_RECORDS}) as newest where ${fits}
    ), found as materialized (
      select id, at_ms, weight, route, outcome, one ->> 'rule' as rule, one ->> 'class' as class,
        one ->> 'place' as place, one ->> 'name' as field
      from looked cross join lateral jsonb_array_elements(findings) as one
    ), of_class as materialized (
      select distinct on (id, class) id, at_ms, weight, outcome, class from found
    ), rules as (
      select rule, class, ${weighed(stopped)} as refused, ${weighed(sql`not (${stopped})`)} as below, sum(weight) as all
      from (select distinct on (id, rule) weight, outcome, rule, class from found) as of_rule
      group by rule, class order by sum(weight) desc, rule limit ${MAX_RULES}
    ), places as (
      select distinct on (rule) rule, route, place, field from (
        select rule, route, place, field, sum(weight) as requests
        from found where rule in (select rule from rules) group by rule, route, place, field) as of_place
      order by rule, requests desc, route, place, field
    )
    select
      (select jsonb_agg(jsonb_build_object('index', index, 'class', class, 'requests', requests)) from (
        select (at_ms - ${fromMs}::bigint) / ${bucketMs}::bigint as index, class, round(sum(weight))::float8 as requests
        from of_class where ${stopped} group by 1, 2) as of_bucket) as series,
      (select jsonb_agg(jsonb_build_object('class', class, 'refused', refused, 'wouldRefuse', watched, 'below', below)
        order by refused + watched desc, below desc, class) from (
        select class, ${weighed(sql`outcome = 'refused'`)} as refused, ${weighed(sql`outcome = 'would'`)} as watched,
          ${weighed(sql`outcome = 'below'`)} as below
        from of_class group by class) as classed) as classes,
      (select jsonb_agg(jsonb_build_object('rule', rule, 'class', class, 'refused', refused, 'below', below,
        'route', route, 'place', place, 'field', field) order by refused desc, below desc, rule)
        from rules join places using (rule)) as rules`;
  return store.transaction(async (runner) => {
    // A server guesses a hundred findings in a record, and compiles for a second what runs for half of one.
    await runner.query('SET LOCAL jit = off');
    return firstRow(runner, { compile: () => statement.compile(db) });
  });
}

async function refusals(
  runner: SqlRunner,
  range: RawBuilder<unknown>,
  guards: readonly string[],
  fits: Fits,
): Promise<ShieldAnswer['guards']> {
  const statement = sql<ShieldAnswer['guards'][number]>`
    select guard as name, ${weighed(sql`verdict = 'deny'`)} as refused,
      ${weighed(sql`verdict = 'challenge'`)} as challenged
    from (select ${sql.join(COLUMNS.map((name) => sql.ref(name)))} from rampart.decisions where guard in (${sql.join(guards)}) and ${range}
      order by id desc limit ${MAX_FIGURE_RECORDS}) as newest
    where verdict in ('deny', 'challenge') and ${fits} group by guard order by sum(weight) desc, guard`;
  return rows(runner, { compile: () => statement.compile(db) });
}

/** Since when the newest records reach back, where there are more of them; else null. */
async function edge(runner: SqlRunner, where: RawBuilder<unknown>): Promise<number | null> {
  const statement = sql<{ at_ms: number }>`select at_ms from rampart.decisions where ${where}
    order by id desc offset ${MAX_FIGURE_RECORDS - 1} limit 1`;
  return (await firstRow(runner, { compile: () => statement.compile(db) }))?.at_ms ?? null;
}
