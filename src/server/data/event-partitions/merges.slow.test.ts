import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event } from '../../../../test/api/samples.ts';
import type { RampartEvent } from '../../../core/events.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { migrate, openEmbedded, openServer } from '../../../stores/postgres/index.ts';
import { databaseTemplate } from '../../../testing/database.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { postgresService, temporaryDatabase } from '../../../testing/services.ts';
import { EventStore } from '../events.ts';
import { migrations } from '../migrations.ts';
import { deleteExpired } from '../retention.ts';
import { EventKeeper, isSettled, readParts } from './index.ts';
import { readMerge } from './merge-state.ts';

const T0 = 1_795_000_000_000;
const LIMITS = { sealBytes: 20_000, maxParts: 100, maxUnsettled: 100 };
const service = await postgresService();

async function onServer(): Promise<{ sql: SqlStore; readonly close: () => Promise<void> }> {
  const database = await temporaryDatabase(service.url as string);
  const sql = await openServer({ url: database.url });
  const close = async (): Promise<void> => {
    await sql.close();
    await database.drop();
  };
  return { sql, close };
}

async function embedded(): Promise<{ sql: SqlStore; readonly close: () => Promise<void> }> {
  const sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  return { sql, close: () => sql.close() };
}

describe.each([
  ['the embedded database', embedded, false],
  ['a PostgreSQL server', onServer, service.absent !== undefined],
] as const)('merging partitions on %s', (_name, open, isAbsent) => {
  describe.skipIf(isAbsent)('of which eight are settled', () => {
    let sql: SqlStore;
    let close: (() => Promise<void>) | undefined;
    let store: EventStore;
    let nextMs = T0;
    const clock = new ManualClock(T0 + 86_400_000);
    const keeper = (): EventKeeper => new EventKeeper({ sql, clock, limits: LIMITS });
    const snapshot = async (): Promise<readonly unknown[]> =>
      (await sql.query('SELECT e.* FROM rampart.events AS e ORDER BY id')).rows;
    /** So many steps of a merge, or all of it. */
    const steps = async (most = Infinity): Promise<number> => {
      let done = 0;
      while (done < most && (await keeper().merge())) done += 1;
      return done;
    };
    const names = async (): Promise<string[]> => (await readParts(sql)).map(({ name }) => name);

    beforeAll(async () => {
      ({ sql, close } = await open());
      await migrate(sql, migrations);
      store = new EventStore(sql);
    });
    afterAll(() => close?.());

    /** Eight settled partitions of fifty events each. */
    async function fill(): Promise<readonly RampartEvent[]> {
      const all: RampartEvent[] = [];
      for (let part = 0; part < 8; part += 1) {
        const some = Array.from({ length: 50 }, (_, i) =>
          event('REQUEST_REFUSED', (nextMs += 10), {
            address: `10.0.0.${i % 7}`,
            actor: `user:${i % 3}`,
            details: { word: i % 9 === 0 ? 'seldom' : 'often', long: 'x'.repeat(400) },
          }),
        );
        await store.insertMany(some);
        all.push(...some);
        expect(await keeper().seal()).toBe(true);
      }
      while (await keeper().settle());
      expect((await readParts(sql)).slice(-9, -1).every(isSettled)).toBe(true);
      return all;
    }

    async function anew(): Promise<readonly RampartEvent[]> {
      await sql.script('TRUNCATE rampart.events');
      await steps();
      return fill();
    }

    it('makes one of them, with all rows and indexes, in which the same is found', async () => {
      await anew();
      const [rows, before] = [await snapshot(), await names()];
      const asked = async (): Promise<unknown> =>
        Promise.all(
          [{ text: 'seldom' }, { address: '10.0.0.3' }, { actor: 'user:1', text: 'often' }, {}].map(
            (filters) => store.page({ ...filters, limit: 70 }),
          ),
        );
      const found = await asked();
      expect(await steps()).toBeGreaterThan(2);
      expect(await snapshot()).toEqual(rows);
      expect(await asked()).toEqual(found);
      const parts = await readParts(sql);
      expect(parts).toHaveLength(before.length - 7);
      parts.forEach((part, i) => expect(part.from).toBe(parts[i - 1]?.to ?? 'MINVALUE'));
      expect(isSettled(parts.at(-2) as never)).toBe(true);
      const left = await sql.query(
        `SELECT (SELECT count(*)::int FROM rampart.event_touches) + (SELECT count(*)::int FROM rampart.event_merges) AS n`,
      );
      expect(left.rows).toEqual([{ n: 0 }]);
    });

    it('loses no change that is made before, between and after any of its steps', async () => {
      for (let at = 0; ; at += 1) {
        const all = await anew();
        const isOver = (await steps(at)) < at;
        const [changed, deleted, twice] = [all[at], all[100 + at], all[200 + at]] as RampartEvent[];
        const late = event('REQUEST_REFUSED', (all[300 + at] as RampartEvent).atMs);
        await sql.transaction((tx) => store.settle(tx, changed?.id ?? '', { by: 'somebody', atMs: 5 }));
        await sql.query('DELETE FROM rampart.events WHERE id = $1', [deleted?.id ?? '']);
        await sql.query('DELETE FROM rampart.events WHERE id = $1', [twice?.id ?? '']);
        await store.insertMany([late, twice as RampartEvent]);
        const rows = await snapshot();
        expect(rows).toHaveLength(400);
        await steps();
        expect(await snapshot()).toEqual(rows);
        expect((await store.byIds([changed?.id ?? '']))[0]?.resolvedBy).toBe('somebody');
        if (isOver) return;
      }
    });

    it('is given up when the events are emptied meanwhile, or a partition is no longer there', async () => {
      await anew();
      await steps(2);
      const target = (await readMerge(sql))?.target;
      await sql.script('TRUNCATE rampart.events');
      const one = event('REQUEST_REFUSED', T0);
      await store.insertMany([one]);
      expect(await keeper().merge()).toBe(true);
      expect(await readMerge(sql)).toBeUndefined();
      const { rows } = await sql.query('SELECT to_regclass($1) IS NULL AS gone', [`rampart.${target}`]);
      expect(rows).toEqual([{ gone: true }]);
      expect((await store.page({ limit: 5 })).map(({ id }) => id)).toEqual([one.id]);
      // Nothing notes changes any more.
      await sql.query('DELETE FROM rampart.events');
      expect((await sql.query('SELECT count(*)::int AS n FROM rampart.event_touches')).rows).toEqual([
        { n: 0 },
      ]);
    });

    it('goes on where a step failed, as if it had never begun', async () => {
      await anew();
      await steps(1);
      const target = (await readMerge(sql))?.target;
      const rows = await snapshot();
      await sql.script(`ALTER TABLE rampart.${target} RENAME CONSTRAINT ${target}_bounds TO elsewhere`);
      await expect(steps()).rejects.toThrow(/bounds/);
      expect(await snapshot()).toEqual(rows);
      await sql.script(`ALTER TABLE rampart.${target} RENAME CONSTRAINT elsewhere TO ${target}_bounds`);
      await steps();
      expect(await snapshot()).toEqual(rows);
      expect(await names()).toContain(target);
    });

    it('joins partitions from which retention deleted everything, so that their room is free', async () => {
      await anew();
      const keep = { decisionsMs: null, trafficMs: null, signalsMs: 0 };
      while ((await deleteExpired(sql, keep, nextMs + 1)) > 0);
      await sql.script('VACUUM rampart.events');
      await steps();
      const parts = await readParts(sql);
      expect(parts).toHaveLength(2);
      expect(parts[0]).toMatchObject({ from: 'MINVALUE', bytes: 0, missing: [] });
      expect(parts[1]).toMatchObject({ from: parts[0]?.to, to: 'MAXVALUE' });
      // Late ones still have a place.
      expect(await store.insertMany([event('REQUEST_REFUSED', T0 + 5)])).toEqual({ inserted: 1, refused: 0 });
    });
  });
});

