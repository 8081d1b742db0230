import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event } from '../../../../test/api/samples.ts';
import { AuditNode, exportLog, verify, writeEvents } from '../../../../test/attacks/audit-stage.ts';
import type { RampartEvent } from '../../../core/events.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { migrate, openEmbedded, openServer } from '../../../stores/postgres/index.ts';
import { databaseTemplate } from '../../../testing/database.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { postgresService, temporaryDatabase } from '../../../testing/services.ts';
import { EventStore } from '../events.ts';
import { migrations } from '../migrations.ts';
import { deleteExpired } from '../retention.ts';
import { EventKeeper, isOpen, isSettled, layPart, readParts } from './index.ts';

const T0 = 1_795_000_000_000;
const service = await postgresService();
const closers: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

async function onServer(): Promise<SqlStore> {
  const database = await temporaryDatabase(service.url as string);
  const store = await openServer({ url: database.url });
  closers.push(async () => {
    await store.close();
    await database.drop();
  });
  return store;
}

async function embedded(): Promise<SqlStore> {
  const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  closers.push(() => store.close());
  return store;
}

const texts = async (sql: SqlStore): Promise<string> =>
  JSON.stringify((await sql.query('SELECT * FROM rampart.events AS e ORDER BY id COLLATE "C"')).rows);

/** So often the open partition is ended under writers. */
const SEALS = 6;
const before = migrations.filter(({ id }) => id < '0030');

describe.each([
  ['the embedded database', embedded, false],
  ['a PostgreSQL server', onServer, service.absent !== undefined],
] as const)('events that were there before partitions, on %s', (_name, open, skip) => {
  it.skipIf(skip)('keep their rows, proofs, rights, triggers and retention', async () => {
    const sql = await open();
    await migrate(sql, before);
    const node = await AuditNode.open(sql);
    closers.push(() => node.close());
    const store = new EventStore(sql);
    const signals = Array.from({ length: 300 }, (_, i) =>
      event('REQUEST_REFUSED', T0 + i * 1_000, {
        address: `10.0.0.${i % 9}`,
        details: { word: `w${i % 7}` },
      }),
    );
    await store.insertMany(signals);
    await writeEvents(sql, 20);
    await node.log.checkpoint();
    await writeEvents(sql, 3);
    const role = `reader_${process.pid}_${sql.kind}`;
    if (sql.kind === 'server') {
      await sql.script(`CREATE ROLE ${role}; GRANT SELECT ON rampart.events TO ${role};
        GRANT INSERT (id) ON rampart.events TO ${role} WITH GRANT OPTION`);
      closers.push(() => sql.script(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
    }
    const rows = await texts(sql);

    await migrate(sql, migrations);

    expect(await texts(sql)).toBe(rows);
    const [old, newest] = await readParts(sql);
    expect(old !== undefined && isSettled(old)).toBe(true);
    expect(newest !== undefined && isOpen(newest)).toBe(true);
    if (sql.kind === 'server') {
      const { rows: rights } = await sql.query(
        `SELECT has_table_privilege($1, 'rampart.events', 'SELECT') AS read,
          has_table_privilege($1, 'rampart.events', 'UPDATE') AS change,
          has_column_privilege($1, 'rampart.events', 'id', 'INSERT WITH GRANT OPTION') AS add`,
        [role],
      );
      expect(rights).toEqual([{ read: true, change: false, add: true }]);
    }
    // The next ones go behind them; what comes again is known.
    const next = event('REQUEST_REFUSED', T0 + 400_000);
    expect(await store.insertMany([...signals, next])).toEqual({ inserted: 1, refused: 0 });
    await sql.script(
      `INSERT INTO rampart.sinks (name, kind, target, cursor, seen_ms) VALUES ('s', 'log', 't', 0, 0)`,
    );
    const told = event('REQUEST_REFUSED', T0 + 400_001);
    await store.insertMany([told]);
    expect((await sql.query('SELECT event FROM rampart.sink_arrivals')).rows).toEqual([{ event: told.id }]);
    await node.log.checkpoint();
    await writeEvents(sql, 2);
    await node.log.checkpoint();
    const report = await verify(await exportLog(sql), node.file);
    expect(report).toMatchObject({ ok: true });
    const keep = { decisionsMs: null, trafficMs: null, signalsMs: 1_000 };
    let gone = 0;
    for (let n; (n = await deleteExpired(sql, keep, T0 + 300_000, 70)) > 0;) gone += n;
    expect(gone).toBe(299);
    expect(await node.log.expire({ before: 'evt_z', types: {} })).toBe(25);
    await node.log.checkpoint();
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true });
  });
});

