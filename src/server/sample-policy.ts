import { defineAccess } from '../modules/access/index.ts';

/**
 * Who may do what with the orders of the sample application: customers have their own, administrators all. States other
 * than cancelled are set by administrators.
 */
export const samplePolicy = defineAccess({
  resources: {
    orders: {
      table: 'rampart.sample_orders',
      columns: { id: 'text', owner: 'text', instructions: 'text', status: 'text' },
      actions: ['create', 'read', 'update', 'delete', 'set-status'],
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
    admin: { can: { 'orders:*': true } },
    administrator: { inherits: ['admin'] },
  },
});
