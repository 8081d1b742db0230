import { createHash } from 'node:crypto';
import { OptionsError } from '../../../core/errors.ts';
import type { PolicyDeclaration } from './declare.ts';
import type { Model, ResourceModel } from './model.ts';
import { readColumnType } from './read-condition.ts';
import { inferResources, readResources } from './read-resources.ts';
import { readRoles } from './read-roles.ts';
import type { ColumnType } from './values/types.ts';

const RESERVED: ReadonlySet<string> = new Set(['id', 'kind', 'tenant', 'roles', 'session']);

/**
 * Checks a policy.
 * @param predicates names of the predicates that conditions may name
 * @throws OptionsError naming the path and the reason
 */
export function readPolicy(given: PolicyDeclaration, predicates: ReadonlySet<string>): Model {
  const { resources, attributes, roles, ...more } = plain(given, 'access');
  for (const key of Object.keys(more))
    if (key !== '~names')
      throw new OptionsError(`access.${key}`, 'unknown; known are resources, attributes, roles');
  const declared = plain(roles, 'access.roles');
  const known: ReadonlyMap<string, ResourceModel> =
    resources === undefined ? inferResources(declared) : readResources(plain(resources, 'access.resources'));
  const permissions = [...known.values()].flatMap(({ name, actions }) =>
    actions.map((action) => `${name}:${action}`),
  );
  return {
    version: versionOf(given, predicates),
    resources: known,
    permissions,
    roles: readRoles(declared, {
      resources: known,
      attributes: readAttributes(attributes),
      predicates,
      open: resources === undefined,
    }),
  };
}

function plain(given: unknown, path: string): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new OptionsError(path, 'expected an object');
  return given as Record<string, unknown>;
}

function readAttributes(given: unknown): ReadonlyMap<string, ColumnType> {
  const found = new Map<string, ColumnType>();
  for (const [name, type] of Object.entries(given === undefined ? {} : plain(given, 'access.attributes'))) {
    const path = `access.attributes.${name}`;
    if (RESERVED.has(name)) throw new OptionsError(path, 'every principal has a fact of this name');
    const read = readColumnType(type, path);
    if (['date', 'timestamptz', 'integer[]'].includes(read))
      throw new OptionsError(path, `an attribute cannot be ${read}`);
    found.set(name, read);
  }
  return found;
}

/** Changes with whatever changes in the declaration, order included. */
function versionOf(given: PolicyDeclaration, predicates: ReadonlySet<string>): string {
  const text = JSON.stringify([given, [...predicates]], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
