import { beforeAll, describe, expect, it } from 'vitest';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { AccessPrincipal, AccessRow } from '../contract.ts';
import { foodDeliveryAccess } from './food-delivery.ts';
import { onEachDatabase, type TestDatabase } from './test-database.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const access = foodDeliveryAccess();
const person = (id: string, ...roles: string[]): AccessPrincipal => ({ id, kind: 'user', roles });
const PEOPLE = {
  ann: person('ann', 'customer'),
  bea: person('bea', 'customer'),
  rashid: person('rashid', 'restaurant_owner'),
  rosa: person('rosa', 'restaurant_owner'),
  dan: person('dan', 'driver'),
  dora: person('dora', 'driver'),
  adam: person('adam', 'admin'),
  ghost: person('ann', 'ghost'),
} as const;
type Name = keyof typeof PEOPLE;

type Values = Readonly<Record<string, string | number | boolean | null>>;
const ORDERS: readonly Values[] = [
  { id: 'o1', customer_id: 'ann', restaurant_id: 'r1', driver_id: 'dan', status: 'delivered', total: 10 },
  { id: 'o2', customer_id: 'ann', restaurant_id: 'r2', driver_id: null, status: 'placed', total: 20 },
  { id: 'o3', customer_id: 'bea', restaurant_id: 'r1', driver_id: 'dora', status: 'delivered', total: 30 },
  { id: 'o4', customer_id: null, restaurant_id: null, driver_id: null, status: 'placed', total: 40 },
];
const RESTAURANTS: readonly Values[] = [
  { id: 'r1', owner_id: 'rashid', name: 'One', open: true },
  { id: 'r2', owner_id: 'rosa', name: 'Two', open: false },
];

/** Rows by table, as they stand before every test. */
const ROWS: Readonly<Record<string, readonly Values[]>> = {
  users: ['ann', 'bea', 'rashid', 'rosa', 'dan', 'dora', 'adam'].map((id) => ({ id, name: id })),
  restaurants: RESTAURANTS,
  menu_items: [
    { id: 'm1', restaurant_id: 'r1', name: 'Soup', price: 5 },
    { id: 'm2', restaurant_id: 'r2', name: 'Salad', price: 6 },
  ],
  orders: ORDERS,
  reviews: [{ id: 'v1', order_id: 'o1', author_id: 'ann', stars: 5, text: 'good' }],
  addresses: [
    { id: 'a1', user_id: 'ann', line: '1 Road' },
    { id: 'a2', user_id: 'bea', line: '2 Road' },
  ],
  payments: [{ id: 'p1', order_id: 'o1', payer_id: 'ann', amount: 10 }],
  payouts: [
    { id: 'y1', owner_id: 'rashid', amount: 100 },
    { id: 'y2', owner_id: 'rosa', amount: 200 },
  ],
  analytics: [
    { id: 'n1', restaurant_id: 'r1', day: '2026-11-20', revenue: 40 },
    { id: 'n2', restaurant_id: 'r2', day: '2026-11-20', revenue: 20 },
  ],
  locations: [
    { id: 'l1', driver_id: 'dan', latitude: 1, longitude: 2 },
    { id: 'l2', driver_id: 'dora', latitude: 3, longitude: 4 },
  ],
  earnings: [
    { id: 'e1', driver_id: 'dan', amount: 7 },
    { id: 'e2', driver_id: 'dora', amount: 8 },
  ],
  deliveries: [{ id: 'd1', order_id: 'o1', driver_id: 'dan', state: 'done' }],
};

