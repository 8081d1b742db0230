import { parseDuration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import type {
  Column,
  Fact,
  FactNode,
  ListNode,
  Node,
  OperandNode,
  Relation,
  ResourceModel,
} from './model.ts';
import { readTimeWindow } from './read-time.ts';
import { type Canonical, COLUMN_TYPES, type ColumnType, itemType, typeOf } from './values/types.ts';

/** What a condition may name. */
export interface Scope {
  /** @throws OptionsError for a column that is not there; `hint` is the type that a literal has */
  column(name: string, path: string, hint?: ColumnType): Column;
  readonly relations: ResourceModel['relations'];
  readonly attributes: ReadonlyMap<string, ColumnType>;
  /** Role to itself and all roles that inherit from it. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** Undefined within `exists`, where predicates of the process have no row. */
  readonly predicates: ReadonlySet<string> | undefined;
}

/** Deeper or larger conditions are mistakes, and would be explained to nobody. */
const MAX_DEPTH = 16;
const MAX_ITEMS = 1_000;

function refuse(path: string, reason: string): never {
  throw new OptionsError(path, reason);
}

/** An object with plain keys. */
function entriesOf(given: unknown, path: string, what: string): readonly (readonly [string, unknown])[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) refuse(path, `expected ${what}`);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  if (entries.length === 0) refuse(path, `is empty; expected ${what}`);
  return entries;
}

type Read = (given: unknown, scope: Scope, path: string, depth: number) => Node;

const OPERATORS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['owner', (given, scope, path) => owner(given, scope, path)],
  ...(['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const).map((name): [string, Read] => [
    name,
    (given, scope, path) => comparisons(name, given, scope, path),
  ]),
  ['in', (given, scope, path) => each(given, path, (name, value, at) => inList(name, value, scope, at))],
  [
    'contains',
    (given, scope, path) => each(given, path, (name, value, at) => contains(name, value, scope, at)),
  ],
  ['isNull', (given, scope, path) => ({ op: 'isNull', column: scope.column(text(given, path), path) })],
  ['and', (given, scope, path, depth) => parts('and', given, scope, path, depth)],
  ['or', (given, scope, path, depth) => parts('or', given, scope, path, depth)],
  ['not', (given, scope, path, depth) => ({ op: 'not', part: read(given, scope, path, depth + 1) })],
  [
    'exists',
    (given, scope, path, depth) =>
      each(given, path, (name, value, at) => exists(name, value, scope, at, depth)),
  ],
  ['role', (given, scope, path) => role(given, scope, path)],
  [
    'principal',
    (given, scope, path) => each(given, path, (name, value, at) => principal(name, value, scope, at)),
  ],
  ['fresh', (given, _scope, path) => fresh(given, path)],
  ['time', (given, _scope, path) => readTimeWindow(given, path)],
  ['custom', (given, scope, path) => custom(given, scope, path)],
]);

/**
 * Checks a condition.
 * @throws OptionsError naming the path and the reason
 */
export function readCondition(given: unknown, scope: Scope, path: string): Node {
  return read(given, scope, path, 0);
}

function read(given: unknown, scope: Scope, path: string, depth: number): Node {
  if (given === true) return { op: 'always' };
  if (depth > MAX_DEPTH) refuse(path, `is nested deeper than ${MAX_DEPTH}`);
  const entries = entriesOf(given, path, 'true or a condition with one operator');
  const [first] = entries;
  if (!first || entries.length > 1)
    refuse(
      path,
      `has several operators (${entries.map(([key]) => key).join(', ')}); join them with 'and' or 'or'`,
    );
  const reader = OPERATORS.get(first[0]);
  if (!reader)
    refuse(`${path}.${first[0]}`, `unknown condition; known are ${[...OPERATORS.keys()].join(', ')}`);
  return reader(first[1], scope, `${path}.${first[0]}`, depth);
}

