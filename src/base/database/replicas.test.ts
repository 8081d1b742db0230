import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Timers } from '../../core/clock.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { openServer } from '../../stores/postgres/index.ts';
import { ManualClock } from '../../testing/clock.ts';
import { ownPostgres, type OwnPostgres } from '../../testing/own-postgres.ts';
import { createDatabase, type Database } from './database.ts';
import type { DatabasePrincipal } from './principal.ts';
import { readPosition } from './replicas.ts';
import { asRequest } from './request-scope.ts';
import { notesOf } from './test-scope.ts';

describe('a position in the log', () => {
  it.each([
    ['0/0', 0n],
    ['0/16B3748', 0x16b_3748n],
    ['16/B374D848', 0x16_b374_d848n],
    ['FFFFFFFF/FFFFFFFF', 0xffff_ffff_ffff_ffffn],
    ['16', undefined],
    ["0/0'; --", undefined],
    [null, undefined],
  ])('%s', (text, position) => expect(readPosition(text)).toBe(position));
});

const own = await ownPostgres({ wal_level: 'replica', max_wal_senders: '4' });
describe.skipIf('absent' in own)('a primary with two replicas', { timeout: 60_000 }, () => {
  const primary = own as OwnPostgres;
  const copies: OwnPostgres[] = [];
  const stores: SqlStore[] = [];
  const events: string[] = [];
  const clock = new ManualClock();
  /** How many probes have ended: each arms the next one. */
  let ended = 0;
  const timers: Timers = {
    after(delayMs, task) {
      if (delayMs === 1_000) ended += 1;
      return clock.after(delayMs, task);
    },
  };
  let database: Database;
  /** Straight to each replica. */
  const direct: SqlStore[] = [];

  beforeAll(async () => {
    await primary.start();
    for (let n = 0; n < 2; n += 1) {
      const copy = await primary.replica();
      copies.push(copy);
      await copy.start();
    }
    const open = async (url: string): Promise<SqlStore> => {
      const store = await openServer({ url, max: 5 });
      stores.push(store);
      return store;
    };
    for (const copy of copies) direct.push(await open(copy.url));
    database = await createDatabase(
      { replicas: { maxLag: '5s', probeEvery: '1s', probeLimit: '5s' } },
      {
        primary: await open(primary.url),
        replicas: [
          { name: 'one', sql: await open((copies[0] as OwnPostgres).url) },
          { name: 'two', sql: await open((copies[1] as OwnPostgres).url) },
        ],
        clock,
        timers,
        events: {
          emit: (type, { subject, details } = {}) =>
            void events.push(`${type} ${subject} ${String(details?.['state'])}`),
        },
      },
    );
    await database.script('CREATE TABLE items (n int)');
    await settled();
  });
  afterAll(async () => {
    await database?.close();
    await Promise.all(stores.map((store) => store.close()));
    for (const server of [...copies, primary]) await server.remove();
  });

  /** Moves the clock on by one probe and waits for its answers. */
  const probe = async (): Promise<void> => {
    const before = ended;
    clock.advance(1_000);
    await vi.waitFor(() => expect(ended).toBeGreaterThan(before), { timeout: 30_000, interval: 2 });
  };
  const states = (): readonly string[] => database.replicas().map(({ state }) => state);
  /** Until both replicas have replayed everything. */
  const settled = (): Promise<void> =>
    vi.waitFor(
      async () => {
        await probe();
        expect(database.replicas().map(({ state, lagMs }) => `${state} ${lagMs}`)).toEqual(['up 0', 'up 0']);
      },
      { timeout: 20_000 },
    );
  const pause = (n: number): Promise<unknown> =>
    (direct[n] as SqlStore).query('SELECT pg_wal_replay_pause()');
  const resume = (n: number): Promise<unknown> =>
    (direct[n] as SqlStore).query('SELECT pg_wal_replay_resume()');
  /** Which server answers. */
  const where = async (): Promise<unknown> => {
    const { rows } = await database.query("SELECT current_setting('port')::int AS port");
    const port = rows[0]?.['port'];
    const ports = [primary, ...copies].map(({ url }) => Number(new URL(url).port));
    return ['primary', 'one', 'two'][ports.indexOf(port as number)];
  };
  const count = async (): Promise<unknown> =>
    (await database.query('SELECT count(*) AS n FROM items')).rows[0]?.['n'];

  it('reads from the replicas in turn and writes to the primary', async () => {
    const asked = [await where(), await where(), await where(), await where()];
    expect(asked.filter((one) => one === 'one')).toHaveLength(2);
    expect(asked.filter((one) => one === 'two')).toHaveLength(2);
    expect((await database.query('INSERT INTO items VALUES (1)')).affected).toBe(1);
    expect(
      await database.transaction((sql) => sql.query('SELECT pg_is_in_recovery() AS copy')),
    ).toMatchObject({
      rows: [{ copy: false }],
    });
    await database.query('DELETE FROM items');
  });

  it('lets each request and session see what it has written, while nothing is replayed', async () => {
    await settled();
    await Promise.all([pause(0), pause(1)]);
    await asRequest(async () => {
      expect(['one', 'two']).toContain(await where());
      await database.query('INSERT INTO items VALUES (1)');
      expect(await count()).toBe(1);
      expect(await where()).toBe('primary');
      // The position after the write is known now, and no replica has it.
      await probe();
      expect(await where()).toBe('primary');
    });
    await database.withSession('s1', async () => {
      await database.transaction((sql) => sql.query('INSERT INTO items VALUES (2)'));
      expect(await count()).toBe(2);
    });
    // A later request of the same session, and others that may be late.
    await asRequest(() => database.withSession('s1', async () => expect(await count()).toBe(2)));
    await asRequest(async () => expect(await count()).toBe(0));
    await asRequest(() => database.withSession('s2', async () => expect(await count()).toBe(0)));
    // Another node is told the position.
    const position = await database.position();
    await asRequest(() => database.withPosition(position, async () => expect(await count()).toBe(2)));

    await resume(1);
    await expect
      .poll(async () => {
        await probe();
        return asRequest(() => database.withSession('s1', () => where()));
      })
      .toBe('two');
    await asRequest(() => database.withSession('s1', async () => expect(await count()).toBe(2)));
    await resume(0);
    await settled();
  });

  it('leaves out a replica that is too far behind, and takes it back', async () => {
    await pause(0);
    await database.query('INSERT INTO items VALUES (3)');
    await probe();
    expect(database.replicas()[0]).toMatchObject({ state: 'up' });
    for (let seconds = 0; seconds < 6; seconds += 1) await probe();
    const [one, two] = database.replicas();
    expect(one?.state).toBe('behind');
    expect(one?.lagMs).toBeGreaterThan(5_000);
    expect(one?.lagBytes).toBeGreaterThan(0);
    expect(two).toMatchObject({ state: 'up', lagMs: 0 });
    for (let i = 0; i < 6; i += 1) expect(await where()).toBe('two');
    await resume(0);
    await settled();
    expect(events.slice(-2)).toEqual([
      'DATABASE_REPLICA_LEFT_OUT one behind',
      'DATABASE_REPLICA_BACK one up',
    ]);
  });

  it('asks the primary what a replica refuses as a write', async () => {
    await database.script(
      `CREATE FUNCTION add_item() RETURNS int LANGUAGE sql AS 'INSERT INTO items VALUES (4) RETURNING n'`,
    );
    await settled();
    for (let i = 0; i < 3; i += 1)
      expect((await database.query('SELECT add_item() AS n')).rows).toEqual([{ n: 4 }]);
    expect(states()).toEqual(['up', 'up']);
  });

  it('reads as a principal from a replica, and sees his own writes', async () => {
    const notes = await notesOf(database.primary, 3);
    const scoped = await createDatabase(
      { role: notes.role },
      {
        primary: stores[2] as SqlStore,
        replicas: [{ name: 'two', sql: stores[4] as SqlStore }],
        clock,
        timers: clock,
      },
    );
    const me: DatabasePrincipal = { id: 'user:1', kind: 'user', roles: [] };
    await settled();
    await probe();
    await expect
      .poll(async () => {
        await probe();
        return scoped.replicas()[0]?.lagMs;
      })
      .toBe(0);
    const mine = (readOnly: boolean) =>
      scoped.withPrincipal(
        me,
        async (sql) =>
          (await sql.query('SELECT pg_is_in_recovery() AS copy, body, owner FROM notes ORDER BY id')).rows,
        { readOnly },
      );
    const rows = await mine(true);
    expect(rows).toHaveLength(3);
    expect(rows.every((row) => row['owner'] === 'user:1' && row['copy'] === true)).toBe(true);
    await scoped.withPrincipal(me, (sql) => sql.query("UPDATE notes SET body = 'mine'"));
    expect((await mine(true)).map((row) => [row['body'], row['copy']])).toEqual(
      [1, 2, 3].map(() => ['mine', false]),
    );
    await expect(scoped.withPrincipal(me, () => scoped.query('SELECT * FROM notes'))).rejects.toMatchObject({
      code: 'DATABASE_SCOPE',
    });
    await notes.drop();
  });

  it('answers every read while replicas die, and uses them when they are back', async () => {
    await settled();
    let answered = 0;
    const run = { on: true };
    const reader = async (): Promise<void> => {
      while (run.on) {
        await database.query('SELECT 1 AS one');
        answered += 1;
      }
    };
    const readers = Promise.all([reader(), reader(), reader(), reader()]);
    await expect.poll(() => answered).toBeGreaterThan(50);
    await (copies[0] as OwnPostgres).kill();
    const after = answered;
    await expect.poll(() => answered).toBeGreaterThan(after + 50);
    await (copies[1] as OwnPostgres).kill();
    const last = answered;
    await expect.poll(() => answered).toBeGreaterThan(last + 50);
    run.on = false;
    await readers;
    expect(states()).toEqual(['down', 'down']);
    expect(await where()).toBe('primary');
    for (const copy of copies) await copy.start();
    await settled();
    expect(['one', 'two']).toContain(await where());
  });

  it('goes on reading while the primary is away', async () => {
    await settled();
    await primary.kill();
    expect(['one', 'two']).toContain(await where());
    await expect(database.query('INSERT INTO items VALUES (9)')).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
    });
    await probe();
    expect(['one', 'two']).toContain(await where());
    await primary.start();
    await settled();
  });

  it('reads nothing from a replica that was promoted', async () => {
    await (direct[1] as SqlStore).query('SELECT pg_promote()');
    await expect
      .poll(async () => {
        await probe();
        return states();
      })
      .toEqual(['up', 'down']);
    for (let i = 0; i < 4; i += 1) expect(await where()).toBe('one');
  });
});
