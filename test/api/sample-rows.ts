import { beforeEach, describe, expect, it } from 'vitest';
import {
  MAX_SAMPLE_ROWS,
  MAX_SAMPLE_ROWS_EACH,
  SAMPLE_TABLES,
  SampleRowStore,
  type Stores,
} from '../../src/server/data/index.ts';
import { SAMPLE_RESOURCES } from '../../src/server/api/routes/sample/resources.ts';
import { createAccess } from '../../src/modules/access/index.ts';
import { samplePolicy } from '../../src/server/sample-policy.ts';
import { errorOf, House } from './house.ts';

type Send = (method: string, path: string, body?: unknown) => Promise<Response>;
type Row = Readonly<Record<string, unknown>> & { readonly id: string };
/** What a restaurant needs beside its name, and what is shown of it. */
const PLACE = { phone: '+966501234567', street: '1 King Fahd Road' };
const SOMEWHERE = { ...PLACE, coordinates: { latitude: 24.7, longitude: 46.7 } };
const ORDER = { items: [{ name: 'Tea', quantity: 2 }], restaurant: 'sample:nina' };

/** What the sample application keeps beside orders; who may do what with it stands in food.test.ts. */
export function sampleRowSuite(stores: () => Stores): void {
  let house: House;
  let [ada, nina, dan, admin]: Send[] = [];
  beforeEach(async () => {
    const tables = ['orders', ...Object.keys(SAMPLE_TABLES)].map((table) => `rampart.sample_${table}`);
    await stores().sql.script(`TRUNCATE ${tables.join(', ')}`);
    house = new House(stores());
    ada = await house.customer('ada');
    nina = await house.customer('nina', 'restaurant_owner');
    dan = await house.customer('dan', 'driver');
    admin = (...request) => house.operator(...request);
  });
  const made = async (send: Send | undefined, path: string, body: unknown): Promise<Row> => {
    const answer = await (send as Send)('POST', path, body);
    expect([path, answer.status]).toEqual([path, 201]);
    return (await answer.json()) as Row;
  };
  const status = async (send: Send | undefined, method: string, path: string, body?: unknown) =>
    (await (send as Send)(method, path, body)).status;
  const list = async (send: Send | undefined, path: string): Promise<readonly Row[]> => {
    const answer = (await (await (send as Send)('GET', path)).json()) as Record<string, readonly Row[]>;
    return answer[path.split('?')[0]?.split('/')[2] as string] ?? [];
  };

  it('carries a delivery from the menu to the review', async () => {
    const restaurant = await made(nina, '/sample/restaurants', { ...SOMEWHERE, name: ' Nine Dragons ' });
    expect(restaurant).toMatchObject({
      ...PLACE,
      ownerId: 'sample:nina',
      name: 'Nine Dragons',
      description: null,
      latitude: 24.7,
      longitude: 46.7,
      open: true,
    });
    const dish = { restaurantId: restaurant.id, name: 'Noodles', price: 9.5 };
    const item = await made(nina, '/sample/menu', dish);
    expect(item).toMatchObject(dish);
    expect(await list(ada, `/sample/menu?restaurantId=${restaurant.id}`)).toEqual([item]);

    const { id: orderId } = await made(ada, '/sample/orders', ORDER);
    const payment = await made(ada, '/sample/payments', { orderId, amount: 19 });
    expect(payment).toMatchObject({ orderId, payerId: 'sample:ada', amount: 19 });
    expect(await status(ada, 'POST', '/sample/reviews', { orderId, stars: 5 })).toBe(403);
    expect(await status(nina, 'PATCH', `/sample/orders/${orderId}`, { driver: 'sample:dan' })).toBe(200);
    const delivery = await made(dan, '/sample/deliveries', { orderId });
    expect(delivery).toMatchObject({ driverId: 'sample:dan', state: 'assigned' });
    const path = `/sample/deliveries/${delivery.id}`;
    expect(await status(dan, 'PATCH', path, { state: 'delivered' })).toBe(200);
    expect(await status(dan, 'PATCH', `/sample/orders/${orderId}`, { status: 'delivered' })).toBe(200);
    const review = await made(ada, '/sample/reviews', { orderId, stars: 5, text: 'hot' });
    expect(await list(ada, '/sample/reviews')).toEqual([review]);
  });

  it('gives everybody a profile and drivers a location, when they first look', async () => {
    const profile = { id: 'sample:ada', name: 'ada', phone: null };
    expect(await list(ada, '/sample/profile')).toEqual([profile]);
    const changed = await ada?.('PATCH', '/sample/profile/sample:ada', { phone: '+1 555 0100' });
    expect(await changed?.json()).toEqual({ ...profile, phone: '+1 555 0100' });
    expect(await status(dan, 'PATCH', '/sample/locations/sample:dan', { latitude: 52.5 })).toBe(200);
    expect(await list(dan, '/sample/locations')).toEqual([
      { id: 'sample:dan', driverId: 'sample:dan', latitude: 52.5, longitude: null },
    ]);
    expect(await status(ada, 'GET', '/sample/locations')).toBe(403);
    const all = await list(admin, '/sample/profile');
    expect(all.map(({ id }) => id)).toEqual(['sample:ada']);
  });

  describe('a field that is hidden', () => {
    const PATH = '/sample/profile/sample:ada';

    it('A66: is set and seen by administrators alone, also by whose it is', async () => {
      await list(ada, '/sample/profile');
      expect(await status(admin, 'PATCH', PATH, { nationalId: 'N-4711' })).toBe(200);
      expect(await (await admin?.('GET', PATH))?.json()).toMatchObject({ nationalId: 'N-4711' });
      const refused = await errorOf((await ada?.('PATCH', PATH, { nationalId: 'mine' })) as Response);
      expect(refused).toMatchObject({ code: 'AUTHORIZATION_ERROR', message: 'You may not set: nationalId.' });
      const answers = [
        await ada?.('GET', PATH),
        await ada?.('GET', '/sample/profile'),
        await ada?.('PATCH', PATH, { name: 'Ada' }),
      ];
      for (const answer of answers) expect(await answer?.text()).not.toMatch(/national|4711/);
    });

    it('A66: is no word to sort, select or filter by, for nobody', async () => {
      for (const query of [
        'select=nationalId',
        'sort=nationalId',
        'nationalId=N-4711',
        'national_id=x',
        'id=x',
      ])
        expect([query, await status(ada, 'GET', `/sample/profile?${query}`)]).toEqual([query, 400]);
    });
  });

  it('leaves an audit event of each row that was added, changed or deleted, and none where that was refused', async () => {
    const { id } = await made(ada, '/sample/addresses', { line: '1 Road' });
    expect(await status(ada, 'PATCH', `/sample/addresses/${id}`, { line: '2 Road' })).toBe(200);
    expect(await status(dan, 'PATCH', `/sample/addresses/${id}`, { line: '3 Road' })).not.toBe(200);
    expect(await status(ada, 'DELETE', `/sample/addresses/${id}`)).toBe(403);
    expect(await status(admin, 'DELETE', `/sample/addresses/${id}`)).toBe(204);
    expect(await status(admin, 'DELETE', `/sample/addresses/${id}`)).toBe(404);
    const types = ['DATA_CREATED', 'DATA_MODIFIED', 'DATA_DELETED'];
    const events = await stores().events.page({ limit: 10, types, subject: `addresses:${id}` });
    expect(events.map(({ type, actor, details }) => [type, actor, details])).toEqual(
      expect.arrayContaining([
        ['DATA_CREATED', 'sample:ada', { table: 'addresses' }],
        ['DATA_MODIFIED', 'sample:ada', { table: 'addresses', fields: 'line' }],
        ['DATA_DELETED', expect.not.stringMatching('sample:ada'), { table: 'addresses' }],
      ]),
    );
    expect(events).toHaveLength(3);
  });

  describe('paying by card', () => {
    const CARD = { card: '4242 4242 4242 4242', amount: 19.9 };
    const eventsOf = (subject: string) =>
      stores().events.page({ limit: 10, types: ['PAYMENT_SUCCEEDED', 'PAYMENT_FAILED'], subject });

    it('makes a payment and its event together; of the card its bank alone is kept', async () => {
      const { id: orderId } = await made(ada, '/sample/orders', ORDER);
      const payment = await made(ada, `/sample/orders/${orderId}/payment`, CARD);
      expect(payment).toMatchObject({ orderId, payerId: 'sample:ada', amount: 19.9 });
      expect(await list(admin, '/sample/payments')).toEqual([payment]);
      const [event, ...others] = await eventsOf(`orders:${orderId}`);
      expect(others).toEqual([]);
      expect(event).toMatchObject({ type: 'PAYMENT_SUCCEEDED', actor: 'sample:ada', outcome: 'success' });
      expect(event?.details).toEqual({ cardPrefix: '424242', amountMinor: 1990 });
      expect(JSON.stringify(event)).not.toContain('42424242');
    });

    it('declines every card that is not one of its tests, makes no payment, and tells of it', async () => {
      const { id: orderId } = await made(ada, '/sample/orders', ORDER);
      const pay = `/sample/orders/${orderId}/payment`;
      for (const [card, reason] of [
        ['4000 0000 0000 0002', 'declined'],
        ['4111 1111 1111 1111', 'unknown'],
      ] as const) {
        const answer = (await ada?.('POST', pay, { ...CARD, card })) as Response;
        expect([card, answer.status]).toEqual([card, 402]);
        expect(await errorOf(answer)).toMatchObject({ code: 'CARD_DECLINED' });
        const events = await eventsOf(`orders:${orderId}`);
        expect(events.map(({ details }) => details['reason'])).toContain(reason);
        expect(events.every(({ outcome, type }) => outcome === 'failure' && type === 'PAYMENT_FAILED')).toBe(
          true,
        );
      }
      expect(await list(admin, '/sample/payments')).toEqual([]);
    });

    it('takes no number that is none, no amount that is none, and no order of another', async () => {
      const { id: orderId } = await made(ada, '/sample/orders', ORDER);
      const pay = `/sample/orders/${orderId}/payment`;
      for (const wrong of [{ card: '4242 4242 4242 4241' }, { card: '42' }, { amount: 0 }, { amount: -5 }])
        expect([wrong, await status(ada, 'POST', pay, { ...CARD, ...wrong })]).toEqual([wrong, 400]);
      const bob = await house.customer('bob');
      expect(await status(bob, 'POST', pay, CARD)).toBe(404);
      expect(await status(nina, 'POST', pay, CARD)).toBe(403);
      expect(await eventsOf(`orders:${orderId}`)).toEqual([]);
    });
  });

  it('leaves an event of who looks at the sensitive rows of everybody, and none of who looks at their own', async () => {
    const { id } = await made(ada, '/sample/addresses', { line: '1 Road' });
    const { id: orderId } = await made(ada, '/sample/orders', ORDER);
    const looks = [
      '/sample/addresses',
      `/sample/addresses/${id}`,
      '/sample/orders',
      `/sample/orders/${orderId}`,
      '/sample/menu',
    ];
    for (const path of looks) expect([path, await status(ada, 'GET', path)]).toEqual([path, 200]);
    const viewed = () => stores().events.page({ limit: 20, types: ['DATA_VIEWED'] });
    expect((await viewed()).filter(({ actor }) => actor === 'sample:ada')).toEqual([]);
    const before = (await viewed()).length;
    for (const path of [...looks, '/sample/payments']) await status(admin, 'GET', path);
    const events = (await viewed()).slice(0, -before || undefined).toReversed();
    // Neither an empty list nor a menu that everybody may read.
    expect(events.map(({ subject, details }) => [subject, details])).toEqual([
      ['addresses', { table: 'addresses', count: 1 }],
      [`addresses:${id}`, { table: 'addresses', count: 1 }],
      ['orders', { table: 'orders', count: 1 }],
      [`orders:${orderId}`, { table: 'orders', count: 1 }],
    ]);
  });

  it('shows nothing to who reads everything where that cannot be written down', async () => {
    await made(ada, '/sample/addresses', { line: '1 Road' });
    const { events } = stores();
    const broken = {
      ...stores(),
      events: Object.assign(Object.create(events) as typeof events, {
        write: () => Promise.reject(new Error('no room')),
      }),
    };
    const other = new House(broken);
    const answer = await other.operator('GET', '/sample/addresses');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('1 Road');
  });

  it('hands no row to another, and takes none', async () => {
    const mine = await made(nina, '/sample/restaurants', { ...SOMEWHERE, name: 'Mine' });
    const second = await made(nina, '/sample/restaurants', { ...SOMEWHERE, name: 'Second' });
    const theirs = await made(admin, '/sample/restaurants', {
      ...SOMEWHERE,
      name: 'Theirs',
      ownerId: 'sample:otto',
    });
    const { id } = await made(nina, '/sample/menu', { restaurantId: mine.id, name: 'Soup', price: 1 });
    const path = `/sample/menu/${id}`;
    expect(await status(nina, 'PATCH', path, { restaurantId: theirs.id })).toBe(403);
    expect(await status(nina, 'PATCH', `/sample/restaurants/${mine.id}`, { ownerId: 'sample:otto' })).toBe(
      403,
    );
    expect(await list(nina, '/sample/menu')).toMatchObject([{ restaurantId: mine.id }]);
    expect(await list(nina, '/sample/restaurants')).toMatchObject([{ id: second.id }, { id: mine.id }]);
    expect(await status(nina, 'PATCH', path, { restaurantId: second.id })).toBe(200);
    expect(await status(admin, 'PATCH', path, { restaurantId: theirs.id })).toBe(200);
    expect(await status(nina, 'GET', path)).toBe(404);
  });

  it('does not tell by a refusal whether what was named is there', async () => {
    const { id: foreign } = await made(await house.customer('bob'), '/sample/orders', ORDER);
    const said = [];
    for (const orderId of [foreign, 'ord_01k9x3v8c0m2n4p6q8r0s2t4v6'])
      said.push(await errorOf((await ada?.('POST', '/sample/payments', { orderId, amount: 1 })) as Response));
    expect(said[1]).toEqual(said[0]);
    await list(ada, '/sample/profile');
    for (const id of ['sample:ada', 'sample:nobody'])
      expect(await status(dan, 'POST', '/sample/profile', { id, name: 'x' })).toBe(403);
    // An administrator is told: what they name they could read anyway.
    const unknown = await admin?.('POST', '/sample/payments', { orderId: 'ord_none', amount: 1 });
    expect(await errorOf(unknown as Response)).toMatchObject({
      details: [{ field: 'orderId', code: 'UNKNOWN' }],
    });
    expect(await status(admin, 'POST', '/sample/profile', { id: 'sample:ada', name: 'x' })).toBe(409);
  });

  it('tells of attempts: who, what and where, but not of what may be asked', async () => {
    const { id } = await made(nina, '/sample/restaurants', { ...SOMEWHERE, name: 'Mine' });
    await list(ada, '/sample/restaurants');
    expect(await status(ada, 'GET', '/sample/restaurants/none')).toBe(404);
    expect(house.emitted).toEqual([]);
    expect(await status(ada, 'DELETE', `/sample/restaurants/${id}`)).toBe(403);
    expect(await status(dan, 'POST', '/sample/orders', ORDER)).toBe(403);
    const attempt = (actor: string, details: object): object => ({
      type: 'UNAUTHORIZED_ACCESS_ATTEMPT',
      fields: expect.objectContaining({ actor, outcome: 'refused', details }) as object,
    });
    const path = `/sample/restaurants/${id}`;
    expect(house.emitted).toEqual([
      attempt('sample:ada', { resource: 'restaurants', action: 'delete', endpoint: path, method: 'DELETE' }),
      attempt('sample:dan', {
        resource: 'orders',
        action: 'create',
        endpoint: '/sample/orders',
        method: 'POST',
      }),
    ]);
  });

  it('checks what it is given, and says which field is wrong', async () => {
    const { id } = await made(nina, '/sample/restaurants', { ...SOMEWHERE, name: 'Mine' });
    const wrong: readonly (readonly [path: string, body: object, field: string, code: string])[] = [
      ['/sample/menu', { restaurantId: id, name: 'x', price: -1 }, 'price', 'TOO_SMALL'],
      ['/sample/menu', { restaurantId: id, name: 'x', price: 1.005 }, 'price', 'NOT_MULTIPLE_OF'],
      ['/sample/menu', { restaurantId: id, name: 'x', price: '1' }, 'price', 'WRONG_TYPE'],
      ['/sample/menu', { restaurantId: id, name: 'x'.repeat(101), price: 1 }, 'name', 'TOO_BIG'],
      ['/sample/menu', { name: 'x', price: 1 }, 'restaurantId', 'REQUIRED'],
      ['/sample/menu', { restaurantId: id, name: 'x', price: 1, id }, 'body', 'UNKNOWN_KEY'],
    ];
    for (const [path, body, field, code] of wrong) {
      const answer = (await nina?.('POST', path, body)) as Response;
      expect([answer.status, (await errorOf(answer)).details]).toEqual([
        400,
        [expect.objectContaining({ field, code })],
      ]);
    }
    expect(await status(nina, 'PATCH', `/sample/restaurants/${id}`, {})).toBe(400);
    expect(await list(nina, '/sample/menu')).toEqual([]);
    const day = { restaurantId: id, day: '2026-02-30', revenue: 1 };
    expect(await status(admin, 'POST', '/sample/analytics', day)).toBe(400);
  });

  it('leaves what a change does not name as it is', async () => {
    const { id } = await made(nina, '/sample/restaurants', { ...SOMEWHERE, name: 'Mine', open: false });
    const changed = await nina?.('PATCH', `/sample/restaurants/${id}`, { name: 'Ours' });
    expect(await changed?.json()).toMatchObject({ name: 'Ours', open: false });
  });

  it('pages through a list, each row once, and keeps no more than so many of one owner', async () => {
    const { sampleRows } = stores();
    const access = createAccess(samplePolicy);
    const filter = access.accessible(
      { id: 'sample:ada', kind: 'user', roles: ['customer'] },
      'addresses:read',
    );
    for (let i = 0; i < MAX_SAMPLE_ROWS_EACH + 5; i++) {
      const id = `adr_${String(i).padStart(4, '0')}`;
      await sampleRows.add('addresses', { id, user_id: 'sample:ada', line: `${i} Road` }, filter, i);
    }
    const seen: string[] = [];
    for (let query = ''; ;) {
      const answer = await ada?.('GET', `/sample/addresses?limit=30${query}`);
      const page = (await answer?.json()) as { addresses: readonly Row[]; nextCursor: string | null };
      seen.push(...page.addresses.map(({ id }) => id));
      if (page.nextCursor === null) break;
      query = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toHaveLength(MAX_SAMPLE_ROWS_EACH);
    expect([seen[0], seen.at(-1)]).toEqual(['adr_0104', 'adr_0005']);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('keeps no more than so many rows in all, whatever is added in between', async () => {
    const sampleRows = new SampleRowStore(stores().sql);
    await stores().sql.query(
      `INSERT INTO rampart.sample_addresses SELECT 'adr_' || n, 'sample:' || n, 'Road', n FROM generate_series(1, ${MAX_SAMPLE_ROWS}) AS n`,
    );
    const all = createAccess(samplePolicy).accessible(
      { id: 'root', kind: 'admin', roles: ['admin'] },
      'addresses:create',
    );
    for (let i = 0; i < 100; i++) {
      const whose = `sample:new${i}`;
      await sampleRows.add('addresses', { id: `adr_new${i}`, user_id: whose, line: 'x' }, all, 1e6 + i);
      if (i === 98) await sampleRows.add('earnings', { id: 'ern_1', driver_id: whose, amount: 1 }, all, 1);
    }
    const { rows } = await stores().sql.query(
      'SELECT count(*) AS kept, min(created_at_ms) AS oldest FROM rampart.sample_addresses',
    );
    expect(rows).toEqual([{ kept: MAX_SAMPLE_ROWS, oldest: 101 }]);
  });

  it('has a table, a resource of the policy and routes for the same names', () => {
    const names = SAMPLE_RESOURCES.map(({ name }) => name).toSorted();
    expect(names).toEqual(Object.keys(SAMPLE_TABLES).toSorted());
    const withRoutesOfTheirOwn = new Set(['orders', 'uploads']);
    const all = Object.keys(samplePolicy.resources ?? {});
    const ofPolicy = all.filter((name) => !withRoutesOfTheirOwn.has(name));
    expect(ofPolicy.toSorted()).toEqual(names);
    for (const { name, fields } of SAMPLE_RESOURCES) {
      const columns = Object.keys(samplePolicy.resources?.[name]?.columns ?? {});
      const named = Object.keys(fields).map((field) =>
        field.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`),
      );
      expect(new Set(['id', ...named])).toEqual(new Set(columns));
    }
  });
}
