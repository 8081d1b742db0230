import { expect, it } from 'vitest';
import { Visitor } from './visitor.ts';
import type { Stage } from './stage.ts';

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

const ORDER = { items: [{ name: 'Flat white', quantity: 1 }] };
const PLACE = {
  phone: '+966501234567',
  street: '1 King Fahd Road',
  coordinates: { latitude: 24.7, longitude: 46.7 },
};
const LISTS = [
  'profile',
  'restaurants',
  'menu',
  'orders',
  'reviews',
  'addresses',
  'payments',
  'payouts',
  'analytics',
  'locations',
  'earnings',
  'deliveries',
] as const;
/** What customers read of everybody. */
const PUBLIC = new Set(['restaurants', 'menu', 'reviews']);

/** What would change a row, by resource. */
const CHANGES: Readonly<Record<string, object>> = {
  profile: { name: 'Mallory' },
  restaurants: { name: 'Taken over' },
  menu: { price: 0 },
  orders: { instructions: 'to me' },
  reviews: { stars: 1 },
  addresses: { line: '1 Thief Road' },
  payments: { amount: 0 },
  payouts: { amount: 9_000 },
  analytics: { revenue: 0 },
  locations: { latitude: 0 },
  earnings: { amount: 9_000 },
  deliveries: { state: 'delivered' },
};

