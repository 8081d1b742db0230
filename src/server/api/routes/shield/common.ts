import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../../../core/errors.ts';
import type { ApiPorts } from '../../ports.ts';
import type { ShieldExclusion } from '../../shield-types.ts';

/** Group of these routes in the document. */
export const TAG = 'Shield';

/** Path with an id. */
export const byId = z.object({ id: z.string().max(100) });

/** Ports with the shield among them. */
export interface ShieldPorts extends ApiPorts {
  readonly shield: NonNullable<ApiPorts['shield']>;
}

/** What the audit log is told of an exclusion. */
export function eventOf({ id, route: name, field, rules, reason }: ShieldExclusion, more: object = {}) {
  const details = { route: name, field, rules: rules.join(', '), reason, ...more };
  return { subject: id, details };
}

/** @throws NotFoundError; ConflictError where it is there, but in another state */
export async function notIn(ports: ShieldPorts, id: string, otherwise: string): Promise<never> {
  if ((await ports.stores.exclusions.get(id)) === undefined)
    throw new NotFoundError('There is no such exclusion.');
  throw new ConflictError(otherwise);
}
