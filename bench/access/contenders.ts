import { AbilityBuilder, createMongoAbility } from '@casl/ability';
import { AccessControl } from 'accesscontrol';
import { newEnforcer, newModelFromString } from 'casbin';
import { createAccess, defineAccess } from '../../src/modules/access/index.ts';
import type { AccessPrincipal } from '../../src/modules/access/index.ts';

/** One way of asking whether somebody may do something to an order. */
export type Ask = (person: Person, action: 'read' | 'update', order: Order) => unknown;

/** Who asks. */
export interface Person extends AccessPrincipal {
  readonly roles: readonly [string];
}

/** What is asked about. */
export interface Order extends Record<string, unknown> {
  readonly id: string;
  readonly customer_id: string;
  readonly driver_id: string;
  readonly status: string;
}

/**
 * The same policy for all: a customer reads own orders, and updates them while they are placed; a driver reads and
 * updates those that are assigned; an administrator does everything.
 */
export const CONTENDERS: Readonly<Record<string, () => Promise<Ask> | Ask>> = {
  rampart,
  casl: cached,
  'casl, per request': perRequest,
  accesscontrol,
  casbin,
  limit,
};

function rampart(): Ask {
  const access = createAccess(
    defineAccess({
      resources: {
        orders: { columns: { id: 'text', customer_id: 'text', driver_id: 'text', status: 'text' } },
        reviews: { columns: { id: 'text', author_id: 'text' } },
      },
      roles: {
        customer: {
          'orders:read': { owner: 'customer_id' },
          'orders:update': { and: [{ owner: 'customer_id' }, { eq: { status: 'placed' } }] },
          'reviews:*': { owner: 'author_id' },
        },
        driver: { 'orders:read': { owner: 'driver_id' }, 'orders:update': { owner: 'driver_id' } },
        admin: { '*': true },
      },
    }),
  );
  return (person, action, order) =>
    access.can(person, action === 'read' ? 'orders:read' : 'orders:update', order);
}

function abilityOf({ id, roles: [role] }: Person): ReturnType<typeof createMongoAbility> {
  const { can, build } = new AbilityBuilder(createMongoAbility);
  if (role === 'admin') can('manage', 'all');
  if (role === 'customer') {
    can('read', 'Order', { customer_id: id });
    can('update', 'Order', { customer_id: id, status: 'placed' });
    can('manage', 'Review', { author_id: id });
  }
  if (role === 'driver') can(['read', 'update'], 'Order', { driver_id: id });
  // Faster than marking every row with `subject`.
  return build({ detectSubjectType: () => 'Order' });
}

/** An ability kept for each person, as its guide advises. */
function cached(): Ask {
  const abilities = new Map<string, ReturnType<typeof createMongoAbility>>();
  return (person, action, order) => {
    let ability = abilities.get(person.id);
    if (!ability) abilities.set(person.id, (ability = abilityOf(person)));
    return ability.can(action, order);
  };
}

function perRequest(): Ask {
  return (person, action, order) => abilityOf(person).can(action, order);
}

/** It knows `own` and `any`; whose an order is stays with the caller. */
function accesscontrol(): Ask {
  const access = new AccessControl();
  access.grant('customer').readOwn('order').updateOwn('order').createOwn('review');
  access.grant('driver').readOwn('order').updateOwn('order');
  access.grant('admin').readAny('order').updateAny('order');
  return ({ id, roles: [role] }, action, order) => {
    const query = access.can(role);
    if ((action === 'read' ? query.readAny('order') : query.updateAny('order')).granted) return true;
    const mine = role === 'driver' ? order.driver_id === id : order.customer_id === id;
    if (!mine || (role === 'customer' && action === 'update' && order.status !== 'placed')) return false;
    return (action === 'read' ? query.readOwn('order') : query.updateOwn('order')).granted;
  };
}

const CASBIN_MODEL = `
[request_definition]
r = role, sub, obj, act
[policy_definition]
p = role, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.role == p.role && r.act == p.act && (r.role == "admin" || (r.role == "driver" && r.obj.driver_id == r.sub) || (r.role == "customer" && r.obj.customer_id == r.sub && (r.act == "read" || r.obj.status == "placed")))
`;

async function casbin(): Promise<Ask> {
  const enforcer = await newEnforcer(newModelFromString(CASBIN_MODEL));
  for (const role of ['customer', 'driver', 'admin'])
    for (const action of ['read', 'update']) await enforcer.addPolicy(role, action);
  return (person, action, order) => enforcer.enforceSync(person.roles[0], person.id, order, action);
}

/** The same as `if` in the handler. */
function limit(): Ask {
  return ({ id, roles: [role] }, action, order) => {
    if (role === 'admin') return true;
    if (role === 'driver') return order.driver_id === id;
    return (
      role === 'customer' && order.customer_id === id && (action === 'read' || order.status === 'placed')
    );
  };
}
