import { OptionsError } from '../../../core/errors.ts';
import type { Column, RelationNode, ResourceModel, TableName } from './model.ts';
import { readColumnType } from './read-condition.ts';

type Plain = Readonly<Record<string, unknown>>;
type Relation = ResourceModel['relations'] extends ReadonlyMap<string, infer R> ? R : never;

const CRUD = ['create', 'read', 'update', 'delete'];
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const KEYS = ['table', 'columns', 'actions', 'relations'];

function refuse(path: string, reason: string): never {
  throw new OptionsError(path, reason);
}

function plain(given: unknown, path: string): Plain {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) refuse(path, 'expected an object');
  return given as Plain;
}

function nameOf(given: unknown, path: string): string {
  if (typeof given !== 'string' || !NAME.test(given))
    refuse(path, 'a name has 1 to 63 letters, digits, _ . or -, and begins with a letter');
  return given;
}

/** Checks the resources of a policy. @throws OptionsError */
export function readResources(given: Plain): ReadonlyMap<string, ResourceModel> {
  const bare = new Map<string, ResourceModel>();
  for (const [name, value] of Object.entries(given)) {
    const path = `access.resources.${name}`;
    bare.set(nameOf(name, path), readResource(name, plain(value, path), path));
  }
  if (bare.size === 0) refuse('access.resources', 'names none');
  // Relations name other resources, so that these must be there first.
  for (const [name, resource] of bare) {
    const path = `access.resources.${name}.relations`;
    const relations = plain((given[name] as Plain)['relations'] ?? {}, path);
    for (const [relation, value] of Object.entries(relations)) {
      const found = readRelation(
        relation,
        plain(value, `${path}.${relation}`),
        `${path}.${relation}`,
        resource,
        bare,
      );
      (resource.relations as Map<string, Relation>).set(relation, found);
    }
  }
  return bare;
}

function readResource(name: string, given: Plain, path: string): ResourceModel {
  for (const key of Object.keys(given))
    if (!KEYS.includes(key)) refuse(`${path}.${key}`, `unknown; known are ${KEYS.join(', ')}`);
  const actions = given['actions'] ?? CRUD;
  if (!Array.isArray(actions) || actions.length === 0) refuse(`${path}.actions`, 'expected a list of names');
  return {
    name,
    table: tableOf(given['table'] ?? name, `${path}.table`),
    actions: [...new Set(actions.map((action, i) => nameOf(action, `${path}.actions[${i}]`)))],
    columns: columnsOf(given['columns'] ?? {}, `${path}.columns`),
    relations: new Map<string, Relation>(),
    declared: given['columns'] !== undefined,
  };
}

function tableOf(given: unknown, path: string): TableName {
  const parts = typeof given === 'string' ? given.split('.') : [];
  const fine = parts.every((part) => part !== '' && part.length <= 63 && !/["\0]/.test(part));
  const [first, second, ...more] = parts;
  if (first === undefined || more.length > 0 || !fine) refuse(path, `expected 'table' or 'schema.table'`);
  return second === undefined ? { name: first } : { schema: first, name: second };
}

function columnsOf(given: unknown, path: string): ReadonlyMap<string, Column> {
  const found = new Map<string, Column>();
  for (const [name, type] of Object.entries(plain(given, path))) {
    if (name === '' || name.length > 63 || /["\0]/.test(name) || name === '__proto__')
      refuse(`${path}.${name}`, 'this name cannot be a column');
    found.set(name, { name, type: readColumnType(type, `${path}.${name}`) });
  }
  return found;
}

function readRelation(
  name: string,
  given: Plain,
  path: string,
  own: ResourceModel,
  all: ReadonlyMap<string, ResourceModel>,
): Relation {
  if (own.columns.has(name)) refuse(path, 'a column has this name');
  const target = targetOf(given, path, all);
  const on = Object.entries(plain(given['on'], `${path}.on`)).map(([left, right]) => {
    const from = own.columns.get(left) ?? refuse(`${path}.on.${left}`, `no column '${left}'`);
    const to =
      target.columns.get(String(right)) ??
      refuse(`${path}.on.${left}`, `no related column '${String(right)}'`);
    if (from.type !== to.type) refuse(`${path}.on.${left}`, `${from.type} cannot equal ${to.type}`);
    return { own: from, related: to };
  });
  if (on.length === 0) refuse(`${path}.on`, 'names no columns');
  const node: RelationNode = {
    name,
    table: target.table,
    on,
    ...(target.resource === undefined ? {} : { resource: target.resource }),
  };
  return { node, columns: target.columns };
}

function targetOf(
  given: Plain,
  path: string,
  all: ReadonlyMap<string, ResourceModel>,
): { readonly table: TableName; readonly columns: ReadonlyMap<string, Column>; readonly resource?: string } {
  const { resource, table, columns, on: _, ...more } = given;
  for (const key of Object.keys(more))
    refuse(`${path}.${key}`, 'unknown; known are resource, table, columns, on');
  if (resource === undefined) {
    return { table: tableOf(table, `${path}.table`), columns: columnsOf(columns, `${path}.columns`) };
  }
  const found = typeof resource === 'string' ? all.get(resource) : undefined;
  if (!found || table !== undefined || columns !== undefined)
    refuse(path, found ? 'names a resource and a table' : 'names no resource of this policy');
  return { table: found.table, columns: found.columns, resource: found.name };
}

/** Resources of the short form: those that permissions name, each with what is usual and what is named. */
export function inferResources(roles: Plain): ReadonlyMap<string, ResourceModel> {
  const actions = new Map<string, Set<string>>();
  for (const role of Object.values(roles)) {
    for (const pattern of patternsOf(role)) {
      const [resource = '', action = ''] = pattern.split(':');
      if (!NAME.test(resource)) continue;
      const known = actions.get(resource) ?? new Set(CRUD);
      if (NAME.test(action)) known.add(action);
      actions.set(resource, known);
    }
  }
  return new Map(
    [...actions].map(([name, found]): [string, ResourceModel] => [
      name,
      {
        name,
        table: { name },
        actions: [...found],
        columns: new Map(),
        relations: new Map(),
        declared: false,
      },
    ]),
  );
}

function patternsOf(role: unknown): readonly string[] {
  if (typeof role !== 'object' || role === null) return [];
  const { can, cannot } = role as { can?: object; cannot?: object };
  return [role, can ?? {}, cannot ?? {}]
    .flatMap((rules) => Object.keys(rules))
    .filter((key) => key.includes(':'));
}
