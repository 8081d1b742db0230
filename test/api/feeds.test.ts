import { beforeEach, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import type { FeedEntry, FeedsAnswer } from '../../src/server/api/feed-types.ts';
import type { ApiPorts } from '../../src/server/api/index.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { AuthHouse } from './auth-house.ts';
import { onEmbedded } from './databases.ts';
import { House } from './house.ts';

const ENTRY: FeedEntry = {
  name: 'tor',
  kind: 'list',
  source: 'https://lists.example/tor',
  state: 'current',
  entries: 3,
  bytes: 30,
  builtAtMs: null,
  checkedAtMs: 1,
  updatedAtMs: 1,
  everyMs: 3_600_000,
  staleAfterMs: 86_400_000,
  nextAtMs: 3_600_001,
  error: null,
  terms: 'Free.',
};

onEmbedded((stores: () => Stores) => {
  let asked: string[];
  const feeds = (): NonNullable<ApiPorts['feeds']> => ({
    feeds: [{ name: 'tor' }] as never,
    status: () => [ENTRY],
    update: (name) => Promise.resolve((asked.push(name), { ...ENTRY, entries: 4 })),
  });
  beforeEach(async () => {
    asked = [];
    await stores().sql.script('TRUNCATE rampart.events');
  });

  it('feeds are shown to whoever may look, and to nobody else', async () => {
    const house = new House(stores(), { ports: { feeds: feeds() } });
    expect((await house.fetch('/admin/feeds')).status).toBe(401);
    const admin = await house.signIn();
    expect((await (await admin.get('/admin/feeds')).json()) as FeedsAnswer).toEqual({ feeds: [ENTRY] });
    const none = new House(stores());
    expect(await (await (await none.signIn()).get('/admin/feeds')).json()).toEqual({ feeds: [] });
  });

  it('one is brought up to date by an administrator, which is written down; others are not there', async () => {
    const house = new House(stores(), { ports: { feeds: feeds() } });
    const admin = await house.signIn();
    const answer = await admin.send('POST', '/admin/feeds/tor/update');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ...ENTRY, entries: 4 });
    expect((await admin.send('POST', '/admin/feeds/other/update')).status).toBe(404);
    expect(asked).toEqual(['tor']);
    const events = await stores().events.page({ limit: 10 });
    expect(events.map(({ type, subject }) => [type, subject])).toContainEqual([
      'FEED_UPDATE_REQUESTED',
      'tor',
    ]);
    expect(events.filter(({ type }) => type === 'FEED_UPDATE_REQUESTED')).toHaveLength(1);
  });

  it('nobody without a fresh second factor has one brought up to date, and no viewer', async () => {
    const house = new AuthHouse(stores(), { feeds: feeds() });
    const { bearer } = house.session({ roles: ['administrator'], aal: 2 });
    house.answers['requireFresh'] = new AppError('Prove it.', 401, 'FRESH_AUTH_REQUIRED');
    const refused = await house.send('POST', '/admin/feeds/tor/update', undefined, bearer);
    expect(refused.status).toBe(401);
    const viewer = house.session({ roles: ['viewer'], aal: 2 });
    const denied = await house.send('POST', '/admin/feeds/tor/update', undefined, viewer.bearer);
    expect(denied.status).toBe(403);
    expect(asked).toEqual([]);
  });
});
