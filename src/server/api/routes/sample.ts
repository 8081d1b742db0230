import { z } from 'zod';
import { AuthenticationError, AuthorizationError, NotFoundError } from '../../../core/errors.ts';
import { Principal } from '../../../core/fact.ts';
import { scoped } from '../../../modules/access/grants/index.ts';
import { type AccessPrincipal, type AccessRow, createAccess } from '../../../modules/access/index.ts';
import { askerOf } from '../../access.ts';
import type { SampleOrder } from '../../data/index.ts';
import { principalOf } from '../../identify.ts';
import { samplePolicy } from '../../sample-policy.ts';
import type { Caller } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, empty, json, route, type Route } from '../route.ts';
import { makeSampleToken, SAMPLE_ROLES, SAMPLE_TOKEN_MS } from '../sample-token.ts';
import { idOf } from '../schemas.ts';

const STATUSES = ['placed', 'preparing', 'delivered', 'cancelled'] as const;
const item = z.strictObject({
  name: z.string().trim().min(1).max(100).meta({ example: 'Flat white' }),
  quantity: z.int().min(1).max(50).meta({ example: 2 }),
});
const instructions = z.string().trim().max(500).nullable();
const somebody = z.string().trim().min(1).max(100).nullable();
const newOrder = z.strictObject({
  items: z.array(item).min(1).max(20),
  instructions: instructions.default(null),
  restaurant: somebody.default(null).meta({ description: 'Id of its owner, such as `sample:dragon`.' }),
});
const change = z
  .strictObject({
    instructions: instructions.optional(),
    status: z.enum(STATUSES).optional(),
    driver: somebody.optional(),
  })
  .refine((given) => Object.values(given).some((one) => one !== undefined), {
    message: 'Name what is to change.',
    params: { code: 'EMPTY' },
  });
const byId = z.object({ id: z.string().max(100) });
const order = z.object({
  id: z.string(),
  customer: z.string(),
  restaurant: z.string().nullable(),
  driver: z.string().nullable(),
  items: z.array(item),
  instructions,
  status: z.enum(STATUSES),
  createdAtMs: z.int(),
  updatedAtMs: z.int(),
});
const NONE = 'There is no such order.';

/**
 * A small protected API for the first five minutes: four roles, owner conditions, validation, limits. What each may do is
 * `samplePolicy`.
 */
export function sampleRoutes(ports: ApiPorts): readonly Route[] {
  return [signInRoute(ports), ...collectionRoutes(ports), ...orderRoutes(ports)];
}

const policy = scoped(createAccess(samplePolicy));

/** Who asks, with the roles that count at this moment. */
async function askerFor(ports: ApiPorts, c: ApiContext, caller: Caller): Promise<AccessPrincipal> {
  const context = c.env?.context;
  const principal =
    context && (ports.access ? await askerOf(ports.access.grants, context) : context.get(Principal));
  if (principal !== undefined) return principal;
  if (caller.kind === 'account') return principalOf(caller.session);
  throw new AuthenticationError();
}

/** Where the row may not be read, it looks as if it were not there. */
function seen(asker: AccessPrincipal, found: SampleOrder | undefined): SampleOrder {
  if (!found || !policy.can(asker, 'orders:read', rowOf(found))) throw new NotFoundError(NONE);
  return found;
}

function rowOf({ id, owner, restaurant, driver, instructions, status }: SampleOrder): AccessRow {
  return { id, owner, restaurant, driver, instructions, status };
}

function shown(stored: SampleOrder): z.infer<typeof order> {
  const { owner, items, ...rest } = stored;
  return { ...rest, customer: owner, items: [...items] };
}

