import type { SqlValue } from '../../../ports/sql.ts';
import type {
  Column,
  FactNode,
  ListNode,
  Node,
  OperandNode,
  Relation,
  RelationNode,
  TableName,
} from './model.ts';
import { type ColumnType, itemType } from './values/types.ts';

/** A piece of SQL: text, or a value that becomes a parameter. */
export type Token = string | { readonly value: SqlValue };
export type Tokens = readonly Token[];

/** A condition in SQL; `true` and `false` where no row needs to be asked. */
export type Sql = boolean | Tokens;

/** What differs between a filter and row-level security. */
export interface Emitter {
  /** A value in SQL; undefined where it is unknown for every row. */
  operand(operand: Exclude<OperandNode, { from: 'column' }>, type: ColumnType): Tokens | undefined;
  /** A list in SQL, an array; undefined where it is unknown, `[]` where it is known to be empty. */
  list(list: ListNode, type: ColumnType): Tokens | undefined;
  /** A condition that does not look at the row. */
  fact(node: FactNode | Extract<Node, { op: 'custom' }>, wanted: boolean): Sql;
  /** A related row, where it is not looked up in place. */
  exists?(relation: RelationNode, where: Node, wanted: boolean, table: string): Sql | undefined;
}

/** Quotes a name. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a table with its schema. */
export function quoteTable({ schema, name }: TableName): string {
  return schema === undefined ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`;
}

const SIGNS: Readonly<Record<Relation, string>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};
const OPPOSITE: Readonly<Record<Relation, Relation>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'gte',
  lte: 'gt',
  gt: 'lte',
  gte: 'lt',
};

/**
 * Writes "the condition is true" (or, where `wanted` is false, "the condition is false") as SQL that is TRUE exactly
 * then. Negation is carried down to the comparisons, so that what is unknown is TRUE on neither side, and NULL means the
 * same as in the process.
 * @param table name or alias of the table whose row is asked, quoted
 */
export function emit(node: Node, wanted: boolean, table: string, emitter: Emitter): Sql {
  switch (node.op) {
    case 'always':
      return wanted;
    case 'not':
      return emit(node.part, !wanted, table, emitter);
    case 'and':
    case 'or': {
      const parts = node.parts.map((part) => emit(part, wanted, table, emitter));
      return (node.op === 'and') === wanted ? both(parts) : either(parts);
    }
    case 'compare':
      return compare(node, wanted, table, emitter);
    case 'in':
      return inList(node, wanted, table, emitter);
    case 'contains':
      return contains(node, wanted, table, emitter);
    case 'isNull':
      return [`${at(table, node.column)} IS ${wanted ? '' : 'NOT '}NULL`];
    case 'exists':
      return (
        emitter.exists?.(node.relation, node.where, wanted, table) ?? exists(node, wanted, table, emitter)
      );
    case 'custom':
    case 'role':
    case 'principal':
    case 'fresh':
    case 'time':
      return emitter.fact(node, wanted);
  }
}

/** All of the conditions. */
export function both(parts: readonly Sql[]): Sql {
  if (parts.includes(false)) return false;
  return joined(parts, ' AND ') ?? true;
}

/** Any of the conditions. */
export function either(parts: readonly Sql[]): Sql {
  if (parts.includes(true)) return true;
  return joined(parts, ' OR ') ?? false;
}

function joined(parts: readonly Sql[], word: string): Tokens | undefined {
  const lists = parts.filter((part) => typeof part !== 'boolean');
  const [first, ...more] = lists;
  if (!first) return undefined;
  if (more.length === 0) return first;
  return ['(', ...first, ...more.flatMap((part) => [word, ...part]), ')'];
}

function at(table: string, column: Column): string {
  return `${table}.${quoteName(column.name)}`;
}

function compare(
  { column, relation, right }: Extract<Node, { op: 'compare' }>,
  wanted: boolean,
  table: string,
  emitter: Emitter,
): Sql {
  const sign = SIGNS[wanted ? relation : OPPOSITE[relation]];
  // Equality keeps the column's own collation, whose index it can then use; order is that of code points.
  const order = column.type === 'text' && relation !== 'eq' && relation !== 'ne' ? ' COLLATE "C"' : '';
  const other = right.from === 'column' ? [at(table, right.column)] : emitter.operand(right, column.type);
  return other ? [`${at(table, column)}${order} ${sign} `, ...other] : false;
}

function inList(
  { column, list }: Extract<Node, { op: 'in' }>,
  wanted: boolean,
  table: string,
  emitter: Emitter,
): Sql {
  const values = emitter.list(list, column.type);
  if (!values) return false;
  if (values.length === 0) return !wanted;
  return [`${at(table, column)} ${wanted ? '= ANY' : '<> ALL'} (`, ...values, ')'];
}

function contains(
  { column, right }: Extract<Node, { op: 'contains' }>,
  wanted: boolean,
  table: string,
  emitter: Emitter,
): Sql {
  const item = itemType(column.type) ?? 'text';
  const other = right.from === 'column' ? [at(table, right.column)] : emitter.operand(right, item);
  if (!other) return false;
  const test: Tokens = [`${at(table, column)} @> ARRAY[`, ...other, `]::${item}[]`];
  // `@> ARRAY[NULL]` is false, where asking for what is unknown must be unknown.
  return wanted ? test : ['(NOT ', ...test, ' AND (', ...other, `)::${item} IS NOT NULL)`];
}

/** Related rows are asked by a name that no table of the statement has. */
export const RELATED = '"rampart_related"';

function exists(
  { relation, where }: Extract<Node, { op: 'exists' }>,
  wanted: boolean,
  table: string,
  emitter: Emitter,
): Sql {
  const inner = related(where, wanted, emitter);
  if (inner === false) return !wanted;
  const join = relation.on
    .map(({ own, related: key }) => `${at(RELATED, key)} = ${at(table, own)}`)
    .join(' AND ');
  const head = `${wanted ? '' : 'NOT '}EXISTS (SELECT 1 FROM ${quoteTable(relation.table)} AS ${RELATED} WHERE ${join}`;
  return inner === true ? [`${head})`] : [`${head} AND `, ...inner, ')'];
}

/**
 * Which related rows count: where existence is wanted, those for which the condition is true; where absence is wanted,
 * those for which it is not false, so that none may be left that might make it true.
 */
export function related(where: Node, wanted: boolean, emitter: Emitter): Sql {
  const inner = emit(where, wanted, RELATED, emitter);
  if (wanted) return inner;
  if (typeof inner === 'boolean') return !inner;
  return ['(', ...inner, ') IS NOT TRUE'];
}
