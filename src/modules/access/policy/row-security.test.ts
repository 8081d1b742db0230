import { beforeEach, describe, expect, it } from 'vitest';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { AccessPrincipal, Drift } from '../contract.ts';
import { createAccess } from './access.ts';
import { defineAccess } from './declare.ts';
import { become, onEachDatabase } from './test-database.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const shop = defineAccess({
  resources: {
    orders: {
      columns: { id: 'text', customer_id: 'text', shop_id: 'text', total: 'integer' },
      relations: { shop: { resource: 'shops', on: { shop_id: 'id' } } },
    },
    shops: {
      columns: { id: 'text', owner_id: 'text' },
      relations: { orders: { resource: 'orders', on: { id: 'shop_id' } } },
    },
  },
  roles: {
    customer: {
      can: {
        'orders:*': { owner: 'customer_id' },
        'shops:read': { exists: { orders: { owner: 'customer_id' } } },
      },
    },
    owner: { 'orders:read': { exists: { shop: { owner: 'owner_id' } } } },
  },
});
const access = createAccess(shop);
const ann: AccessPrincipal = { id: 'ann', kind: 'user', roles: ['customer'] };
const olga: AccessPrincipal = { id: 'olga', kind: 'user', roles: ['owner'] };

const TABLES = `
  CREATE TABLE shops (id text PRIMARY KEY, owner_id text);
  CREATE TABLE orders (id text PRIMARY KEY, customer_id text, shop_id text REFERENCES shops, total integer);
  CREATE TABLE open_notes (order_id text REFERENCES orders);
  INSERT INTO shops VALUES ('s1', 'olga'), ('s2', 'otto');
  INSERT INTO orders VALUES ('o1', 'ann', 's1', 1), ('o2', 'bea', 's1', 2), ('o3', 'bea', 's2', 3);`;

