import { describe, expectTypeOf, it } from 'vitest';
import { createAccess } from './access.ts';
import {
  type AccessPolicy,
  type Condition,
  defineAccess,
  type PermissionsOf,
  type Rules,
} from './declare.ts';

const resources = {
  orders: {
    columns: {
      id: 'text',
      customer_id: 'text',
      total: 'numeric',
      paid: 'boolean',
      tags: 'text[]',
      placed_at: 'timestamptz',
    },
    relations: { shop: { resource: 'shops', on: { id: 'id' } } },
  },
  shops: { columns: { id: 'text', owner_id: 'text' }, actions: ['read', 'close'] },
} as const;
type Res = typeof resources;
type Attributes = { readonly level: 'integer' };
type Of = Rules<Res, 'customer', Attributes>;
type OrderCondition = NonNullable<Of['orders:read']>;

describe('types of a policy', () => {
  it('carry permissions and resources', () => {
    const policy = defineAccess({
      resources,
      roles: { customer: { 'orders:read': { owner: 'customer_id' } } },
    });
    expectTypeOf(policy).toEqualTypeOf<AccessPolicy<PermissionsOf<Res>, 'orders' | 'shops'>>();
    const access = createAccess(policy);
    type Permission = Parameters<typeof access.can>[1];
    expectTypeOf<'orders:read'>().toExtend<Permission>();
    expectTypeOf<'shops:close'>().toExtend<Permission>();
    expectTypeOf<'orders:close'>().not.toExtend<Permission>();
    expectTypeOf<'order:read'>().not.toExtend<Permission>();
  });

  it('know patterns and no other key', () => {
    expectTypeOf<'orders:*' | '*:close' | '*' | 'shops:read'>().toExtend<keyof Of>();
    expectTypeOf<'orders:fly'>().not.toExtend<keyof Of>();
    expectTypeOf<'*:fly'>().not.toExtend<keyof Of>();
  });

  it('know columns, and what each may be held against', () => {
    expectTypeOf<{ owner: 'customer_id' }>().toExtend<OrderCondition>();
    expectTypeOf<{ owner: 'customer' }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ owner: 'total' }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ gt: { total: 10 } }>().toExtend<OrderCondition>();
    expectTypeOf<{ gt: { paid: true } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ eq: { paid: 'yes' } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ lt: { placed_at: { ago: '30d' } } }>().toExtend<OrderCondition>();
    expectTypeOf<{ lt: { total: { ago: '30d' } } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ eq: { id: { column: 'customer_id' } } }>().toExtend<OrderCondition>();
    expectTypeOf<{ eq: { id: { column: 'total' } } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ contains: { tags: 'x' } }>().toExtend<OrderCondition>();
    expectTypeOf<{ contains: { id: 'x' } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ eq: { id: { principal: 'level' } } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ principal: { level: 5 } }>().toExtend<OrderCondition>();
  });

  it('know related columns and roles', () => {
    expectTypeOf<{ exists: { shop: { owner: 'owner_id' } } }>().toExtend<OrderCondition>();
    expectTypeOf<{ exists: { shop: { owner: 'customer_id' } } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ exists: { store: true } }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ role: 'customer' }>().toExtend<OrderCondition>();
    expectTypeOf<{ role: 'admin' }>().not.toExtend<OrderCondition>();
    expectTypeOf<{ owner: 'id' }>().not.toExtend<NonNullable<Of['*:read']>>();
  });

  it('let the short form name its permissions', () => {
    const access = createAccess(
      defineAccess({ roles: { customer: { 'orders:read': { owner: 'customer_id' }, '*': true } } }),
    );
    expectTypeOf<Parameters<typeof access.can>[1]>().toEqualTypeOf<'orders:read'>();
    expectTypeOf<true>().toExtend<Condition>();
  });
});
