import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { ManualClock } from '../../testing/clock.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { openEmbedded } from './embedded.ts';

const ENDLESS = 'SELECT count(*) FROM generate_series(1, 100000000000)';

describe('the embedded database on disk', () => {
  let dir: string;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rampart-embedded-'));
    // What a process that was killed while it made the database leaves behind.
    mkdirSync(join(dir, 'data.new'));
    writeFileSync(join(dir, 'data.new', 'PG_VERSION'), '18');
    const store = await openEmbedded({ dir });
    await store.script('CREATE TABLE kept (n int)');
    await store.close();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const using = async (options: object, work: (store: SqlStore) => Promise<void>): Promise<void> => {
    const store = await openEmbedded({ dir, ...options });
    try {
      await work(store);
    } finally {
      await store.close();
    }
  };

  it('keeps what was written, and gives its lock back on closing', async () => {
    await using({}, async (store) => void (await store.query('INSERT INTO kept VALUES (1)')));
    expect(existsSync(join(dir, 'lock.json'))).toBe(false);
    await using({}, async (store) => {
      expect((await store.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }]);
    });
  });

  it('refuses a folder that is open, naming the owner', async () => {
    await using({}, async () => {
      const second = openEmbedded({ dir });
      await expect(second).rejects.toMatchObject({ code: 'EMBEDDED_DATABASE_LOCKED' });
      await expect(second).rejects.toThrow(`process ${process.pid}`);
    });
  });

  it('ends a statement that takes too long, and works on in a new engine', async () => {
    await using({ queryLimit: '300ms' }, async (store) => {
      const heard = Promise.withResolvers<string>();
      await store.listen('again', heard.resolve);
      await store.query('DELETE FROM kept');
      const stuck = store.query(ENDLESS);
      const behind = store.query('INSERT INTO kept VALUES (1)');
      await expect(stuck).rejects.toMatchObject({ code: 'DATABASE_TIMEOUT' });
      await expect(behind).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      expect((await store.query('SELECT n FROM kept')).rows).toEqual([]);
      await store.query("SELECT pg_notify('again', 'heard')");
      expect(await heard.promise).toBe('heard');
    });
  });

  it('rolls back a transaction that was stuck, and does not continue it in the new engine', async () => {
    await using({ queryLimit: '300ms' }, async (store) => {
      await store.query('DELETE FROM kept');
      const stuck = store.transaction(async (sql) => {
        await sql.query('INSERT INTO kept VALUES (1)');
        await sql.query(ENDLESS).catch(() => undefined);
        await sql.query('INSERT INTO kept VALUES (2)');
      });
      await expect(stuck).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
      expect((await store.query('SELECT n FROM kept')).rows).toEqual([]);
    });
  });

  it('refuses more statements than may wait', async () => {
    await using({ maxWaiting: 5 }, async (store) => {
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => store.query('SELECT 1')));
      const refused = results.filter(({ status }) => status === 'rejected');
      expect(refused).toHaveLength(3);
      expect(refused[0]).toMatchObject({ reason: { code: 'DATABASE_UNAVAILABLE' } });
      expect((await store.query('SELECT 1 AS v')).rows).toEqual([{ v: 1 }]);
    });
  });

  it('refuses statements after it was closed, and closes twice', async () => {
    const store = await openEmbedded({ dir });
    const last = store.query('SELECT 1 AS v');
    await store.close();
    expect((await last).rows).toEqual([{ v: 1 }]);
    await expect(store.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await store.close();
  });
});

describe('the embedded database', () => {
  it('in memory is lost with its engine, and says so', async () => {
    const store = await openEmbedded({ dir: ':memory:', queryLimit: '300ms', template: databaseTemplate() });
    await expect(store.query(ENDLESS)).rejects.toMatchObject({ code: 'DATABASE_TIMEOUT' });
    await expect(store.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await store.close();
  });

  it('ends a transaction that does nothing any more, so that it holds nobody up for ever', async () => {
    const clock = new ManualClock();
    const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() }, { timers: clock });
    const idle = Promise.withResolvers<void>();
    const stuck = store.transaction(async (sql) => {
      await sql.query('CREATE TABLE undone (n int)');
      clock.advance(29_000);
      await sql.query('SELECT 1');
      idle.resolve();
      return new Promise(() => undefined);
    });
    const behind = store.query("SELECT to_regclass('undone') AS t");
    await idle.promise;
    clock.advance(29_000);
    clock.advance(1_000);
    await expect(stuck).rejects.toMatchObject({ code: 'DATABASE_TIMEOUT' });
    expect((await behind).rows).toEqual([{ t: null }]);
    await store.close();
    expect(clock.pending).toBe(0);
  });

  it('refuses options that it does not know, with their path', async () => {
    await expect(openEmbedded({ dir: 'x', querylimit: '1s' } as never)).rejects.toThrow(
      "database.querylimit: unknown option; did you mean 'queryLimit'?",
    );
  });
});