onEachDatabase(TABLES, (database) => {
  const security = (): ReturnType<typeof access.rowLevelSecurity> =>
    access.rowLevelSecurity({ lookupRole: database().lookupRole });
  const ids = (rows: readonly Record<string, unknown>[]): readonly unknown[] => rows.map(({ id }) => id);
  const drift = async (): Promise<readonly Drift[]> => security().drift(database().sql);
  const kinds = async (): Promise<readonly string[]> => (await drift()).map(({ kind }) => kind);

  beforeEach(async () => {
    await database().sql.query(security().install);
  });

  describe('row-level security, once installed', () => {
    it('can be installed again, without a difference', async () => {
      await database().sql.query(security().install);
      expect(await drift()).toEqual([]);
    });

    it('lets two tables look at each other', async () => {
      const shops = await database().as(ann, NOW, (tx) => tx.query('SELECT id FROM shops'));
      expect(ids(shops.rows)).toEqual(['s1']);
      const orders = await database().as(olga, NOW, (tx) => tx.query('SELECT id FROM orders ORDER BY id'));
      expect(ids(orders.rows)).toEqual(['o1', 'o2']);
    });

    it('goes away without a trace', async () => {
      await database().sql.query(security().drop);
      const { rows } = await database().sql.query(
        `SELECT polname FROM pg_policy UNION ALL SELECT relname FROM pg_class WHERE relrowsecurity UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'rampart_access'`,
      );
      expect(rows).toEqual([]);
      await database().sql.query(security().drop);
    });

    it('asks the settings once per statement, not once per row', async () => {
      const plan = await database().as(ann, NOW, (tx) =>
        tx.query('EXPLAIN (FORMAT JSON) SELECT id FROM orders'),
      );
      const text = JSON.stringify(plan.rows);
      expect(text).toContain('InitPlan');
      const [scan] = /"Filter":\s*"[^"]*"/.exec(text.replaceAll('\\"', "'")) ?? [''];
      expect(scan).toContain('customer_id');
      expect(scan).not.toContain('current_setting');
    });
  });

  it('leaves the filter of a list its index', async () => {
    await database().sql.script('CREATE INDEX by_customer ON orders (customer_id)');
    try {
      const plan = await database().as(ann, NOW, async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off');
        const filter = access.accessible(ann, 'orders:read');
        return tx.query(`EXPLAIN (FORMAT JSON) SELECT id FROM orders WHERE ${filter.text}`, filter.values);
      });
      expect(JSON.stringify(plan.rows)).toMatch(/"Index Cond": *"[^"]*customer_id/);
    } finally {
      await database().sql.script('DROP INDEX by_customer');
    }
  });

  describe('drift', () => {
    it.each<readonly [string, string, Drift['kind']]>([
      ['switched off', 'ALTER TABLE orders DISABLE ROW LEVEL SECURITY', 'not-enabled'],
      ['the owner let past', 'ALTER TABLE orders NO FORCE ROW LEVEL SECURITY', 'not-forced'],
      ['a policy gone', 'DROP POLICY rampart_select ON orders', 'missing-policy'],
      ['a policy widened by hand', 'ALTER POLICY rampart_select ON orders USING (true)', 'changed-policy'],
      ['a policy of somebody else', 'CREATE POLICY mine ON orders USING (true)', 'foreign-policy'],
      ['a view of an owner whom nothing holds', 'CREATE VIEW peek AS SELECT * FROM orders', 'bypass'],
      ['a stored copy', 'CREATE MATERIALIZED VIEW stored AS SELECT * FROM orders', 'bypass'],
    ])('sees %s', async (_what, statement, kind) => {
      await database().sql.script(statement);
      try {
        expect(await kinds()).toEqual([kind]);
      } finally {
        await database().sql.script(
          'DROP VIEW IF EXISTS peek; DROP MATERIALIZED VIEW IF EXISTS stored; DROP POLICY IF EXISTS mine ON orders',
        );
      }
    });

    it('lets a view pass that asks as its caller', async () => {
      await database().sql.script('CREATE VIEW peek WITH (security_invoker = true) AS SELECT * FROM orders');
      expect(await kinds()).toEqual([]);
      await database().sql.script('DROP VIEW peek');
    });

    it('sees a policy of an earlier declaration, and a look-up that was altered', async () => {
      const other = createAccess(
        defineAccess({
          resources: { orders: { columns: { id: 'text', customer_id: 'text' } } },
          roles: { customer: { 'orders:read': true } },
        }),
      );
      const found = await other.rowLevelSecurity().drift(database().sql);
      expect(found.map(({ kind }) => kind)).toContain('changed-policy');
      const { rows } = await database().sql.query(
        `SELECT f.oid::regprocedure::text AS name FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE n.nspname = 'rampart_access' LIMIT 1`,
      );
      await database().sql.script(`ALTER FUNCTION ${String(rows[0]?.['name'])} SECURITY INVOKER`);
      expect(await kinds()).toEqual(['changed-function']);
    });
  });

  describe('A67: ways past row-level security', () => {
    it('nobody set: no rows, on a connection that was somebody a moment ago', async () => {
      await database().as(ann, NOW, (tx) => tx.query('SELECT 1'));
      const seen = await database().as(undefined, NOW, (tx) => tx.query('SELECT id FROM orders'));
      expect(seen.rows).toEqual([]);
    });

    it('settings that were left in no form that can be read: refused, no rows', async () => {
      const asked = database().sql.transaction(async (tx) => {
        await tx.query(`SET LOCAL ROLE ${database().appRole}`);
        await tx.query(
          `SELECT set_config('rampart.user', 'ann', true), set_config('rampart.roles', 'customer', true)`,
        );
        return tx.query('SELECT id FROM orders');
      });
      await expect(asked).rejects.toThrow(/json/);
    });

    it('the owner of the tables is held too', async () => {
      const owner = `${database().appRole}_owner`;
      await database().sql.script(
        `CREATE ROLE ${owner} NOLOGIN; GRANT USAGE, CREATE ON SCHEMA public TO ${owner}; ALTER TABLE orders OWNER TO ${owner}`,
      );
      try {
        const seen = await database().sql.transaction(async (tx) => {
          await tx.query(`SET LOCAL ROLE ${owner}`);
          return tx.query('SELECT id FROM orders');
        });
        expect(seen.rows).toEqual([]);
      } finally {
        await database().sql.script(
          `ALTER TABLE orders OWNER TO CURRENT_USER; DROP OWNED BY ${owner}; DROP ROLE ${owner}`,
        );
        await database().sql.script(
          `GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO ${database().appRole}`,
        );
      }
    });

    it('views and functions with the rights of the owner show what their caller may see', async () => {
      const owner = `${database().appRole}_maker`;
      const { appRole, sql } = database();
      await sql.script(
        `CREATE ROLE ${owner} NOLOGIN; GRANT USAGE, CREATE ON SCHEMA public TO ${owner}; ALTER TABLE orders OWNER TO ${owner};
         CREATE VIEW all_orders AS SELECT * FROM orders; ALTER VIEW all_orders OWNER TO ${owner};
         CREATE FUNCTION every_order() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT id FROM public.orders';
         ALTER FUNCTION every_order() OWNER TO ${owner}; GRANT SELECT ON all_orders TO ${appRole};`,
      );
      try {
        for (const [who, expected] of [
          [ann, ['o1']],
          [undefined, []],
        ] as const) {
          const seen = await database().as(who, NOW, async (tx) => [
            ids((await tx.query('SELECT id FROM all_orders')).rows),
            ids((await tx.query('SELECT * FROM every_order() AS called(id)')).rows),
          ]);
          expect(seen).toEqual([expected, expected]);
        }
      } finally {
        await sql.script(
          `DROP VIEW all_orders; DROP FUNCTION every_order; ALTER TABLE orders OWNER TO CURRENT_USER; DROP OWNED BY ${owner}; DROP ROLE ${owner};
           GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO ${appRole}`,
        );
      }
    });

    it('COPY brings out what the principal may see, and nothing in', async () => {
      // The embedded database hands copies to a file of its own.
      if (database().sql.kind === 'embedded') return;
      const copy = (who: AccessPrincipal | undefined, what: string): Promise<number> =>
        database().as(who, NOW, async (tx) => (await tx.query(`COPY ${what}`)).affected);
      expect(await copy(ann, 'orders TO STDOUT')).toBe(1);
      expect(await copy(ann, '(SELECT * FROM orders) TO STDOUT')).toBe(1);
      expect(await copy(undefined, 'orders TO STDOUT')).toBe(0);
      await expect(copy(ann, 'orders FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
      await expect(copy(ann, "orders TO PROGRAM 'cat'")).rejects.toMatchObject({ code: '42501' });
    });

    it('a copy within the database gives what SELECT gives', async () => {
      const rows = await database().sql.transaction(async (tx) => {
        await tx.query('CREATE TEMPORARY TABLE copied (id text) ON COMMIT DROP');
        await tx.query(`GRANT ALL ON copied TO ${database().appRole}`);
        await tx.query(`SET LOCAL ROLE ${database().appRole}`);
        await become(tx, ann, NOW);
        await tx.query('INSERT INTO copied SELECT id FROM orders');
        return tx.query('SELECT id FROM copied');
      });
      expect(ids(rows.rows)).toEqual(['o1']);
    });

    it('a function that tells what it is shown is shown nothing, however cheap it says it is', async () => {
      await database().sql.script(
        `CREATE FUNCTION leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN IF $1 <> 'o1' THEN RAISE EXCEPTION 'leaked %', $1; END IF; RETURN true; END $$`,
      );
      const seen = await database().as(ann, NOW, (tx) => tx.query('SELECT id FROM orders WHERE leak(id)'));
      expect(ids(seen.rows)).toEqual(['o1']);
      await database().sql.script('DROP FUNCTION leak');
    });

    it('the look-ups cannot be called, and their role reads nothing else', async () => {
      const { rows } = await database().sql.query(
        `SELECT f.oid::regprocedure::text AS name FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE n.nspname = 'rampart_access'`,
      );
      expect(rows.length).toBeGreaterThan(0);
      for (const { name } of rows) {
        const called = database().as(ann, NOW, (tx) => tx.query(`SELECT ${String(name)}`));
        await expect(called).rejects.toMatchObject({ code: '42501' });
      }
      const total = database().sql.transaction(async (tx) => {
        await tx.query(`SET LOCAL ROLE ${database().lookupRole}`);
        return tx.query('SELECT total FROM orders');
      });
      await expect(total).rejects.toMatchObject({ code: '42501' });
    });

    it('a row cannot be handed to another, nor taken', async () => {
      const change = (text: string): Promise<unknown> => database().as(ann, NOW, (tx) => tx.query(text));
      await expect(change(`UPDATE orders SET customer_id = 'bea' WHERE id = 'o1'`)).rejects.toMatchObject({
        code: '42501',
      });
      await expect(change(`UPDATE orders SET customer_id = 'ann' WHERE id = 'o2'`)).resolves.toMatchObject({
        affected: 0,
      });
      await expect(
        change(`INSERT INTO orders VALUES ('o2', 'ann', 's1', 1) ON CONFLICT (id) DO UPDATE SET total = 0`),
      ).rejects.toMatchObject({ code: '42501' });
    });

    it('a session of the application can become nobody else', async () => {
      // The session of the embedded database is a superuser's: it holds mistakes, and no attacker.
      if (database().sql.kind === 'embedded') return;
      const asSession = <T>(work: (sql: SqlRunner) => Promise<T>): Promise<T> =>
        database().sql.transaction(async (tx) => {
          await tx.query(`SET LOCAL SESSION AUTHORIZATION ${database().appRole}`);
          await become(tx, ann, NOW);
          return work(tx);
        });
      const other = asSession((tx) => tx.query(`SET LOCAL ROLE ${database().lookupRole}`));
      await expect(other).rejects.toMatchObject({ code: '42501' });
      const seen = await asSession(async (tx) => {
        await tx.query('RESET ROLE');
        await tx.query('SET LOCAL row_security = on');
        return tx.query('SELECT id FROM orders');
      });
      expect(ids(seen.rows)).toEqual(['o1']);
      const past = asSession(async (tx) => {
        await tx.query('SET LOCAL row_security = off');
        return tx.query('SELECT id FROM orders');
      });
      await expect(past).rejects.toMatchObject({ code: '42501' });
    });

    it('a foreign key tells that a key exists, and nothing else', async () => {
      await database().sql.script(`GRANT INSERT ON open_notes TO ${database().appRole}`);
      const note = (id: string): Promise<unknown> =>
        database().as(ann, NOW, (tx) => tx.query('INSERT INTO open_notes VALUES ($1)', [id]));
      // PostgreSQL checks keys past all policies; hence keys that cannot be guessed. The row itself stays unseen.
      await expect(note('o3')).resolves.toMatchObject({ affected: 1 });
      await expect(note('o9')).rejects.toMatchObject({ code: '23503' });
      const seen = await database().as(ann, NOW, (tx) =>
        tx.query('SELECT o.id FROM open_notes n JOIN orders o ON o.id = n.order_id'),
      );
      expect(seen.rows).toEqual([]);
    });
  });
});
