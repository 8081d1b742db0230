import { OptionsError } from '../../../core/errors.ts';
import type { FieldSet, ResourceModel } from './model.ts';

/** Fields as one role names them. */
export interface RoleFields {
  /** Every field of every resource. */
  readonly all: boolean;
  readonly named: ReadonlyMap<string, FieldSet>;
}

function refuse(path: string, reason: string): never {
  throw new OptionsError(path, reason);
}

/** Checks the fields of a role. @throws OptionsError */
export function readFields(
  given: unknown,
  path: string,
  resources: ReadonlyMap<string, ResourceModel>,
): RoleFields {
  const named = new Map<string, FieldSet>();
  if (given === undefined || given === 'all') return { all: given === 'all', named };
  if (typeof given !== 'object' || given === null) refuse(path, `expected 'all' or an object of resources`);
  for (const [name, fields] of Object.entries(given)) {
    const resource = resources.get(name);
    if (!resource?.declared) refuse(`${path}.${name}`, `no resource '${name}' with columns`);
    named.set(name, fieldSet(fields, `${path}.${name}`, resource));
  }
  return { all: false, named };
}

function fieldSet(given: unknown, path: string, resource: ResourceModel): FieldSet {
  const { read, write, ...more } = (
    given === 'all' ? { read: 'all', write: 'all' } : (given ?? refuse(path, 'expected fields'))
  ) as Record<string, unknown>;
  for (const key of Object.keys(more)) refuse(`${path}.${key}`, 'unknown; known are read, write');
  return { read: names(read, `${path}.read`, resource), write: names(write, `${path}.write`, resource) };
}

function names(given: unknown, path: string, resource: ResourceModel): ReadonlySet<string> {
  if (given === undefined) return new Set();
  if (given === 'all') return new Set(resource.columns.keys());
  if (!Array.isArray(given)) refuse(path, `expected 'all' or a list of columns`);
  for (const name of given)
    if (!resource.columns.has(name as string))
      refuse(path, `'${resource.name}' has no column '${String(name)}'`);
  return new Set(given as readonly string[]);
}
