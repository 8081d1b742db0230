import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { sqlBuilder } from '../../../base/database/index.ts';
import { ManualClock } from '../../../testing/clock.ts';
import type { AccessPrincipal } from '../contract.ts';
import { createAccess } from './access.ts';
import { type AccessPolicy, defineAccess, type PolicyDeclaration } from './declare.ts';

const person = (id: string, ...roles: string[]): AccessPrincipal => ({ id, kind: 'user', roles });
const ann = person('ann', 'customer');
const columns = { id: 'text', customer_id: 'text', status: 'text', total: 'numeric', note: 'text' } as const;

/** A policy of one role over orders, as a file would bring it: types do not help. */
const loose = (can: object, more: object = {}): AccessPolicy => ({
  resources: { orders: { columns } },
  roles: { customer: { can, ...more } },
});
const reading = (condition: unknown): AccessPolicy => loose({ 'orders:read': condition });
const reads = (condition: unknown, row: object | undefined, who = ann): boolean =>
  createAccess(reading(condition)).can(who, 'orders:read', row as Record<string, unknown>);

describe('a decision', () => {
  const access = createAccess(
    defineAccess({
      resources: { orders: { columns, actions: ['read', 'update', 'refund'] }, profile: {} },
      roles: {
        customer: { 'orders:read': { owner: 'customer_id' }, 'profile:*': true },
        staff: { inherits: ['customer'], can: { '*:read': true, 'orders:refund': { gte: { total: 10 } } } },
        chief: {
          inherits: ['staff'],
          can: { '*': true },
          cannot: { 'orders:refund': { eq: { status: 'closed' } } },
        },
      },
    }),
  );
  const mine = { id: 'o1', customer_id: 'ann', status: 'open', total: '12.50' };

  it('is no without a principal, a role that is known, a rule, or a row', () => {
    expect(access.can(undefined, 'orders:read', mine)).toBe(false);
    expect(access.can(person('ann'), 'orders:read', mine)).toBe(false);
    expect(access.can(person('ann', 'ghost', 'constructor', '__proto__'), 'orders:read', mine)).toBe(false);
    expect(access.can(ann, 'orders:update', mine)).toBe(false);
    expect(access.can(ann, 'orders:fly' as 'orders:read', mine)).toBe(false);
    for (const row of [undefined, null, {}, { customer_id: null }, { customer_id: 7 }])
      expect(access.can(ann, 'orders:read', row)).toBe(false);
  });

  it('is yes where any rule of any role holds', () => {
    expect(access.can(ann, 'orders:read', mine)).toBe(true);
    expect(access.can(person('bea', 'customer'), 'orders:read', mine)).toBe(false);
    expect(access.can(person('bea', 'ghost', 'customer', 'staff'), 'orders:read', mine)).toBe(true);
    expect(access.can(ann, 'profile:delete')).toBe(true);
  });

  it('is no where any rule denies, whoever allows, and where a denial cannot be told', () => {
    const chief = person('cy', 'chief');
    expect(access.can(chief, 'orders:refund', mine)).toBe(true);
    expect(access.can(chief, 'orders:refund', { ...mine, status: 'closed' })).toBe(false);
    expect(access.can(chief, 'orders:refund', { ...mine, status: null })).toBe(false);
    expect(access.can(chief, 'orders:refund', { total: 12 })).toBe(false);
  });

  it('knows its permissions, and which of them need a row', () => {
    expect(access.knows('orders:refund')).toBe(true);
    expect(access.knows('profile:refund')).toBe(false);
    expect(access.needsRow('orders:read')).toBe(true);
    expect(access.needsRow('profile:read')).toBe(false);
  });

  it('inherits conditions on a role from those that inherit it', () => {
    const policy = {
      resources: { orders: { columns } },
      roles: { base: {}, high: { inherits: ['base'], can: {} }, asked: { 'orders:read': { role: 'base' } } },
    } as unknown as AccessPolicy;
    const read = (...roles: string[]): boolean =>
      createAccess(policy).can(person('x', ...roles), 'orders:read', {});
    expect(read('asked', 'high')).toBe(true);
    expect(read('asked')).toBe(false);
  });
});

