import { AuthorizationError } from '../../../../core/errors.ts';
import { Principal } from '../../../../core/fact.ts';
import { newId } from '../../../../core/id.ts';
import { addressOf, type Caller, nameOf } from '../../caller.ts';
import type { ApiPorts } from '../../ports.ts';
import type { ApiContext, Route } from '../../route.ts';

const ACTIONS = { GET: 'read', POST: 'create', PATCH: 'update', DELETE: 'delete' } as const;

/** The same route, with an event where somebody asks for what they are not allowed: the policy is asked within it. */
export function noting({ events }: Pick<ApiPorts, 'events'>, made: Route): Route {
  const { spec } = made;
  const note = (c: ApiContext, caller: Caller): void => {
    const context = c.env?.context;
    // A request that has one is kept on record, and the refusal names it.
    if (context) context.decisionId ??= newId('dec', context.nowMs);
    events.emit('UNAUTHORIZED_ACCESS_ATTEMPT', {
      actor: context?.get(Principal)?.id ?? nameOf(caller),
      address: addressOf(c),
      route: `${spec.method} ${spec.path}`,
      ...(context ? { decision: context.decisionId as string } : {}),
      outcome: 'refused',
      details: {
        resource: spec.path.split('/')[2] ?? null,
        action: ACTIONS[spec.method],
        endpoint: c.req.path.slice(0, 200),
        method: spec.method,
      },
    });
  };
  return {
    spec,
    async run(c, caller) {
      try {
        return await made.run(c, caller);
      } catch (error) {
        if (error instanceof AuthorizationError) note(c, caller);
        throw error;
      }
    },
  };
}