const TABLES = `
  CREATE TABLE users (id text PRIMARY KEY, name text, phone text, national_id text);
  CREATE TABLE restaurants (id text PRIMARY KEY, owner_id text, name text, open boolean);
  CREATE TABLE menu_items (id text PRIMARY KEY, restaurant_id text, name text, price numeric);
  CREATE TABLE orders (id text PRIMARY KEY, customer_id text, restaurant_id text, driver_id text, status text, total numeric, placed_at timestamptz);
  CREATE TABLE reviews (id text PRIMARY KEY, order_id text, author_id text, stars integer, text text);
  CREATE TABLE addresses (id text PRIMARY KEY, user_id text, line text);
  CREATE TABLE payments (id text PRIMARY KEY, order_id text, payer_id text, amount numeric);
  CREATE TABLE payouts (id text PRIMARY KEY, owner_id text, amount numeric);
  CREATE TABLE analytics (id text PRIMARY KEY, restaurant_id text, day date, revenue numeric);
  CREATE TABLE locations (id text PRIMARY KEY, driver_id text, latitude numeric, longitude numeric);
  CREATE TABLE earnings (id text PRIMARY KEY, driver_id text, amount numeric);
  CREATE TABLE deliveries (id text PRIMARY KEY, order_id text, driver_id text, state text);`;

async function insert(sql: SqlRunner, table: string, row: Values): Promise<void> {
  const names = Object.keys(row);
  const places = names.map((_, i) => `$${i + 1}`).join(', ');
  await sql.query(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, Object.values(row));
}

/** A row with the related rows that the policy asks for. */
function loaded(row: Values): AccessRow {
  const restaurant = RESTAURANTS.find(({ id }) => id === row['restaurant_id']) ?? null;
  const order = ORDERS.find(({ id }) => id === row['order_id']) ?? null;
  return { ...row, restaurant, order };
}

const TABLE_OF: Readonly<Record<string, string>> = { profile: 'users', menu: 'menu_items' };
const tableOf = (resource: string): string => TABLE_OF[resource] ?? resource;

/** Who reads which rows: every table, every kind of person. */
const READS: readonly (readonly [resource: string, Partial<Record<Name, readonly string[]>>])[] = [
  [
    'profile',
    { ann: ['ann'], bea: ['bea'], rashid: ['rashid'], rosa: ['rosa'], dan: ['dan'], dora: ['dora'] },
  ],
  ['restaurants', { ann: ['r1', 'r2'], bea: ['r1', 'r2'], rashid: ['r1'], rosa: ['r2'] }],
  ['menu', { ann: ['m1', 'm2'], bea: ['m1', 'm2'], rashid: ['m1'], rosa: ['m2'] }],
  [
    'orders',
    { ann: ['o1', 'o2'], bea: ['o3'], rashid: ['o1', 'o3'], rosa: ['o2'], dan: ['o1'], dora: ['o3'] },
  ],
  ['reviews', { ann: ['v1'], bea: ['v1'] }],
  ['addresses', { ann: ['a1'], bea: ['a2'] }],
  ['payments', {}],
  ['payouts', { rashid: ['y1'], rosa: ['y2'] }],
  ['analytics', { rashid: ['n1'], rosa: ['n2'] }],
  ['locations', { dan: ['l1'], dora: ['l2'] }],
  ['earnings', { dan: ['e1'], dora: ['e2'] }],
  ['deliveries', { dan: ['d1'] }],
];

/** Rows that somebody tries to add. */
const CREATES: readonly (readonly [resource: string, row: Values, allowed: readonly Name[]])[] = [
  ['orders', { id: 'x', customer_id: 'ann', restaurant_id: 'r1', status: 'placed' }, ['ann', 'adam']],
  ['orders', { id: 'x', customer_id: null, status: 'placed' }, ['adam']],
  ['restaurants', { id: 'x', owner_id: 'rashid', name: 'New' }, ['rashid', 'adam']],
  ['menu', { id: 'x', restaurant_id: 'r1', name: 'Tea' }, ['rashid', 'adam']],
  ['reviews', { id: 'x', order_id: 'o1', author_id: 'ann', stars: 4 }, ['ann', 'adam']],
  ['reviews', { id: 'x', order_id: 'o2', author_id: 'ann', stars: 4 }, ['adam']],
  ['reviews', { id: 'x', order_id: 'o3', author_id: 'ann', stars: 1 }, ['adam']],
  ['addresses', { id: 'x', user_id: 'bea', line: '3 Road' }, ['bea', 'adam']],
  ['payments', { id: 'x', order_id: 'o1', payer_id: 'ann', amount: 10 }, ['ann', 'adam']],
  ['payments', { id: 'x', order_id: 'o3', payer_id: 'ann', amount: 10 }, ['adam']],
  ['deliveries', { id: 'x', order_id: 'o1', driver_id: 'dan', state: 'new' }, ['dan', 'adam']],
  ['deliveries', { id: 'x', order_id: 'o3', driver_id: 'dan', state: 'new' }, ['adam']],
  ['payouts', { id: 'x', owner_id: 'rashid', amount: 1_000 }, ['adam']],
  ['earnings', { id: 'x', driver_id: 'dan', amount: 1_000 }, ['adam']],
];

