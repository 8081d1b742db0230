import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PartitionPlan } from '../base/database/index.ts';
import { createLogger } from '../base/observe/index.ts';
import { idTimeMs } from '../core/id.ts';
import { createIdentity, type Identity } from '../modules/identity/index.ts';
import { testPorts } from '../modules/identity/test-house.ts';
import type { SqlStore } from '../ports/sql.ts';
import { openEmbedded } from '../stores/postgres/embedded.ts';
import { migrate } from '../stores/postgres/index.ts';
import { ManualClock } from '../testing/clock.ts';
import { databaseTemplate } from '../testing/database.ts';
import { migrations, tidyTables } from './data/index.ts';
import { Housekeeping, type HousekeepingParts } from './housekeeping.ts';

const MINUTE_MS = 60_000;
const TEN_MINUTES_MS = 10 * MINUTE_MS;

/** A server's side of the database that answers nothing but how many rows went. */
const emptyStore = (): SqlStore => {
  const runner = { query: () => Promise.resolve({ rows: [], affected: 0 }) };
  return {
    kind: 'server',
    ...runner,
    transaction: (work: (tx: typeof runner) => unknown) => Promise.resolve(work(runner)),
  } as unknown as SqlStore;
};

function house(
  prune?: (nowMs: number) => Promise<number>,
  sql: SqlStore = emptyStore(),
  partitions: readonly PartitionPlan[] = [],
  reviews: HousekeepingParts['reviews'] = null,
) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const keeping = new Housekeeping({
    foundation: { clock, timers: clock, sql, stores: { traffic: { add: () => Promise.resolve() } as never } },
    house: { node: 'n1', traffic: { takeRoutes: () => [] } },
    keepMs: 86_400_000,
    log: createLogger({ level: 'warn', sink: { write: (line) => void lines.push(line) } }),
    reload: () => Promise.resolve(),
    ...(prune && { identity: { prune } }),
    partitions,
    reviews,
  });
  return { clock, keeping, lines };
}

/** Lets promises that are ready go on. */
const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('reviews of access', () => {
  it('are told of a minute after the start and every ten minutes, as often as a batch finds some', async () => {
    const left = [100, 3, 0];
    const tellOverdue = vi.fn(() => Promise.resolve(left.shift() ?? 0));
    const { clock, keeping } = house(undefined, emptyStore(), [], { tellOverdue });
    keeping.start();
    clock.advance(MINUTE_MS);
    await quiet();
    expect(tellOverdue).toHaveBeenCalledTimes(3);
    clock.advance(TEN_MINUTES_MS);
    await quiet();
    expect(tellOverdue).toHaveBeenCalledTimes(4);
    await keeping.stop();
  });
});

describe('audit events', () => {
  it('expire in batches, by the times of their types, a minute after the start and every hour', async () => {
    const left = [1_000, 3, 0];
    const expire = vi.fn<NonNullable<HousekeepingParts['audit']>['expire']>(() =>
      Promise.resolve(left.shift() ?? 0),
    );
    const clock = new ManualClock();
    const keeping = new Housekeeping({
      foundation: {
        clock,
        timers: clock,
        sql: emptyStore(),
        stores: { traffic: { add: () => Promise.resolve() } as never },
      },
      house: { node: 'n1', traffic: { takeRoutes: () => [] } },
      keepMs: 86_400_000,
      log: createLogger({ level: 'warn', sink: { write: () => undefined } }),
      reload: () => Promise.resolve(),
      retention: { signalsMs: null, auditMs: 5, types: { SIGNED_OUT: null } },
      audit: { expire },
    });
    keeping.start();
    clock.advance(MINUTE_MS);
    await quiet();
    expect(expire).toHaveBeenCalledTimes(3);
    const [bounds] = expire.mock.lastCall ?? [];
    expect(bounds?.types).toEqual({ SIGNED_OUT: '' });
    expect(idTimeMs(`${bounds?.before ?? ''}0000000000000000`)).toBe(clock.now() - 5);
    clock.advance(60 * MINUTE_MS);
    await quiet();
    expect(expire.mock.calls.length).toBeGreaterThan(3);
    await keeping.stop();
  });
});

describe('partitions of the events', () => {
  it('are looked after every two seconds, their indexes one after the other while some are missing', async () => {
    const left = [true, true, false];
    const seal = vi.fn(() => Promise.resolve(false));
    const settle = vi.fn(() => Promise.resolve(left.shift() ?? false));
    const merge = vi.fn(() => Promise.resolve(false));
    const clock = new ManualClock();
    const sql = emptyStore();
    const keeping = new Housekeeping({
      foundation: {
        clock,
        timers: clock,
        sql,
        stores: { traffic: { add: () => Promise.resolve() } as never },
      },
      house: { node: 'n1', traffic: { takeRoutes: () => [] } },
      keepMs: 86_400_000,
      log: createLogger({ level: 'warn', sink: { write: () => undefined } }),
      reload: () => Promise.resolve(),
      eventKeeper: { seal, settle, merge },
    });
    keeping.start();
    clock.advance(2_000);
    await quiet();
    expect([seal, settle, merge].map(({ mock }) => mock.calls.length)).toEqual([1, 3, 1]);
    clock.advance(2_000);
    await quiet();
    expect([seal, settle, merge].map(({ mock }) => mock.calls.length)).toEqual([2, 4, 2]);
    await keeping.stop();
  });
});

