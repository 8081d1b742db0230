import { OptionsError } from '../../../core/errors.ts';
import type { Column, FieldSet, ResourceModel, RoleModel, Rule } from './model.ts';
import { readCondition, type Scope } from './read-condition.ts';
import { readFields, type RoleFields } from './read-fields.ts';
import type { ColumnType } from './values/types.ts';

type Plain = Readonly<Record<string, unknown>>;

/** What rules may name. */
export interface Vocabulary {
  readonly resources: ReadonlyMap<string, ResourceModel>;
  readonly attributes: ReadonlyMap<string, ColumnType>;
  readonly predicates: ReadonlySet<string>;
  /** The short form: columns are taken as they come. */
  readonly open: boolean;
}

/** A role as declared, before it has inherited. */
interface OwnRole {
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  readonly fields: RoleFields;
}

const PARTS = ['inherits', 'can', 'cannot', 'fields'];
const ROLE_NAME = /^[A-Za-z][A-Za-z0-9_.:-]{0,62}$/;

function refuse(path: string, reason: string): never {
  throw new OptionsError(path, reason);
}

function plain(given: unknown, path: string): Plain {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) refuse(path, 'expected an object');
  return given as Plain;
}

/** Checks the roles of a policy and lets them inherit. @throws OptionsError */
export function readRoles(given: Plain, words: Vocabulary): ReadonlyMap<string, RoleModel> {
  const parents = new Map(
    Object.entries(given).map(([name, value]) => [name, parentsOf(name, value, Object.keys(given))]),
  );
  const lines = new Map([...parents.keys()].map((name) => [name, lineOf(name, parents, [])]));
  const holders = new Map(
    [...lines.keys()].map((name) => [
      name,
      [...lines.keys()].filter((one) => lines.get(one)?.includes(name)),
    ]),
  );
  const own = new Map(
    Object.entries(given).map(([name, value]) => [name, readRole(name, value as Plain, holders, words)]),
  );
  const masked = new Set([...own.values()].flatMap(({ fields }) => [...fields.named.keys()]));
  return new Map(
    [...lines].map(([name, line]): [string, RoleModel] => {
      const roles = line.map((one) => own.get(one) as OwnRole);
      return [
        name,
        { name, line, rules: joinRules(roles), fields: joinFields(roles, masked, words.resources) },
      ];
    }),
  );
}

/** The short form of a role is its rules alone. */
const isWhole = (given: Plain): boolean => Object.keys(given).every((key) => PARTS.includes(key));

function parentsOf(name: string, given: unknown, all: readonly string[]): readonly string[] {
  const path = `access.roles.${name}`;
  if (!ROLE_NAME.test(name)) refuse(path, 'a role has 1 to 63 letters, digits, _ . : or -');
  const role = plain(given, path);
  const inherits = isWhole(role) ? (role['inherits'] ?? []) : [];
  if (!Array.isArray(inherits)) refuse(`${path}.inherits`, 'expected a list of roles');
  for (const parent of inherits)
    if (!all.includes(parent as string)) refuse(`${path}.inherits`, `no role '${String(parent)}'`);
  return inherits as readonly string[];
}

function readRole(name: string, given: Plain, holders: Scope['roles'], words: Vocabulary): OwnRole {
  const path = `access.roles.${name}`;
  const whole = isWhole(given);
  const { can = {}, cannot = {}, fields } = whole ? given : { can: given };
  const rules = new Map<string, Rule[]>();
  const at = whole ? `${path}.can` : path;
  const allow: RuleSource = { role: name, effect: 'allow', given: plain(can, at), path: at };
  readRules(allow, holders, words, rules);
  const deny: RuleSource = {
    role: name,
    effect: 'deny',
    given: plain(cannot, `${path}.cannot`),
    path: `${path}.cannot`,
  };
  readRules(deny, holders, words, rules);
  return { rules, fields: readFields(fields, `${path}.fields`, words.resources) };
}

interface RuleSource {
  readonly role: string;
  readonly effect: Rule['effect'];
  readonly given: Plain;
  readonly path: string;
}

