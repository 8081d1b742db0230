import type { AccessPrincipal, AccessRow } from '../../src/modules/access/index.ts';
import type { SqlRunner } from '../../src/ports/sql.ts';
import type { Resource, Role, Whose } from './food-table.ts';

export type Values = Readonly<Record<string, string | number | boolean | null>>;

/** People of one delivery: what was ordered, cooked and brought among them is theirs, and nobody's of the other. */
interface World {
  readonly customer: string;
  readonly restaurant_owner: string;
  readonly driver: string;
  readonly mark: string;
}

const MINE: World = {
  customer: 'sample:ada',
  restaurant_owner: 'sample:nine',
  driver: 'sample:dan',
  mark: 'a',
};
const THEIRS: World = {
  customer: 'sample:bob',
  restaurant_owner: 'sample:ten',
  driver: 'sample:dora',
  mark: 'b',
};
const worldOf = (whose: Whose): World => (whose === 'own' ? MINE : THEIRS);
const NAMES = { customer: 'ada', restaurant_owner: 'nine', driver: 'dan' } as const;

/** Name under which a role's person signs in. */
export const nameOf = (role: Exclude<Role, 'admin'>): string => NAMES[role];

/** The role's person. */
export const personOf = (role: Role): AccessPrincipal =>
  role === 'admin'
    ? { id: 'admin:operator', kind: 'admin', roles: ['admin'] }
    : { id: MINE[role], kind: 'user', roles: [role] };

export const tableOf = (resource: Resource): string => `rampart.sample_${resource}`;

const orderOf = ({ mark, ...world }: World): Values => ({
  id: `ord_${mark}`,
  owner: world.customer,
  restaurant: world.restaurant_owner,
  driver: world.driver,
  instructions: null,
  status: 'delivered',
});
const restaurantOf = ({ mark, restaurant_owner }: World): Values => ({
  id: `rst_${mark}`,
  owner_id: restaurant_owner,
  name: 'Nine Dragons',
  description: null,
  phone: '+966501234567',
  street: '1 King Fahd Road',
  latitude: 24.7,
  longitude: 46.7,
  open: true,
});

const reviewOf = (order_id: string, author_id: string): Values => ({
  id: 'rev_new',
  order_id,
  author_id,
  stars: 4,
  text: null,
});

/** The row of a resource in one of the worlds. */
export function rowOf(resource: Resource, role: Role, whose: Whose): Values {
  const world = worldOf(whose);
  const { mark, customer, restaurant_owner, driver } = world;
  const order_id = `ord_${mark}`;
  const restaurant_id = `rst_${mark}`;
  const rows: Readonly<Record<Resource, () => Values>> = {
    profile: () => profileOf(role === 'admin' ? customer : world[role]),
    orders: () => orderOf(world),
    restaurants: () => restaurantOf(world),
    menu: () => ({ id: `mnu_${mark}`, restaurant_id, name: 'Soup', price: 4.5 }),
    reviews: () => ({ id: `rev_${mark}`, order_id, author_id: customer, stars: 5, text: 'good' }),
    addresses: () => ({ id: `adr_${mark}`, user_id: customer, line: '1 Road' }),
    payments: () => ({ id: `pay_${mark}`, order_id, payer_id: customer, amount: 9 }),
    payouts: () => ({ id: `pyo_${mark}`, owner_id: restaurant_owner, amount: 90 }),
    analytics: () => ({ id: `day_${mark}`, restaurant_id, day: '2026-11-20', revenue: 40 }),
    locations: () => ({ id: driver, driver_id: driver, latitude: 1.5, longitude: 2.5 }),
    earnings: () => ({ id: `ern_${mark}`, driver_id: driver, amount: 7 }),
    deliveries: () => ({ id: `dlv_${mark}`, order_id, driver_id: driver, state: 'assigned' }),
  };
  return rows[resource]();
}

const profileOf = (id: string): Values => ({ id, name: id.slice(7), phone: null, national_id: 'N-4711' });

/** The column that says whose a new row is, and who would usually have it. */
const OWNERS: Partial<Record<Resource, string>> = {
  profile: 'id',
  orders: 'owner',
  restaurants: 'owner_id',
  reviews: 'author_id',
  addresses: 'user_id',
  payments: 'payer_id',
  payouts: 'owner_id',
  locations: 'driver_id',
  earnings: 'driver_id',
  deliveries: 'driver_id',
};

