import { AuthenticationError } from '../../../../core/errors.ts';
import { Principal } from '../../../../core/fact.ts';
import { scoped } from '../../../../modules/access/grants/index.ts';
import { type AccessPrincipal, createAccess } from '../../../../modules/access/index.ts';
import { askerOf } from '../../../access.ts';
import { principalOf } from '../../../identify.ts';
import { samplePolicy } from '../../../sample-policy.ts';
import type { Caller } from '../../caller.ts';
import type { ApiPorts } from '../../ports.ts';
import type { ApiContext } from '../../route.ts';

/** Answers of `samplePolicy`, with the scopes of API keys kept. */
export const policy = scoped(createAccess(samplePolicy));

/** Who asks, with the roles that count at this moment. */
export async function askerFor(ports: ApiPorts, c: ApiContext, caller: Caller): Promise<AccessPrincipal> {
  const context = c.env?.context;
  const principal =
    context && (ports.access ? await askerOf(ports.access.grants, context) : context.get(Principal));
  if (principal !== undefined) return principal;
  if (caller.kind === 'account') return principalOf(caller.session);
  throw new AuthenticationError();
}
