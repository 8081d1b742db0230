import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { event } from '../../test/api/samples.ts';
import { createLogger } from '../base/observe/index.ts';
import type { SqlStore } from '../ports/sql.ts';
import { migrate, openServer } from '../stores/postgres/index.ts';
import { ManualClock } from '../testing/clock.ts';
import { postgresService, temporaryDatabase } from '../testing/services.ts';
import { keepEventParts } from './attach-event-parts.ts';
import { keepRetention } from './attach-retention.ts';
import { isSettled, readParts } from './data/event-partitions/index.ts';
import { createStores, migrations, type Stores } from './data/index.ts';
import { applicationRound, markServer, retentionRound } from './retention-round.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('retention', () => {
  let database: Awaited<ReturnType<typeof temporaryDatabase>>;
  let sql: SqlStore;
  let stores: Stores;
  let clock: ManualClock;
  const expire = vi.fn(() => Promise.resolve(0));
  const round = () => ({ sql, clock, keepMs: DAY, audit: { expire }, isStopped: () => false });
  const addOld = async (): Promise<void> =>
    void (await stores.events.insertMany([
      event('REQUEST_REFUSED', clock.now() - 91 * DAY),
      event('REQUEST_REFUSED', clock.now() - 89 * DAY),
    ]));
  const left = async (): Promise<number> => (await stores.events.page({ limit: 10 })).length;

  beforeAll(async () => {
    database = await temporaryDatabase(service.url as string);
    sql = await openServer({ url: database.url });
    await migrate(sql, migrations);
    stores = createStores(sql);
  });
  afterAll(async () => {
    await sql.close();
    await database.drop();
  });
  beforeEach(async () => {
    clock = new ManualClock();
    await sql.script('TRUNCATE rampart.events, rampart.settings');
    await addOld();
  });

  it('deletes what is too old and no more', async () => {
    await retentionRound(round());
    expect(await left()).toBe(1);
    expect(expire).toHaveBeenCalled();
  });

  it('is left, without waiting, to the node that is at it', async () => {
    await sql.transaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('rampart retention', 0))`);
      await retentionRound(round());
      expect(await left()).toBe(2);
    });
    await retentionRound(round());
    expect(await left()).toBe(1);
  });

  it('of an application gives way to the server of its database until that has been gone for a week', async () => {
    await markServer(sql, 'server-1', clock.now() - 7 * DAY);
    await applicationRound(round());
    expect(await left()).toBe(2);
    clock.advance(1);
    await applicationRound(round());
    expect(await left()).toBe(1);
  });

  it('of an application runs ten minutes after its start and every hour, and ends with it', async () => {
    const log = createLogger({ sink: { write: () => undefined } });
    const config = {
      records: { passes: 1, keepMs: DAY, journalBytes: 1e6 },
      retention: { signalsMs: DAY, auditMs: null, types: {} },
    };
    const stop = keepRetention({
      ground: { sql, stores },
      config,
      audit: { expire },
      clock,
      timers: clock,
      log,
    });
    clock.advance(HOUR / 6);
    await expect.poll(left).toBe(0);
    await addOld();
    await expect.poll(() => clock.pending).toBe(1);
    clock.advance(HOUR);
    await expect.poll(left).toBe(0);
    await stop();
    expect(clock.pending).toBe(0);
  });

  it('of an application also ends a partition that is large enough, and makes its indexes', async () => {
    const log = createLogger({ sink: { write: () => undefined } });
    const before = (await readParts(sql)).length;
    const limits = { sealBytes: 1, maxParts: before + 1 };
    const stop = keepEventParts(sql, { clock, timers: clock, log }, limits);
    await expect
      .poll(
        async () => {
          clock.advance(2_000);
          const parts = await readParts(sql);
          return [parts.length, parts.slice(0, -1).every(isSettled)];
        },
        { timeout: 20_000 },
      )
      .toEqual([before + 1, true]);
    await stop();
    expect(clock.pending).toBe(0);
  });
});
