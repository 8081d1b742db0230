import { describe, expect, it } from 'vitest';
import { createAccess } from './access.ts';
import type { AccessPolicy } from './declare.ts';
import { onEachDatabase } from './test-database.ts';

const TABLES = `
  CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE TABLE orders (id text PRIMARY KEY, customer_id text, shop_id text, status text COLLATE loose, total integer, tags text[]);
  CREATE TABLE shops (id text PRIMARY KEY, owner_id text);
  CREATE INDEX ON orders (total); CREATE INDEX ON orders (shop_id); CREATE INDEX ON shops (owner_id);
  CREATE INDEX ON orders (customer_id) WHERE total > 0;`;

const policy = (rules: object): AccessPolicy => ({
  resources: {
    orders: {
      columns: {
        id: 'text',
        customer_id: 'text',
        shop_id: 'text',
        status: 'text',
        total: 'integer',
        tags: 'text[]',
      },
      relations: { shop: { resource: 'shops', on: { shop_id: 'id' } } },
    },
    shops: { columns: { id: 'text', owner_id: 'text' } },
  },
  roles: { asked: { can: rules } },
});

onEachDatabase(TABLES, (database) => {
  const lint = async (
    condition: unknown,
  ): Promise<readonly (readonly [string, readonly string[], string?])[]> => {
    const found = await createAccess(policy({ 'orders:read': condition })).lint(database().sql);
    return found.map(({ kind, columns, proposal }) =>
      proposal ? [kind, columns, proposal] : [kind, columns],
    );
  };

  describe('the lint of indexes', () => {
    it.each<readonly [string, unknown]>([
      ['an index on the column', { gte: { total: 5 } }],
      [
        'an index on any part of an and',
        { and: [{ ne: { total: 5 } }, { eq: { shop_id: 'x' } }, { owner: 'customer_id' }] },
      ],
      ['an index for each part of an or', { or: [{ eq: { total: 5 } }, { owner: 'id' }] }],
      ['an index on the key of a relation', { exists: { shop: { owner: 'owner_id' } } }],
      ['everything, for which none is needed', true],
    ])('is content with %s', async (_name, condition) => {
      expect(await lint(condition)).toEqual([]);
    });

    it('proposes what is missing; a partial index does not count', async () => {
      expect(await lint({ owner: 'customer_id' })).toEqual([
        ['no-index', ['customer_id'], 'CREATE INDEX CONCURRENTLY ON "orders" ("customer_id");'],
      ]);
      expect(await lint({ contains: { tags: 'x' } })).toEqual([
        ['no-index', ['tags'], 'CREATE INDEX CONCURRENTLY ON "orders" USING gin ("tags");'],
      ]);
      expect(await lint({ lt: { shop_id: 'm' } })).toEqual([
        ['no-index', ['shop_id'], 'CREATE INDEX CONCURRENTLY ON "orders" ("shop_id" COLLATE "C");'],
      ]);
    });

    it('names what no index can serve', async () => {
      expect(await lint({ ne: { total: 5 } })).toEqual([['cannot-use-index', []]]);
      expect(await lint({ not: { owner: 'customer_id' } })).toEqual([['cannot-use-index', []]]);
      expect(await lint({ or: [{ eq: { total: 5 } }, { not: { isNull: 'total' } }] })).toEqual([
        ['cannot-use-index', []],
      ]);
    });

    it('names a collation under which different texts are equal', async () => {
      expect(await lint({ and: [{ eq: { total: 1 } }, { eq: { status: 'open' } }] })).toEqual([
        ['collation', ['status']],
      ]);
    });

    it('names a role for which every row counts beside others for which few do', async () => {
      const { resources, roles } = policy({ 'orders:read': { eq: { total: 5 } } });
      const access = createAccess({ resources, roles: { ...roles, admin: { '*': true } } } as AccessPolicy);
      const found = await access.lint(database().sql);
      expect(found.map(({ resource, role, kind }) => [resource, role, kind])).toEqual([
        ['orders', 'admin', 'cannot-use-index'],
      ]);
    });

    it('names a table that is not there', async () => {
      const access = createAccess({
        resources: { gone: { columns: { id: 'text' } } },
        roles: { a: { 'gone:read': true } },
      });
      expect((await access.lint(database().sql)).map(({ kind }) => kind)).toEqual(['no-table']);
    });
  });
});
