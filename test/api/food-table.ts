/** The four roles. */
export const ROLES = ['customer', 'restaurant_owner', 'driver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const ACTIONS = ['create', 'read', 'update', 'delete'] as const;
export type Action = (typeof ACTIONS)[number];

/** Everything that the food delivery has. */
export const RESOURCES = [
  'profile',
  'orders',
  'restaurants',
  'menu',
  'reviews',
  'addresses',
  'payments',
  'payouts',
  'analytics',
  'locations',
  'earnings',
  'deliveries',
] as const;
export type Resource = (typeof RESOURCES)[number];

/** With which rows: one's own alone, or anybody's. What is not named may be done with none. */
type With = 'own' | 'any';
type Row = Partial<Record<Action, With>>;

const PROFILE: Row = { read: 'own', update: 'own' };
const ALL: Row = { create: 'any', read: 'any', update: 'any', delete: 'any' };

/**
 * Who may do what, written down from the words of the system, not from the policy. Beside those words: what somebody may
 * change they also see; customers see reviews; customers of the sample change and delete orders of their own.
 */
export const MAY: Readonly<Record<Role, Readonly<Partial<Record<Resource, Row>>>>> = {
  customer: {
    profile: PROFILE,
    orders: { create: 'own', read: 'own', update: 'own', delete: 'own' },
    restaurants: { read: 'any' },
    menu: { read: 'any' },
    reviews: { create: 'own', read: 'any' },
    addresses: { create: 'own', read: 'own', update: 'own' },
    payments: { create: 'own' },
  },
  restaurant_owner: {
    profile: PROFILE,
    restaurants: { create: 'own', read: 'own', update: 'own' },
    menu: { create: 'own', read: 'own', update: 'own', delete: 'own' },
    orders: { read: 'own', update: 'own' },
    analytics: { read: 'own' },
    payouts: { read: 'own' },
  },
  driver: {
    profile: PROFILE,
    orders: { read: 'own', update: 'own' },
    locations: { read: 'own', update: 'own' },
    earnings: { read: 'own' },
    deliveries: { create: 'own', read: 'own', update: 'own' },
  },
  admin: Object.fromEntries(RESOURCES.map((resource) => [resource, ALL])),
};

/** Whose row it is: of the world in which the person lives, or of the other one. */
export const WHOSE = ['own', 'foreign'] as const;
export type Whose = (typeof WHOSE)[number];

/** Whether the table allows it. */
export function may(role: Role, resource: Resource, action: Action, whose: Whose): boolean {
  const rows = MAY[role][resource]?.[action];
  return rows === 'any' || (rows === 'own' && whose === 'own');
}
