import { expect, it } from 'vitest';
import { event } from '../../../test/api/samples.ts';
import { eventEntry } from './event-rows.ts';
import type { Stores } from './index.ts';

const T0 = 1_795_000_000_000;

/** How events come into one database. */
export function eventWritingSuite(stores: () => Stores): void {
  it('come back as they were written, with every field and whatever stands in them', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const full = event('SIGN_IN_FAILED', T0, {
      about: 'Line\nbreak, "quotes", back\\slash \\u0041, <b>, 日本語, \u212A, 👩‍👩‍👧',
      actor: 'user:"1"',
      subject: "acc_'2'",
      address: '2001:DB8::0007',
      route: 'POST /a\\b',
      decision: 'dec_1',
      outcome: 'failure',
      session: 'ses_1',
      userAgent: 'a\tb',
      place: 'DE',
      requestId: 'r',
      traceId: 't',
      details: { 'a"key': '{"type":"BLOCK_ADDED"}', n: -1.5e-7, yes: true, none: null },
    });
    const bare = event('REQUEST_REFUSED', T0 + 1);
    const hostile = event('REQUEST_REFUSED', T0 + 2, { actor: 'a\0b\ud800c', details: { '\0': '\udfff' } });
    expect(await stores().events.insertMany([full, bare, hostile])).toEqual({ inserted: 3, refused: 0 });
    const [third, second, first] = await stores().events.byIds([full.id, bare.id, hostile.id]);
    expect(first).toEqual(eventEntry(full));
    expect(second).toEqual(eventEntry(bare));
    expect(third).toMatchObject({ actor: 'a\ufffdb\ufffdc', details: { '\ufffd': '\ufffd' } });
    expect((await stores().events.search({ address: '2001:db8::7', limit: 5 })).events).toEqual([first]);
  });

  it('are written once, however often a batch comes, and without what can never be written', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const batch = Array.from({ length: 4_400 }, (_, i) => event('REQUEST_REFUSED', T0 + i));
    const bad = [17, 2_100, 4_399];
    for (const i of bad) batch[i] = { ...event('REQUEST_REFUSED', T0), atMs: 1e300 };
    expect(await stores().events.insertMany(batch.slice(0, 3_000))).toEqual({ inserted: 2_998, refused: 2 });
    expect(await stores().events.insertMany(batch)).toEqual({ inserted: 1_399, refused: 3 });
    expect(await stores().events.insertMany(batch)).toEqual({ inserted: 0, refused: 3 });
    const { rows } = await stores().sql.query('SELECT count(*)::int AS n FROM rampart.events');
    expect(rows).toEqual([{ n: 4_397 }]);
  });

  it('are written within a transaction, and gone with it', async () => {
    await stores().sql.script('TRUNCATE rampart.events');
    const batch = Array.from({ length: 4_100 }, (_, i) => event('REQUEST_REFUSED', T0 + i));
    const undone = stores().sql.transaction(async (tx) => {
      expect((await stores().events.insertMany(batch, tx)).inserted).toBe(4_100);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect((await stores().events.search({ limit: 5 })).events).toEqual([]);
  });
}
