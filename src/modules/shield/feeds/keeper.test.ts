import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EventFields } from '../../../core/events.ts';
import { FeedFiles } from './files.ts';
import { type FeedKeeperPorts, type Feeds, openFeeds } from './keeper.ts';
import type { ResolvedFeed } from './options.ts';
import { addresses, feedOf, oneFeed, ports, publish } from './test-source.ts';
import { updateFeed } from './update.ts';

interface Kept {
  readonly feeds: Feeds;
  readonly at: ReturnType<typeof ports>;
  readonly events: { readonly type: string; readonly fields: EventFields }[];
  readonly changes: string[];
  /** Moves the clock, and waits for what it has begun. */
  pass(ms: number): Promise<void>;
}

function keep(list: readonly ResolvedFeed[], over: Partial<FeedKeeperPorts> = {}, at = ports()): Kept {
  const events: { readonly type: string; readonly fields: EventFields }[] = [];
  const changes: string[] = [];
  const feeds = openFeeds(list, {
    ...at,
    timers: at.clock,
    events: { emit: (type, fields = {}) => void events.push({ type, fields }) },
    log: { warn: () => undefined, info: () => undefined },
    random: () => 0,
    ...over,
  });
  feeds.onChange(({ name }) => changes.push(name));
  feeds.start();
  return {
    feeds,
    at,
    events,
    changes,
    async pass(ms) {
      for (let left = ms; left > 0; left -= 60_000) {
        at.clock.advance(Math.min(left, 60_000));
        await feeds.idle();
      }
    },
  };
}

const inList = ({ feeds }: Kept, name = 'own'): number | undefined => {
  const content = feeds.content(name);
  return content?.kind === 'list' ? content.ranges.size : undefined;
};

