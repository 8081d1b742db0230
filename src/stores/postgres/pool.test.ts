import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Timers } from '../../core/clock.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { openServer } from './server.ts';

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('the pool of a server', () => {
  let url: string;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await temporaryDatabase(service.url as string);
    url = database.url;
    drop = () => database.drop();
  });
  afterAll(() => drop());

  it('answers what was asked before it closes, and refuses what comes later', async () => {
    const store = await openServer({ url, max: 2 });
    const asked = [1, 2, 3, 4, 5].map((n) => store.query('SELECT $1::int AS n, pg_sleep(0.05)', [n]));
    const closed = store.close();
    await expect(store.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect((await Promise.all(asked)).map(({ rows }) => rows[0]?.['n'])).toEqual([1, 2, 3, 4, 5]);
    await closed;
  });

  it('cuts what still runs when its time to drain is over', async () => {
    let over = (): void => undefined;
    const timers: Timers = {
      after(delayMs, task) {
        if (delayMs === 7_000) over = task;
        return () => undefined;
      },
    };
    const store = await openServer({ url, drainLimit: '7s' }, { timers });
    const slow = store.query('SELECT pg_sleep(20)');
    slow.catch(() => undefined);
    await expect.poll(() => store.pool()).toMatchObject({ open: 1, idle: 0 });
    const closed = store.close();
    over();
    await expect(slow).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await closed;
  });

  it('opens no more connections than it may, and tells how many wait', async () => {
    const store = await openServer({ url, max: 2 });
    const other = await openServer({ url, max: 1 });
    const asked: Promise<unknown>[] = [];
    // They are held for as long as somebody else has the lock.
    await other.transaction(async (sql) => {
      await sql.query('SELECT pg_advisory_xact_lock(7)');
      for (let n = 0; n < 5; n++) asked.push(store.query('SELECT pg_advisory_xact_lock_shared(7)'));
      await expect.poll(() => store.pool()).toMatchObject({ open: 2, idle: 0, waiting: 3 });
    });
    await Promise.all(asked);
    await Promise.all([store.close(), other.close()]);
  });

  it('takes one statement at a time, also without parameters', async () => {
    const store = await openServer({ url });
    await expect(store.query('SELECT 1; SELECT 2')).rejects.toMatchObject({ code: '42601' });
    await expect(
      store.transaction((sql) => sql.query('COMMIT; DROP TABLE IF EXISTS nothing')),
    ).rejects.toMatchObject({ code: '42601' });
    await store.close();
  });
});