/** Attacks on rows of others, on every route and verb of the sample application. */
export function rowAttacks(stage: Stage, newName: () => string): void {
  const signIn = async (name: string, role: string): Promise<Visitor> => {
    const visitor = new Visitor(stage.server().port, { api: true });
    const answer = await visitor.post<{ token: string }>('/sample/sign-in', { name, role });
    expect(answer.status).toBe(200);
    visitor.accessToken = answer.body.token;
    return visitor;
  };
  const add = async (path: string, body: object, as?: Visitor): Promise<Row> => {
    const answer = as
      ? await as.post<Row>(`/sample/${path}`, body)
      : await stage.server().ask<Row>('POST', `/sample/${path}`, body);
    expect([path, answer.status]).toEqual([path, 201]);
    return answer.body;
  };
  /** One row of everything, among people whom nobody else knows. */
  const world = async (): Promise<ReadonlyMap<string, string>> => {
    const [ada, nina, dan] = [newName(), newName(), newName()];
    const [customer, driver] = [await signIn(ada, 'customer'), await signIn(dan, 'driver')];
    const [userId, ownerId, driverId] = [`sample:${ada}`, `sample:${nina}`, `sample:${dan}`];
    const { id: restaurantId } = await add('restaurants', { ...PLACE, ownerId, name: 'Nine Dragons' });
    const { id: orderId } = await add('orders', { ...ORDER, restaurant: ownerId }, customer);
    const asked = await stage
      .server()
      .ask('PATCH', `/sample/orders/${orderId}`, { driver: driverId, status: 'delivered' });
    expect(asked.status).toBe(200);
    await customer.get('/sample/profile');
    await driver.get('/sample/locations');
    const rows: readonly (readonly [path: string, body: object])[] = [
      ['menu', { restaurantId, name: 'Soup', price: 4 }],
      ['reviews', { orderId, authorId: userId, stars: 5 }],
      ['addresses', { userId, line: '1 Road' }],
      ['payments', { orderId, payerId: userId, amount: 4 }],
      ['payouts', { ownerId, amount: 40 }],
      ['analytics', { restaurantId, day: '2026-11-20', revenue: 40 }],
      ['earnings', { driverId, amount: 7 }],
      ['deliveries', { orderId, driverId }],
    ];
    const ids = new Map([
      ['profile', userId],
      ['locations', driverId],
      ['restaurants', restaurantId],
      ['orders', orderId],
    ]);
    for (const [path, body] of rows) ids.set(path, (await add(path, body)).id);
    return ids;
  };

  it.each(['customer', 'restaurant_owner', 'driver'])(
    'A65: a %s reaches no row of others, on no route and by no verb',
    async (role) => {
      const rows = await world();
      const mallory = await signIn(newName(), role);
      for (const list of LISTS) {
        const id = rows.get(list) as string;
        const isPublic = role === 'customer' && PUBLIC.has(list);
        const path = `/sample/${list}/${encodeURIComponent(id)}`;
        const read = await mallory.get(path);
        expect([list, read.status]).toEqual([list, isPublic ? 200 : 404]);
        for (const [method, body] of [
          ['PATCH', CHANGES[list]],
          ['DELETE', undefined],
        ] as const) {
          const tried = await mallory.send(method, path, body);
          expect([list, method, tried.status]).toEqual([list, method, isPublic ? 403 : 404]);
          const none = await mallory.send(method, `/sample/${list}/none`, body);
          if (!isPublic) expect([none.status, none.code]).toEqual([tried.status, tried.code]);
        }
        // Orders take no cursor but an order's id, with which the attacks above try it.
        const cursor = list === 'orders' ? '' : `&cursor=${encodeURIComponent(`${id}~`)}`;
        for (const query of ['?limit=100', `?limit=100${cursor}`]) {
          const { status, text } = await mallory.get(`/sample/${list}${query}`);
          expect([200, 403]).toContain(status);
          expect([list, text.includes(id)]).toEqual([list, isPublic]);
        }
        const still = await stage.server().ask<Row>('GET', path);
        expect([list, still.status, still.body]).toEqual([list, 200, expect.objectContaining({ id })]);
        expect(still.body).not.toMatchObject(CHANGES[list] as object);
      }
    },
  );

  it('A65: nothing of others is reached by naming it in what one makes', async () => {
    const rows = await world();
    const [orderId, restaurantId] = [rows.get('orders'), rows.get('restaurants')];
    const victim = rows.get('profile');
    const tries: readonly (readonly [role: string, path: string, body: object])[] = [
      ['customer', 'reviews', { orderId, stars: 1 }],
      ['customer', 'payments', { orderId, amount: 0 }],
      ['customer', 'addresses', { userId: victim, line: '1 Thief Road' }],
      ['restaurant_owner', 'restaurants', { ...PLACE, ownerId: victim, name: 'Taken over' }],
      ['restaurant_owner', 'menu', { restaurantId, name: 'Rat', price: 0 }],
      ['restaurant_owner', 'payouts', { amount: 9_000 }],
      ['driver', 'deliveries', { orderId }],
      ['driver', 'earnings', { amount: 9_000 }],
      ['driver', 'locations', { driverId: rows.get('locations'), latitude: 0, longitude: 0 }],
    ];
    for (const [role, path, body] of tries) {
      const mallory = await signIn(newName(), role);
      const tried = await mallory.post<{ error: { decision: string } }>(`/sample/${path}`, body);
      expect([path, tried.status, tried.code]).toEqual([path, 403, 'AUTHORIZATION_ERROR']);
      expect(tried.body.error.decision).toMatch(/^dec_/);
    }
    for (const [list, field, id] of [
      ['analytics', 'restaurantId', restaurantId],
      ['menu', 'restaurantId', restaurantId],
    ] as const) {
      const mallory = await signIn(newName(), 'restaurant_owner');
      const found = await mallory.get(`/sample/${list}?${field}=${id}`);
      expect([found.status, found.body]).toEqual([200, { [list]: [], nextCursor: null }]);
    }
  });

  it('A66: lists take no word beyond their own, and changes no field that is not one', async () => {
    const nina = await signIn(newName(), 'restaurant_owner');
    const { id } = await add('restaurants', { ...PLACE, name: 'Mine' }, nina);
    for (const query of [
      'select=ownerId',
      'sort=ownerId',
      'ownerId=x',
      'filter[ownerId]=x',
      'created_at_ms=1',
    ]) {
      const asked = await nina.get(`/sample/restaurants?${query}`);
      expect([query, asked.status]).toEqual([query, 400]);
    }
    for (const body of [{ id: 'rst_x' }, { owner_id: 'sample:x' }, { created_at_ms: 1 }, { role: 'admin' }]) {
      const given = await nina.send('PATCH', `/sample/restaurants/${id}`, { name: 'x', ...body });
      expect(given.status).toBe(400);
    }
    expect((await nina.get(`/sample/restaurants/${id}`)).text).not.toContain('created');
  });
}
