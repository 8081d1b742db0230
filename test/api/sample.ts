import { beforeEach, describe, expect, it } from 'vitest';
import { samplePrincipal } from '../../src/server/api/index.ts';
import type { SampleRole } from '../../src/server/api/sample-token.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { errorOf, House, jsonInit } from './house.ts';

const ORDER = { items: [{ name: 'Tea', quantity: 2 }] };

interface Order {
  readonly id: string;
  readonly customer: string;
  readonly status: string;
  readonly instructions: string | null;
}

/** The sample application. */
export function sampleSuite(stores: () => Stores): void {
  let house: House;
  beforeEach(async () => {
    await stores().sql.script('TRUNCATE rampart.sample_orders');
    house = new House(stores());
  });

  it('lets a customer place, read, change, list and delete orders', async () => {
    const ada = await house.customer('ada');
    const placed = await ada('POST', '/sample/orders', { ...ORDER, instructions: ' hot ' });
    expect(placed.status).toBe(201);
    const order = (await placed.json()) as Order;
    expect(order).toMatchObject({ customer: 'sample:ada', status: 'placed', instructions: 'hot' });
    const path = placed.headers.get('location') as string;
    expect(await (await ada('GET', path)).json()).toEqual(order);
    const changed = (await (await ada('PATCH', path, { status: 'cancelled' })).json()) as Order;
    expect(changed).toMatchObject({ status: 'cancelled', instructions: 'hot' });
    const cleared = (await (await ada('PATCH', path, { instructions: null })).json()) as Order;
    expect(cleared).toMatchObject({ status: 'cancelled', instructions: null });
    expect((await ada('DELETE', path)).status).toBe(204);
    expect((await ada('GET', path)).status).toBe(404);
  });

  it('leaves an audit event of each order that was placed, changed or deleted, with the act or not at all', async () => {
    const ada = await house.customer('ada');
    const bob = await house.customer('bob');
    const { id } = (await (await ada('POST', '/sample/orders', ORDER)).json()) as Order;
    const path = `/sample/orders/${id}`;
    expect((await ada('PATCH', path, { instructions: 'ring twice' })).status).toBe(200);
    expect((await bob('PATCH', path, { instructions: 'no' })).status).toBe(404);
    expect((await bob('DELETE', path)).status).toBe(404);
    expect((await ada('DELETE', path)).status).toBe(204);
    const events = await stores().events.page({ limit: 10, subject: `orders:${id}` });
    expect(events.toReversed().map(({ type, actor, details }) => [type, actor, details])).toEqual([
      ['DATA_CREATED', 'sample:ada', { table: 'orders' }],
      ['DATA_MODIFIED', 'sample:ada', { table: 'orders', fields: 'instructions' }],
      ['DATA_DELETED', 'sample:ada', { table: 'orders' }],
    ]);
    const { events: store } = stores();
    const write = (): Promise<void> => Promise.reject(new Error('no room'));
    const broken = new House({
      ...stores(),
      events: Object.assign(Object.create(store) as typeof store, { write }),
    });
    const eve = await broken.customer('eve');
    expect((await eve('POST', '/sample/orders', ORDER)).status).toBe(500);
    expect(await (await (await house.customer('eve'))('GET', '/sample/orders')).json()).toMatchObject({
      orders: [],
    });
  });

  it('shows nobody the orders of another: they are not there', async () => {
    const [ada, bob] = [await house.customer('ada'), await house.customer('bob')];
    const { id } = (await (await ada('POST', '/sample/orders', ORDER)).json()) as Order;
    const foreign = [
      await bob('GET', `/sample/orders/${id}`),
      await bob('PATCH', `/sample/orders/${id}`, { instructions: 'x' }),
      await bob('PATCH', `/sample/orders/${id}`, { status: 'delivered' }),
      await bob('DELETE', `/sample/orders/${id}`),
    ];
    const absent = await bob('GET', '/sample/orders/ord_01k9x3v8c0m2n4p6q8r0s2t4v6');
    const said = await errorOf(absent);
    for (const response of foreign) {
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toEqual(said);
    }
    expect(await (await bob('GET', '/sample/orders')).json()).toEqual({ orders: [], nextCursor: null });
    expect((await ada('GET', `/sample/orders/${id}`)).status).toBe(200);
  });

  describe('the roles of a food delivery', () => {
    const ACTS: Readonly<Record<string, readonly [method: string, body?: object]>> = {
      read: ['GET'],
      update: ['PATCH', { instructions: 'ring twice' }],
      cancel: ['PATCH', { status: 'cancelled' }],
      'set-status': ['PATCH', { status: 'preparing' }],
      assign: ['PATCH', { driver: 'sample:dan' }],
      delete: ['DELETE'],
    };
    /** What each may do with an order that is theirs; with any other one, nothing: it is not there. */
    const MAY: Readonly<Record<string, readonly string[]>> = {
      customer: ['read', 'update', 'cancel', 'delete'],
      restaurant_owner: ['read', 'update', 'cancel', 'set-status', 'assign'],
      driver: ['read', 'update', 'cancel', 'set-status'],
    };
    type Who = Awaited<ReturnType<House['customer']>>;
    const order = async (): Promise<{ readonly path: string; readonly people: Record<string, Who> }> => {
      const people = {
        customer: await house.customer('ada'),
        restaurant_owner: await house.customer('nine', 'restaurant_owner'),
        driver: await house.customer('dan', 'driver'),
      };
      const placed = await people.customer('POST', '/sample/orders', { ...ORDER, restaurant: 'sample:nine' });
      expect(placed.status).toBe(201);
      const path = placed.headers.get('location') as string;
      const assigned = await people.restaurant_owner('PATCH', path, { driver: 'sample:dan' });
      expect(await assigned.json()).toMatchObject({ restaurant: 'sample:nine', driver: 'sample:dan' });
      return { path, people };
    };

    it.each(Object.keys(MAY))('%s: each act on an order of theirs', async (role) => {
      for (const [name, [method, body]] of Object.entries(ACTS)) {
        const { path, people } = await order();
        const { status } = await (people[role] as Who)(method, path, body);
        const allowed = MAY[role]?.includes(name) === true;
        expect([name, status]).toEqual([name, allowed ? (method === 'DELETE' ? 204 : 200) : 403]);
      }
    });

    it.each(Object.keys(MAY))('%s: an order of somebody else is not there, nor in the list', async (role) => {
      const { path, people } = await order();
      const other = await house.customer('other', role as SampleRole);
      for (const [name, [method, body]] of Object.entries(ACTS))
        expect([name, (await other(method, path, body)).status]).toEqual([name, 404]);
      expect(await (await other('GET', '/sample/orders')).json()).toMatchObject({ orders: [] });
      const own = (await (await (people[role] as Who)('GET', '/sample/orders')).json()) as {
        orders: Order[];
      };
      expect(own.orders.map(({ id }) => `/sample/orders/${id}`)).toEqual([path]);
    });

    it.each(['restaurant_owner', 'driver'])('%s: places no order', async (role) => {
      const somebody = await house.customer('nine', role as SampleRole);
      expect((await somebody('POST', '/sample/orders', ORDER)).status).toBe(403);
    });

    it('nobody becomes an administrator there', async () => {
      const asked = await house.fetch(
        '/sample/sign-in',
        jsonInit('POST', { name: 'eve', role: 'admin' }, {}),
      );
      expect(asked.status).toBe(400);
    });
  });

  it('shows an administrator all orders, and lets only them set states', async () => {
    const ada = await house.customer('ada');
    const { id } = (await (await ada('POST', '/sample/orders', ORDER)).json()) as Order;
    expect((await ada('PATCH', `/sample/orders/${id}`, { status: 'delivered' })).status).toBe(403);
    const admin = await house.signIn('root');
    expect((await admin.send('PATCH', `/sample/orders/${id}`, { status: 'delivered' })).status).toBe(200);
    const listed = (await (await admin.get('/sample/orders')).json()) as { orders: readonly Order[] };
    expect(listed.orders.map((one) => [one.id, one.status])).toEqual([[id, 'delivered']]);
    const without = await house.fetch(
      `/sample/orders/${id}`,
      jsonInit('DELETE', undefined, { cookie: admin.cookie }),
    );
    expect(without.status).toBe(403);
  });

  it('pages through all orders, each once', async () => {
    const ada = await house.customer('ada');
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) {
      ids.unshift(((await (await ada('POST', '/sample/orders', ORDER)).json()) as Order).id);
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = (await (await ada('GET', `/sample/orders?limit=3${query}`)).json()) as {
        orders: readonly Order[];
        nextCursor: string | null;
      };
      seen.push(...page.orders.map((one) => one.id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(ids);
  });

  it('says which field is wrong and why, and never what was sent', async () => {
    const ada = await house.customer('ada');
    const response = await ada('POST', '/sample/orders', {
      items: [
        { name: '', quantity: 51 },
        { quantity: 'secret-4711', name: 'x' },
      ],
      instructions: 'secret-4711'.repeat(60),
      'secret-4711': 1,
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).not.toContain('secret-4711');
    const { error } = JSON.parse(text) as {
      error: { code: string; details: { field: string; code: string }[] };
    };
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(error.details.map((one) => [one.field, one.code])).toEqual(
      expect.arrayContaining([
        ['items.0.name', 'TOO_SMALL'],
        ['items.0.quantity', 'TOO_BIG'],
        ['items.1.quantity', 'WRONG_TYPE'],
        ['instructions', 'TOO_BIG'],
        ['body', 'UNKNOWN_KEY'],
      ]),
    );
    const missing = await ada('POST', '/sample/orders', {});
    expect(await errorOf(missing)).toMatchObject({ details: [{ field: 'items', code: 'REQUIRED' }] });
    const nothing = await ada('PATCH', '/sample/orders/x', {});
    expect(await errorOf(nothing)).toMatchObject({ details: [{ code: 'EMPTY' }] });
  });

  describe('a token', () => {
    const token = async (name = 'ada'): Promise<string> => {
      const response = await house.fetch('/sample/sign-in', jsonInit('POST', { name }, {}));
      return ((await response.json()) as { token: string }).token;
    };
    const status = async (given: string): Promise<number> =>
      (await house.fetch('/sample/orders', { headers: { authorization: `Bearer ${given}` } })).status;

    it('is good for a day', async () => {
      const given = await token();
      expect(await status(given)).toBe(200);
      house.clock.advance(86_400_000);
      expect(await status(given)).toBe(401);
    });

    it('that was changed in any letter, cut or made up is refused', async () => {
      const given = await token();
      const other = await token('bob');
      const [head, mac] = [given.slice(0, given.lastIndexOf('.')), given.slice(given.lastIndexOf('.'))];
      const forged = [
        '',
        'sample1.',
        'sample1..',
        head,
        `${given}.`,
        `${given}=`,
        `${head}.`,
        head + other.slice(other.lastIndexOf('.')),
        other.slice(0, other.lastIndexOf('.')) + mac,
        'x'.repeat(5_000),
      ];
      for (let i = 8; i < given.length; i++) {
        const letter = given[i] === 'A' ? 'B' : 'A';
        forged.push(given.slice(0, i) + letter + given.slice(i + 1));
      }
      for (const one of forged) expect([one, await status(one)]).toEqual([one, 401]);
    });

    it('of another secret is refused', async () => {
      const stranger = new House(stores(), { facts: { secret: new Uint8Array(32).fill(8) } });
      const response = await stranger.fetch('/sample/sign-in', jsonInit('POST', { name: 'ada' }, {}));
      expect(await status(((await response.json()) as { token: string }).token)).toBe(401);
    });

    it('names a principal for guards that come before', async () => {
      const { secret } = house.ports.facts;
      const given = await token();
      const nowMs = house.clock.now();
      expect(samplePrincipal(secret, `Bearer ${given}`, nowMs)).toEqual({
        id: 'sample:ada',
        kind: 'user',
        roles: ['customer'],
      });
      expect(samplePrincipal(secret, `Bearer ${given}x`, nowMs)).toBeUndefined();
      expect(samplePrincipal(secret, undefined, nowMs)).toBeUndefined();
    });
  });
}