describe('feeds of a running house', () => {
  it('are fetched by themselves after the start, and again when they are due', async () => {
    const source = await publish(addresses(40));
    const kept = keep([feedOf(source, { every: '1h' })]);
    expect(inList(kept)).toBeUndefined();
    expect(kept.feeds.status()[0]).toMatchObject({
      state: 'missing',
      nextAtMs: kept.at.clock.now() + 10_000,
    });
    await kept.pass(60_000);
    expect(inList(kept)).toBe(40);
    expect(kept.changes).toEqual(['own']);
    expect(kept.events).toEqual([
      expect.objectContaining({
        type: 'FEED_UPDATED',
        fields: expect.objectContaining({
          subject: 'own',
          details: expect.objectContaining({ entries: 40, by: 'schedule' }),
        }),
      }),
    ]);
    await kept.pass(50 * 60_000);
    expect(source.requests).toHaveLength(1);
    source.body = addresses(41);
    await kept.pass(20 * 60_000);
    expect(source.requests).toHaveLength(2);
    expect(inList(kept)).toBe(41);
    await kept.feeds.close();
  });

  it('keep what they have when a source fails, tell it once a day, and try again later each time', async () => {
    const source = await publish(addresses(40));
    const kept = keep([feedOf(source, { every: '1h' })]);
    await kept.pass(60_000);
    source.status = 500;
    await kept.pass(26 * 3_600_000);
    expect(inList(kept)).toBe(40);
    expect(kept.feeds.status()[0]).toMatchObject({ state: 'failed', entries: 40 });
    expect(kept.events.filter(({ type }) => type === 'FEED_FAILED')).toHaveLength(2);
    // 5, 10, 20, 40 minutes, then every hour.
    expect(source.requests.length).toBeGreaterThan(25);
    expect(source.requests.length).toBeLessThan(32);
    source.status = 200;
    source.body = addresses(42);
    await kept.pass(3_700_000);
    expect(kept.feeds.status()[0]).toMatchObject({ state: 'current', entries: 42 });
    expect(kept.events.filter(({ type }) => type === 'FEED_CURRENT')).toHaveLength(1);
    expect(kept.events.filter(({ type }) => type === 'FEED_STALE')).toHaveLength(0);
    await kept.feeds.close();
  });

  it('tell once a day that one put there by hand has grown stale, and once that it is current again', async () => {
    const feed = oneFeed('own', { kind: 'list' });
    const at = ports();
    mkdirSync(at.folder);
    const { current } = new FeedFiles(at.folder, feed);
    writeFileSync(current, addresses(3));
    utimesSync(current, at.clock.now() / 1_000, at.clock.now() / 1_000);
    const kept = keep([feed], {}, at);
    const told = () => kept.events.map(({ type }) => type);
    await kept.pass(feed.staleAfterMs);
    expect(told()).toEqual([]);
    await kept.pass(25 * 3_600_000);
    expect(kept.feeds.status()[0]?.state).toBe('stale');
    expect(told()).toEqual(['FEED_STALE', 'FEED_STALE']);
    writeFileSync(current, addresses(4));
    utimesSync(current, at.clock.now() / 1_000, at.clock.now() / 1_000);
    await kept.pass(60_000);
    expect(told().slice(2)).toEqual(['FEED_UPDATED', 'FEED_CURRENT']);
    await kept.feeds.close();
  });

  it('take over within a minute what the command line has brought', async () => {
    const source = await publish(addresses(40));
    const feed = feedOf(source, { every: false });
    const kept = keep([feed]);
    await updateFeed(feed, kept.at);
    await kept.pass(60_000);
    expect(inList(kept)).toBe(40);
    expect(kept.events[0]?.fields.details).toMatchObject({ by: 'files' });
    expect(source.requests).toHaveLength(1);
    await kept.feeds.close();
  });

  it('hold what they have read when the file is gone or broken', async () => {
    const feed = oneFeed('own', { kind: 'list' });
    const at = ports();
    mkdirSync(at.folder);
    const { current } = new FeedFiles(at.folder, feed);
    writeFileSync(current, addresses(3));
    const kept = keep([feed], {}, at);
    expect(inList(kept)).toBe(3);
    expect(kept.feeds.status()[0]).toMatchObject({ state: 'current', entries: 3 });
    writeFileSync(current, '<html>');
    await kept.pass(60_000);
    expect(inList(kept)).toBe(3);
    expect(kept.feeds.status()[0]).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/rollback own/),
    });
    rmSync(current);
    await kept.pass(60_000);
    expect(inList(kept)).toBe(3);
    expect(kept.changes).toEqual([]);
    await kept.feeds.close();
  });

  it('start with the file before where the one in use is broken, and without any where both are', async () => {
    const source = await publish(addresses(40));
    const feed = feedOf(source);
    const at = ports();
    await updateFeed(feed, at);
    source.body = addresses(41);
    await updateFeed(feed, at);
    const { current, previous } = new FeedFiles(at.folder, feed);
    writeFileSync(current, '<html>');
    const kept = keep([feed], {}, at);
    expect(inList(kept)).toBe(40);
    await kept.feeds.close();
    writeFileSync(previous, '<html>');
    const bare = keep([feed], {}, at);
    expect(inList(bare)).toBeUndefined();
    await bare.feeds.close();
  });

  it('are brought up to date at once where somebody asks, once for all who ask together', async () => {
    const source = await publish(addresses(40));
    const kept = keep([feedOf(source)]);
    const [one, two] = await Promise.all([kept.feeds.update('own'), kept.feeds.update('own')]);
    expect(one).toMatchObject({ state: 'current', entries: 40 });
    expect(two).toEqual(one);
    expect(source.requests).toHaveLength(1);
    expect(await kept.feeds.update('other')).toBeUndefined();
    await kept.feeds.close();
  });

  it('ask nobody after they were closed, and break off what runs, which is no failure of the source', async () => {
    const source = await publish(addresses(40));
    const feed = feedOf(source);
    const kept = keep([feed], { resolve: () => new Promise(() => undefined) });
    const named = { ...feed, from: `http://lists.example:${source.port}/` };
    const hanging = keep([named], { resolve: () => new Promise(() => undefined) });
    const asked = hanging.feeds.update('own');
    await hanging.feeds.close();
    expect((await asked)?.error).toBeNull();
    expect(hanging.events).toEqual([]);
    await kept.feeds.close();
    expect(kept.at.clock.pending).toBe(0);
    kept.at.clock.advance(86_400_000);
    expect(source.requests).toEqual([]);
  });

  it('without a folder read and fetch nothing', async () => {
    const source = await publish(addresses(40));
    const { folder: _folder, ...bare } = ports();
    const feeds = openFeeds([feedOf(source)], {
      ...bare,
      timers: bare.clock,
      events: { emit: () => undefined },
      log: { warn: () => undefined, info: () => undefined },
    });
    feeds.start();
    expect(bare.clock.pending).toBe(0);
    expect((await feeds.update('own'))?.state).toBe('missing');
    expect(source.requests).toEqual([]);
    await feeds.close();
  });
});

describe('feeds on two nodes', () => {
  it('of one folder are fetched by the one that is due first', async () => {
    const source = await publish(addresses(40));
    const feed = feedOf(source, { every: '1h' });
    const first = keep([feed]);
    const second = keep([feed], { random: () => 0.9 }, first.at);
    for (let minute = 0; minute < 70; minute++) {
      first.at.clock.advance(60_000);
      await Promise.all([first.feeds.idle(), second.feeds.idle()]);
    }
    expect(source.requests).toHaveLength(2);
    expect([inList(first), inList(second)]).toEqual([40, 40]);
    await Promise.all([first.feeds.close(), second.feeds.close()]);
  });
});
