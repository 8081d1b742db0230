import { defineAccess } from '../modules/access/index.ts';

/**
 * Who may do what with the orders of the sample application: customers have their own, restaurants those that were placed
 * with them, drivers those that they bring, administrators all. States other than cancelled are not set by customers, and
 * drivers are named by restaurants.
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
  },
  roles: {
    customer: {
      can: {
        'orders:create': true,
        'orders:read': { owner: 'owner' },
        'orders:update': { owner: 'owner' },
        'orders:delete': { owner: 'owner' },
      },
    },
    restaurant_owner: {
      can: {
        'orders:read': { owner: 'restaurant' },
        'orders:update': { owner: 'restaurant' },
        'orders:set-status': { owner: 'restaurant' },
        'orders:assign': { owner: 'restaurant' },
      },
    },
    driver: {
      can: {
        'orders:read': { owner: 'driver' },
        'orders:update': { owner: 'driver' },
        'orders:set-status': { owner: 'driver' },
      },
    },
    admin: { can: { 'orders:*': true } },
    administrator: { inherits: ['admin'] },
  },
});
