import { createAccess } from './access.ts';
import { defineAccess } from './declare.ts';

const theirRestaurant = { exists: { restaurant: { owner: 'owner_id' } } } as const;
const profile = { 'profile:read': { owner: 'id' }, 'profile:update': { owner: 'id' } } as const;
const ofRestaurant = { restaurant: { resource: 'restaurants', on: { restaurant_id: 'id' } } } as const;

/**
 * The four roles of a food delivery: customers, restaurant owners, drivers and administrators. It is an example to begin
 * with, and the policy on which the process, filters and row-level security are held against each other.
 */
export const foodDelivery = defineAccess({
  resources: {
    profile: { table: 'users', columns: { id: 'text', name: 'text', phone: 'text', national_id: 'text' } },
    restaurants: { columns: { id: 'text', owner_id: 'text', name: 'text', open: 'boolean' } },
    menu: {
      table: 'menu_items',
      columns: { id: 'text', restaurant_id: 'text', name: 'text', price: 'numeric' },
      relations: ofRestaurant,
    },
    orders: {
      columns: {
        id: 'text',
        customer_id: 'text',
        restaurant_id: 'text',
        driver_id: 'text',
        status: 'text',
        total: 'numeric',
        placed_at: 'timestamptz',
      },
      relations: ofRestaurant,
    },
    reviews: {
      columns: { id: 'text', order_id: 'text', author_id: 'text', stars: 'integer', text: 'text' },
      relations: { order: { resource: 'orders', on: { order_id: 'id' } } },
    },
    addresses: { columns: { id: 'text', user_id: 'text', line: 'text' } },
    payments: {
      columns: { id: 'text', order_id: 'text', payer_id: 'text', amount: 'numeric' },
      relations: { order: { resource: 'orders', on: { order_id: 'id' } } },
    },
    payouts: { columns: { id: 'text', owner_id: 'text', amount: 'numeric' } },
    analytics: {
      columns: { id: 'text', restaurant_id: 'text', day: 'date', revenue: 'numeric' },
      relations: ofRestaurant,
    },
    locations: { columns: { id: 'text', driver_id: 'text', latitude: 'numeric', longitude: 'numeric' } },
    earnings: { columns: { id: 'text', driver_id: 'text', amount: 'numeric' } },
    deliveries: {
      columns: { id: 'text', order_id: 'text', driver_id: 'text', state: 'text' },
      relations: { order: { resource: 'orders', on: { order_id: 'id' } } },
    },
  },
  roles: {
    customer: {
      can: {
        ...profile,
        'orders:create': { owner: 'customer_id' },
        'orders:read': { owner: 'customer_id' },
        'restaurants:read': true,
        'menu:read': true,
        'reviews:read': true,
        'reviews:create': {
          and: [
            { owner: 'author_id' },
            { exists: { order: { and: [{ owner: 'customer_id' }, { eq: { status: 'delivered' } }] } } },
          ],
        },
        'addresses:create': { owner: 'user_id' },
        'addresses:read': { owner: 'user_id' },
        'addresses:update': { owner: 'user_id' },
        'payments:create': {
          and: [{ owner: 'payer_id' }, { exists: { order: { owner: 'customer_id' } } }],
        },
      },
    },
    restaurant_owner: {
      can: {
        ...profile,
        'restaurants:create': { owner: 'owner_id' },
        'restaurants:read': { owner: 'owner_id' },
        'restaurants:update': { owner: 'owner_id' },
        'menu:*': theirRestaurant,
        'orders:read': theirRestaurant,
        'orders:update': theirRestaurant,
        'analytics:read': theirRestaurant,
        'payouts:read': { owner: 'owner_id' },
      },
    },
    driver: {
      can: {
        ...profile,
        'orders:read': { owner: 'driver_id' },
        'orders:update': { owner: 'driver_id' },
        'locations:read': { owner: 'driver_id' },
        'locations:update': { owner: 'driver_id' },
        'earnings:read': { owner: 'driver_id' },
        'deliveries:create': {
          and: [{ owner: 'driver_id' }, { exists: { order: { owner: 'driver_id' } } }],
        },
        'deliveries:read': { owner: 'driver_id' },
        'deliveries:update': { owner: 'driver_id' },
      },
    },
    admin: { can: { '*': true } },
  },
});

/** Answers of {@link foodDelivery}. */
export const foodDeliveryAccess = (): ReturnType<typeof createAccess<FoodPermission, FoodResource>> =>
  createAccess(foodDelivery);

type Names = NonNullable<(typeof foodDelivery)['~names']>;
type FoodPermission = Names['permission'];
type FoodResource = Names['resource'];