/** A row that somebody tries to add: under their own name and in their own world, or wholly in the other one. */
export function newRowOf(resource: Resource, role: Role, whose: Whose): Values {
  const owner = OWNERS[resource];
  const isTheirs = owner !== undefined && whose === 'own' && role !== 'admin';
  const row = { ...rowOf(resource, role, whose), ...(isTheirs ? { [owner]: personOf(role).id } : {}) };
  // Rows that have a person's id: an administrator makes those of somebody new.
  if (resource === 'profile') return role === 'admin' ? { ...row, id: 'sample:new' } : row;
  if (resource === 'locations')
    return role === 'admin'
      ? { ...row, id: 'sample:new', driver_id: 'sample:new' }
      : { ...row, id: String(row['driver_id']) };
  return { ...row, id: `${String(row['id'])}_new` };
}

/** A change that leaves whose it is alone. */
export const CHANGES: Readonly<Record<Resource, Values>> = {
  profile: { phone: '+1 555 0100' },
  orders: { instructions: 'ring twice' },
  restaurants: { open: false },
  menu: { price: 5.25 },
  reviews: { stars: 1 },
  addresses: { line: '9 Road' },
  payments: { amount: 1 },
  payouts: { amount: 9_000 },
  analytics: { revenue: 1 },
  locations: { latitude: -33.5 },
  earnings: { amount: 9_000 },
  deliveries: { state: 'picked_up' },
};

/** An order of one's own that is still on its way. */
export const OPEN_ORDER: Values = { ...orderOf(MINE), id: 'ord_open', status: 'preparing' };

/** Rows that are half one's own: refused to the role, as everything else that is not wholly so. */
export const HALF_OWN: readonly (readonly [why: string, Exclude<Role, 'admin'>, Resource, Values])[] = [
  ['of an order that is not delivered', 'customer', 'reviews', reviewOf('ord_open', MINE.customer)],
  ['of the order of another', 'customer', 'reviews', reviewOf('ord_b', MINE.customer)],
  ['of an order that is not there', 'customer', 'reviews', reviewOf('ord_none', MINE.customer)],
  ['in the name of another', 'customer', 'reviews', reviewOf('ord_a', THEIRS.customer)],
  [
    'for the order of another',
    'customer',
    'payments',
    { id: 'pay_new', order_id: 'ord_b', payer_id: MINE.customer, amount: 1 },
  ],
  [
    'on the account of another',
    'customer',
    'payments',
    { id: 'pay_new', order_id: 'ord_a', payer_id: THEIRS.customer, amount: 1 },
  ],
  [
    'in a restaurant that is not there',
    'restaurant_owner',
    'menu',
    { id: 'mnu_new', restaurant_id: 'rst_none', name: 'x', price: 1 },
  ],
  [
    'of an order that another brings',
    'driver',
    'deliveries',
    { id: 'dlv_new', order_id: 'ord_b', driver_id: MINE.driver, state: 'assigned' },
  ],
  [
    'under the name of another driver',
    'driver',
    'deliveries',
    { id: 'dlv_new', order_id: 'ord_a', driver_id: THEIRS.driver, state: 'assigned' },
  ],
];

/** A row with the related rows that the policy asks for. */
export function loaded(row: Values): AccessRow {
  const [orders, restaurants] = [
    [orderOf(MINE), orderOf(THEIRS), OPEN_ORDER],
    [restaurantOf(MINE), restaurantOf(THEIRS)],
  ];
  return {
    ...row,
    order: orders.find(({ id }) => id === row['order_id']) ?? null,
    restaurant: row['restaurant'] ?? restaurants.find(({ id }) => id === row['restaurant_id']) ?? null,
  };
}

/** Adds a row, with what every table wants besides. */
export async function insert(sql: SqlRunner, resource: Resource, row: Values): Promise<void> {
  const more: Values =
    resource === 'orders' ? { items: '[]', created_at_ms: 1, updated_at_ms: 1 } : { created_at_ms: 1 };
  const all = { ...row, ...more };
  const names = Object.keys(all);
  const places = names.map((_, i) => `$${i + 1}`).join(', ');
  const text = `INSERT INTO ${tableOf(resource)} (${names.join(', ')}) VALUES (${places})`;
  await sql.query(text, Object.values(all));
}

/** Puts a row back as it was. */
export async function restore(sql: SqlRunner, resource: Resource, row: Values): Promise<void> {
  await sql.query(`DELETE FROM ${tableOf(resource)} WHERE id = $1`, [row['id'] as string]);
  await insert(sql, resource, row);
}