describe.skipIf(service.absent !== undefined)('partitions on a server', () => {
  let sql: SqlStore;
  beforeAll(async () => {
    sql = await onServer();
    await migrate(sql, migrations);
  });

  it('are ended, by several nodes at once, under writers that notice nothing and lose nothing', async () => {
    const store = new EventStore(sql);
    const limits = { sealBytes: 300_000, maxUnsettled: 3, maxParts: 30 };
    // Their clock is ahead, so that indexes are made at once, while late events still come.
    const clock = { now: () => Date.now() + 60_000, monotonic: () => 0 };
    const keepers = [1, 2, 3].map(() => new EventKeeper({ sql, clock, limits }));
    let sealed = 0;
    const isEnough = (): boolean => sealed >= SEALS;
    const written: string[] = [];
    const over = new AbortController();
    const writer = async (id: number): Promise<void> => {
      for (let round = 0; !isEnough() && round < 1_000; round += 1) {
        const batch = Array.from({ length: 100 }, (_, i) =>
          event('REQUEST_REFUSED', Date.now() - (i % 10) * 50, { actor: `user:${id}` }),
        );
        // What was not acknowledged is given again: half of each batch comes twice.
        const counts = [await store.insertMany(batch), await store.insertMany(batch.slice(50))];
        expect(counts).toEqual([
          { inserted: 100, refused: 0 },
          { inserted: 0, refused: 0 },
        ]);
        written.push(...batch.map((one) => one.id));
      }
    };
    const acting = async (): Promise<RampartEvent[]> => {
      const done: RampartEvent[] = [];
      while (!over.signal.aborted) {
        const one = event('BLOCK_ADDED', Date.now(), { subject: '192.0.2.1' });
        await sql.transaction(async (tx) => {
          await store.write(tx, one);
          await tx.query('SELECT count(*) FROM rampart.events WHERE id > $1', [one.id]);
          await store.settle(tx, one.id, { by: 'somebody', atMs: 1 });
        });
        done.push(one);
      }
      return done;
    };
    const keeping = async (keeper: EventKeeper): Promise<void> => {
      while (!over.signal.aborted) {
        if (await keeper.seal()) sealed += 1;
        await keeper.settle();
      }
    };
    const acts = acting();
    const kept = Promise.all(keepers.map(keeping));
    await Promise.all([1, 2, 3].map(writer)).finally(() => over.abort());
    await kept;
    written.push(...(await acts).map((one) => one.id));
    const { rows } = await sql.query('SELECT id FROM rampart.events');
    expect(rows.map((row) => row['id'] as string).toSorted()).toEqual(written.toSorted());
    const parts = await readParts(sql);
    expect(parts.length).toBe(sealed + 1);
    expect(isEnough()).toBe(true);
    parts.forEach((part, i) => expect(part.from).toBe(parts[i - 1]?.to ?? 'MINVALUE'));
  });

  it('wait for a transaction that uses the events, for less than half a second, and are tried again', async () => {
    await new EventStore(sql).insertMany([event('REQUEST_REFUSED', Date.now())]);
    const clock = new ManualClock();
    const keeper = new EventKeeper({
      sql,
      clock,
      limits: { sealBytes: 1, maxParts: 1_000, maxUnsettled: 1_000 },
    });
    await sql.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM rampart.events LIMIT 1');
      expect(await keeper.seal()).toBe(false);
      // Nobody waits behind it any more.
      await new EventStore(sql).insertMany([event('REQUEST_REFUSED', Date.now())]);
    });
    // Whoever comes next is not made to wait again at once.
    expect(await keeper.seal()).toBe(false);
    clock.advance(4_000);
    expect(await keeper.seal()).toBe(true);
  });

  it('can be laid as a whole before the open one', async () => {
    await sql.script('TRUNCATE rampart.events');
    const rows = Array.from({ length: 5 }, () => event('REQUEST_REFUSED', Date.now() + 1_000));
    const lay = (table: string, from: number): Promise<unknown> =>
      sql.query(
        `INSERT INTO ${table} (id, type, severity, class, at_ms, node, about, details)
         SELECT id, 'REQUEST_REFUSED', 'LOW', 'signal', 1, 'n', 'a', '{}' FROM unnest($1::text[]) AS id`,
        [
          rows
            .slice(from, from + 2)
            .map(({ id }) => id)
            .toSorted(),
        ],
      );
    rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    await layPart(sql, (table) => lay(table, 0));
    await layPart(sql, (table) => lay(table, 2));
    await new EventStore(sql).insertMany(rows);
    const parts = await readParts(sql);
    expect(parts.slice(-3).map((part) => isSettled(part))).toEqual([true, true, false]);
    expect((await new EventStore(sql).search({ limit: 9 })).events.map(({ id }) => id)).toEqual(
      rows.map(({ id }) => id).toReversed(),
    );
  });
});
