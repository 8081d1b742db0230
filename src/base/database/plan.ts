import { randomBytes } from 'node:crypto';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { normalizeSql } from './sink/normal.ts';
import { type IndexSuggestion, suggestIndexes, type TableFacts } from './suggest.ts';

/** One step of a plan, values left out. */
export interface PlanStep {
  /** Such as `Seq Scan`. */
  readonly kind: string;
  /** `schema.table`, where it reads one. */
  readonly table: string | null;
  readonly index: string | null;
  /** Estimated rows and cost, in the planner's unit. */
  readonly rows: number;
  readonly cost: number;
  /** Conditions with literals as `?`. */
  readonly condition: string | null;
  readonly sortedBy: readonly string[];
  readonly steps: readonly PlanStep[];
}

/** How the database would run a statement whatever its parameters, and which index would help. */
export interface QueryPlan {
  readonly plan: PlanStep;
  readonly suggestions: readonly IndexSuggestion[];
}

/** Statements that have a plan. Nothing is ever run for it: EXPLAIN without ANALYZE. */
const PLANNED = /^\s*(?:SELECT|WITH|VALUES|TABLE|INSERT|UPDATE|DELETE|MERGE|\()/i;

/**
 * Asks for a statement's generic plan, in a transaction that is rolled back.
 * @param text as it was sent, with `$1`, `$2` …
 * @returns `undefined` for a statement that has no plan (DDL, SET …)
 * @throws the database's error, such as 42P01 for a table that is gone
 */
export async function explainQuery(store: SqlStore, text: string): Promise<QueryPlan | undefined> {
  if (!PLANNED.test(text)) return undefined;
  let found: QueryPlan | undefined;
  const done = new Error('rolled back');
  await store
    .transaction(async (sql) => {
      const plan = await genericPlan(sql, text);
      const tables = await tableFacts(sql, plan);
      found = { plan, suggestions: suggestIndexes(plan, tables) };
      throw done;
    })
    .catch((error: unknown) => {
      if (error !== done) throw error;
    });
  return found;
}

/** PREPARE infers the parameters' types; with a forced generic plan EXPLAIN EXECUTE never looks at their values. */
async function genericPlan(sql: SqlRunner, text: string): Promise<PlanStep> {
  const name = `rampart_plan_${randomBytes(6).toString('hex')}`;
  await sql.query('SET LOCAL plan_cache_mode = force_generic_plan');
  await sql.query("SET LOCAL statement_timeout = '5s'");
  await sql.query(`PREPARE ${name} AS ${text}`);
  await sql.query('SAVEPOINT planned');
  try {
    const { rows } = await sql.query(
      'SELECT cardinality(parameter_types) AS n FROM pg_prepared_statements WHERE name = $1',
      [name],
    );
    const count = Number(rows[0]?.['n'] ?? 0);
    const values = count === 0 ? '' : `(${Array.from({ length: count }, () => 'NULL').join(', ')})`;
    const answer = await sql.query(`EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE ${name}${values}`);
    return stepOf(readPlan(answer.rows[0]?.['QUERY PLAN']));
  } finally {
    // A prepared statement outlives its transaction.
    await sql.query('ROLLBACK TO SAVEPOINT planned');
    await sql.query(`DEALLOCATE ${name}`);
  }
}

type RawPlan = Readonly<Record<string, unknown>>;

function readPlan(given: unknown): RawPlan {
  const list = (typeof given === 'string' ? JSON.parse(given) : given) as readonly {
    readonly Plan: RawPlan;
  }[];
  const first = list[0];
  if (!first) throw new Error('EXPLAIN answered no plan');
  return first.Plan;
}

function stepOf(raw: RawPlan): PlanStep {
  const textOf = (name: string): string | null => (typeof raw[name] === 'string' ? raw[name] : null);
  const conditions = [
    'Index Cond',
    'Recheck Cond',
    'Filter',
    'Join Filter',
    'Hash Cond',
    'Merge Cond',
  ].flatMap((name) => textOf(name) ?? []);
  const table = textOf('Relation Name');
  return {
    kind: textOf('Node Type') ?? 'unknown',
    table: table === null ? null : `${textOf('Schema') ?? 'public'}.${table}`,
    index: textOf('Index Name'),
    rows: Number(raw['Plan Rows'] ?? 0),
    cost: Number(raw['Total Cost'] ?? 0),
    condition: conditions.length === 0 ? null : withoutValues(conditions.join(' AND ')),
    sortedBy: Array.isArray(raw['Sort Key']) ? raw['Sort Key'].map(String).map(withoutValues) : [],
    steps: Array.isArray(raw['Plans']) ? (raw['Plans'] as readonly RawPlan[]).map(stepOf) : [],
  };
}

function withoutValues(condition: string): string {
  return normalizeSql(condition, 500);
}

/** What the catalogue says of the tables that a plan reads whole. */
async function tableFacts(sql: SqlRunner, plan: PlanStep): Promise<ReadonlyMap<string, TableFacts>> {
  const names = [...new Set(allSteps(plan).flatMap(({ table }) => table ?? []))];
  if (names.length === 0) return new Map();
  const { rows } = await sql.query(
    `SELECT n.nspname || '.' || c.relname AS name, c.reltuples::float8 AS tuples,
       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
       ARRAY(SELECT array_to_string(ARRAY(
           SELECT a.attname FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum ORDER BY k.place), ',')
         FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL) AS indexes
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname || '.' || c.relname = ANY($1)`,
    [names],
  );
  return new Map(
    rows.map((row) => [
      row['name'] as string,
      {
        rows: row['tuples'] as number,
        columns: row['columns'] as readonly string[],
        indexes: (row['indexes'] as readonly string[]).map((one) => one.split(',')),
      },
    ]),
  );
}

/** A plan's steps, the top one first. */
function allSteps(step: PlanStep): readonly PlanStep[] {
  return [step, ...step.steps.flatMap(allSteps)];
}
