import { defineAccess } from '../modules/access/index.ts';
import { foodResources as food, foodRules } from '../modules/access/policy/food-parts.ts';

/** What an order is to whom: its customer, the owner of its restaurant, its driver. */
const THEIR_ORDER = { exists: { order: { owner: 'owner' } } } as const;
const DELIVERED_TO_THEM = {
  exists: { order: { and: [{ owner: 'owner' }, { eq: { status: 'delivered' } }] } },
} as const;
/** People see and change their name and phone; the national id is for administrators. */
const profileFields = { profile: { read: ['id', 'name', 'phone'], write: ['name', 'phone'] } } as const;

const inTable = <const R extends object>(table: string, resource: R): R & { readonly table: string } => ({
  ...resource,
  table: `rampart.sample_${table}`,
});

/** Files are of whoever sent them. */
const ownFiles = {
  'uploads:create': { owner: 'owner' },
  'uploads:read': { owner: 'owner' },
  'uploads:delete': { owner: 'owner' },
} as const;

/**
 * Who may do what in the sample application, a food delivery: customers have their own orders, restaurants those that were
 * placed with them, drivers those that they bring, administrators all. States other than cancelled are not set by customers,
 * and drivers are named by restaurants. What is beside orders is as in `foodDelivery`.
 */
export const samplePolicy = defineAccess({
  resources: {
    orders: {
      table: 'rampart.sample_orders',
      columns: {
        id: 'text',
        owner: 'text',
        restaurant: 'text',
        driver: 'text',
        instructions: 'text',
        status: 'text',
      },
      actions: ['create', 'read', 'update', 'delete', 'set-status', 'assign'],
    },
    uploads: {
      table: 'rampart.uploads',
      columns: { id: 'text', owner: 'text' },
      actions: ['create', 'read', 'delete'],
    },
    profile: inTable('profile', food.profile),
    restaurants: inTable('restaurants', {
      columns: {
        ...food.restaurants.columns,
        description: 'text',
        phone: 'text',
        street: 'text',
        latitude: 'numeric',
        longitude: 'numeric',
      },
    }),
    menu: inTable('menu', food.menu),
    reviews: inTable('reviews', food.reviews),
    addresses: inTable('addresses', food.addresses),
    payments: inTable('payments', food.payments),
    payouts: inTable('payouts', food.payouts),
    analytics: inTable('analytics', food.analytics),
    locations: inTable('locations', food.locations),
    earnings: inTable('earnings', food.earnings),
    deliveries: inTable('deliveries', food.deliveries),
  },
  roles: {
    customer: {
      can: {
        'orders:create': { owner: 'owner' },
        'orders:read': { owner: 'owner' },
        'orders:update': { owner: 'owner' },
        'orders:delete': { owner: 'owner' },
        ...ownFiles,
        ...foodRules.customer,
        'reviews:create': { and: [{ owner: 'author_id' }, DELIVERED_TO_THEM] },
        'payments:create': { and: [{ owner: 'payer_id' }, THEIR_ORDER] },
      },
      fields: profileFields,
    },
    restaurant_owner: {
      can: {
        'orders:read': { owner: 'restaurant' },
        'orders:update': { owner: 'restaurant' },
        'orders:set-status': { owner: 'restaurant' },
        'orders:assign': { owner: 'restaurant' },
        ...ownFiles,
        ...foodRules.restaurant_owner,
      },
      fields: profileFields,
    },
    driver: {
      can: {
        'orders:read': { owner: 'driver' },
        'orders:update': { owner: 'driver' },
        'orders:set-status': { owner: 'driver' },
        ...ownFiles,
        ...foodRules.driver,
        'deliveries:create': { and: [{ owner: 'driver_id' }, { exists: { order: { owner: 'driver' } } }] },
      },
      fields: profileFields,
    },
    admin: { can: { '*': true }, fields: 'all' },
    administrator: { inherits: ['admin'] },
  },
});
