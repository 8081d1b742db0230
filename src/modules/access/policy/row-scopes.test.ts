import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessPrincipal, AccessRow } from '../contract.ts';
import { covers, scoped } from '../grants/scopes.ts';
import { createAccess } from './access.ts';
import { defineAccess } from './declare.ts';
import { scopesOver } from './scope-words.ts';
import { onEachDatabase } from './test-database.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const shop = defineAccess({
  resources: {
    orders: { columns: { id: 'text', customer_id: 'text', total: 'integer' } },
    notes: { columns: { id: 'text', customer_id: 'text' } },
  },
  roles: {
    program: { 'orders:*': { owner: 'customer_id' }, 'notes:read': true },
  },
});
const access = scoped(createAccess(shop));
const TABLES = `
  CREATE TABLE orders (id text PRIMARY KEY, customer_id text, total integer);
  CREATE TABLE notes (id text PRIMARY KEY, customer_id text);
  INSERT INTO orders VALUES ('o1', 'service:s', 1), ('o2', 'bea', 2);
  INSERT INTO notes VALUES ('n1', 'service:s'), ('n2', 'bea');`;
const program = (scopes?: readonly string[]): AccessPrincipal => ({
  id: 'service:s',
  kind: 'service',
  roles: ['program'],
  ...(scopes === undefined ? {} : { scopes }),
});
const SCOPES = [
  '*',
  '*:*',
  'orders:*',
  '*:read',
  'orders:read',
  'orders:create',
  'orders:update',
  'notes:read',
  'orders',
  'orders:read:x',
  'Orders:read',
  '',
  '"',
  '{*}',
];

onEachDatabase(TABLES, (database) => {
  const rows = async (who: AccessPrincipal, text: string): Promise<readonly AccessRow[]> =>
    (await database().as(who, NOW, (tx) => tx.query(text))).rows;

  describe('the scopes of an API key', () => {
    it('hold in the process, in the filter of lists and in the database alike', async () => {
      const { install } = createAccess(shop).rowLevelSecurity({ lookupRole: database().lookupRole });
      await database().sql.query(install);
      const everything: Record<string, readonly AccessRow[]> = {
        orders: (await database().sql.query('SELECT * FROM orders ORDER BY id')).rows,
        notes: (await database().sql.query('SELECT * FROM notes ORDER BY id')).rows,
      };
      const given = fc.option(fc.uniqueArray(fc.constantFrom(...SCOPES), { maxLength: 3 }), {
        nil: undefined,
      });
      let seen = 0;
      await fc.assert(
        fc.asyncProperty(given, async (scopes) => {
          const who = program(scopes);
          for (const resource of ['orders', 'notes'] as const) {
            const checked = (everything[resource] ?? []).filter((row) =>
              access.can(who, `${resource}:read`, row, { nowMs: NOW }),
            );
            const { text, values } = access.accessible(who, `${resource}:read`, { nowMs: NOW }).after(0);
            const filtered = await database().sql.query(
              `SELECT * FROM ${resource} WHERE ${text} ORDER BY id`,
              values,
            );
            expect(filtered.rows).toEqual(checked);
            expect(await rows(who, `SELECT * FROM ${resource} ORDER BY id`)).toEqual(checked);
            seen += checked.length;
          }
        }),
        { numRuns: 60 },
      );
      expect(seen).toBeGreaterThan(0);
    });

    it('show no row to a key without the scope to read, and let it write none', async () => {
      expect(await rows(program(), 'SELECT id FROM orders')).toEqual([{ id: 'o1' }]);
      for (const scopes of [[], ['orders:update'], ['notes:read']])
        expect([scopes, await rows(program(scopes), 'SELECT id FROM orders')]).toEqual([scopes, []]);
      const reader = program(['orders:read']);
      expect(await rows(reader, 'UPDATE orders SET total = 9 RETURNING id')).toEqual([]);
      expect(await rows(reader, 'DELETE FROM orders RETURNING id')).toEqual([]);
      const insert = `INSERT INTO orders VALUES ('o9', 'service:s', 9)`;
      await expect(rows(reader, insert)).rejects.toMatchObject({ code: '42501' });
      const roll = new Error('nothing stays');
      const write = database().as(program(['orders:*']), NOW, async (tx) => {
        expect((await tx.query(insert)).affected).toBe(1);
        throw roll;
      });
      await expect(write).rejects.toBe(roll);
    });
  });
});

describe('a scope', () => {
  it('covers what it names, and nothing that is longer or shorter', () => {
    expect(SCOPES.filter((scope) => covers(scope, 'orders:read'))).toEqual([
      '*',
      '*:*',
      'orders:*',
      '*:read',
      'orders:read',
    ]);
    expect(scopesOver('orders:read')).toHaveLength(5);
  });
});