function readRules(
  source: RuleSource,
  holders: Scope['roles'],
  words: Vocabulary,
  into: Map<string, Rule[]>,
): void {
  const { role, effect } = source;
  for (const [pattern, given] of Object.entries(source.given)) {
    if (given === undefined) continue;
    const path = `${source.path}.${pattern}`;
    for (const [permission, resource] of covered(pattern, words, path)) {
      const node = readCondition(given, scopeOf(resource, holders, words), path);
      const id = `${role} ${effect === 'allow' ? 'can' : 'cannot'} ${pattern}`;
      const rules = into.get(permission) ?? [];
      rules.push({ id, effect, role, pattern, node });
      into.set(permission, rules);
    }
  }
}

/** Permissions that a pattern covers. @throws OptionsError where there are none */
function covered(
  pattern: string,
  words: Vocabulary,
  path: string,
): readonly (readonly [permission: string, resource: ResourceModel])[] {
  const [resourceName = '', actionName, ...more] = pattern === '*' ? ['*', '*'] : pattern.split(':');
  if (actionName === undefined || more.length > 0)
    refuse(path, `is no permission; write 'resource:action', 'resource:*', '*:action' or '*'`);
  const found = [...words.resources.values()]
    .filter(({ name }) => resourceName === '*' || name === resourceName)
    .flatMap((resource) =>
      resource.actions
        .filter((action) => actionName === '*' || action === actionName)
        .map((action) => [`${resource.name}:${action}`, resource] as const),
    );
  if (found.length === 0 && !(words.open && pattern === '*'))
    refuse(path, `covers no permission of the declared resources`);
  return found;
}

function scopeOf(resource: ResourceModel, roles: Scope['roles'], words: Vocabulary): Scope {
  return {
    column: (name, path, hint) =>
      resource.columns.get(name) ??
      (words.open && hint
        ? openColumn(resource, name, hint)
        : refuse(path, `'${resource.name}' has no column '${name}'`)),
    relations: resource.relations,
    attributes: words.attributes,
    roles,
    predicates: words.predicates,
  };
}

/** In the short form a column has the type in which it was first used. */
function openColumn(resource: ResourceModel, name: string, type: ColumnType): Column {
  const column = { name, type };
  (resource.columns as Map<string, Column>).set(name, column);
  return column;
}

/** Itself and all that it inherits from, near ones first. @throws OptionsError for a circle, with its path */
function lineOf(
  name: string,
  parents: ReadonlyMap<string, readonly string[]>,
  above: readonly string[],
): readonly string[] {
  if (above.includes(name))
    refuse(`access.roles.${above[0]}.inherits`, `goes in a circle: ${[...above, name].join(' → ')}`);
  const near = parents.get(name) ?? [];
  const far = near.flatMap((parent) => lineOf(parent, parents, [...above, name]));
  return [...new Set([name, ...near, ...far])];
}

function joinRules(roles: readonly OwnRole[]): ReadonlyMap<string, readonly Rule[]> {
  const joined = new Map<string, Rule[]>();
  for (const { rules } of roles) {
    for (const [permission, list] of rules)
      joined.set(permission, [...(joined.get(permission) ?? []), ...list]);
  }
  return joined;
}

function joinFields(
  roles: readonly OwnRole[],
  masked: ReadonlySet<string>,
  resources: ReadonlyMap<string, ResourceModel>,
): ReadonlyMap<string, FieldSet> {
  return new Map(
    [...resources.values()].map(({ name, columns }): [string, FieldSet] => {
      const all = new Set(columns.keys());
      if (!masked.has(name) || roles.some(({ fields }) => fields.all))
        return [name, { read: all, write: all }];
      const sets = roles.flatMap(({ fields }) => fields.named.get(name) ?? []);
      const join = (key: 'read' | 'write'): ReadonlySet<string> =>
        new Set(sets.flatMap((set) => [...set[key]]));
      return [name, { read: join('read'), write: join('write') }];
    }),
  );
}
