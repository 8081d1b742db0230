import { createHash } from 'node:crypto';
import type { RowLevelSecurityOptions } from '../contract.ts';
import { inProcessOnly } from '../errors.ts';
import { hasCustom } from './overview.ts';
import { anyRole, inScope, rlsEmitter } from './rls-emitter.ts';
import type { Model, Node, RelationNode, ResourceModel, Rule, TableName } from './model.ts';
import {
  both,
  either,
  emit,
  type Emitter,
  quoteName,
  quoteTable,
  RELATED,
  related,
  type Sql,
} from './sql.ts';

/** Schema of the look-ups. Nobody is given its use, so that they can be called from policies alone. */
export const SCHEMA = 'rampart_access';

/** Commands of row-level security, with the action that each asks for. */
export const COMMANDS = [
  { command: 'SELECT', action: 'read' },
  { command: 'INSERT', action: 'create' },
  { command: 'UPDATE', action: 'update' },
  { command: 'DELETE', action: 'delete' },
] as const;

/** One policy of a table. */
export interface PlannedPolicy {
  readonly name: string;
  readonly command: string;
  /** Clauses after the command. */
  readonly clauses: string;
  /** Hash of the clauses, kept in the policy's comment. */
  readonly hash: string;
}

/** A look-up of related rows, past the policies of their table. */
export interface PlannedFunction {
  readonly name: string;
  /** Types of its arguments, written out. */
  readonly signature: string;
  readonly returns: string;
  readonly body: string;
}

/** What a table gets. */
export interface PlannedTable {
  readonly table: Required<TableName>;
  readonly policies: readonly PlannedPolicy[];
  /** Columns that look-ups read; empty where no look-up reads the table. */
  readonly lookupColumns: readonly string[];
}

/** Everything that row-level security of a policy consists of. */
export interface RlsPlan {
  readonly tables: readonly PlannedTable[];
  readonly functions: readonly PlannedFunction[];
  readonly lookupRole: string;
  readonly version: string;
}

/** Works out what to install. @throws RampartError `ACCESS_IN_PROCESS_ONLY` */
export function planRls(model: Model, options: RowLevelSecurityOptions): RlsPlan {
  const { schema = 'public', lookupRole = 'rampart_lookup' } = options;
  const named = (table: TableName): Required<TableName> => ({
    schema: table.schema ?? schema,
    name: table.name,
  });
  const resources = chosen(model, options.resources);
  if (options.inProcessOnly !== 'deny') refuseCustom(model, resources);
  const guarded = new Set(resources.map(({ table }) => quoteTable(named(table))));
  const lookups = new Lookups(guarded, named);
  const planned = resources.map((resource) => ({
    table: named(resource.table),
    policies: COMMANDS.flatMap(({ command, action }) =>
      resource.actions.includes(action)
        ? [policyOf(command, decisionSql(model, resource, action, lookups))]
        : [],
    ),
  }));
  return {
    tables: planned.map((one) => ({ ...one, lookupColumns: lookups.columnsOf(one.table) })),
    functions: [...lookups.functions.values()],
    lookupRole,
    version: model.version,
  };
}

function chosen(model: Model, names: readonly string[] | undefined): readonly ResourceModel[] {
  const declared = [...model.resources.values()].filter(({ declared }) => declared);
  if (!names) return declared;
  return names.map((name) => {
    const found = declared.find((resource) => resource.name === name);
    if (!found) throw new TypeError(`no resource '${name}' with columns`);
    return found;
  });
}

function refuseCustom(model: Model, resources: readonly ResourceModel[]): void {
  for (const rule of rulesOf(model)) {
    const permission = resources.some(({ name, actions }) =>
      COMMANDS.some(({ action }) => actions.includes(action) && rule.permission === `${name}:${action}`),
    );
    if (permission && hasCustom(rule.node)) throw inProcessOnly(rule.id);
  }
}

/** Rules as they were declared, by permission. */
function rulesOf(model: Model): readonly (Rule & { readonly permission: string })[] {
  return [...model.roles.values()].flatMap(({ name, rules }) =>
    [...rules].flatMap(([permission, list]) =>
      list.filter(({ role }) => role === name).map((rule) => ({ ...rule, permission })),
    ),
  );
}

function decisionSql(model: Model, resource: ResourceModel, action: string, lookups: Lookups): string {
  const rules = rulesOf(model).filter(({ permission }) => permission === `${resource.name}:${action}`);
  const table = quoteName(resource.table.name);
  const emitter: Emitter = {
    ...rlsEmitter,
    exists: (relation, where, wanted, own) => lookups.lookup(relation, where, wanted, own),
  };
  const holders = (role: string): readonly string[] => holdersOf(model, role);
  // Roles with the same condition share it: the fewer alternatives, the better for the planner.
  const shared = new Map<string, { readonly condition: Sql; readonly roles: Set<string> }>();
  for (const { role, node } of rules.filter(({ effect }) => effect === 'allow')) {
    const condition = emit(node, true, table, emitter);
    const entry = shared.get(textOf(condition)) ?? { condition, roles: new Set<string>() };
    for (const name of holders(role)) entry.roles.add(name);
    shared.set(textOf(condition), entry);
  }
  const allowed = [...shared.values()].map(({ condition, roles }) =>
    both([[anyRole([...roles])], condition]),
  );
  const denied = rules
    .filter(({ effect }) => effect === 'deny')
    .map(({ role, node }) => either([[`NOT ${anyRole(holders(role))}`], emit(node, false, table, emitter)]));
  return textOf(both([[inScope(`${resource.name}:${action}`)], either(allowed), ...denied]));
}

