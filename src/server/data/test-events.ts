import { expect, it } from 'vitest';
import { event } from '../../../test/api/samples.ts';
import type { RampartEvent } from '../../core/events.ts';
import { idTimeMs, isId } from '../../core/id.ts';
import { type EventFilters, EventStore, type Stores } from './index.ts';

const T0 = 1_795_000_000_000;
/** An actor whose name must not be read as part of a question. */
const ODD = String.raw`o'neil\ & !x:* | 'y'`;
/** A route of which only the beginning stands in the index. */
const LONG = `GET /${'é'.repeat(300)}`;

/** The search for events on one database. */
export function eventSuite(stores: () => Stores): void {
  /** Looks at so few events at once that all ways are gone. */
  const searching = (): EventStore => new EventStore(stores().sql, [20, 60]);
  it('are found whatever filters meet, page by page, and none twice', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
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
    await stores().events.insertMany(all);
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
      const found: string[] = [];
      for await (const one of searching().all({ ...filters, limit: 50 })) found.push(one.id);
      expect(found, JSON.stringify(filters)).toEqual(newest.filter(fits).map((one) => one.id));
    }
  });

  it('that a frequent word and another filter never meet on are answered for after bounded work', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const many = Array.from({ length: 400 }, (_, i) =>
      event('REQUEST_REFUSED', T0 + i * 1_000, { outcome: 'success', details: { word: 'often' } }),
    );
    await stores().events.insertMany(many);
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
    const query = { types: ['REQUEST_REFUSED'], route: 'GET /b', limit: 10 };
    const first = await searching().search(query);
    expect(first.events).toEqual([]);
    expect(first.nextBefore).not.toBeNull();
    const second = await searching().search({ ...query, before: first.nextBefore as string });
    expect(second).toMatchObject({ events: [{ id: oldest.id }], nextBefore: null });
  });
}