/** Changes that somebody tries on a row. */
const UPDATES: readonly (readonly [
  resource: string,
  id: string,
  changes: Values,
  allowed: readonly Name[],
])[] = [
  ['profile', 'ann', { name: 'Anna' }, ['ann', 'adam']],
  ['profile', 'dan', { name: 'Daniel' }, ['dan', 'adam']],
  ['orders', 'o1', { status: 'lost' }, ['rashid', 'dan', 'adam']],
  ['orders', 'o1', { restaurant_id: 'r2' }, ['dan', 'adam']],
  ['orders', 'o1', { driver_id: 'dora' }, ['rashid', 'adam']],
  ['restaurants', 'r1', { name: 'Uno' }, ['rashid', 'adam']],
  ['restaurants', 'r1', { owner_id: 'rosa' }, ['adam']],
  ['menu', 'm2', { price: 1 }, ['rosa', 'adam']],
  ['addresses', 'a1', { line: '9 Road' }, ['ann', 'adam']],
  ['addresses', 'a1', { user_id: 'bea' }, ['adam']],
  ['payouts', 'y1', { amount: 9_000 }, ['adam']],
  ['earnings', 'e1', { amount: 9_000 }, ['adam']],
  ['deliveries', 'd1', { state: 'lost' }, ['dan', 'adam']],
];

const DELETES: readonly (readonly [resource: string, id: string, allowed: readonly Name[]])[] = [
  ['menu', 'm1', ['rashid', 'adam']],
  ['orders', 'o1', ['adam']],
  ['restaurants', 'r1', ['adam']],
  ['reviews', 'v1', ['adam']],
  ['profile', 'ann', ['adam']],
];

/** In the order of the database. */
const sorted = (ids: readonly unknown[]): readonly string[] =>
  ids.map(String).toSorted((a, b) => (a < b ? -1 : 1));

const NAMES = Object.keys(PEOPLE) as Name[];
const rowsOf = (resource: string): readonly Values[] => ROWS[tableOf(resource)] ?? [];
type Permission = Parameters<typeof access.can>[1];
const can = (name: Name, resource: string, action: string, row: AccessRow): boolean =>
  access.can(PEOPLE[name], `${resource}:${action}` as Permission, row, { nowMs: NOW });

describe('the roles of the food delivery, in the process', () => {
  it.each(READS)('read %s', (resource, expected) => {
    for (const name of NAMES) {
      const found = rowsOf(resource).filter((row) => can(name, resource, 'read', loaded(row)));
      const all = rowsOf(resource).map(({ id }) => id);
      expect(
        found.map(({ id }) => id),
        name,
      ).toEqual(name === 'adam' ? all : (expected[name] ?? []));
    }
  });

  it.each(CREATES)('create %s %o', (resource, row, allowed) => {
    expect(NAMES.filter((name) => can(name, resource, 'create', loaded(row)))).toEqual(allowed);
  });

  it.each(UPDATES)('update %s %s %o', (resource, id, changes, allowed) => {
    const row = rowsOf(resource).find((one) => one['id'] === id) as Values;
    const after = loaded({ ...row, ...changes });
    const found = NAMES.filter(
      (name) => can(name, resource, 'update', loaded(row)) && can(name, resource, 'update', after),
    );
    expect(found).toEqual(allowed);
  });

  it.each(DELETES)('delete %s %s', (resource, id, allowed) => {
    const row = loaded(rowsOf(resource).find((one) => one['id'] === id) as Values);
    expect(NAMES.filter((name) => can(name, resource, 'delete', row))).toEqual(allowed);
  });
});

