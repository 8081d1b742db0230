import { expect, it } from 'vitest';
import { event } from '../../../test/api/samples.ts';
import type { RampartEvent } from '../../core/events.ts';
import { idTimeMs, isId } from '../../core/id.ts';
import { ManualClock } from '../../testing/clock.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { EventKeeper } from './event-partitions/index.ts';
import { type EventFilters, EventStore, type Stores } from './index.ts';

const T0 = 1_795_000_000_000;
const DAY_MS = 86_400_000;
/** An actor whose name must not be read as part of a question. */
const ODD = String.raw`o'neil\ & !x:* | 'y'`;
/** A route of which only the beginning stands in the index. */
const LONG = `GET /${'é'.repeat(300)}`;

/** The search for events on one database. */
export function eventSuite(stores: () => Stores): void {
  /** Looks at so few events at once that all ways are gone. */
  const searching = (tail: readonly [number, number] = [50, 90]): EventStore =>
    new EventStore(stores().sql, { rounds: [20, 60], tail });
  const keeper = (): EventKeeper =>
    new EventKeeper({
      sql: stores().sql,
      clock: new ManualClock(T0 + 1_000 * DAY_MS),
      limits: { sealBytes: 1, maxUnsettled: 99, maxParts: 99 },
    });
  const settle = async (): Promise<void> => {
    while (await keeper().seal());
    while (await keeper().settle());
  };
  /** Some stand in partitions with all indexes, some in one that is only ended, some in the open one. */
  const spread = async (all: readonly RampartEvent[]): Promise<void> => {
    await stores().sql.script('TRUNCATE rampart.events');
    const [first, second] = [Math.floor(all.length * 0.6), Math.floor(all.length * 0.8)];
    await stores().events.insertMany(all.slice(0, first));
    await settle();
    await stores().events.insertMany(all.slice(first, second));
    while (await keeper().seal());
    await stores().events.insertMany(all.slice(second));
  };
  it('are found whatever filters meet, page by page, and none twice', async () => {
    const types = ['REQUEST_REFUSED', 'SIGN_IN_FAILED', 'BLOCK_ADDED'] as const;
    const all = Array.from({ length: 1_000 }, (_, i) =>
      event(types[i % 3] as (typeof types)[number], T0 + i * 100_000, {
        address: `10.0.${i % 7}.${i % 11}`,
        ...(i % 2 === 0 ? { actor: `user:${i % 4}` } : { actor: ODD }),
        route: i % 3 === 0 ? LONG : `${LONG}s`,
        outcome: i === 17 ? 'failure' : 'success',
        session: `ses_${i % 10}`,
        ...(i % 7 === 0 ? { requestId: `req-${i % 3}` } : { decision: `req-${i % 2}` }),
        traceId: `trace-${i}`,
        details: { word: i % 200 === 0 ? 'seldom' : 'often', more: `w${i % 5}` },
      }),
    );
    await spread(all);
    const newest = all.toReversed();
    const cases: readonly (readonly [EventFilters, (one: RampartEvent, i: number) => boolean])[] = [
      [
        { types: ['SIGN_IN_FAILED'], actor: 'user:2' },
        (one) => one.type === 'SIGN_IN_FAILED' && one.actor === 'user:2',
      ],
      [{ types: ['BLOCK_ADDED', 'SIGN_IN_FAILED', 'BLOCK_ADDED'] }, (one) => one.type !== 'REQUEST_REFUSED'],
      [
        { class: 'audit', address: '10.0.3.0/24' },
        (one) => one.class === 'audit' && one.address?.startsWith('10.0.3.') === true,
      ],
      [{ text: 'seldom' }, (one) => one.details?.['word'] === 'seldom'],
      [
        { text: 'OFTEN w3', actor: 'user:0' },
        (one) => one.details?.['word'] === 'often' && one.details['more'] === 'w3' && one.actor === 'user:0',
      ],
      [
        { text: 'seldom', fromMs: T0 + 30_000_000, toMs: T0 + 80_000_000 },
        (one) =>
          one.details?.['word'] === 'seldom' && one.atMs >= T0 + 30_000_000 && one.atMs < T0 + 80_000_000,
      ],
      [
        { text: 'often', actor: ODD, address: '10.0.3.5' },
        (one) => one.details?.['word'] === 'often' && one.actor === ODD && one.address === '10.0.3.5',
      ],
      [
        { text: 'seldom', types: ['SIGN_IN_FAILED', 'BLOCK_ADDED'], route: `${LONG}s` },
        (one) =>
          one.details?.['word'] === 'seldom' && one.type !== 'REQUEST_REFUSED' && one.route === `${LONG}s`,
      ],
      [{ text: 'seldom', address: '10.0.3.9' }, () => false],
      [{ text: 'often', outcome: 'failure' }, (one) => one.outcome === 'failure'],
      [{ text: 'absent' }, () => false],
      [{ session: 'ses_3' }, (one) => one.session === 'ses_3'],
      [
        { session: 'ses_3', types: ['BLOCK_ADDED'] },
        (one) => one.session === 'ses_3' && one.type === 'BLOCK_ADDED',
      ],
      [{ request: 'req-1' }, (one) => one.requestId === 'req-1' || one.decision === 'req-1'],
      [
        { request: 'req-2', text: 'often' },
        (one) => one.requestId === 'req-2' && one.details?.['word'] === 'often',
      ],
      [{ trace: 'trace-500' }, (one) => one.traceId === 'trace-500'],
      [{ trace: 'trace-none', session: 'ses_3' }, () => false],
      [{ text: '!?' }, () => false],
      [{ actor: 'user:1' }, () => false],
      [{ types: ['BLOCK_ADDED'], severities: ['CRITICAL'] }, () => false],
    ];
    for (const [filters, fits] of cases) {
      const right = newest.filter(fits).map((one) => one.id);
      for (const store of [searching(), stores().events]) {
        const found: string[] = [];
        for await (const one of store.all({ ...filters, limit: 50 })) found.push(one.id);
        expect(found, JSON.stringify(filters)).toEqual(right);
      }
    }
  });

  it('that a frequent word and another filter never meet on are answered for after bounded work', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const many = Array.from({ length: 400 }, (_, i) =>
      event('REQUEST_REFUSED', T0 + i * 1_000, { outcome: 'success', details: { word: 'often' } }),
    );
    await stores().events.insertMany(many);
    await settle();
    const first = await searching().search({ text: 'often', outcome: 'failure', limit: 10 });
    expect(first.events).toEqual([]);
    const nextBefore = first.nextBefore as string;
    expect(isId('evt', nextBefore)).toBe(true);
    expect(idTimeMs(nextBefore)).toBeGreaterThan(T0 + 200_000);
    expect(idTimeMs(nextBefore)).toBeLessThan(T0 + 380_000);
  });

  it('that two frequent filters never meet on are answered for after bounded work', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const many = Array.from({ length: 200 }, (_, i) =>
      event(i % 2 === 0 ? 'REQUEST_REFUSED' : 'CSP_VIOLATION', T0 + i, {
        route: i % 2 === 0 ? 'GET /a' : 'GET /b',
      }),
    );
    const oldest = event('REQUEST_REFUSED', T0 - 1, { route: 'GET /b' });
    await stores().events.insertMany([oldest, ...many]);
    await settle();
    const query = { types: ['REQUEST_REFUSED'], route: 'GET /b', limit: 10 };
    const first = await searching().search(query);
    expect(first.events).toEqual([]);
    expect(first.nextBefore).not.toBeNull();
    const second = await searching().search({ ...query, before: first.nextBefore as string });
    expect(second).toMatchObject({ events: [{ id: oldest.id }], nextBefore: null });
  });
  it('of a frequent word are found behind many that do not hold it, in few questions', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const all = Array.from({ length: 1_200 }, (_, i) =>
      event('REQUEST_REFUSED', T0 + i * 900_000, {
        outcome: i % 5 === 0 ? 'failure' : 'success',
        // Seldom, often, not at all, and seldom again.
        details: { word: (i > 200 && i < 500) || i % 400 === 7 ? 'often' : 'other' },
      }),
    );
    await stores().events.insertMany(all);
    await settle();
    let questions = 0;
    const counting: SqlRunner = {
      query: (text, values) => {
        questions += 1;
        return stores().sql.query(text, values);
      },
    };
    const store = new EventStore(counting, { rounds: [20, 60] });
    const hits = all.filter((one) => one.details?.['word'] === 'often').toReversed();
    const { events } = await store.search({ text: 'often', limit: 30 });
    expect(events.map(({ id }) => id)).toEqual(hits.slice(0, 30).map(({ id }) => id));
    expect(questions).toBeLessThan(30);
    for (const limit of [7, 50]) {
      const found: string[] = [];
      for await (const one of store.all({ text: 'often', outcome: 'failure', limit })) found.push(one.id);
      expect(found).toEqual(hits.filter(({ outcome }) => outcome === 'failure').map(({ id }) => id));
    }
  });

  it('without indexes that nothing fits are answered for after bounded work', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const open = T0 + 100 * DAY_MS;
    const many = Array.from({ length: 300 }, (_, i) => event('REQUEST_REFUSED', open + i));
    await stores().events.insertMany([event('BLOCK_ADDED', open - 1), ...many]);
    const query = { types: ['BLOCK_ADDED'], limit: 10 };
    const first = await searching([50, 90]).search(query);
    expect(first).toEqual({ events: [], nextBefore: many[300 - 50 - 90]?.id });
    const { events, nextBefore } = await searching().search({ ...query, before: first.nextBefore as string });
    expect({ found: events.length, nextBefore }).toEqual({ found: 0, nextBefore: many[300 - 280]?.id });
    expect((await stores().events.search(query)).events).toHaveLength(1);
  });

  it('are the same as by looking at each, whatever is asked', async () => {
    let seed = 7;
    const draw = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const types = ['REQUEST_REFUSED', 'SIGN_IN_FAILED', 'BLOCK_ADDED', 'REFRESH_REUSE'] as const;
    const all = Array.from({ length: 700 }, (_, i) =>
      // Some kinds cease with time, as a search would not expect.
      event(types[draw(i > 300 ? 2 : 4)] ?? 'BLOCK_ADDED', T0 + i * 60_000, {
        address: `10.0.${draw(3)}.${draw(4)}`,
        actor: `user:${draw(i > 450 ? 2 : 5)}`,
        route: `GET /${draw(3)}`,
        session: `ses_${draw(40)}`,
        details: { word: `w${draw(i > 400 ? 3 : 9)}`, more: `m${draw(60)}` },
      }),
    );
    await spread(all);
    for (const since of [0, 300, 620, 700]) {
      const counted = types.map((type) => [type, all.slice(since).filter((one) => one.type === type).length]);
      const found = await stores().events.countTypes([...types, 'NEW_DEVICE'], T0 + since * 60_000);
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(counted.filter(([, n]) => n !== 0)));
    }
    const ways: readonly (() => readonly [EventFilters, (one: RampartEvent) => boolean])[] = [
      () => {
        const some = types.filter(() => draw(2) === 0);
        return [{ types: some }, (one) => some.length === 0 || some.some((type) => type === one.type)];
      },
      () => {
        const actor = `user:${draw(6)}`;
        return [{ actor }, (one) => one.actor === actor];
      },
      () => {
        const part = `10.0.${draw(4)}.`;
        if (draw(2) === 0)
          return [{ address: `${part}0/24` }, (one) => one.address?.startsWith(part) === true];
        const address = `${part}${draw(4)}`;
        return [{ address }, (one) => one.address === address];
      },
      () => {
        const route = `GET /${draw(4)}`;
        return [{ route }, (one) => one.route === route];
      },
      () => {
        const session = `ses_${draw(41)}`;
        return [{ session }, (one) => one.session === session];
      },
      () => {
        const [word, more] = [`w${draw(10)}`, `m${draw(60)}`];
        return draw(3) === 0
          ? [
              { text: `${word} ${more}` },
              (one) => one.details?.['word'] === word && one.details['more'] === more,
            ]
          : [{ text: word }, (one) => one.details?.['word'] === word];
      },
      () => {
        const [fromMs, toMs] = [T0 + draw(700) * 60_000, T0 + draw(700) * 60_000];
        return [{ fromMs, toMs }, (one) => one.atMs >= fromMs && one.atMs < toMs];
      },
    ];
    for (let turn = 0; turn < 30; turn++) {
      const asked = ways.filter(() => draw(3) === 0).map((way) => way());
      const filters = Object.assign({}, ...asked.map(([one]) => one)) as EventFilters;
      const right = all.filter((one) => asked.every(([, fit]) => fit(one))).toReversed();
      const found: string[] = [];
      for await (const { id } of searching([30, 70]).all({ ...filters, limit: 1 + draw(80) })) found.push(id);
      expect(found, JSON.stringify(filters)).toEqual(right.map((one) => one.id));
    }
  });
}
