import type { Resources } from './declare.ts';

const ofRestaurant = { restaurant: { resource: 'restaurants', on: { restaurant_id: 'id' } } } as const;
const ofOrder = { order: { resource: 'orders', on: { order_id: 'id' } } } as const;
const theirRestaurant = { exists: { restaurant: { owner: 'owner_id' } } } as const;
const profile = { 'profile:read': { owner: 'id' }, 'profile:update': { owner: 'id' } } as const;

/** Resources of a food delivery, but for its orders: every application keeps those in a form of its own. */
export const foodResources = {
  profile: { table: 'users', columns: { id: 'text', name: 'text', phone: 'text', national_id: 'text' } },
  restaurants: { columns: { id: 'text', owner_id: 'text', name: 'text', open: 'boolean' } },
  menu: {
    table: 'menu_items',
    columns: { id: 'text', restaurant_id: 'text', name: 'text', price: 'numeric' },
    relations: ofRestaurant,
  },
  reviews: {
    columns: { id: 'text', order_id: 'text', author_id: 'text', stars: 'integer', text: 'text' },
    relations: ofOrder,
  },
  addresses: { columns: { id: 'text', user_id: 'text', line: 'text' } },
  payments: {
    columns: { id: 'text', order_id: 'text', payer_id: 'text', amount: 'numeric' },
    relations: ofOrder,
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
    relations: ofOrder,
  },
} as const satisfies Resources;

/** Rules of the roles that do not look at orders. */
export const foodRules = {
  customer: {
    ...profile,
    'restaurants:read': true,
    'menu:read': true,
    'reviews:read': true,
    'addresses:create': { owner: 'user_id' },
    'addresses:read': { owner: 'user_id' },
    'addresses:update': { owner: 'user_id' },
  },
  restaurant_owner: {
    ...profile,
    'restaurants:create': { owner: 'owner_id' },
    'restaurants:read': { owner: 'owner_id' },
    'restaurants:update': { owner: 'owner_id' },
    'menu:*': theirRestaurant,
    'analytics:read': theirRestaurant,
    'payouts:read': { owner: 'owner_id' },
  },
  driver: {
    ...profile,
    'locations:read': { owner: 'driver_id' },
    'locations:update': { owner: 'driver_id' },
    'earnings:read': { owner: 'driver_id' },
    'deliveries:read': { owner: 'driver_id' },
    'deliveries:update': { owner: 'driver_id' },
  },
} as const;