class Undone extends Error {}

/** Whether somebody may do it, under a role that owns nothing; nothing of it stays. */
async function tried(
  database: TestDatabase,
  name: Name,
  work: (sql: SqlRunner) => Promise<{ readonly affected: number }>,
): Promise<boolean> {
  let done = false;
  try {
    await database.as(PEOPLE[name], NOW, async (tx) => {
      done = (await work(tx)).affected === 1;
      throw new Undone();
    });
  } catch (error) {
    // 42501: the new row violates row-level security.
    if (!(error instanceof Undone) && (error as { code?: string }).code !== '42501') throw error;
  }
  return done;
}

async function allowedOf(
  database: TestDatabase,
  work: (sql: SqlRunner) => Promise<{ readonly affected: number }>,
): Promise<readonly Name[]> {
  const found: Name[] = [];
  for (const name of NAMES) if (await tried(database, name, work)) found.push(name);
  return found;
}

describe('the roles of the food delivery, in the database', () => {
  onEachDatabase(TABLES, (database) => {
    beforeAll(async () => {
      for (const [table, rows] of Object.entries(ROWS))
        for (const row of rows) await insert(database().sql, table, row);
      const { lookupRole } = database();
      await database().sql.query(access.rowLevelSecurity({ lookupRole }).install);
    });

    it.each(READS)('read %s by row-level security and by the filter', async (resource, expected) => {
      const table = tableOf(resource);
      for (const name of NAMES) {
        const wanted = name === 'adam' ? rowsOf(resource).map(({ id }) => id) : (expected[name] ?? []);
        const seen = await database().as(PEOPLE[name], NOW, (tx) =>
          tx.query(`SELECT id FROM ${table} ORDER BY id`),
        );
        expect(
          seen.rows.map(({ id }) => id),
          name,
        ).toEqual(sorted(wanted));
        const filter = access.accessible(PEOPLE[name], `${resource}:read` as Permission);
        const { rows } = await database().sql.query(
          `SELECT id FROM ${table} WHERE ${filter.text} ORDER BY id`,
          filter.values,
        );
        expect(
          rows.map(({ id }) => id),
          name,
        ).toEqual(sorted(wanted));
      }
    });

    it.each(CREATES)('create %s %o', async (resource, row, allowed) => {
      const insertIt = async (sql: SqlRunner): Promise<{ affected: number }> => {
        await insert(sql, tableOf(resource), row);
        return { affected: 1 };
      };
      expect(await allowedOf(database(), insertIt)).toEqual(allowed);
    });

    it.each(UPDATES)('update %s %s %o', async (resource, id, changes, allowed) => {
      const [[column, value] = ['', null]] = Object.entries(changes);
      const text = `UPDATE ${tableOf(resource)} SET ${column} = $1 WHERE id = $2`;
      // PostgreSQL reads before it updates: a person also needs to see the row, before and after.
      expect(await allowedOf(database(), (sql) => sql.query(text, [value, id]))).toEqual(allowed);
    });

    it.each(DELETES)('delete %s %s', async (resource, id, allowed) => {
      const text = `DELETE FROM ${tableOf(resource)} WHERE id = $1`;
      expect(await allowedOf(database(), (sql) => sql.query(text, [id]))).toEqual(allowed);
    });

    it('shows nobody anything', async () => {
      for (const table of Object.keys(ROWS)) {
        const seen = await database().as(undefined, NOW, (tx) => tx.query(`SELECT 1 FROM ${table}`));
        expect(seen.rows, table).toEqual([]);
      }
    });
  });
});