/** An operator over several names: all must hold. */
function each(given: unknown, path: string, one: (name: string, value: unknown, path: string) => Node): Node {
  const found = entriesOf(given, path, 'an object of names').map(([name, value]) =>
    one(name, value, `${path}.${name}`),
  );
  return found.length === 1 ? (found[0] as Node) : { op: 'and', parts: found };
}

function parts(op: 'and' | 'or', given: unknown, scope: Scope, path: string, depth: number): Node {
  if (!Array.isArray(given) || given.length === 0 || given.length > 100)
    refuse(path, 'expected a list of 1 to 100 conditions');
  return { op, parts: given.map((one, i) => read(one, scope, `${path}[${i}]`, depth + 1)) };
}

function text(given: unknown, path: string): string {
  if (typeof given !== 'string' || given === '') refuse(path, 'expected a name');
  return given;
}

function owner(given: unknown, scope: Scope, path: string): Node {
  const column = scope.column(text(given, path), path, 'text');
  return {
    op: 'compare',
    relation: 'eq',
    column,
    right: { from: 'principal', fact: fact('id', column.type, scope, path) },
  };
}

function comparisons(relation: Relation, given: unknown, scope: Scope, path: string): Node {
  return each(given, path, (name, value, at) => {
    const column = scope.column(name, at, hintOf(value));
    const type = typeOf(column.type);
    if (itemType(column.type)) refuse(at, `'${name}' is a list; ask with 'contains'`);
    if (!type.ordered && relation !== 'eq' && relation !== 'ne') refuse(at, `${column.type} has no order`);
    return { op: 'compare', relation, column, right: operand(value, column.type, scope, at) };
  });
}

/** The type that a literal stands for, where a column's type is not declared. */
function hintOf(value: unknown): ColumnType | undefined {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof one === 'object' && one !== null) return 'text';
  return typeof one === 'string'
    ? 'text'
    : typeof one === 'boolean'
      ? 'boolean'
      : typeof one === 'number'
        ? 'numeric'
        : undefined;
}

function operand(given: unknown, type: ColumnType, scope: Scope, path: string): OperandNode {
  if (typeof given !== 'object' || given === null)
    return { from: 'literal', type, value: literal(given, type, path) };
  const [first, ...more] = entriesOf(
    given,
    path,
    'a literal, { column }, { principal }, { now }, { ago } or { ahead }',
  );
  if (!first || more.length > 0) refuse(path, 'expected one of column, principal, now, ago, ahead');
  const [kind, value] = first;
  if (kind === 'principal') return { from: 'principal', fact: fact(text(value, path), type, scope, path) };
  if (kind === 'column') {
    const column = scope.column(text(value, path), path, type);
    if (column.type !== type) refuse(path, `'${column.name}' is ${column.type}, not ${type}`);
    return { from: 'column', column };
  }
  return { from: 'now', offsetMs: offset(kind, value, type, path) };
}

function offset(kind: string, value: unknown, type: ColumnType, path: string): number {
  if (type !== 'timestamptz') refuse(path, `only a timestamptz can be held against '${kind}'`);
  if (kind === 'now' && value === true) return 0;
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined || (kind !== 'ago' && kind !== 'ahead'))
    refuse(path, `expected { now: true }, { ago: '30d' } or { ahead: '1h' }`);
  return kind === 'ago' ? -ms : ms;
}

function literal(given: unknown, type: ColumnType, path: string): Canonical {
  if (given === null) refuse(path, `nothing equals NULL; ask with 'isNull'`);
  const value = typeOf(type).read(given);
  if (value === undefined || typeOf(type).write(value) === undefined)
    refuse(path, `is no ${type}${type === 'timestamptz' ? ' with its zone' : ''}`);
  return value;
}

const NAME_TYPES: readonly ColumnType[] = ['text', 'uuid', 'integer', 'bigint'];

function fact(name: string, type: ColumnType, scope: Scope, path: string): Fact {
  const attribute = scope.attributes.get(name);
  if (attribute === type) return { name, attribute: true, type };
  if (attribute) refuse(path, `attribute '${name}' is ${attribute}, not ${type}`);
  if ((name === 'id' || name === 'tenant') && NAME_TYPES.includes(type))
    return { name, attribute: false, type };
  if (name === 'kind' && type === 'text') return { name, attribute: false, type };
  if (name === 'roles' && type === 'text[]') return { name, attribute: false, type };
  return refuse(path, `a principal has no '${name}' that is ${type}; declare it under 'attributes'`);
}

