import { describe, expect, it } from 'vitest';
import type { Timers } from '../../core/clock.ts';
import { openServer } from '../../stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { retryContended } from './retry.ts';

const delays: number[] = [];
const timers: Timers = {
  after(delayMs, task) {
    delays.push(delayMs);
    queueMicrotask(task);
    return () => undefined;
  },
};
const ports = { timers, random: (max: number) => max - 1 };
const failing = (code: string) => Object.assign(new Error(code), { code });

describe('a transaction that met others', () => {
  it('is tried again, later each time, and no oftener than it may', async () => {
    delays.length = 0;
    let tries = 0;
    const never = retryContended(
      () => {
        tries += 1;
        return Promise.reject(failing('40001'));
      },
      { attempts: 4, firstDelayMs: 10 },
      ports,
    );
    await expect(never).rejects.toMatchObject({ code: '40001' });
    expect(tries).toBe(4);
    expect(delays).toEqual([10, 20, 40]);
  });

  it('passes on what would fail again', async () => {
    let tries = 0;
    const wrong = retryContended(() => Promise.reject(failing(`23505${(tries += 1)}`)), {}, ports);
    await expect(wrong).rejects.toThrow('235051');
    expect(tries).toBe(1);
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('serializable transactions on a server', () => {
  it('all pass in the end, and none is lost', async () => {
    const database = await temporaryDatabase(service.url as string);
    const store = await openServer({ url: database.url });
    await store.script('CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)');
    let tries = 0;
    const add = (): Promise<void> =>
      retryContended(
        () => {
          tries += 1;
          return store.transaction(async (sql) => {
            await sql.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
            const { rows } = await sql.query('SELECT n FROM counter');
            await sql.query('UPDATE counter SET n = $1', [Number(rows[0]?.['n']) + 1]);
          });
        },
        { attempts: 10 },
      );
    await Promise.all([add(), add(), add(), add()]);
    expect((await store.query('SELECT n FROM counter')).rows).toEqual([{ n: 4 }]);
    expect(tries).toBeGreaterThan(4);
    await store.close();
    await database.drop();
  });
});
