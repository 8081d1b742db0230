import { z } from 'zod';
import { AuthorizationError, NotFoundError, ValidationError } from '../../../../core/errors.ts';
import type { EventFields } from '../../../../core/events.ts';
import type { AccessPrincipal, AccessRow } from '../../../../modules/access/index.ts';
import { MAX_SAMPLE_ROWS_EACH, type SampleOrder } from '../../../data/index.ts';
import { audited } from '../../audit.ts';
import type { ApiPorts } from '../../ports.ts';
import { empty, json, route, type Route } from '../../route.ts';
import { idOf } from '../../schemas.ts';
import { askerFor, policy } from './asker.ts';
import { type MenuOrder, menuOrderOr } from './rule-sets.ts';
import { noteViewed } from './viewed.ts';

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

/** The sample application's orders. */
export function orderRoutes(ports: ApiPorts): readonly Route[] {
  return [...collectionRoutes(ports), ...singleRoutes(ports)];
}

/** @throws NotFoundError where the order may not be read: it looks as if it were not there */
export function seenOrder(asker: AccessPrincipal, found: SampleOrder | undefined): SampleOrder {
  if (!found || !policy.can(asker, 'orders:read', orderRow(found))) throw new NotFoundError(NONE);
  return found;
}

/** What an audit event says of an order. */
function noteOf(asker: AccessPrincipal, id: string, more: EventFields['details'] = {}): EventFields {
  return { actor: asker.id, subject: `orders:${id}`, details: { table: 'orders', ...more } };
}

/** An order as the policy knows it. */
export function orderRow({ id, owner, restaurant, driver, instructions, status }: SampleOrder): AccessRow {
  return { id, owner, restaurant, driver, instructions, status };
}

function shown(stored: SampleOrder): z.infer<typeof order> {
  const { owner, items, ...rest } = stored;
  return { ...rest, customer: owner, items: [...items] };
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
        await noteViewed(ports, c, caller, { table: 'orders', filter, count: page.length });
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
      about:
        'From a menu, by the rule set `order`, where the body names `restaurantId`; otherwise of free words.',
      body: menuOrderOr(newOrder),
      answer: { status: 201, about: 'The order.', schema: order },
      handle: async ({ c, caller, body }) => {
        const asker = await askerFor(ports, c, caller);
        if (!policy.can(asker, 'orders:create', { owner: asker.id })) throw new AuthorizationError();
        const wanted = 'restaurantId' in body ? await fromMenu(ports, asker, body) : body;
        const placed = (await audited(ports, c, caller, 'DATA_CREATED', async (sql) => {
          const value = await sampleOrders.add(asker.id, wanted, ports.clock.now(), sql);
          return { value, event: noteOf(asker, value.id) };
        })) as SampleOrder;
        return json(shown(placed), 201, { location: `/sample/orders/${placed.id}` });
      },
    }),
  ];
}

/** @throws ValidationError where the restaurant, or a thing on its menu, is not there for whoever asks */
async function fromMenu(
  { stores: { sampleRows } }: ApiPorts,
  asker: AccessPrincipal,
  { restaurantId, items, instructions }: MenuOrder,
): Promise<z.infer<typeof newOrder>> {
  const restaurant = await sampleRows.get(
    'restaurants',
    restaurantId,
    policy.accessible(asker, 'restaurants:read'),
  );
  if (restaurant === undefined) throw unknown('restaurantId');
  const menu = await sampleRows.list('menu', policy.accessible(asker, 'menu:read'), {
    limit: MAX_SAMPLE_ROWS_EACH,
    where: { restaurant_id: restaurantId },
  });
  const dishes = new Map(menu.map((dish) => [dish['id'], String(dish['name'])]));
  const named = items.map(({ itemId, quantity }, i) => {
    const name = dishes.get(itemId);
    if (name === undefined) throw unknown(`items.${i}.itemId`);
    return { name, quantity };
  });
  return { items: named, instructions: instructions ?? null, restaurant: String(restaurant['owner_id']) };
}

function unknown(field: string): ValidationError {
  const details = [{ field, code: 'UNKNOWN', message: 'Names nothing that is there.' }];
  return new ValidationError('The request is not valid.', { details });
}

function singleRoutes(ports: ApiPorts): readonly Route[] {
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
        const found = seenOrder(asker, await sampleOrders.get(params.id));
        const filter = policy.accessible(asker, 'orders:read');
        await noteViewed(ports, c, caller, { table: 'orders', filter, count: 1, id: found.id });
        return json(shown(found));
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
        const row = orderRow(seenOrder(asker, before));
        if (!policy.can(asker, 'orders:update', row)) throw new AuthorizationError();
        const setsState = body.status !== undefined && body.status !== 'cancelled';
        if (setsState && !policy.can(asker, 'orders:set-status', row)) {
          throw new AuthorizationError('Customers may cancel an order, but set no other state.');
        }
        if (body.driver !== undefined && !policy.can(asker, 'orders:assign', row))
          throw new AuthorizationError();
        const filter = policy.accessible(asker, 'orders:update');
        const changes = given(body);
        const changed = await audited(ports, c, caller, 'DATA_MODIFIED', async (sql) => {
          const value = await sampleOrders.change(params.id, filter, changes, ports.clock.now(), sql);
          // Names alone: what was written may be personal.
          const fields = Object.keys(changes).join(' ');
          return value && { value, event: noteOf(asker, params.id, { fields }) };
        });
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
        const row = orderRow(seenOrder(asker, before));
        if (!policy.can(asker, 'orders:delete', row)) throw new AuthorizationError();
        const filter = policy.accessible(asker, 'orders:delete');
        const removed = await audited(ports, c, caller, 'DATA_DELETED', async (sql) =>
          (await sampleOrders.remove(params.id, filter, sql))
            ? { value: true, event: noteOf(asker, params.id) }
            : undefined,
        );
        if (removed === undefined) throw new NotFoundError(NONE);
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
