import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { openEmbedded, openServer } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { createCursors } from './cursor.ts';
import { cursorPage, type ListQuery, offsetPage } from './page.ts';

const cursors = createCursors(randomBytes(32));

describe('a cursor', () => {
  const query = ['orders', 'customer = $1', [7]];
  const cursor = cursors.write(query, ['2026-01-01', "O'Reilly; 🦊"]);

  it('carries its place', () => expect(cursors.read(query, cursor)).toEqual(['2026-01-01', "O'Reilly; 🦊"]));

  it('is good for its own query alone, and from its own secret alone', () => {
    const refused = { status: 400, code: 'VALIDATION_ERROR' };
    const reads = [
      () => cursors.read(['orders', 'customer = $1', [8]], cursor),
      () => createCursors(randomBytes(32)).read(query, cursor),
      () => cursors.read(query, ''),
      () => cursors.read(query, '.'),
      () => cursors.read(query, `${cursor}.x`),
      () => cursors.read(query, `${cursor} `),
      () => cursors.read(query, 'x'.repeat(1_000_000)),
    ];
    for (const read of reads) expect(read).toThrow(expect.objectContaining(refused) as Error);
  });

  it('is refused whichever character was changed', () => {
    for (let i = 0; i < cursor.length; i += 1) {
      const other = cursor[i] === 'A' ? 'B' : 'A';
      expect(() => cursors.read(query, cursor.slice(0, i) + other + cursor.slice(i + 1))).toThrow(
        'not valid',
      );
    }
  });

  it('needs a secret that is one', () => expect(() => createCursors(new Uint8Array(8))).toThrow('32 bytes'));
});

function pages(open: () => Promise<{ store: SqlStore; remove(): Promise<void> }>): void {
  let store: SqlStore;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const opened = await open();
    store = opened.store;
    remove = () => opened.remove();
    // Times that differ by microseconds, and many that are the same.
    await store.script(`
      CREATE TABLE orders (id int PRIMARY KEY, customer int, placed_at timestamptz, price numeric, name text COLLATE "C");
      INSERT INTO orders SELECT n, n % 2, timestamptz '2026-01-01' + (n / 3) * interval '1 microsecond', n / 7 + 0.1, chr(65 + n % 26)
      FROM generate_series(1, 101) AS n;
      CREATE INDEX ON orders (placed_at, id);
      CREATE TABLE many (id int); INSERT INTO many SELECT generate_series(1, 10050)`);
  });
  afterAll(() => remove?.());

  const list = (order: ListQuery['order'], customer = 1): ListQuery => ({
    select: 'id, placed_at',
    from: 'orders o',
    where: 'o.customer = $1 OR o.customer = $1',
    values: [customer],
    order,
  });
  const id = { column: 'id', type: 'int4' } as const;
  const orders: readonly ListQuery['order'][] = [
    [{ column: 'placed_at', type: 'timestamptz' }, id],
    [
      { column: 'placed_at', type: 'timestamptz', direction: 'desc' },
      { ...id, direction: 'desc' },
    ],
    [{ column: 'placed_at', type: 'timestamptz', direction: 'desc' }, id],
    [{ column: 'price', type: 'numeric' }, { column: 'name', type: 'text', direction: 'desc' }, id],
  ];

  it.each(orders.map((order) => [order]))('shows every row once, in order: %j', async (order) => {
    const seen: unknown[] = [];
    let cursor: string | undefined;
    let turns = 0;
    do {
      const page = await cursorPage(store, cursors, list(order), { limit: 7, cursor });
      expect(Object.keys(page.rows[0] ?? {})).toEqual(['id', 'placed_at']);
      seen.push(...page.rows.map((row) => row['id']));
      cursor = page.nextCursor ?? undefined;
      turns += 1;
    } while (cursor !== undefined);
    const text = order.map(({ column, direction = 'asc' }) => `${column} ${direction}`).join(', ');
    const { rows } = await store.query(`SELECT id FROM orders WHERE customer = 1 ORDER BY ${text}`);
    expect(seen).toEqual(rows.map((row) => row['id']));
    expect(turns).toBe(Math.ceil(51 / 7));
  });

  it('neither repeats nor hides rows that come and go meanwhile', async () => {
    const [order] = orders as [ListQuery['order']];
    const first = await cursorPage(store, cursors, list(order), { limit: 10 });
    await store.query("INSERT INTO orders VALUES (0, 1, timestamptz '2025-01-01', 1, 'A')");
    await store.query('DELETE FROM orders WHERE id = $1', [first.rows.at(-1)?.['id'] as number]);
    const second = await cursorPage(store, cursors, list(order), {
      limit: 10,
      cursor: first.nextCursor as string,
    });
    expect(Number(second.rows[0]?.['id'])).toBe(Number(first.rows.at(-1)?.['id']) + 2);
  });

  it('takes a cursor for no other filter or order', async () => {
    const [first, second] = orders as [ListQuery['order'], ListQuery['order']];
    const { nextCursor } = await cursorPage(store, cursors, list(first), { limit: 10 });
    const cursor = nextCursor as string;
    for (const other of [list(first, 0), list(second)])
      await expect(cursorPage(store, cursors, other, { limit: 10, cursor })).rejects.toMatchObject({
        status: 400,
      });
  });

  it('refuses orders and limits that make no sense', async () => {
    for (const column of ['id; DROP TABLE orders', 'id)', '1'])
      await expect(
        cursorPage(store, cursors, list([{ column, type: 'int4' }]), { limit: 1 }),
      ).rejects.toThrow(TypeError);
    await expect(cursorPage(store, cursors, list([id]), { limit: 0 })).rejects.toThrow(RangeError);
    await expect(cursorPage(store, cursors, list([id]), { limit: 501 })).rejects.toThrow(RangeError);
  });

  it('counts honestly', async () => {
    const many: ListQuery = { select: 'id', from: 'many', order: [id] };
    const page = await offsetPage(store, many, { limit: 50, page: 3 });
    expect(page).toMatchObject({ total: 10_000, atLeast: true });
    expect(page.rows[0]).toEqual({ id: 101 });
    const few = { ...many, where: 'id <= $1', values: [10_000] };
    expect(await offsetPage(store, few, { limit: 50, page: 201 })).toEqual({
      rows: [],
      total: 10_000,
      atLeast: false,
    });
    for (const wrong of [0, 1.5, 202, Number.NaN, 1e300])
      await expect(offsetPage(store, many, { limit: 50, page: wrong })).rejects.toMatchObject({
        status: 400,
      });
  });
}

describe('pages of the embedded database', () => {
  pages(async () => {
    const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    return { store, remove: () => store.close() };
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('pages of a server', () => {
  pages(async () => {
    const database = await temporaryDatabase(service.url as string);
    const store = await openServer({ url: database.url });
    const remove = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return { store, remove };
  });
});
