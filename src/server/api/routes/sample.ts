import { z } from 'zod';
import { AuthorizationError, NotFoundError } from '../../../core/errors.ts';
import type { SampleOrder } from '../../data/index.ts';
import type { Caller } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';
import { empty, json, route, type Route } from '../route.ts';
import { makeSampleToken, SAMPLE_TOKEN_MS } from '../sample-token.ts';
import { idOf } from '../schemas.ts';

const STATUSES = ['placed', 'preparing', 'delivered', 'cancelled'] as const;
const item = z.strictObject({
  name: z.string().trim().min(1).max(100).meta({ example: 'Flat white' }),
  quantity: z.int().min(1).max(50).meta({ example: 2 }),
});
const instructions = z.string().trim().max(500).nullable();
const newOrder = z.strictObject({
  items: z.array(item).min(1).max(20),
  instructions: instructions.default(null),
});
const change = z
  .strictObject({ instructions: instructions.optional(), status: z.enum(STATUSES).optional() })
  .refine((given) => given.instructions !== undefined || given.status !== undefined, {
    message: 'Name what is to change.',
    params: { code: 'EMPTY' },
  });
const byId = z.object({ id: z.string().max(100) });
const order = z.object({
  id: z.string(),
  customer: z.string(),
  items: z.array(item),
  instructions,
  status: z.enum(STATUSES),
  createdAtMs: z.int(),
  updatedAtMs: z.int(),
});
const NONE = 'There is no such order.';

/**
 * A small protected API for the first five minutes: two roles, an owner condition, validation, limits. Customers see
 * their own orders only; an administrator sees all.
 */
export function sampleRoutes(ports: ApiPorts): readonly Route[] {
  return [signInRoute(ports), ...collectionRoutes(ports), ...orderRoutes(ports)];
}

/** Whose orders the caller may touch; `undefined` means everybody's. */
function ownerOf(caller: Caller): string | undefined {
  if (caller.kind === 'customer') return caller.id;
  if (caller.kind !== 'account') return undefined;
  const { roles, account } = caller.session;
  return roles.includes('admin') || roles.includes('administrator') ? undefined : `user:${account}`;
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
    summary: 'Become a demo customer',
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
    }),
    answer: {
      status: 200,
      about: 'The token.',
      schema: z.object({
        token: z.string(),
        expiresInSeconds: z.int(),
        user: z.object({ id: z.string(), name: z.string(), role: z.literal('customer') }),
      }),
    },
    handle: ({ body }) =>
      json({
        token: makeSampleToken(ports.facts.secret, body.name, ports.clock.now()),
        expiresInSeconds: SAMPLE_TOKEN_MS / 1000,
        user: { id: `sample:${body.name}`, name: body.name, role: 'customer' },
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
      handle: async ({ caller, query }) => {
        const found = await sampleOrders.list(ownerOf(caller), query.limit + 1, query.cursor);
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
      handle: async ({ caller, body }) => {
        const owner = ownerOf(caller) ?? 'admin';
        const placed = await sampleOrders.add(owner, body, ports.clock.now());
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
      handle: async ({ caller, params }) => {
        const found = await sampleOrders.get(params.id, ownerOf(caller));
        if (!found) throw new NotFoundError(NONE);
        return json(shown(found));
      },
    }),
    route({
      method: 'PATCH',
      path: '/sample/orders/:id',
      access: 'sample',
      tag: 'Sample',
      summary: 'Change an order',
      about: 'Customers may change the instructions and cancel; other states are set by administrators.',
      params: byId,
      body: change,
      answer: { status: 200, about: 'The order as it is now.', schema: order },
      refusals: [404],
      handle: async ({ caller, params, body }) => {
        if (!(await sampleOrders.get(params.id, ownerOf(caller)))) throw new NotFoundError(NONE);
        if (ownerOf(caller) !== undefined && body.status !== undefined && body.status !== 'cancelled') {
          throw new AuthorizationError('Customers may cancel an order, but set no other state.');
        }
        const changed = await sampleOrders.change(params.id, ownerOf(caller), given(body), ports.clock.now());
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
      handle: async ({ caller, params }) => {
        if (!(await sampleOrders.remove(params.id, ownerOf(caller)))) throw new NotFoundError(NONE);
        return empty();
      },
    }),
  ];
}

/** Only what was named: an absent key must not overwrite. */
function given(body: z.infer<typeof change>): Partial<Pick<SampleOrder, 'instructions' | 'status'>> {
  return {
    ...(body.instructions === undefined ? {} : { instructions: body.instructions }),
    ...(body.status === undefined ? {} : { status: body.status }),
  };
}
