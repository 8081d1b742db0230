import type { SqlRunner, SqlStore, SqlValue } from '../../../ports/sql.ts';
import type { AccessLint } from '../contract.ts';
import { comparedTexts, type IndexOption, needsOf } from './lint-needs.ts';
import type { Model, Node, ResourceModel, Rule } from './model.ts';
import { emit, type Emitter, quoteName, quoteTable } from './sql.ts';
import { arrayText, type Canonical, type ColumnType, typeOf } from './values/types.ts';
import { words } from './words.ts';

/** Commands that look for rows. */
const LOOKING = ['read', 'update', 'delete'];

/** A first column of an index. */
interface IndexRow {
  readonly column: string;
  readonly method: string;
  readonly collation: string | null;
}

/** Holds the conditions of a policy against the indexes of a database. Changes nothing. */
export async function lintOf(
  model: Model,
  sql: Pick<SqlStore, 'query' | 'transaction'>,
): Promise<readonly AccessLint[]> {
  const found: AccessLint[] = [];
  for (const resource of model.resources.values()) {
    if (!resource.declared) continue;
    const table = quoteTable(resource.table);
    const { rows } = await sql.query('SELECT pg_catalog.to_regclass($1) IS NOT NULL AS there', [table]);
    const rules = rulesOf(model, resource);
    if (rows[0]?.['there'] !== true) {
      found.push(finding(resource, rules[0], 'no-table', [], `There is no table ${table}.`));
      continue;
    }
    found.push(...everybody(resource, rules));
    found.push(...(await collations(sql, resource, rules)));
    const indexes = await indexesOf(sql, table);
    for (const rule of rules) found.push(...(await lintRule(sql, resource, rule, indexes)));
  }
  return found;
}

type NamedRule = Rule & { readonly permission: string };

function rulesOf(model: Model, resource: ResourceModel): readonly NamedRule[] {
  const permissions = LOOKING.map((action) => `${resource.name}:${action}`);
  return [...model.roles.values()].flatMap(({ name, rules }) =>
    permissions.flatMap((permission) =>
      (rules.get(permission) ?? [])
        .filter((rule) => rule.role === name && rule.effect === 'allow')
        .map((rule) => ({ ...rule, permission })),
    ),
  );
}

function finding(
  resource: ResourceModel,
  rule: NamedRule | undefined,
  kind: AccessLint['kind'],
  columns: readonly string[],
  text: string,
  proposal?: string,
): AccessLint {
  const { role = '', permission = '' } = rule ?? {};
  const one = { resource: resource.name, role, permission, kind, columns, text };
  return proposal === undefined ? one : { ...one, proposal };
}

async function indexesOf(sql: SqlRunner, table: string): Promise<readonly IndexRow[]> {
  const { rows } = await sql.query(
    `SELECT a.attname AS column, m.amname AS method, c.collname AS collation FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] LEFT JOIN pg_catalog.pg_collation c ON c.oid = i.indcollation[0] WHERE i.indrelid = pg_catalog.to_regclass($1) AND i.indisvalid AND i.indpred IS NULL`,
    [table],
  );
  return rows as unknown as readonly IndexRow[];
}

function serves(index: IndexRow, option: IndexOption): boolean {
  if (index.column !== option.column || index.method !== option.method) return false;
  return (
    !option.byCodePoint ||
    index.collation === 'C' ||
    index.collation === 'POSIX' ||
    index.collation === 'ucs_basic'
  );
}

async function lintRule(
  sql: Pick<SqlStore, 'transaction'>,
  resource: ResourceModel,
  rule: NamedRule,
  indexes: readonly IndexRow[],
): Promise<readonly AccessLint[]> {
  const table = quoteTable(resource.table);
  const needs = needsOf(rule.node);
  const found = needs.flatMap(({ options, node }): AccessLint[] => {
    const [first] = options;
    if (!first) {
      return [
        finding(resource, rule, 'cannot-use-index', [], `${rule.id}: no index can serve "${words(node)}".`),
      ];
    }
    if (options.some((option) => indexes.some((index) => serves(index, option)))) return [];
    const columns = [...new Set(options.map(({ column }) => column))];
    const text = `${rule.id}: "${words(node)}" needs an index that begins with ${columns.join(' or ')}.`;
    return [finding(resource, rule, 'no-index', columns, text, proposalOf(table, first))];
  });
  if (found.length > 0 || needs.length === 0) return found;
  const scans = await scansAll(sql, resource, rule.node);
  const text = `${rule.id}: the indexes are there, and PostgreSQL still reads the whole table.`;
  return scans ? [finding(resource, rule, 'cannot-use-index', [], text)] : [];
}

