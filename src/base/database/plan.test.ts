import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { openEmbedded, openServer } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { explainQuery } from './plan.ts';

function plans(open: () => Promise<{ store: SqlStore; remove(): Promise<void> }>): void {
  let store: SqlStore;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const opened = await open();
    store = opened.store;
    remove = () => opened.remove();
    await store.script(`
      CREATE TABLE orders (id int PRIMARY KEY, customer int NOT NULL, status text, placed_at timestamptz, note text);
      INSERT INTO orders SELECT n, n % 5000, 'open', now(), 'x' FROM generate_series(1, 30000) AS n;
      CREATE TABLE few (id int, name text); INSERT INTO few SELECT n, 'x' FROM generate_series(1, 100) AS n;
      CREATE TABLE "Odd Name" (id int, "the Key" int); INSERT INTO "Odd Name" SELECT n, n FROM generate_series(1, 20000) AS n`);
    for (const table of ['orders', 'few', '"Odd Name"']) await store.query(`ANALYZE ${table}`);
  });
  afterAll(() => remove?.());

  const suggested = async (text: string): Promise<readonly string[]> =>
    ((await explainQuery(store, text))?.suggestions ?? []).map(({ statement }) => statement);

  it.each([
    ['SELECT * FROM orders WHERE customer = $1', '(customer)'],
    ['SELECT * FROM orders WHERE customer = $1 AND placed_at > $2', '(customer, placed_at)'],
    [
      'SELECT * FROM orders o WHERE o.customer = $1 ORDER BY o.placed_at DESC LIMIT 10',
      '(customer, placed_at)',
    ],
    ['UPDATE orders SET note = $2 WHERE customer = $1', '(customer)'],
    ['DELETE FROM orders WHERE customer = $1', '(customer)'],
  ])('suggests an index for %s', async (text, columns) => {
    expect(await suggested(text)).toEqual([`CREATE INDEX CONCURRENTLY ON public.orders ${columns};`]);
  });

  it.each([
    ['the index is there', 'SELECT * FROM orders WHERE id = $1'],
    ['the table is small', 'SELECT * FROM few WHERE name = $1'],
    ['all rows are wanted', 'SELECT * FROM orders'],
    ['most rows are wanted', "SELECT * FROM orders WHERE status = 'open'"],
    ['it is left to a person', 'SELECT * FROM orders WHERE customer = $1 OR note = $2'],
    ['nothing is read', 'SELECT $1::int'],
  ])('suggests none where %s', async (_why, text) => expect(await suggested(text)).toEqual([]));

  it('suggests what can be run as it stands', async () => {
    const [statement] = await suggested('SELECT * FROM "Odd Name" WHERE "the Key" = $1');
    expect(statement).toBe('CREATE INDEX CONCURRENTLY ON public."Odd Name" ("the Key");');
    await store.query(statement as string);
    expect(await suggested('SELECT * FROM "Odd Name" WHERE "the Key" = $1')).toEqual([]);
  });

  it('shows the plan without a value, runs nothing and leaves nothing', async () => {
    const plan = await explainQuery(
      store,
      "DELETE FROM orders WHERE note = 'hunter2' AND customer = $1 RETURNING id",
    );
    expect(plan?.plan.steps[0]).toMatchObject({ table: 'public.orders', rows: expect.any(Number) as number });
    expect(JSON.stringify(plan)).not.toContain('hunter2');
    expect((await store.query('SELECT count(*) AS n FROM orders')).rows).toEqual([{ n: 30_000 }]);
    const { rows } = await store.query(
      "SELECT name FROM pg_prepared_statements WHERE name LIKE 'rampart_plan%'",
    );
    expect(rows).toEqual([]);
    await expect(explainQuery(store, 'SELECT * FROM gone')).rejects.toMatchObject({ code: '42P01' });
    expect(await explainQuery(store, 'DROP TABLE orders')).toBeUndefined();
  });
}

describe('plans of the embedded database', () => {
  plans(async () => {
    const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    return { store, remove: () => store.close() };
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('plans of a server', () => {
  plans(async () => {
    const database = await temporaryDatabase(service.url as string);
    const store = await openServer({ url: database.url, max: 1 });
    const remove = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return { store, remove };
  });
});
