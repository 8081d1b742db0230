import { z } from 'zod';
import type { StandardSchema } from '../../../../core/standard-schema.ts';
import { words } from '../../../../modules/validate/fields/plain.ts';
import { inZod } from '../../../../modules/validate/fields/zod.ts';
import type { SampleTable, SampleValues } from '../../../data/index.ts';
import { RESTAURANT, restaurantForm } from './rule-sets.ts';

/** A field as a request names it; its column is the same in snake case. */
export interface SampleField {
  readonly schema: z.ZodType;
  /** Value of a new row that does not name it. */
  readonly otherwise?: string | number | boolean | null;
  /** Default true; otherwise it is set when the row is made. */
  readonly changes?: false;
  /** Not shown to everybody who may read the row: the policy says to whom. */
  readonly hidden?: true;
}

/** A form, and the fields of the row that comes of it. */
export interface SampleForm {
  readonly schema: StandardSchema<unknown, Readonly<Record<string, unknown>>>;
  readonly fieldsOf: (given: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

/** What the sample application keeps beside orders: routes, checks and documents come from this. */
export interface SampleResource {
  readonly name: SampleTable;
  readonly tag: string;
  /** In words, such as `a menu item`, and `menu items`. */
  readonly one: string;
  readonly many: string;
  /** How a row gets its id: a new one with a prefix, or that of whose it is, from a field. */
  readonly id: { readonly prefix: string } | { readonly field: string } | { readonly uuid: true };
  /** What a new row is made of, where that is a rule set; otherwise its fields. */
  readonly form?: SampleForm;
  readonly fields: Readonly<Record<string, SampleField>>;
  /** Field that holds whose it is; whoever makes a row, unless another is named. */
  readonly owner?: string;
  /** Field that names a row of another table, by which lists may be narrowed. */
  readonly of?: { readonly field: string; readonly table: 'orders' | 'restaurants' };
  /** The row that whoever may change it has from the beginning. */
  readonly own?: (id: string) => SampleValues;
}

const text = (max: number): z.ZodString => z.string().trim().min(1).max(max);
const key = text(100);
const once: SampleField = { schema: key, changes: false };
const money: SampleField = {
  schema: z.number().min(0).max(10_000_000).multipleOf(0.01).meta({ example: 4.5 }),
};
const coordinate = (bound: number): SampleField => ({
  schema: z.number().min(-bound).max(bound).nullable(),
  otherwise: null,
});
const ofRestaurant = { field: 'restaurantId', table: 'restaurants' } as const;
const ofOrder = { field: 'orderId', table: 'orders' } as const;

const people: readonly SampleResource[] = [
  {
    name: 'profile',
    tag: 'Sample: customers',
    one: 'a profile',
    many: 'profiles',
    id: { field: 'id' },
    fields: {
      id: once,
      name: { schema: text(50) },
      phone: { schema: text(30).nullable(), otherwise: null },
      nationalId: { schema: text(30).nullable(), otherwise: null, hidden: true },
    },
    own: (whose) => ({ name: whose.slice(whose.indexOf(':') + 1), phone: null, national_id: null }),
  },
  {
    name: 'addresses',
    tag: 'Sample: customers',
    one: 'an address',
    many: 'addresses',
    id: { prefix: 'adr' },
    fields: { userId: once, line: { schema: text(200) } },
    owner: 'userId',
  },
  {
    name: 'reviews',
    tag: 'Sample: customers',
    one: 'a review',
    many: 'reviews',
    id: { prefix: 'rev' },
    fields: {
      orderId: once,
      authorId: once,
      stars: { schema: z.int().min(1).max(5) },
      text: { schema: text(1_000).nullable(), otherwise: null },
    },
    owner: 'authorId',
    of: ofOrder,
  },
  {
    name: 'payments',
    tag: 'Sample: customers',
    one: 'a payment',
    many: 'payments',
    id: { prefix: 'pay' },
    fields: { orderId: once, payerId: once, amount: money },
    owner: 'payerId',
    of: ofOrder,
  },
];

const restaurants: readonly SampleResource[] = [
  {
    name: 'restaurants',
    tag: 'Sample: restaurants',
    one: 'a restaurant',
    many: 'restaurants',
    id: { uuid: true },
    form: restaurantForm,
    fields: {
      ownerId: { schema: key },
      name: { schema: inZod(RESTAURANT.name) },
      description: { schema: inZod(words({ max: 1_000 })).nullable(), otherwise: null },
      phone: { schema: inZod(RESTAURANT.phone).nullable() },
      street: { schema: inZod(RESTAURANT.street).nullable() },
      latitude: coordinate(90),
      longitude: coordinate(180),
      open: { schema: z.boolean(), otherwise: true },
    },
    owner: 'ownerId',
  },
  {
    name: 'menu',
    tag: 'Sample: restaurants',
    one: 'a menu item',
    many: 'menu items',
    id: { uuid: true },
    fields: { restaurantId: { schema: key }, name: { schema: text(100) }, price: money },
    of: ofRestaurant,
  },
  {
    name: 'analytics',
    tag: 'Sample: restaurants',
    one: 'a day of sales',
    many: 'days of sales',
    id: { prefix: 'day' },
    fields: { restaurantId: once, day: { schema: z.iso.date() }, revenue: money },
    of: ofRestaurant,
  },
  {
    name: 'payouts',
    tag: 'Sample: restaurants',
    one: 'a payout',
    many: 'payouts',
    id: { prefix: 'pyo' },
    fields: { ownerId: once, amount: money },
    owner: 'ownerId',
  },
];

const drivers: readonly SampleResource[] = [
  {
    name: 'deliveries',
    tag: 'Sample: drivers',
    one: 'a delivery',
    many: 'deliveries',
    id: { prefix: 'dlv' },
    fields: {
      orderId: once,
      driverId: once,
      state: { schema: z.enum(['assigned', 'picked_up', 'delivered']), otherwise: 'assigned' },
    },
    owner: 'driverId',
    of: ofOrder,
  },
  {
    name: 'locations',
    tag: 'Sample: drivers',
    one: 'a location',
    many: 'locations',
    id: { field: 'driverId' },
    fields: { driverId: once, latitude: coordinate(90), longitude: coordinate(180) },
    own: (whose) => ({ driver_id: whose, latitude: null, longitude: null }),
  },
  {
    name: 'earnings',
    tag: 'Sample: drivers',
    one: 'earnings',
    many: 'earnings',
    id: { prefix: 'ern' },
    fields: { driverId: once, amount: money },
    owner: 'driverId',
  },
];

/** Every resource beside orders. */
export const SAMPLE_RESOURCES: readonly SampleResource[] = [...people, ...restaurants, ...drivers];

/** What the groups of the document are about. */
export const SAMPLE_TAGS: Readonly<Record<string, string>> = {
  Sample: 'A small protected application to try things on: sign in under any name, place an order.',
  'Sample: customers': 'The rest of that food delivery: what customers have beside orders.',
  'Sample: restaurants': 'What restaurants and their owners have.',
  'Sample: drivers': 'What drivers have.',
};
