import { expect, it } from 'vitest';
import { event } from '../../../test/api/samples.ts';
import type { RampartEvent } from '../../core/events.ts';
import { ManualClock } from '../../testing/clock.ts';
import { EventKeeper, isOpen, isSettled, readEventParts, readParts } from './event-partitions/index.ts';
import type { Stores } from './index.ts';

const T0 = 1_795_000_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The partitions of the events on one database. Leaves several of them, for what comes after. */
export function eventPartSuite(stores: () => Stores): void {
  const clock = new ManualClock(T0 + HOUR_MS);
  const keeper = (): EventKeeper =>
    new EventKeeper({ sql: stores().sql, clock, limits: { sealBytes: 1, maxUnsettled: 2, maxParts: 5 } });
  const parts = async (): Promise<string[]> =>
    (await readParts(stores().sql)).map((part) =>
      isOpen(part) ? 'open' : isSettled(part) ? 'settled' : 'ended',
    );
  const all = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of stores().events.all({ limit: 50 })) ids.push(id);
    return ids;
  };
  const partOf = async ({ id }: RampartEvent): Promise<string | undefined> => {
    const { rows } = await stores().sql.query(
      'SELECT tableoid::regclass::text AS part FROM rampart.events WHERE id = $1',
      [id],
    );
    return rows[0]?.['part'] as string | undefined;
  };
  const several = (fromMs: number, count = 40): RampartEvent[] =>
    Array.from({ length: count }, (_, i) => event('REQUEST_REFUSED', fromMs + i, { details: { n: i } }));

  it('begin with one that is open, and is ended only when it is large enough', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    expect(await parts()).toEqual(['open']);
    expect(await keeper().seal()).toBe(false);
    await stores().events.insertMany(several(T0));
    expect(await new EventKeeper({ sql: stores().sql, clock }).seal()).toBe(false);
    expect(await parts()).toEqual(['open']);
  });

  it('are ended behind their newest event, and take what comes late, twice or again', async () => {
    const first = several(T0);
    await stores().sql.script('TRUNCATE rampart.events');
    await stores().events.insertMany(first);
    expect(await keeper().seal()).toBe(true);
    expect(await parts()).toEqual(['ended', 'open']);
    const [late, next] = [event('REQUEST_REFUSED', T0 + 3), event('REQUEST_REFUSED', T0 + 100)];
    expect(await stores().events.insertMany([...first, late, next])).toEqual({ inserted: 2, refused: 0 });
    const [ended] = await readParts(stores().sql);
    expect(await partOf(late)).toBe(`rampart.${ended?.name}`);
    expect(await partOf(next)).not.toBe(`rampart.${ended?.name}`);
    const newestFirst = [...first, late, next].map(({ id }) => id).toSorted((a, b) => (a < b ? 1 : -1));
    expect(await all()).toEqual(newestFirst);
    expect(await stores().events.insertMany([...first, late, next])).toEqual({ inserted: 0, refused: 0 });
  });

  it('get their indexes one by one, some seconds after they were ended', async () => {
    const before = await all();
    const near = new EventKeeper({ sql: stores().sql, clock: new ManualClock(T0 + 40) });
    expect(await near.settle()).toBe(false);
    let steps = 0;
    while (await keeper().settle()) steps += 1;
    expect(steps).toBe(13);
    expect(await parts()).toEqual(['settled', 'open']);
    const [settled] = await readParts(stores().sql);
    const { rows } = await stores().sql.query(
      `SELECT count(*)::int AS n FROM pg_indexes WHERE schemaname = 'rampart' AND tablename = $1`,
      [settled?.name ?? null],
    );
    expect(rows).toEqual([{ n: 16 }]);
    expect(await all()).toEqual(before);
    const found = await stores().events.search({ text: 'nothing', limit: 5 });
    expect(found.events).toEqual([]);
  });

  it('do not reach ahead of the clock for the few events of a node whose clock is fast', async () => {
    const own = several(T0 + HOUR_MS / 2, 60);
    const fast = several(T0 + 3 * HOUR_MS, 3);
    await stores().events.insertMany([...own, ...fast]);
    expect(await keeper().seal()).toBe(true);
    const open = (await readParts(stores().sql)).find(isOpen);
    const soon = event('REQUEST_REFUSED', T0 + HOUR_MS + 1);
    await stores().events.insertMany([soon]);
    for (const one of [...fast, soon]) expect(await partOf(one)).toBe(`rampart.${open?.name}`);
    expect(await partOf(own[0] as RampartEvent)).not.toBe(`rampart.${open?.name}`);
    expect(await all()).toHaveLength(40 + 2 + 60 + 3 + 1);
  });

  it('grow on while too many wait for their indexes', async () => {
    const ended = await parts();
    expect(ended).toEqual(['settled', 'ended', 'open']);
    expect(await keeper().seal()).toBe(true);
    await stores().events.insertMany(several(T0 + 5 * HOUR_MS));
    expect(await keeper().seal()).toBe(false);
    clock.advance(MINUTE_MS);
    while (await keeper().settle());
    expect(await keeper().seal()).toBe(true);
    expect(await parts()).toEqual(['settled', 'settled', 'settled', 'ended', 'open']);
  });

  it('tell how they stand, and what fails, until it works again', async () => {
    const { sql } = stores();
    const status = async () => readEventParts(sql, sql.kind);
    expect(await status()).toMatchObject({ parts: 5, waiting: 1, failures: [] });
    const failing = new EventKeeper({
      sql: { ...sql, kind: sql.kind, query: (text, values) => sql.query(text, values), script: refuse },
      clock,
    });
    clock.advance(MINUTE_MS);
    await expect(failing.settle()).rejects.toThrow(/no room/);
    expect((await status())?.failures).toEqual([{ what: 'settle', sinceMs: clock.now(), error: 'no room' }]);
    clock.advance(MINUTE_MS);
    await expect(failing.settle()).rejects.toThrow(/no room/);
    expect((await status())?.failures[0]?.sinceMs).toBe(clock.now() - MINUTE_MS);
    expect(await keeper().settle()).toBe(true);
    expect((await status())?.failures).toEqual([]);
  });
}

const refuse = (): Promise<never> => Promise.reject(new Error('no room'));
