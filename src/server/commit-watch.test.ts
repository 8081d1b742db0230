import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { event } from '../../test/api/samples.ts';
import type { SqlRunner, SqlStore } from '../ports/sql.ts';
import { migrate, openServer } from '../stores/postgres/index.ts';
import { ManualClock } from '../testing/clock.ts';
import { postgresService, temporaryDatabase } from '../testing/services.ts';
import { commitWatch, type CommitWatch } from './commit-watch.ts';
import { createStores, migrations, type Stores } from './data/index.ts';

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('events of a transaction of the application', () => {
  let databases: Awaited<ReturnType<typeof temporaryDatabase>>[];
  let sql: SqlStore;
  let other: SqlStore;
  let stores: Stores;
  let clock: ManualClock;
  let watch: CommitWatch;
  let isDown = false;
  const told: string[] = [];

  beforeAll(async () => {
    databases = [
      await temporaryDatabase(service.url as string),
      await temporaryDatabase(service.url as string),
    ];
    sql = await openServer({ url: databases[0]?.url ?? '' });
    other = await openServer({ url: databases[1]?.url ?? '' });
    await migrate(sql, migrations);
    stores = createStores(sql);
  });
  afterAll(async () => {
    await Promise.all([sql, other].map((one) => one.close()));
    for (const database of databases) await database.drop();
  });
  beforeEach(() => {
    clock = new ManualClock();
    told.length = 0;
    isDown = false;
    const query: SqlRunner['query'] = (text, values) =>
      isDown ? Promise.reject(new Error('down')) : sql.query(text, values);
    watch = commitWatch({
      sql: () => ({ query }),
      timers: clock,
      tell: ({ subject }) => told.push(String(subject)),
    });
  });

  const write = async (tx: SqlRunner, subject: string): Promise<void> => {
    const one = event('BLOCK_ADDED', clock.now(), { subject });
    await stores.events.write(tx, one);
    await watch.written(tx, one);
  };
  /** Moves the clock until nothing waits any more. */
  const settled = () =>
    expect
      .poll(() => {
        clock.advance(1_000);
        return watch.waiting;
      })
      .toBe(0);

  it('are told once it is committed, and not before', async () => {
    await sql.transaction(async (tx) => {
      await write(tx, 'one');
      for (let i = 0; i < 3; i++) {
        clock.advance(1_000);
        await sql.query('SELECT 1');
      }
      expect(told).toEqual([]);
    });
    await settled();
    expect(told).toEqual(['one']);
  });

  it('are never told when it is rolled back, whole or in the part that wrote them', async () => {
    const failing = sql.transaction(async (tx) => {
      await write(tx, 'undone');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await sql.transaction(async (tx) => {
      await write(tx, 'kept');
      await tx.query('SAVEPOINT part');
      await write(tx, 'taken back');
      await tx.query('ROLLBACK TO SAVEPOINT part');
    });
    await settled();
    expect(told).toEqual(['kept']);
  });

  it('wait while the database does not answer', async () => {
    await sql.transaction((tx) => write(tx, 'late'));
    isDown = true;
    clock.advance(1_000);
    await expect.poll(() => clock.pending).toBe(1);
    isDown = false;
    await settled();
    expect(told).toEqual(['late']);
  });

  it('are told at the end where it is committed, and at once where it runs elsewhere', async () => {
    await sql.transaction((tx) => write(tx, 'last'));
    expect(told).toEqual([]);
    await watch.close();
    expect(told).toEqual(['last']);
    expect(clock.pending).toBe(0);
    await other.transaction((tx) => watch.written(tx, event('BLOCK_ADDED', 1, { subject: 'elsewhere' })));
    expect(told).toEqual(['last', 'elsewhere']);
  });
});