function inList(name: string, given: unknown, scope: Scope, path: string): Node {
  const column = scope.column(name, path, hintOf(given));
  if (itemType(column.type)) refuse(path, `'${name}' is a list; ask with 'contains'`);
  return { op: 'in', column, list: listOf(given, column.type, scope, path) };
}

function listOf(given: unknown, type: ColumnType, scope: Scope, path: string): ListNode {
  if (!Array.isArray(given)) {
    const [first] = entriesOf(given, path, 'a list or { principal }');
    if (first?.[0] !== 'principal' || type !== 'text')
      refuse(path, 'expected a list, or { principal } for a text');
    return { from: 'principal', fact: fact(text(first[1], path), 'text[]', scope, path) };
  }
  if (given.length === 0 || given.length > MAX_ITEMS) refuse(path, `expected 1 to ${MAX_ITEMS} values`);
  return { from: 'literal', type, values: given.map((one, i) => literal(one, type, `${path}[${i}]`)) };
}

function contains(name: string, given: unknown, scope: Scope, path: string): Node {
  const column = scope.column(name, path);
  const item = itemType(column.type);
  if (!item) refuse(path, `'${name}' is ${column.type}, not a list`);
  return { op: 'contains', column, right: operand(given, item, scope, path) };
}

function exists(name: string, given: unknown, scope: Scope, path: string, depth: number): Node {
  const relation = scope.relations.get(name);
  if (!relation)
    refuse(path, `no relation '${name}' here; known are ${[...scope.relations.keys()].join(', ') || 'none'}`);
  const inner: Scope = {
    ...scope,
    column: (column, at) =>
      relation.columns.get(column) ?? refuse(at, `'${relation.node.table.name}' has no column '${column}'`),
    relations: new Map(),
    predicates: undefined,
  };
  return { op: 'exists', relation: relation.node, where: read(given, inner, path, depth + 1) };
}

function role(given: unknown, scope: Scope, path: string): Node {
  const name = text(given, path);
  const holders = scope.roles.get(name) ?? refuse(path, `no role '${name}'`);
  return { op: 'role', role: name, holders };
}

function principal(name: string, given: unknown, scope: Scope, path: string): FactNode {
  const type = scope.attributes.get(name) ?? 'text';
  if (itemType(type)) refuse(path, `'${name}' is a list; ask with 'in'`);
  return { op: 'principal', fact: fact(name, type, scope, path), value: literal(given, type, path) };
}

function fresh(given: unknown, path: string): FactNode {
  const found = Object.fromEntries(entriesOf(given, path, '{ factor?, within }'));
  const { factor, within, ...more } = found;
  for (const key of Object.keys(more)) refuse(`${path}.${key}`, 'unknown; known are factor, within');
  const withinMs = typeof within === 'string' ? parseDuration(within) : undefined;
  if (withinMs === undefined || withinMs <= 0) refuse(`${path}.within`, `expected a duration such as '10m'`);
  return {
    op: 'fresh',
    withinMs,
    ...(factor === undefined ? {} : { factor: text(factor, `${path}.factor`) }),
  };
}

function custom(given: unknown, scope: Scope, path: string): Node {
  const name = text(given, path);
  if (!scope.predicates) refuse(path, `a predicate of the process cannot stand within 'exists'`);
  if (!scope.predicates.has(name)) refuse(path, `no predicate '${name}' was handed to createAccess`);
  return { op: 'custom', name };
}

/** @throws OptionsError */
export function readColumnType(given: unknown, path: string): ColumnType {
  if (!(COLUMN_TYPES as readonly unknown[]).includes(given))
    refuse(path, `expected one of ${COLUMN_TYPES.join(', ')}`);
  return given as ColumnType;
}
