import type { PRINCIPAL_SETTINGS } from '../../../base/database/index.ts';
import { AHEAD_MS } from './facts.ts';
import type { Fact, FactNode, OperandNode } from './model.ts';
import { scopesOver } from './scope-words.ts';
import type { Emitter, Sql, Tokens } from './sql.ts';
import { arrayText, type Canonical, type ColumnType, typeOf } from './values/types.ts';

/**
 * Settings of the transaction that say who asks, as `withPrincipal` of rampart/database writes them. Named here again so
 * that this module loads no package; the compiler holds the two against each other.
 */
export const SETTINGS = {
  user: 'rampart.user',
  kind: 'rampart.kind',
  roles: 'rampart.roles',
  scopes: 'rampart.scopes',
  tenant: 'rampart.tenant',
  provenAtMs: 'rampart.proven_at_ms',
  attributes: 'rampart.attributes',
  nowMs: 'rampart.now_ms',
} as const satisfies Partial<typeof PRINCIPAL_SETTINGS>;

type Setting = keyof typeof SETTINGS;

/** Writes a literal text. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** Absent, or emptied by the transaction before: both nobody. */
const setting = (name: Setting): string =>
  `NULLIF(pg_catalog.current_setting('${SETTINGS[name]}', true), '')`;

/** One value per statement (an init-plan), not one call per row. */
const once = (expression: string, from = ''): string => `(SELECT ${expression}${from})`;

const JSON_OF = (name: Setting): string => ` FROM (SELECT ${setting(name)}::pg_catalog.jsonb AS j) AS f`;
const DECIMAL_SHAPE = '^-?[0-9]{1,100}([.][0-9]{1,100})?$';
const SHAPES: Readonly<Partial<Record<ColumnType, string>>> = {
  uuid: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  integer: '^(0|-?[1-9][0-9]{0,8})$',
  bigint: '^(0|-?[1-9][0-9]{0,17})$',
  numeric: DECIMAL_SHAPE,
};

/** A text as a value of a type, NULL where it does not fit: a cast that fails would refuse the whole statement. */
function guarded(text: string, type: ColumnType): string {
  const shape = SHAPES[type];
  return shape === undefined ? text : `CASE WHEN ${text} ~ '${shape}' THEN ${text}::${type} END`;
}

const NAMES: Readonly<Record<string, Setting>> = { id: 'user', kind: 'kind', tenant: 'tenant' };

/** A fact of whoever asks, NULL where it is missing; the counterpart of `readFact`. */
export function factSql(fact: Fact): string {
  if (!fact.attribute && fact.name === 'roles') return once(textList('j'), JSON_OF('roles'));
  if (!fact.attribute) return once(guarded(setting(NAMES[fact.name] ?? 'user'), fact.type));
  const value = `j -> ${quoteText(fact.name)}`;
  return once(attributeSql(value, fact.type), JSON_OF('attributes'));
}

function attributeSql(value: string, type: ColumnType): string {
  const kind = `pg_catalog.jsonb_typeof(${value})`;
  const text = `((${value}) #>> '{}')`;
  switch (type) {
    case 'text':
    case 'uuid':
      return `CASE WHEN ${kind} = 'string' THEN ${guarded(text, type)} END`;
    case 'boolean':
      return `CASE WHEN ${kind} = 'boolean' THEN ${text}::boolean END`;
    case 'integer':
    case 'bigint':
    case 'numeric':
      return `CASE WHEN ${kind} IN ('string', 'number') THEN ${guarded(text, type)} END`;
    case 'date':
    case 'timestamptz':
    case 'text[]':
    case 'integer[]':
      return textList(value);
  }
}

/** A list of texts, NULL where any item is none. */
function textList(value: string): string {
  const bad = `SELECT 1 FROM pg_catalog.jsonb_array_elements(${value}) AS e(v) WHERE pg_catalog.jsonb_typeof(e.v) <> 'string'`;
  const all = `ARRAY(SELECT pg_catalog.jsonb_array_elements_text(${value}))`;
  return `CASE WHEN pg_catalog.jsonb_typeof(${value}) = 'array' THEN CASE WHEN NOT EXISTS (${bad}) THEN ${all} END END`;
}