describe('what accounts leave', () => {
  it('is forgotten every ten minutes, batch after batch while there is something', async () => {
    const left = [2_000, 2_000, 7, 0];
    const prune = vi.fn(() => Promise.resolve(left.shift() ?? 0));
    const { clock, keeping } = house(prune);
    keeping.start();
    clock.advance(TEN_MINUTES_MS - 1);
    await quiet();
    expect(prune).not.toHaveBeenCalled();
    clock.advance(1);
    await quiet();
    expect(prune).toHaveBeenCalledTimes(4);
    expect(prune).toHaveBeenLastCalledWith(clock.now());
    clock.advance(TEN_MINUTES_MS);
    await quiet();
    expect(prune).toHaveBeenCalledTimes(5);
    await keeping.stop();
  });

  it('takes a bounded number of batches in one round, even where there is always more', async () => {
    const prune = vi.fn(() => Promise.resolve(1));
    const { clock, keeping } = house(prune);
    keeping.start();
    clock.advance(TEN_MINUTES_MS);
    await quiet();
    expect(prune).toHaveBeenCalledTimes(500);
    await keeping.stop();
  });

  it('is tried again after a failure, which is told', async () => {
    const prune = vi.fn(() => Promise.reject(new Error('gone')));
    const { clock, keeping, lines } = house(prune);
    keeping.start();
    clock.advance(TEN_MINUTES_MS);
    await quiet();
    clock.advance(TEN_MINUTES_MS);
    await quiet();
    expect(prune).toHaveBeenCalledTimes(2);
    expect(lines.join()).toMatch(/Housekeeping failed/);
    await keeping.stop();
  });

  it('is left alone once the node stops, in the midst of a round too', async () => {
    let goOn = (): void => undefined;
    const prune = vi.fn(() => new Promise<number>((resolve) => (goOn = () => resolve(1))));
    const { clock, keeping } = house(prune);
    keeping.start();
    clock.advance(TEN_MINUTES_MS);
    await quiet();
    await keeping.stop();
    goOn();
    await quiet();
    clock.advance(10 * TEN_MINUTES_MS);
    await quiet();
    expect(prune).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
  });

  it('needs nothing where there are no accounts', async () => {
    const { clock, keeping, lines } = house();
    keeping.start();
    clock.advance(2 * 3_600_000);
    await quiet();
    expect(lines).toEqual([]);
    await keeping.stop();
  });
});

describe('with accounts on a database', () => {
  let sql: SqlStore;
  let identity: Identity;
  beforeAll(async () => {
    sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    await migrate(sql, migrations);
    const ports = testPorts(sql);
    identity = createIdentity({ publicUrl: 'https://app.example.com' }, ports);
    const old = ports.clock.now() - 2 * 86_400_000;
    await sql.query(
      `INSERT INTO rampart.identity_lockout_tickets (ticket, bound, at_ms)
       SELECT 't' || n, 'b', $1 FROM generate_series(1, 2500) AS n`,
      [old],
    );
  });
  afterAll(async () => {
    await identity.close();
    await sql.close();
  });

  it('a round leaves nothing behind that has ended', async () => {
    const { clock, keeping } = house((nowMs) => identity.prune(nowMs));
    keeping.start();
    clock.advance(TEN_MINUTES_MS);
    await vi.waitFor(
      async () => {
        const { rows } = await sql.query('SELECT count(*) AS n FROM rampart.identity_lockout_tickets');
        expect(Number(rows[0]?.['n'])).toBe(0);
      },
      { timeout: 20_000, interval: 100 },
    );
    await keeping.stop();
  });

  it('tidying reaches every table of accounts whose rows come and go', async () => {
    const asked: string[] = [];
    const { kind } = sql;
    await tidyTables({
      ...sql,
      kind,
      query: (text: string) => {
        asked.push(/rampart\.(\w+)$/.exec(text)?.[1] ?? text);
        return sql.query(text);
      },
    });
    const { rows } = await sql.query(
      `SELECT c.table_name AS t FROM information_schema.columns c
       WHERE c.table_schema = 'rampart' AND c.table_name LIKE 'identity\\_%' AND c.column_name = 'expires_at_ms'`,
    );
    const short = rows.map((row) => String(row['t']));
    expect(short.length).toBeGreaterThan(4);
    expect(short.filter((table) => !asked.includes(table))).toEqual([]);
  });
});

it('partitions of the application are made ahead and dropped in time', async () => {
  const sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  await sql.script(
    'CREATE SCHEMA app; CREATE TABLE app.metrics (at timestamptz NOT NULL, value int) PARTITION BY RANGE (at);',
  );
  const { clock, keeping } = house(undefined, sql, [
    { table: 'app.metrics', by: 'month', ahead: 1, keep: 1 },
  ]);
  const names = async (): Promise<readonly unknown[]> => {
    const { rows } = await sql.query(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'app.metrics'::regclass ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };
  keeping.start();
  clock.advance(1);
  await vi.waitFor(async () => expect((await names()).length).toBeGreaterThanOrEqual(3), { timeout: 20_000 });
  const before = await names();
  clock.advance(100 * 86_400_000);
  await vi.waitFor(
    async () => {
      clock.advance(6 * 3_600_000);
      expect(await names()).not.toContain(before[0]);
    },
    { timeout: 20_000 },
  );
  await keeping.stop();
  await sql.close();
});