function signInRoute(ports: ApiPorts): Route {
  return route({
    method: 'POST',
    path: '/sample/sign-in',
    access: 'public',
    tag: 'Sample',
    summary: 'Become somebody in the demo',
    about:
      'Gives a bearer token for any name. It is good for /sample only and guards nothing: it is there to show limits and ownership.',
    body: z.strictObject({
      name: z
        .string()
        .trim()
        .min(2)
        .max(50)
        .regex(/^[\p{L}\p{N} '_-]+$/u, 'Letters, digits, spaces, apostrophes and hyphens only.')
        .meta({ example: 'ada' }),
      role: z.enum(SAMPLE_ROLES).default('customer'),
    }),
    answer: {
      status: 200,
      about: 'The token.',
      schema: z.object({
        token: z.string(),
        expiresInSeconds: z.int(),
        user: z.object({ id: z.string(), name: z.string(), role: z.enum(SAMPLE_ROLES) }),
      }),
    },
    handle: ({ body }) =>
      json({
        token: makeSampleToken(ports.facts.secret, body.name, ports.clock.now(), body.role),
        expiresInSeconds: SAMPLE_TOKEN_MS / 1000,
        user: { id: `sample:${body.name}`, name: body.name, role: body.role },
      }),
  });
}

function collectionRoutes(ports: ApiPorts): readonly Route[] {
  const { sampleOrders } = ports.stores;
  return [
    route({
      method: 'GET',
      path: '/sample/orders',
      access: 'sample',
      tag: 'Sample',
      summary: 'List orders, newest first',
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(100).default(20),
        cursor: idOf('ord').optional(),
      }),
      answer: {
        status: 200,
        about: 'A page; pass `nextCursor` as `cursor` for the next.',
        schema: z.object({ orders: z.array(order), nextCursor: z.string().nullable() }),
      },
      handle: async ({ c, caller, query }) => {
        const asker = await askerFor(ports, c, caller);
        const filter = policy.accessible(asker, 'orders:read');
        const found = await sampleOrders.list(filter, query.limit + 1, query.cursor);
        const page = found.slice(0, query.limit);
        const nextCursor = found.length > query.limit ? (page.at(-1)?.id ?? null) : null;
        return json({ orders: page.map(shown), nextCursor });
      },
    }),
    route({
      method: 'POST',
      path: '/sample/orders',
      access: 'sample',
      tag: 'Sample',
      summary: 'Place an order',
      body: newOrder,
      answer: { status: 201, about: 'The order.', schema: order },
      handle: async ({ c, caller, body }) => {
        const asker = await askerFor(ports, c, caller);
        if (!policy.can(asker, 'orders:create')) throw new AuthorizationError();
        const placed = await sampleOrders.add(asker.id, body, ports.clock.now());
        return json(shown(placed), 201, { location: `/sample/orders/${placed.id}` });
      },
    }),
  ];
}

function orderRoutes(ports: ApiPorts): readonly Route[] {
  const { sampleOrders } = ports.stores;
  return [
    route({
      method: 'GET',
      path: '/sample/orders/:id',
      access: 'sample',
      tag: 'Sample',
      summary: 'Read an order',
      params: byId,
      answer: { status: 200, about: 'The order.', schema: order },
      refusals: [404],
      handle: async ({ c, caller, params }) => {
        const asker = await askerFor(ports, c, caller);
        return json(shown(seen(asker, await sampleOrders.get(params.id))));
      },
    }),
    route({
      method: 'PATCH',
      path: '/sample/orders/:id',
      access: 'sample',
      tag: 'Sample',
      summary: 'Change an order',
      about:
        'Customers may change the instructions and cancel; other states are set by the restaurant, its driver and administrators, and the restaurant names the driver.',
      params: byId,
      body: change,
      answer: { status: 200, about: 'The order as it is now.', schema: order },
      refusals: [404],
      handle: async ({ c, caller, params, body }) => {
        const before = await sampleOrders.get(params.id);
        // Asked after the look-up, and the statement keeps to the filter: a role that is gone by now changes nothing.
        const asker = await askerFor(ports, c, caller);
        const row = rowOf(seen(asker, before));
        if (!policy.can(asker, 'orders:update', row)) throw new AuthorizationError();
        const setsState = body.status !== undefined && body.status !== 'cancelled';
        if (setsState && !policy.can(asker, 'orders:set-status', row)) {
          throw new AuthorizationError('Customers may cancel an order, but set no other state.');
        }
        if (body.driver !== undefined && !policy.can(asker, 'orders:assign', row))
          throw new AuthorizationError();
        const filter = policy.accessible(asker, 'orders:update');
        const changed = await sampleOrders.change(params.id, filter, given(body), ports.clock.now());
        if (!changed) throw new NotFoundError(NONE);
        return json(shown(changed));
      },
    }),
    route({
      method: 'DELETE',
      path: '/sample/orders/:id',
      access: 'sample',
      tag: 'Sample',
      summary: 'Delete an order',
      params: byId,
      answer: { status: 204, about: 'Deleted.' },
      refusals: [404],
      handle: async ({ c, caller, params }) => {
        const before = await sampleOrders.get(params.id);
        const asker = await askerFor(ports, c, caller);
        const row = rowOf(seen(asker, before));
        if (!policy.can(asker, 'orders:delete', row)) throw new AuthorizationError();
        const filter = policy.accessible(asker, 'orders:delete');
        if (!(await sampleOrders.remove(params.id, filter))) throw new NotFoundError(NONE);
        return empty();
      },
    }),
  ];
}

/** Only what was named: an absent key must not overwrite. */
function given(
  body: z.infer<typeof change>,
): Partial<Pick<SampleOrder, 'instructions' | 'status' | 'driver'>> {
  return {
    ...(body.instructions === undefined ? {} : { instructions: body.instructions }),
    ...(body.status === undefined ? {} : { status: body.status }),
    ...(body.driver === undefined ? {} : { driver: body.driver }),
  };
}
