import { format } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore, SqlValue } from '../../ports/sql.ts';

/** A store for a suite, and what removes it with its data. */
export interface OpenedSql {
  readonly store: SqlStore;
  remove(): Promise<void>;
}

/** What every driver of the SQL port must do, whichever PostgreSQL stands behind it. */
export function sqlSuite(name: string, open: () => Promise<OpenedSql>): void {
  describe(`SQL store: ${name}`, () => {
    let opened: OpenedSql;
    let store: SqlStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
      await store.script('CREATE TABLE things (id int PRIMARY KEY, name text); CREATE TABLE log (n int)');
    });
    afterAll(() => opened?.remove());

    values(() => store);
    statements(() => store);
    transactions(() => store);
    locks(() => store);
    notifications(() => store);
  });
}

/** One value there and back. */
async function echo(
  store: SqlStore,
  type: string,
  value: Parameters<SqlStore['query']>[1],
): Promise<unknown> {
  return (await store.query(`SELECT $1::${type} AS v`, value)).rows[0]?.['v'];
}

const THERE_AND_BACK: readonly (readonly [type: string, value: SqlValue, read?: unknown])[] = [
  ['int4', -7],
  ['int8', 9_007_199_254_740_991],
  ['int8', 9_007_199_254_740_993n],
  ['int8', 5n, 5],
  ['float8', 1.5],
  ['numeric', '12345678901234567890.123456789', '12345678901234567890.123456789'],
  ['boolean', true],
  ['boolean', false],
  ['text', ''],
  ['text', 'O\'Reilly \\ " $1; -- ünïcode 🦊'],
  ['text', null],
  ['uuid', '0190a3a0-0000-7000-8000-000000000001'],
  ['date', '2026-11-21'],
  ['timestamptz', new Date('2026-03-29T01:30:00.123Z')],
  ['timestamp', new Date('2026-03-29T02:30:00.000Z')],
  ['timestamptz', '2026-11-21 10:00:00.123456+05:30', new Date('2026-11-21T04:30:00.123Z')],
  ['bytea', new Uint8Array([0, 1, 92, 255])],
  ['jsonb', { a: [1, 'x', null], b: { c: true } }],
  ['json', '[1,2]', [1, 2]],
  ['jsonb', '"text"', 'text'],
  ['text[]', ['a', '', 'NULL', null, 'q"\\,{}']],
  ['int8[]', [1, 9_007_199_254_740_993n]],
  ['int4[]', []],
  [
    'int4[]',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['timestamptz[]', [new Date('2026-11-21T00:00:00Z')]],
  ['jsonb[]', [{ a: 1 }, { b: '"' }]],
];

function values(of: () => SqlStore): void {
  for (const [type, value, read = value] of THERE_AND_BACK) {
    it(`carries ${type} ${format(value)} there and back`, async () => {
      expect(await echo(of(), type, [value])).toEqual(read);
    });
  }

  it('counts with numbers', async () => {
    const { rows } = await of().query('SELECT count(*) AS n FROM generate_series(1, 3)');
    expect(rows).toEqual([{ n: 3 }]);
  });

  it('refuses a list for a JSON parameter, which no driver can tell from an array', async () => {
    await expect(echo(of(), 'jsonb', [[{ a: 1 }]])).rejects.toMatchObject({ code: '22P02' });
  });

  it('means the same instant whatever zone the machine stands in', async () => {
    const { rows } = await of().query(
      "SELECT timestamp '2026-07-01 12:00:00' AS t, current_setting('TimeZone') AS z",
    );
    expect(rows).toEqual([{ t: new Date('2026-07-01T12:00:00Z'), z: 'UTC' }]);
  });
}

function statements(of: () => SqlStore): void {
  it('tells how many rows were changed, and only those', async () => {
    const store = of();
    expect((await store.query("INSERT INTO things VALUES (1, 'a'), (2, 'b')")).affected).toBe(2);
    expect((await store.query("UPDATE things SET name = 'c' WHERE id = $1", [1])).affected).toBe(1);
    expect((await store.query('SELECT * FROM things')).affected).toBe(0);
    expect((await store.query('DELETE FROM things')).affected).toBe(2);
  });

  it('gives the SQLSTATE and the names of an error, and works on afterwards', async () => {
    const store = of();
    await store.query("INSERT INTO things VALUES (3, 'a')");
    const twice = store.query('INSERT INTO things VALUES ($1, $2)', [3, 'secret']);
    await expect(twice).rejects.toMatchObject({ code: '23505', constraint: 'things_pkey', table: 'things' });
    await expect(store.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' });
    await expect(store.query('SELEC 1')).rejects.toMatchObject({ code: '42601' });
    await expect(store.query('SELECT $1::int AS v', ['x'])).rejects.toMatchObject({ code: '22P02' });
    expect((await store.query('SELECT $1::int AS v', [4])).rows).toEqual([{ v: 4 }]);
  });

  it('keeps answers with their questions when many are asked at once', async () => {
    const asked = Array.from({ length: 200 }, (_, i) => i);
    const answers = await Promise.all(asked.map((i) => of().query('SELECT $1::int AS v', [i])));
    expect(answers.map(({ rows }) => rows[0]?.['v'])).toEqual(asked);
  });

  it('runs scripts of several statements, whole or not at all', async () => {
    const store = of();
    await expect(store.script('CREATE TABLE half (a int); SELECT nonsense')).rejects.toThrow('nonsense');
    await expect(store.script('BEGIN; CREATE TABLE half (a int); SELECT nonsense; COMMIT')).rejects.toThrow(
      'nonsense',
    );
    await store.script('CREATE TABLE half (a int); INSERT INTO half VALUES (1); INSERT INTO half VALUES (2)');
    expect((await store.query('SELECT count(*) AS n FROM half')).rows).toEqual([{ n: 2 }]);
  });

  it('sees a changed table through a statement that it had run before', async () => {
    const store = of();
    await store.script('CREATE TABLE shape (a int); INSERT INTO shape VALUES (1)');
    const read = (): Promise<unknown> => store.query('SELECT * FROM shape').then(({ rows }) => rows);
    expect(await read()).toEqual([{ a: 1 }]);
    await store.script("ALTER TABLE shape ADD COLUMN b text DEFAULT 'x'");
    expect(await read()).toEqual([{ a: 1, b: 'x' }]);
    await store.query('ALTER TABLE shape DROP COLUMN a');
    expect(await read()).toEqual([{ b: 'x' }]);
  });
}

function transactions(of: () => SqlStore): void {
  const count = async (): Promise<unknown> =>
    (await of().query('SELECT count(*) AS n FROM log')).rows[0]?.['n'];

  it('commits what resolves and rolls back what rejects', async () => {
    const store = of();
    const before = (await count()) as number;
    expect(
      await store.transaction(async (sql) => (await sql.query('INSERT INTO log VALUES (1)')).affected),
    ).toBe(1);
    const failed = store.transaction(async (sql) => {
      await sql.query('INSERT INTO log VALUES (2)');
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    expect(await count()).toBe(before + 1);
  });

  it('rejects when an error inside was swallowed, because nothing was committed', async () => {
    const before = await count();
    const swallowed = of().transaction(async (sql) => {
      await sql.query('INSERT INTO log VALUES (1)');
      await sql.query('SELECT nonsense').catch(() => undefined);
    });
    await expect(swallowed).rejects.toMatchObject({ code: '25P02' });
    expect(await count()).toBe(before);
  });

  it('keeps statements from outside out of a transaction', async () => {
    const store = of();
    await store.query('DELETE FROM log');
    const inside = Promise.withResolvers<void>();
    const transaction = store.transaction(async (sql) => {
      await sql.query('INSERT INTO log VALUES (1)');
      inside.resolve();
      await sql.query('SELECT 1');
      throw new Error('undone');
    });
    await inside.promise;
    const outside = store.query('INSERT INTO log VALUES (2)');
    await expect(transaction).rejects.toThrow('undone');
    await outside;
    expect((await store.query('SELECT n FROM log')).rows).toEqual([{ n: 2 }]);
  });

  it('refuses the runner of a transaction that has ended', async () => {
    let kept: SqlStore['query'] | undefined;
    await of().transaction(async (sql) => void (kept = (text, values) => sql.query(text, values)));
    await expect(kept?.('SELECT 1')).rejects.toThrow('has ended');
  });
}

function locks(of: () => SqlStore): void {
  it('lets one holder of a name in at a time, and others beside it', async () => {
    const seen: string[] = [];
    const hold = (name: string, mark: string): Promise<void> =>
      of().withLock(name, async () => {
        seen.push(`${mark} in`);
        await of().query('SELECT 1');
        seen.push(`${mark} out`);
      });
    await Promise.all([hold('one', 'a'), hold('one', 'b'), hold('one', 'c')]);
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    const nested = of().withLock('one', () => of().withLock('two', async () => 'both'));
    expect(await nested).toBe('both');
  });

  it('gives the lock back when the work fails', async () => {
    await expect(of().withLock('three', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await of().withLock('three', async () => 'free')).toBe('free');
  });
}

function notifications(of: () => SqlStore): void {
  it('hears what is notified, each channel its own, until it is stopped', async () => {
    const store = of();
    const heard: string[] = [];
    const wake = Promise.withResolvers<void>();
    const first = Promise.withResolvers<void>();
    const stop = await store.listen('suite.a', (payload) => {
      heard.push(`a:${payload}`);
      first.resolve();
    });
    const stopB = await store.listen('suite.b', (payload) => {
      heard.push(`b:${payload}`);
      if (payload === 'end') wake.resolve();
    });
    await store.query('SELECT pg_notify($1, $2)', ['suite.a', 'one']);
    await store.query('SELECT pg_notify($1, $2)', ['suite.b', 'two']);
    await first.promise;
    await stop();
    await store.query('SELECT pg_notify($1, $2)', ['suite.a', 'unheard']);
    await store.query('SELECT pg_notify($1, $2)', ['suite.b', 'end']);
    await wake.promise;
    await stopB();
    expect(heard).toEqual(['a:one', 'b:two', 'b:end']);
  });

  it('refuses a channel name that it would have to quote', async () => {
    await expect(of().listen('a"; DROP TABLE things; --', () => undefined)).rejects.toThrow('channel');
  });
}