function proposalOf(table: string, { column, method, byCodePoint }: IndexOption): string {
  const how = method === 'gin' ? ' USING gin' : '';
  return `CREATE INDEX CONCURRENTLY ON ${table}${how} (${quoteName(column)}${byCodePoint ? ' COLLATE "C"' : ''});`;
}

/** A role that may have every row makes the policy of the database one that no index serves, for all roles. */
function everybody(resource: ResourceModel, rules: readonly NamedRule[]): readonly AccessLint[] {
  const free = rules.find(
    ({ permission, node }) => permission.endsWith(':read') && needsOf(node).length === 0,
  );
  const bound = rules.some(
    ({ permission, node }) => permission.endsWith(':read') && needsOf(node).length > 0,
  );
  if (!free || !bound) return [];
  const text = `${free.id} needs no row, so that no index serves row-level security of ${resource.name}: let lists carry accessible() too.`;
  return [finding(resource, free, 'cannot-use-index', [], text)];
}

/** Under a collation that takes different texts for equal, the database would allow what the process refuses. */
async function collations(
  sql: SqlRunner,
  resource: ResourceModel,
  rules: readonly NamedRule[],
): Promise<readonly AccessLint[]> {
  const { rows } = await sql.query(
    'SELECT a.attname AS name FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation WHERE a.attrelid = pg_catalog.to_regclass($1) AND NOT c.collisdeterministic',
    [quoteTable(resource.table)],
  );
  const loose = new Set(rows.map(({ name }) => name));
  return rules.flatMap((rule) => {
    const columns = [...new Set(comparedTexts(rule.node))].filter((column) => loose.has(column));
    if (columns.length === 0) return [];
    const text = `${rule.id}: the collation of ${columns.join(', ')} takes different texts for equal; the process does not.`;
    return [finding(resource, rule, 'collation', columns, text)];
  });
}

const SAMPLES: Readonly<Record<ColumnType, Canonical>> = {
  text: 'x',
  uuid: '00000000-0000-4000-8000-000000000000',
  boolean: true,
  integer: 1,
  bigint: 1,
  numeric: 1,
  date: '2026-01-01',
  timestamptz: 0,
  'text[]': ['x'],
  'integer[]': [1],
};

function sample(value: Canonical, type: ColumnType): readonly [{ readonly value: SqlValue }, string] {
  return [{ value: typeOf(type).write(value) ?? '' }, `::${type}`];
}

/** Some person, for whom everything that does not look at the row holds. */
const SOMEBODY: Emitter = {
  operand: (operand, type) => sample(operand.from === 'literal' ? operand.value : SAMPLES[type], type),
  list: (list, type) => {
    const values = list.from === 'literal' ? list.values : [SAMPLES[type]];
    return [{ value: arrayText(values.map((value) => typeOf(type).write(value) ?? '')) }, `::${type}[]`];
  },
  fact: () => true,
};

/** Whether the planner reads the whole table though it was told to avoid that. */
async function scansAll(
  sql: Pick<SqlStore, 'transaction'>,
  { table }: ResourceModel,
  node: Node,
): Promise<boolean> {
  const condition = emit(node, true, quoteTable(table), SOMEBODY);
  if (typeof condition === 'boolean') return false;
  const values: SqlValue[] = [];
  const text = condition
    .map((token) => (typeof token === 'string' ? token : `$${values.push(token.value)}`))
    .join('');
  const plan = await sql.transaction(async (tx) => {
    await tx.query(`SELECT pg_catalog.set_config('enable_seqscan', 'off', true)`);
    return tx.query(`EXPLAIN (FORMAT JSON) SELECT 1 FROM ${quoteTable(table)} WHERE ${text}`, values);
  });
  return readsAll(plan.rows[0]?.['QUERY PLAN'], table.name);
}

function readsAll(plan: unknown, table: string): boolean {
  if (Array.isArray(plan)) return plan.some((one) => readsAll(one, table));
  if (typeof plan !== 'object' || plan === null) return false;
  const node = plan as Readonly<Record<string, unknown>>;
  if (node['Node Type'] === 'Seq Scan' && node['Relation Name'] === table && node['Alias'] === table)
    return true;
  return readsAll(node['Plan'], table) || readsAll(node['Plans'], table);
}
