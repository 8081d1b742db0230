import { beforeEach, expect, it } from 'vitest';
import { newId } from '../../src/core/id.ts';
import type { EventAnswer, EventEntry, EventsAnswer, EventTypesAnswer } from '../../src/server/api/types.ts';
import { onEachDatabase } from './databases.ts';
import { House, type SignedIn } from './house.ts';
import { event } from './samples.ts';

onEachDatabase((stores) => {
  let house: House;
  let ada: SignedIn;
  beforeEach(async () => {
    house = new House(stores());
    ada = await house.signIn();
    await stores().sql.script('TRUNCATE rampart.events');
  });
  const read = async <T>(path: string): Promise<T> => {
    const response = await ada.get(path);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  };
  const written = async (): Promise<readonly string[]> =>
    (await stores().events.page({ limit: 50 })).map((one) => `${one.type} ${one.actor} ${one.subject}`);

  it('events are searched by everything that is known of them', async () => {
    const at = house.clock.now();
    const one = event('SIGN_IN_FAILED', at - 60_000, {
      actor: 'mallory',
      subject: 'acc_7',
      address: '203.0.113.7',
      route: 'POST /auth/sign-in',
      session: 'ses_1',
      requestId: 'edge-7',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      decision: 'dec_1',
      outcome: 'failure',
      details: { reason: 'wrong password' },
    });
    await stores().events.insertMany([one, event('BLOCK_ADDED', at - 1_000, { address: '198.51.100.9' })]);
    const found = async (query: string): Promise<readonly string[]> =>
      (await read<EventsAnswer>(`/admin/events?${query}`)).events.map(({ type }) => type);
    for (const query of [
      'type=LOGIN_FAILURE',
      'class=signal',
      'outcome=failure',
      'actor=mallory',
      'subject=acc_7',
      'address=203.0.113.7',
      'address=203.0.113.0/24',
      'route=POST%20/auth/sign-in',
      'session=ses_1',
      'request=edge-7',
      'request=dec_1',
      'trace=4bf92f3577b34da6a3ce929d0e0e4736',
      'decision=dec_1',
      `to=${at - 30_000}`,
      'text=wrong%20Password',
      'text=acc_7&resolved=false',
    ])
      expect(await found(query), query).toEqual(['SIGN_IN_FAILED']);
    expect(await found(`from=${at - 30_000}`)).toEqual(['BLOCK_ADDED']);
    expect(await found('actor=mallory&outcome=success')).toEqual([]);
    for (const wrong of [
      'address=nowhere',
      'text=x',
      'class=other',
      'resolved=maybe',
      'from=yesterday',
      'color=red',
    ])
      expect((await ada.get(`/admin/events?${wrong}`)).status, wrong).toBe(400);
  });

  it('events are shown with what happened around them, and settled once', async () => {
    const at = house.clock.now();
    const mine = { actor: 'mallory', address: '2001:db8::7', session: 'ses_1' };
    const one = event('SIGN_IN_FAILED', at - 60_000, { ...mine, decision: 'dec_1', requestId: 'edge-7' });
    const same = event('SIGN_IN_FAILED', at - 120_000, { address: '2001:db8::8', decision: 'dec_1' });
    await stores().events.insertMany([
      one,
      same,
      event('NEW_DEVICE', at - 30_000, { ...mine, requestId: 'edge-7' }),
      event('SIGNED_OUT', at - 2 * 3_600_000, mine),
    ]);
    const { event: shown, related, similar } = await read<EventAnswer>(`/admin/events/${one.id}`);
    expect(shown).toMatchObject({ type: 'SIGN_IN_FAILED', session: 'ses_1', resolvedAtMs: null });
    const types = (events: EventsAnswer['events']): readonly string[] => events.map(({ type }) => type);
    expect(types(related.request)).toEqual(['NEW_DEVICE', 'SIGN_IN_FAILED']);
    for (const list of [related.session, related.actor, related.address])
      expect(types(list)).toEqual(['NEW_DEVICE']);
    expect(similar).toEqual({ count: 2, by: 'address' });

    const path = `/admin/events/${one.id}`;
    const resolved = (await (await ada.send('POST', `${path}/resolve`)).json()) as EventEntry;
    expect(resolved).toMatchObject({ resolvedBy: 'ada', resolvedAtMs: house.clock.now() });
    expect((await ada.send('POST', `${path}/resolve`)).status).toBe(409);
    expect(types((await read<EventsAnswer>('/admin/events?resolved=true')).events)).toEqual([
      'SIGN_IN_FAILED',
    ]);
    expect(((await (await ada.send('POST', `${path}/reopen`)).json()) as EventEntry).resolvedBy).toBeNull();
    expect((await ada.send('POST', `${path}/reopen`)).status).toBe(409);
    expect((await written()).slice(0, 2)).toEqual([
      `EVENT_REOPENED ada ${one.id}`,
      `EVENT_RESOLVED ada ${one.id}`,
    ]);
    expect((await ada.get(`/admin/events/${newId('evt', at)}`)).status).toBe(404);
    expect((await ada.send('POST', `/admin/events/${newId('evt', at)}/resolve`)).status).toBe(404);
  });

  it('events are taken as files, whole, in every format, and who took them is written down', async () => {
    const at = house.clock.now();
    const hostile = '=1|"\n=x\\\u2028\u009b31m';
    const events = Array.from({ length: 450 }, (_, i) =>
      event('SIGN_IN_FAILED', at - 1_000 + i, { actor: `a${i}`, details: { hostile } }),
    );
    await stores().events.insertMany([...events, event('BLOCK_ADDED', at - 1, {})]);
    const take = async (format: string): Promise<{ type: string | null; lines: readonly string[] }> => {
      const response = await ada.get(`/admin/events.${format}?type=LOGIN_FAILURE`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="rampart-events-/);
      const text = await response.text();
      expect(text.endsWith('\n')).toBe(true);
      return { type: response.headers.get('content-type'), lines: text.trimEnd().split('\n') };
    };
    const newestFirst = events.map(({ id }) => id).toReversed();
    const ndjson = await take('ndjson');
    const parsed = ndjson.lines.map((line) => JSON.parse(line) as EventEntry);
    expect([ndjson.type, parsed.map(({ id }) => id)]).toEqual(['application/x-ndjson', newestFirst]);
    expect(parsed[0]?.details).toEqual({ hostile });
    const ocsf = (await take('ocsf')).lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(ocsf.map(({ metadata }) => (metadata as { uid: string }).uid)).toEqual(newestFirst);
    expect(ocsf[0]).toMatchObject({ class_uid: 3002, type_uid: 300_201, unmapped: { details: { hostile } } });
    const cef = await take('cef');
    expect(cef.lines.map((line) => / externalId=(evt_\w+) /.exec(line)?.[1])).toEqual(newestFirst);
    expect((await take('csv')).lines.length).toBeGreaterThan(450);
    // oxlint-disable-next-line no-control-regex -- what a terminal would act on
    expect([...ndjson.lines, ...cef.lines].join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028]/);

    const { events: told } = await read<EventsAnswer>('/admin/events?type=DATA_EXPORTED');
    expect(told.map(({ actor, subject, details }) => [actor, subject, details])).toEqual(
      ['csv', 'cef', 'ocsf', 'ndjson'].map((format) => ['ada', 'events', { format, type: 'LOGIN_FAILURE' }]),
    );
    expect((await ada.get('/admin/events.ndjson?limit=5')).status).toBe(400);
    expect((await ada.get('/admin/events.xml')).status).toBe(404);
  });

  it('events have a catalogue with other names and what happened of late', async () => {
    const at = house.clock.now();
    await stores().events.insertMany([
      event('SIGN_IN_FAILED', at - 1),
      event('SIGN_IN_FAILED', at - 2),
      event('SIGN_IN_FAILED', at - 2 * 86_400_000),
    ]);
    const { types } = await read<EventTypesAnswer>('/admin/events/types');
    expect(types.find(({ type }) => type === 'SIGN_IN_FAILED')).toMatchObject({
      severity: 'MEDIUM',
      class: 'signal',
      aliases: ['LOGIN_FAILURE'],
      lastDay: 2,
    });
  });
});