describe('what is unknown', () => {
  it.each<readonly [string, unknown, object]>([
    ['ne on NULL', { ne: { status: 'open' } }, { status: null }],
    ['ne on what was not loaded', { ne: { status: 'open' } }, {}],
    ['not over NULL', { not: { eq: { status: 'open' } } }, { status: null }],
    ['a number that is none', { lt: { total: 10 } }, { total: 'ten' }],
    ['not over a related row that was not loaded', { not: { isNull: 'status' } }, {}],
    ['a proof that never was', { not: { fresh: { within: '10m' } } }, {}],
  ])('never allows: %s', (_name, condition, row) => {
    expect(reads(condition, row)).toBe(false);
  });

  it.each<readonly [string, unknown, object]>([
    ['or with what is true', { or: [{ eq: { status: 'x' } }, { isNull: 'status' }] }, { status: null }],
    ['not over what is false', { not: { eq: { status: 'open' } } }, { status: 'closed' }],
    [
      'not over and with what is false',
      { not: { and: [{ eq: { status: 'x' } }, { isNull: 'note' }] } },
      { status: null, note: 'n' },
    ],
  ])('does not stand in the way of what is known: %s', (_name, condition, row) => {
    expect(reads(condition, row)).toBe(true);
  });
});

describe('values', () => {
  it.each<readonly [string, unknown, object, boolean]>([
    ['decimals exactly', { eq: { total: '0.1' } }, { total: '0.10000000000000000001' }, false],
    ['decimals whatever their writing', { eq: { total: 0.1 } }, { total: '0.100' }, true],
    [
      'whole numbers past 2^53',
      { lt: { total: '9007199254740993' } },
      { total: 9_007_199_254_740_992n },
      true,
    ],
    ['texts by code point', { gt: { status: '\uffff' } }, { status: '😀' }, true],
    ['texts case by case', { eq: { status: 'Open' } }, { status: 'open' }, false],
  ])('compare %s', (_name, condition, row, expected) => {
    expect(reads(condition, row)).toBe(expected);
  });

  it('keep microseconds and zones apart', () => {
    const policy = {
      resources: { orders: { columns: { at: 'timestamptz' } } },
      roles: { customer: { 'orders:read': { lt: { at: { now: true } } } } },
    } as unknown as AccessPolicy;
    const access = createAccess(policy, { clock: new ManualClock(Date.UTC(2026, 0, 1, 10)) });
    const read = (at: unknown): boolean => access.can(ann, 'orders:read', { at });
    expect(read('2026-01-01T09:59:59.999999Z')).toBe(true);
    expect(read('2026-01-01T12:00:00.000001+02:00')).toBe(false);
    expect(read('2026-01-01T11:59:59.999999+02:00')).toBe(true);
    expect(read(new Date(Date.UTC(2026, 0, 1, 9)))).toBe(true);
    expect(read('2026-01-01T09:00:00')).toBe(false);
    expect(
      access.can(ann, 'orders:read', { at: '2026-01-01T09:30:00Z' }, { nowMs: Date.UTC(2026, 0, 1, 9) }),
    ).toBe(false);
  });

  it('follow the clock of a zone over its change of time', () => {
    const condition = { time: { days: ['sun'], from: '03:00', to: '04:00', zone: 'America/New_York' } };
    const access = createAccess(reading(condition));
    const at = (...utc: [number, number, number, number, number]): boolean =>
      access.can(ann, 'orders:read', {}, { nowMs: Date.UTC(...utc) });
    expect(at(2026, 2, 8, 6, 59)).toBe(false);
    expect(at(2026, 2, 8, 7, 0)).toBe(true);
    expect(at(2026, 2, 8, 8, 0)).toBe(false);
    expect(at(2026, 2, 1, 8, 30)).toBe(true);
  });

  it('count a proof while it is recent, and not far ahead of the clock', () => {
    const access = createAccess(reading({ fresh: { factor: 'totp', within: '10m' } }));
    const proven = (agoMs: number, factor = 'totp'): boolean =>
      access.can(ann, 'orders:read', {}, { nowMs: 10_000_000, provenAtMs: { [factor]: 10_000_000 - agoMs } });
    expect([proven(600_000), proven(600_001), proven(-60_000), proven(-60_001), proven(0, 'sms')]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });
});

describe('related rows', () => {
  const access = createAccess({
    resources: {
      orders: {
        columns: { shop_id: 'text' },
        relations: { shop: { resource: 'shops', on: { shop_id: 'id' } } },
      },
      shops: { columns: { id: 'text', owner_id: 'text' } },
    },
    roles: { owner: { 'orders:read': { exists: { shop: { owner: 'owner_id' } } } } },
  } as unknown as AccessPolicy);
  const read = (row: object): boolean =>
    access.can(person('olga', 'owner'), 'orders:read', row as Record<string, unknown>);

  it('count one by one', () => {
    expect(read({ shop_id: 's1', shop: { id: 's1', owner_id: 'olga' } })).toBe(true);
    expect(read({ shop_id: 's1', shop: [{ owner_id: 'otto' }, { owner_id: 'olga' }] })).toBe(true);
    expect(read({ shop_id: 's1', shop: [] })).toBe(false);
    expect(read({ shop_id: 's1', shop: null })).toBe(false);
    expect(read({ shop_id: 's1' })).toBe(false);
  });

  it('count only where they belong to the row', () => {
    expect(read({ shop_id: 's2', shop: { id: 's1', owner_id: 'olga' } })).toBe(false);
  });
});

describe('predicates of the process', () => {
  const policy = { ...reading({ custom: 'odd' }) } as AccessPolicy;
  const access = createAccess(policy, {
    predicates: {
      odd: (row) => {
        if (row?.['total'] === undefined) throw new Error('no total');
        return Number(row['total']) % 2 === 1;
      },
    },
  });

  it('decide, and what they throw is no', () => {
    expect(access.can(ann, 'orders:read', { total: 3 })).toBe(true);
    expect(access.can(ann, 'orders:read', { total: 4 })).toBe(false);
    expect(access.can(ann, 'orders:read', {})).toBe(false);
  });

  it('are refused by filters and row-level security, and marked in the matrix', () => {
    const refused = expect.objectContaining({ code: 'ACCESS_IN_PROCESS_ONLY' }) as unknown as Error;
    expect(() => access.accessible(ann, 'orders:read')).toThrow(refused);
    expect(() => access.rowLevelSecurity()).toThrow(refused);
    expect(access.rowLevelSecurity({ inProcessOnly: 'deny' }).install).toContain('CREATE POLICY');
    expect(
      access.matrix().roles[0]?.cells.find(({ permission }) => permission === 'orders:read'),
    ).toMatchObject({
      inProcessOnly: true,
    });
  });

  it('must be handed in', () => {
    expect(() => createAccess(policy)).toThrow(/no predicate 'odd'/);
  });
});

describe('a filter', () => {
  const access = createAccess(
    defineAccess({
      resources: { orders: { columns } },
      roles: {
        customer: { 'orders:read': { and: [{ owner: 'customer_id' }, { in: { status: ['a', 'b'] } }] } },
        admin: { '*': true },
      },
    }),
  );

  it('says where no row needs to be asked', () => {
    expect(access.accessible(undefined, 'orders:read')).toMatchObject({
      kind: 'none',
      text: 'FALSE',
      values: [],
    });
    expect(access.accessible(person('ann', 'ghost'), 'orders:read').kind).toBe('none');
    expect(access.accessible(person('adam', 'admin', 'customer'), 'orders:read')).toMatchObject({
      kind: 'all',
      text: 'TRUE',
    });
    expect(access.accessible(ann, 'orders:fly' as 'orders:read').kind).toBe('none');
  });

  it('joins a statement that has parameters already, and a template tag', () => {
    const filter = access.accessible(ann, 'orders:read', {}, { as: 'o' });
    expect(filter.after(2)).toEqual({
      text: '("o"."customer_id" = $3 AND "o"."status" = ANY ($4))',
      values: ['ann', '{"a","b"}'],
    });
    expect(filter.parts).toHaveLength(filter.values.length + 1);
    expect(filter.parts.join('?')).toBe(filter.text.replace('$1', '?').replace('$2', '?'));
  });

  it('fits the query builder', () => {
    const { parts, values } = access.accessible(ann, 'orders:read');
    const condition = sql<boolean>(parts as unknown as TemplateStringsArray, ...values);
    const query = sqlBuilder<{ orders: { id: string } }>()
      .selectFrom('orders')
      .select('id')
      .where('id', '>', 'o1')
      .where(condition);
    const { sql: text, parameters } = query.compile();
    expect(text).toBe(
      'select "id" from "orders" where "id" > $1 and ("orders"."customer_id" = $2 AND "orders"."status" = ANY ($3))',
    );
    expect(parameters).toEqual(['o1', 'ann', '{"a","b"}']);
  });

  it('carries no value in its text', () => {
    const filter = access.accessible(person(`'; DROP TABLE orders; --`, 'customer'), 'orders:read');
    expect(filter.text).not.toContain('DROP');
  });
});

describe('fields (A66)', () => {
  const access = createAccess(
    defineAccess({
      resources: { orders: { columns } },
      roles: {
        customer: {
          can: {
            'orders:read': { owner: 'customer_id' },
            'orders:update': { owner: 'customer_id' },
            'orders:create': { owner: 'customer_id' },
          },
          fields: { orders: { read: ['id', 'status'], write: ['status', 'customer_id'] } },
        },
        clerk: { can: { 'orders:read': true }, fields: { orders: { read: ['total'] } } },
        visitor: { can: { 'orders:read': true } },
        admin: { can: { '*': true }, fields: 'all' },
      },
    }),
  );
  const row = { id: 'o1', customer_id: 'ann', status: 'open', total: 5, note: 'secret', password: 'x' };

  it('that are not listed are stripped', () => {
    expect(access.maskRead(ann, 'orders', row)).toEqual({ id: 'o1', status: 'open' });
    expect(access.maskRead(person('x', 'customer', 'clerk'), 'orders', row)).toEqual({
      id: 'o1',
      status: 'open',
      total: 5,
    });
    expect(access.maskRead(person('x', 'visitor'), 'orders', row)).toEqual({});
    expect(access.maskRead(undefined, 'orders', row)).toEqual({});
    expect(access.maskRead(person('x', 'admin'), 'orders', row)).not.toHaveProperty('password');
    expect(access.readable(person('x', 'admin'), 'orders')).toEqual(Object.keys(columns));
  });

  it('that are hidden cannot be sorted or filtered by', () => {
    expect(access.mayFilter(ann, 'orders', 'status')).toBe(true);
    expect(access.mayFilter(ann, 'orders', 'note')).toBe(false);
    expect(access.mayFilter(ann, 'orders', 'password')).toBe(false);
  });

  it('that may not be written refuse the write by name', () => {
    expect(access.checkWrite(ann, 'orders', { status: 'x' }, row)).toEqual({
      allowed: true,
      refusedFields: [],
    });
    expect(access.checkWrite(ann, 'orders', { status: 'x', total: 0, password: 'y' }, row)).toEqual({
      allowed: false,
      refusedFields: ['total', 'password'],
    });
  });

  it('are not all: the row must be allowed as it stands, and as it would be', () => {
    expect(access.checkWrite(ann, 'orders', { status: 'x' }, { ...row, customer_id: 'bea' })).toMatchObject({
      allowed: false,
      refusedRow: 'before',
    });
    expect(access.checkWrite(ann, 'orders', { customer_id: 'bea' }, row)).toMatchObject({
      allowed: false,
      refusedRow: 'after',
    });
    expect(access.checkWrite(ann, 'orders', { customer_id: 'ann' })).toMatchObject({ allowed: true });
    expect(access.checkWrite(ann, 'orders', { customer_id: 'bea' })).toMatchObject({
      allowed: false,
      refusedRow: 'after',
    });
  });
});

describe('an explanation', () => {
  const access = createAccess(
    defineAccess({
      resources: { orders: { columns } },
      roles: {
        customer: { 'orders:read': { and: [{ owner: 'customer_id' }, { lt: { total: 10 } }] } },
        staff: {
          inherits: ['customer'],
          can: { 'orders:read': { isNull: 'note' } },
          cannot: { 'orders:read': { eq: { status: 'closed' } } },
        },
      },
    }),
  );

  it('says which rule decided', () => {
    const found = access.explain(ann, 'orders:read', { customer_id: 'ann', total: 5 });
    expect(found).toMatchObject({ allowed: true, reason: 'allowed', decidedBy: 'customer can orders:read' });
    expect(found.policyVersion).toBe(access.version);
  });

  it('says why the others did not, with the values that took part', () => {
    const found = access.explain(person('sam', 'staff', 'ghost'), 'orders:read', {
      customer_id: 'ann',
      status: 'open',
      note: 'n',
      total: null,
    });
    expect(found).toMatchObject({ allowed: false, reason: 'no-rule-holds', unknownRoles: ['ghost'] });
    expect(found.rules.map(({ rule, outcome }) => [rule, outcome])).toEqual([
      ['staff cannot orders:read', 'false'],
      ['staff can orders:read', 'false'],
      ['customer can orders:read', 'false'],
    ]);
    expect(found.rules[2]).toMatchObject({ role: 'staff', inheritedFrom: 'customer' });
    expect(found.rules[2]?.condition.parts).toEqual([
      {
        kind: 'eq',
        outcome: 'false',
        text: 'customer_id = principal.id',
        values: { customer_id: 'ann', 'principal.id': 'sam' },
      },
      {
        kind: 'lt',
        outcome: 'unknown',
        text: `total < '10'`,
        values: { total: 'NULL' },
        note: 'total is NULL',
      },
    ]);
  });

  it.each<readonly [string, AccessPrincipal | undefined, string, object]>([
    ['nobody', undefined, 'orders:read', {}],
    ['unknown-permission', ann, 'orders:fly', {}],
    ['no-role', person('ann', 'ghost'), 'orders:read', {}],
    ['no-rule', ann, 'orders:delete', {}],
    ['denied', person('s', 'staff'), 'orders:read', { status: 'closed', note: null }],
    ['denied-for-unknown', person('s', 'staff'), 'orders:read', { status: null, note: null }],
  ])('gives the reason %s', (reason, who, permission, row) => {
    const found = access.explain(who, permission as 'orders:read', row as Record<string, unknown>);
    expect(found).toMatchObject({ allowed: false, reason });
  });

  it('is bounded, and never loses the rule that decided', () => {
    const many = {
      or: Array.from({ length: 100 }, () => ({
        and: Array.from({ length: 20 }, () => ({ eq: { status: 'x'.repeat(500) } })),
      })),
    };
    const found = createAccess(reading(many)).explain(ann, 'orders:read', { status: 'y'.repeat(100_000) });
    expect(found.shortened).toBe(true);
    expect(JSON.stringify(found).length).toBeLessThan(500_000);
  });
});

describe('the overviews', () => {
  const access = createAccess(
    defineAccess({
      resources: { orders: { columns } },
      roles: {
        customer: { 'orders:read': { owner: 'customer_id' } },
        clerk: { 'orders:read': { eq: { status: 'open' } } },
        admin: { '*': true },
      },
    }),
  );

  it('show roles against permissions', () => {
    const cells = access.matrix().roles.map(({ role, cells }) => [role, cells[1]?.when, cells[1]?.text]);
    expect(cells).toEqual([
      ['customer', 'sometimes', 'customer_id = principal.id'],
      ['clerk', 'sometimes', `status = 'open'`],
      ['admin', 'always', ''],
    ]);
  });

  it('say who can, and what is left once the row is known', () => {
    expect(access.whoCan('orders:read').map(({ role }) => role)).toEqual(['customer', 'clerk', 'admin']);
    const holders = access.whoCan('orders:read', { customer_id: 'ann', status: 'closed' });
    expect(holders.map(({ role, forRow }) => [role, forRow])).toEqual([
      ['customer', 'customer_id = principal.id (customer_id is "ann")'],
      ['admin', 'always'],
    ]);
  });
});

describe('a declaration', () => {
  const refusals: readonly (readonly [string, PolicyDeclaration | object, RegExp])[] = [
    [
      'a circle of roles',
      { roles: { a: { inherits: ['b'] }, b: { inherits: ['c'] }, c: { inherits: ['b'] } } },
      /circle: a → b → c → b/,
    ],
    [
      'a role that is not there',
      { roles: { a: { inherits: ['b'] } } },
      /access\.roles\.a\.inherits: no role 'b'/,
    ],
    [
      'an action that is not there',
      loose({ 'orders:fly': true }),
      /access\.roles\.customer\.can\.orders:fly: covers no permission/,
    ],
    ['a resource that is not there', loose({ 'order:read': true }), /covers no permission/],
    ['no permission at all', loose({ orders: true }), /is no permission/],
    ['false', reading(false), /expected true or a condition/],
    ['an empty condition', reading({}), /is empty/],
    ['two operators', reading({ eq: { status: 'a' }, isNull: 'note' }), /several operators/],
    ['an operator that is not known', reading({ like: { status: 'a' } }), /like: unknown condition/],
    ['a column that is not there', reading({ eq: { state: 'a' } }), /no column 'state'/],
    ['NULL as a literal', reading({ eq: { status: null } }), /isNull/],
    ['a literal of another type', reading({ eq: { total: 'much' } }), /is no numeric/],
    [
      'a fact that nobody declared',
      reading({ eq: { status: { principal: 'region' } } }),
      /declare it under 'attributes'/,
    ],
    ['a zone that is none', reading({ time: { zone: 'Mars/Olympus' } }), /no zone/],
    ['a zone as an offset', reading({ time: { zone: '+03:00' } }), /Asia\/Riyadh/],
    ['an empty list', reading({ in: { status: [] } }), /1 to 1000 values/],
    ['a key that is not known', { ...reading(true), role: {} }, /access\.role: unknown/],
    [
      'a table that would need quoting tricks',
      { resources: { a: { table: 'a"; DROP' } }, roles: {} },
      /expected 'table'/,
    ],
    [
      'deep nesting',
      reading(Array.from({ length: 20 }).reduce<unknown>((not) => ({ not }), true)),
      /nested deeper/,
    ],
  ];
  it.each(refusals)('is refused with its path: %s', (_name, policy, message) => {
    expect(() => createAccess(policy as AccessPolicy)).toThrow(message);
    expect(() => createAccess(policy as AccessPolicy)).toThrow(
      expect.objectContaining({ code: 'RAMPART_OPTIONS' }),
    );
  });

  it('has a version that changes with every rule', () => {
    expect(createAccess(reading(true)).version).toBe(createAccess(reading(true)).version);
    expect(createAccess(reading(true)).version).not.toBe(
      createAccess(reading({ owner: 'customer_id' })).version,
    );
  });

  it('has a short form', () => {
    const access = createAccess(
      defineAccess({
        roles: { customer: { 'orders:read': { owner: 'customer_id' } }, admin: { '*': true } },
      }),
    );
    expect(access.can(ann, 'orders:read', { customer_id: 'ann' })).toBe(true);
    expect(access.can(person('adam', 'admin'), 'orders:read')).toBe(true);
    expect(access.accessible(ann, 'orders:read')).toMatchObject({ text: '"orders"."customer_id" = $1' });
    expect(access.knows('orders:delete')).toBe(true);
    expect(access.knows('invoices:read')).toBe(false);
  });
});