describe.skipIf(service.absent !== undefined)('merging while others write and read', () => {
  it('loses nothing, fails nobody, and at no moment shows too few rows or a row twice', async () => {
    const { sql, close } = await onServer();
    try {
      await migrate(sql, migrations);
      const store = new EventStore(sql);
      // Time flies, so that nobody rests for long where both want the same.
      let nowMs = T0 + 86_400_000;
      const clock = { now: () => (nowMs += 1_000), monotonic: () => 0 };
      const keepers = [1, 2].map(() => new EventKeeper({ sql, clock, limits: LIMITS }));
      const kept: RampartEvent[] = [];
      for (let part = 0; part < 24; part += 1) {
        const some = Array.from({ length: 60 }, (_, i) =>
          event('REQUEST_REFUSED', T0 + part * 1_000 + i, { details: { long: 'x'.repeat(400) } }),
        );
        await store.insertMany(some);
        kept.push(...some);
        await keepers[0]?.seal();
        while (await keepers[0]?.settle());
      }
      const over = new AbortController();
      const expected = new Map(kept.map(({ id }) => [id, null as string | null]));
      /** Each has rows of its own: what becomes of them is known. */
      const writer = async (own: number): Promise<void> => {
        for (let round = 0; !over.signal.aborted; round += 1) {
          const one = kept[(round * 4 + own) % kept.length] as RampartEvent;
          const late = event('REQUEST_REFUSED', one.atMs);
          const by = `round ${round}`;
          await sql.transaction(async (tx) => {
            await store.settle(tx, one.id, null);
            await store.settle(tx, one.id, { by, atMs: 1 });
          });
          expected.set(one.id, by);
          expect(await store.insertMany([late, one])).toEqual({ inserted: 1, refused: 0 });
          if (round % 2 === 0) await sql.query('DELETE FROM rampart.events WHERE id = $1', [late.id]);
          else expected.set(late.id, null);
        }
      };
      const reader = async (): Promise<void> => {
        const ids = kept.map(({ id }) => id);
        while (!over.signal.aborted) {
          const { rows } = await sql.query(
            'SELECT count(*)::int AS n FROM rampart.events WHERE id = ANY($1)',
            [ids],
          );
          expect(rows).toEqual([{ n: ids.length }]);
        }
      };
      const merging = async (keeper: EventKeeper): Promise<void> => {
        // Nothing is to be done, or the other one is at it: all is done when few partitions are left.
        for (let turn = 0; turn < 2_000 && (await readParts(sql)).length > 5; turn += 1) await keeper.merge();
      };
      const others = Promise.all([writer(0), writer(1), writer(2), reader(), reader()]);
      await Promise.race([others, Promise.all(keepers.map(merging))]).finally(() => over.abort());
      await others;
      expect((await readParts(sql)).length).toBeLessThanOrEqual(5);
      const { rows } = await sql.query('SELECT id, resolved_by FROM rampart.events');
      expect(new Map(rows.map((row) => [row['id'] as string, row['resolved_by'] as string | null]))).toEqual(
        expected,
      );
      expect(rows).toHaveLength(expected.size);
    } finally {
      await close();
    }
  });
});
