import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RampartEvent } from '../../core/events.ts';
import { createStores } from '../../server/data/index.ts';
import { cutBatch } from './batch.ts';
import { eventAt, happen, nodeOf, sinkDatabase } from './test-house.ts';

const database = sinkDatabase();
const NOW = 1_795_000_123_456;

function events(count: number, fields: Parameters<typeof eventAt>[1] = {}): readonly RampartEvent[] {
  return Array.from({ length: count }, (_, i) => eventAt(NOW + i, fields));
}

describe('the feed', () => {
  it('misses no event of a transaction that began first and ended last', async ({ skip }) => {
    const sql = database();
    skip(sql.kind === 'embedded', 'the embedded database has no two transactions at a time');
    const node = await nodeOf(sql);
    const [late, early, ...rest] = events(20) as [RampartEvent, RampartEvent, ...RampartEvent[]];
    const hold = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const slow = sql.transaction(async (tx) => {
      // Older id, older transaction, older serial number; seen last.
      await createStores(sql).events.write(tx, late);
      written.resolve();
      await hold.promise;
    });
    await written.promise;
    await happen(sql, [early, ...rest]);
    expect(await node.drain()).toBe('idle');
    expect(node.receiver.taken).toHaveLength(19);
    hold.resolve();
    await slow;
    await node.drain();
    expect(node.receiver.taken.at(-1)).toBe(late.id);
    expect(new Set(node.receiver.taken).size).toBe(20);
  });

  it('misses none of many writers that end in any order, some of which fail', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const kept: string[] = [];
    const writing = { isOver: false };
    const reader = (async () => {
      while (!writing.isOver) await node.sender.round();
    })();
    await Promise.all(
      Array.from({ length: 6 }, async (_, writer) => {
        for (let i = 0; i < 25; i += 1) {
          const some = events(3);
          const fails = (writer + i) % 5 === 0;
          await sql
            .transaction(async (tx) => {
              for (const event of some) await createStores(sql).events.write(tx, event);
              if (fails) throw new Error('rolled back');
            })
            .then(
              () => kept.push(...some.map(({ id }) => id)),
              () => undefined,
            );
        }
      }),
    );
    writing.isOver = true;
    await reader;
    await node.drain();
    expect(kept.length).toBeGreaterThan(300);
    expect(node.receiver.taken.toSorted()).toEqual(kept.toSorted());
  });

  it('gives no place twice, and none to what comes again', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const some = events(700);
    await happen(sql, some);
    await happen(sql, some);
    await node.drain();
    await happen(sql, some);
    await node.drain();
    expect(node.receiver.taken).toEqual(some.map(({ id }) => id));
    expect(Math.max(...node.receiver.sends)).toBe(500);
  });

  it('writes nothing while no sink is known, and a new one begins with what comes then', async () => {
    const sql = database();
    await happen(sql, events(5));
    const { rows } = await sql.query('SELECT count(*) AS n FROM rampart.sink_arrivals');
    expect(Number(rows[0]?.['n'])).toBe(0);
    const node = await nodeOf(sql);
    const later = eventAt(NOW);
    await happen(sql, [later]);
    await node.drain();
    expect(node.receiver.taken).toEqual([later.id]);
  });

  it('takes what somebody inserts who may do nothing but that', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const event = eventAt(NOW);
    const role = `rampart_test_${randomBytes(6).toString('hex')}`;
    await sql.script(`CREATE ROLE ${role};
      GRANT USAGE ON SCHEMA rampart TO ${role};
      GRANT INSERT, SELECT ON rampart.events TO ${role}`);
    try {
      await sql.transaction(async (tx) => {
        await tx.query(`SET LOCAL ROLE ${role}`);
        await createStores(sql).events.write(tx, event);
      });
    } finally {
      await sql.script(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
    await node.drain();
    expect(node.receiver.taken).toEqual([event.id]);
  });

  it('gives a sink what it asked for alone, and moves it past the rest', async () => {
    const sql = database();
    const only = { types: ['ACCOUNT_LOCKED', 'SIGN_IN_FAILED'], severities: ['HIGH'] } as const;
    const node = await nodeOf(sql, { options: { kind: 'log', only } });
    const locked = eventAt(NOW + 10, {}, 'ACCOUNT_LOCKED');
    await happen(sql, [...events(600), locked, eventAt(NOW + 11, {}, 'REFRESH_REUSE')]);
    await node.drain();
    expect(node.receiver.taken).toEqual([locked.id]);
    expect(await node.state()).toMatchObject({ waiting: 0, sent: 1, lost: 0 });
  });

  it('counts what was deleted before it could be sent', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const some = events(5);
    await happen(sql, some);
    await sql.query('DELETE FROM rampart.events WHERE id = ANY($1)', [[some[0]?.id, some[3]?.id]]);
    await node.drain();
    expect(node.receiver.taken).toEqual([some[1]?.id, some[2]?.id, some[4]?.id]);
    expect(await node.state()).toMatchObject({ waiting: 0, sent: 3, lost: 2 });
  });

  it('sends a megabyte at most in one go, or one event that is larger', async () => {
    const sql = database();
    const node = await nodeOf(sql);
    const large = (bytes: number, i: number) => ({
      ...eventAt(NOW + i),
      details: { text: 'x'.repeat(bytes) },
    });
    await happen(sql, [400_000, 400_000, 400_000, 1_200_000, 10].map(large));
    await node.drain();
    expect(node.receiver.sends).toEqual([2, 1, 1, 1]);
  });
});

describe('cutBatch', () => {
  const at = (place: number, more: Partial<Parameters<typeof cutBatch>[0][number]> = {}) => ({
    place,
    id: `e${place}`,
    bytes: 10,
    wanted: true,
    ...more,
  });

  it('goes through what is not wanted and what is gone, up to the first that does not fit', () => {
    const given = [
      at(1, { wanted: false }),
      at(2),
      at(3, { id: null }),
      at(4),
      at(5, { wanted: false }),
      at(6),
    ];
    expect(cutBatch(given, 2, 1_000)).toEqual({ ids: ['e2', 'e4'], places: [2, 4], through: 5, lost: [3] });
    expect(cutBatch(given, 9, 15)).toEqual({ ids: ['e2'], places: [2], through: 3, lost: [3] });
    expect(cutBatch([at(7, { bytes: 5_000 }), at(8)], 9, 15).ids).toEqual(['e7']);
  });
});