function holdersOf(model: Model, role: string): readonly string[] {
  return [...model.roles.values()].filter(({ line }) => line.includes(role)).map(({ name }) => name);
}

function policyOf(command: string, expression: string): PlannedPolicy {
  const using = command === 'INSERT' ? '' : ` USING (${expression})`;
  const check = command === 'INSERT' || command === 'UPDATE' ? ` WITH CHECK (${expression})` : '';
  const clauses = `${using}${check}`;
  return { name: `rampart_${command.toLowerCase()}`, command, clauses, hash: hashOf(clauses) };
}

function textOf(sql: Sql): string {
  if (typeof sql === 'boolean') return sql ? 'true' : 'false';
  return sql.map((token) => (typeof token === 'string' ? token : '')).join('');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * Look-ups of related rows. Where the related table has policies of its own, a plain sub-select would see only what
 * they let through, and two tables that look at each other would go in a circle: there a function looks, as a role that
 * may read that table and nothing else.
 */
class Lookups {
  readonly functions = new Map<string, PlannedFunction>();
  readonly #guarded: ReadonlySet<string>;
  readonly #named: (table: TableName) => Required<TableName>;
  readonly #columns = new Map<string, Set<string>>();

  constructor(guarded: ReadonlySet<string>, named: (table: TableName) => Required<TableName>) {
    this.#guarded = guarded;
    this.#named = named;
  }

  columnsOf(table: TableName): readonly string[] {
    return [...(this.#columns.get(quoteTable(table)) ?? [])].toSorted();
  }

  lookup(relation: RelationNode, where: Node, wanted: boolean, own: string): Sql {
    const table = quoteTable(this.#named(relation.table));
    const inner = related(where, wanted, rlsEmitter);
    if (inner === false) return !wanted;
    const condition = inner === true ? [] : [textOf(inner)];
    const key = (name: string): string => `${RELATED}.${quoteName(name)}`;
    const mine = (name: string): string => `${own}.${quoteName(name)}`;
    if (!this.#guarded.has(table)) {
      const join = relation.on.map((pair) => `${key(pair.related.name)} = ${mine(pair.own.name)}`);
      const head = `${wanted ? '' : 'NOT '}EXISTS (SELECT 1 FROM ${table} AS ${RELATED} WHERE `;
      return [`${head}${[...join, ...condition].join(' AND ')})`];
    }
    this.#reads(table, relation, where);
    const [first, ...more] = relation.on;
    if (first && more.length === 0) {
      const body = `SELECT ${key(first.related.name)} FROM ${table} AS ${RELATED} WHERE ${[`${key(first.related.name)} IS NOT NULL`, ...condition].join(' AND ')}`;
      const call = `${this.#add(relation, '', `SETOF ${first.own.type}`, body)}()`;
      return [
        wanted
          ? isIn(mine(first.own.name), call, where)
          : `NOT COALESCE(${isIn(mine(first.own.name), call, where)}, false)`,
      ];
    }
    const join = relation.on.map((pair, i) => `${key(pair.related.name)} = $${i + 1}`);
    const body = `SELECT EXISTS (SELECT 1 FROM ${table} AS ${RELATED} WHERE ${[...join, ...condition].join(' AND ')})`;
    const signature = relation.on.map((pair) => pair.own.type).join(', ');
    const call = this.#add(relation, signature, 'boolean', body);
    return [`${wanted ? '' : 'NOT '}${call}(${relation.on.map((pair) => mine(pair.own.name)).join(', ')})`];
  }

  #add(relation: RelationNode, signature: string, returns: string, body: string): string {
    const name = `${relation.name.slice(0, 40)}_${hashOf(`${signature} ${returns} ${body}`)}`;
    this.functions.set(name, { name, signature, returns, body });
    return `${quoteName(SCHEMA)}.${quoteName(name)}`;
  }

  #reads(table: string, relation: RelationNode, where: Node): void {
    const columns = this.#columns.get(table) ?? new Set<string>();
    for (const pair of relation.on) columns.add(pair.related.name);
    for (const name of columnsOf(where)) columns.add(name);
    this.#columns.set(table, columns);
  }
}

/** Few rows belong to one person: an array can use the index. What does not ask for the person may be many: hashed. */
function isIn(column: string, call: string, where: Node): string {
  return asksPrincipal(where) ? `${column} = ANY (ARRAY(SELECT ${call}))` : `${column} IN (SELECT ${call})`;
}

function asksPrincipal(node: Node): boolean {
  if (node.op === 'and' || node.op === 'or') return node.parts.some(asksPrincipal);
  if (node.op === 'compare' || node.op === 'contains') return node.right.from === 'principal';
  return node.op === 'in' && node.list.from === 'principal';
}

function columnsOf(node: Node): readonly string[] {
  if (node.op === 'and' || node.op === 'or') return node.parts.flatMap(columnsOf);
  if (node.op === 'not') return columnsOf(node.part);
  if (node.op === 'isNull' || node.op === 'in') return [node.column.name];
  if (node.op !== 'compare' && node.op !== 'contains') return [];
  return node.right.from === 'column' ? [node.column.name, node.right.column.name] : [node.column.name];
}