/** The application's clock where it is told, else the transaction's; whole milliseconds. */
const NOW = `COALESCE(timestamptz '1970-01-01 00:00:00+00' + (CASE WHEN ${setting('nowMs')} ~ '^[0-9]{1,15}([.][0-9]+)?$' THEN pg_catalog.split_part(${setting('nowMs')}, '.', 1)::bigint END) * interval '1 millisecond', pg_catalog.now())`;

function literal(value: Canonical, type: ColumnType): string {
  const text = quoteText(typeOf(type).write(value) ?? '');
  return type === 'text' ? text : `${text}::${type}`;
}

/** Whether whoever asks has one of the roles. */
export function anyRole(roles: readonly string[]): string {
  return once(`${setting('roles')}::pg_catalog.jsonb ?| ${quoteText(arrayText(roles))}::text[]`);
}

/** Whether whoever asks came with no scopes, or with one that covers the permission; a value that is no JSON throws. */
export function inScope(permission: string): string {
  const any = `${setting('scopes')}::pg_catalog.jsonb ?| ${quoteText(arrayText(scopesOver(permission)))}::text[]`;
  return once(`COALESCE(${any}, true)`);
}

function freshSql({ factor, withinMs }: Extract<FactNode, { op: 'fresh' }>): string {
  const nowMs = `pg_catalog.floor(EXTRACT(EPOCH FROM ${NOW}) * 1000)`;
  const named = factor === undefined ? '' : ` AND e.k = ${quoteText(factor)}`;
  // The cast stands behind the test of the type: WHERE alone promises no order.
  const at = `CASE WHEN pg_catalog.jsonb_typeof(e.v) = 'number' THEN (e.v #>> '{}')::numeric END`;
  const from = `${JSON_OF('provenAtMs')}, LATERAL pg_catalog.jsonb_each(f.j) AS e(k, v) WHERE pg_catalog.jsonb_typeof(e.v) = 'number'${named}`;
  return once(
    `pg_catalog.bool_or(${at} >= ${nowMs} - ${withinMs} AND ${at} <= ${nowMs} + ${AHEAD_MS})`,
    from,
  );
}

function timeSql({ days, fromMinute, toMinute, zone }: Extract<FactNode, { op: 'time' }>): string {
  const minute = '(EXTRACT(HOUR FROM f.t) * 60 + EXTRACT(MINUTE FROM f.t))';
  const word = fromMinute < toMinute ? 'AND' : 'OR';
  const test = `EXTRACT(ISODOW FROM f.t) IN (${days.join(', ')}) AND (${minute} >= ${fromMinute} ${word} ${minute} < ${toMinute})`;
  return once(test, ` FROM (SELECT ${NOW} AT TIME ZONE ${quoteText(zone)} AS t) AS f`);
}

function conditionSql(node: FactNode): string {
  switch (node.op) {
    case 'role':
      return anyRole(node.holders);
    case 'principal':
      return `(${factSql(node.fact)} = ${literal(node.value, node.fact.type)})`;
    case 'fresh':
      return freshSql(node);
    case 'time':
      return timeSql(node);
  }
}

/** How policies of the database say what conditions ask. */
export const rlsEmitter: Emitter = {
  operand: (operand, type) => [operandSql(operand, type)],
  list(list, type): Tokens {
    // The cast makes an array of it: `ANY (SELECT …)` would be a set of arrays.
    if (list.from === 'principal') return [`${factSql(list.fact)}::text[]`];
    const texts = list.values.map((value) => typeOf(type).write(value) ?? '');
    return [`${quoteText(arrayText(texts))}${type === 'text' ? '' : `::${type}[]`}`];
  },
  fact(node, wanted): Sql {
    // Reached only where predicates of the process are to count as unknown.
    if (node.op === 'custom') return false;
    return [`${wanted ? '' : 'NOT '}${conditionSql(node)}`];
  },
};

function operandSql(operand: Exclude<OperandNode, { from: 'column' }>, type: ColumnType): string {
  switch (operand.from) {
    case 'literal':
      return literal(operand.value, type);
    case 'principal':
      return factSql(operand.fact);
    case 'now':
      return once(`${NOW} + ${operand.offsetMs} * interval '1 millisecond'`);
  }
}
