import { z } from 'zod';
import { NotFoundError, ValidationError } from '../../../core/errors.ts';
import type { ListName } from '../../data/index.ts';
import { announceLimits } from '../announce.ts';
import { audited } from '../audit.ts';
import { type Caller, nameOf } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, empty, json, route, type Route } from '../route.ts';
import { limitHistogramAnswer, limitKeysAnswer, limitsAnswer } from '../schemas.ts';
import { canonicalEntry } from '../target.ts';
import type { LimitsAnswer } from '../types.ts';

const byPolicy = z.object({ policy: z.string().min(1).max(100) });
const listEntry = z.strictObject({
  value: z.string().trim().min(1).max(200).meta({ description: 'Address, range or principal.' }),
  note: z.string().trim().max(500).nullable().default(null),
});
const NO_POLICY = 'There is no policy of this name.';

/** Policies, their counters, and the lists of who is exempt and who is refused. */
export function limitRoutes(ports: ApiPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/limits',
      access: 'viewer',
      tag: 'Limits',
      summary: 'Read policies, their store and the lists',
      answer: { status: 200, about: 'As configured and as counted on this node.', schema: limitsAnswer },
      handle: async () => {
        const [state, lists] = await Promise.all([ports.limits.state(), ports.stores.lists.all()]);
        return json({ ...state, ...lists } satisfies LimitsAnswer);
      },
    }),
    route({
      method: 'GET',
      path: '/admin/limits/:policy/keys',
      access: 'viewer',
      tag: 'Limits',
      summary: 'List the busiest keys of a policy',
      params: byPolicy,
      query: z.strictObject({ search: z.string().max(200).default('') }),
      answer: { status: 200, about: 'At most 100, busiest first.', schema: limitKeysAnswer },
      refusals: [404],
      handle: async ({ params, query }) => json(known(await ports.limits.keys(params.policy, query.search))),
    }),
    route({
      method: 'GET',
      path: '/admin/limits/:policy/histogram',
      access: 'viewer',
      tag: 'Limits',
      summary: 'Read how many requests the keys of a policy made per window',
      params: byPolicy,
      answer: { status: 200, about: 'Over the last hour.', schema: limitHistogramAnswer },
      refusals: [404],
      handle: async ({ params }) => json(known(await ports.limits.histogram(params.policy))),
    }),
    resetRoute(ports),
    ...listRoutes(ports, 'allow'),
    ...listRoutes(ports, 'deny'),
  ];
}

function known<T>(answer: T | undefined): T {
  if (answer === undefined) throw new NotFoundError(NO_POLICY);
  return answer;
}

function resetRoute(ports: ApiPorts): Route {
  return route({
    method: 'POST',
    path: '/admin/limits/:policy/reset',
    access: 'analyst',
    tag: 'Limits',
    summary: 'Forget the counters of a key',
    params: byPolicy,
    body: z.strictObject({ key: z.string().min(1).max(300) }),
    answer: {
      status: 200,
      about: 'Whether there were any.',
      schema: z.object({ reset: z.boolean() }),
    },
    refusals: [404],
    handle: async ({ c, caller, params, body }) => {
      // The counters lie in another store: they go last, so that nothing is forgotten that is not written down.
      const reset = await audited(ports, c, caller, 'LIMIT_RESET', async () => {
        const value = await ports.limits.reset(params.policy, body.key);
        if (value === undefined) return undefined;
        return { value, event: { subject: body.key, details: { policy: params.policy, found: value } } };
      });
      return json({ reset: known(reset) });
    },
  });
}

function listRoutes(ports: ApiPorts, list: ListName): readonly Route[] {
  const effect = list === 'allow' ? 'is not counted by any limit' : 'is refused by every limit';
  return [
    route({
      method: 'POST',
      path: `/admin/limits/${list}`,
      access: 'analyst',
      tag: 'Limits',
      summary: `Put a value on the ${list} list`,
      about: `Whoever is on it ${effect}. Acts on every node within a second.`,
      body: listEntry,
      answer: { status: 204, about: 'It is on the list.' },
      refusals: [409],
      handle: ({ c, caller, body }) => addToList(ports, c, caller, list, body),
    }),
    route({
      method: 'DELETE',
      path: `/admin/limits/${list}/:value`,
      access: 'analyst',
      tag: 'Limits',
      summary: `Take a value off the ${list} list`,
      params: z.object({ value: z.string().min(1).max(200) }),
      answer: { status: 204, about: 'It is off the list.' },
      refusals: [404],
      handle: async ({ c, caller, params }) => {
        const removed = await audited(ports, c, caller, 'LIMIT_LIST_CHANGED', async (sql) => {
          const entry = canonicalEntry(params.value) ?? params.value;
          if (!(await ports.stores.lists.remove(sql, list, entry))) return undefined;
          return { value: true, event: { subject: entry, details: { list, change: 'removed' } } };
        });
        if (!removed) throw new NotFoundError(`This is not on the ${list} list.`);
        await announceLimits(ports);
        return empty();
      },
    }),
  ];
}

async function addToList(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  list: ListName,
  entry: z.infer<typeof listEntry>,
): Promise<Response> {
  const value = canonicalEntry(entry.value);
  if (value === undefined) {
    const message = 'Write an address, a range or the id of a principal.';
    throw new ValidationError(message, { details: [{ field: 'value', code: 'NOT_LISTABLE', message }] });
  }
  await audited(ports, c, caller, 'LIMIT_LIST_CHANGED', async (sql) => {
    await ports.stores.lists.add(sql, list, {
      value,
      note: entry.note,
      addedBy: nameOf(caller),
      addedAtMs: ports.clock.now(),
    });
    return { value: true, event: { subject: value, details: { list, change: 'added' } } };
  });
  await announceLimits(ports);
  return empty();
}
