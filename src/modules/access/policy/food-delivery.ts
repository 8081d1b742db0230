import { createAccess } from './access.ts';
import { defineAccess } from './declare.ts';
import { foodResources, foodRules } from './food-parts.ts';

const theirRestaurant = { exists: { restaurant: { owner: 'owner_id' } } } as const;

/**
 * The four roles of a food delivery: customers, restaurant owners, drivers and administrators. It is an example to begin
 * with, and the policy on which the process, filters and row-level security are held against each other.
 */
export const foodDelivery = defineAccess({
  resources: {
    ...foodResources,
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
      relations: { restaurant: { resource: 'restaurants', on: { restaurant_id: 'id' } } },
    },
  },
  roles: {
    customer: {
      can: {
        ...foodRules.customer,
        'orders:create': { owner: 'customer_id' },
        'orders:read': { owner: 'customer_id' },
        'reviews:create': {
          and: [
            { owner: 'author_id' },
            { exists: { order: { and: [{ owner: 'customer_id' }, { eq: { status: 'delivered' } }] } } },
          ],
        },
        'payments:create': {
          and: [{ owner: 'payer_id' }, { exists: { order: { owner: 'customer_id' } } }],
        },
      },
    },
    restaurant_owner: {
      can: {
        ...foodRules.restaurant_owner,
        'orders:read': theirRestaurant,
        'orders:update': theirRestaurant,
      },
    },
    driver: {
      can: {
        ...foodRules.driver,
        'orders:read': { owner: 'driver_id' },
        'orders:update': { owner: 'driver_id' },
        'deliveries:create': {
          and: [{ owner: 'driver_id' }, { exists: { order: { owner: 'driver_id' } } }],
        },
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
