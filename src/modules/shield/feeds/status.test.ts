import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_RECORD } from './files.ts';
import { dueAt, feedStatus } from './status.ts';
import { oneFeed } from './test-source.ts';

const NOW = 1_795_000_000_000;
const DAY = 86_400_000;
const tor = oneFeed('tor', true);
const city = oneFeed('city', { kind: 'mmdb', from: 'https://maps.example/city.mmdb?token=abc' });
const known = {
  ...NO_RECORD,
  sha256: 'x',
  bytes: 10,
  entries: 3,
  checkedAtMs: NOW - 1_000,
  updatedAtMs: NOW - DAY,
};
const facts = { record: known, writtenAtMs: NOW - DAY, size: 10, nextAtMs: null };

describe('how a feed stands', () => {
  it('is current, stale, failed or missing', () => {
    expect(feedStatus(tor, facts, NOW)).toMatchObject({ state: 'current', entries: 3, source: tor.from });
    expect(feedStatus(tor, facts, NOW + 4 * DAY).state).toBe('stale');
    const failed = { ...facts, record: { ...known, error: 'x', failures: 1 } };
    expect(feedStatus(tor, failed, NOW)).toMatchObject({ state: 'failed', error: 'x', entries: 3 });
    expect(feedStatus(tor, failed, NOW + 4 * DAY).state).toBe('stale');
    const gone = { ...facts, writtenAtMs: undefined, size: undefined };
    expect(feedStatus(tor, gone, NOW)).toMatchObject({ state: 'missing', entries: null, bytes: null });
  });

  it('is stale when its database was built long ago, though its source says that nothing is newer', () => {
    const old = { ...facts, record: { ...known, entries: null, builtAtMs: NOW - 46 * DAY } };
    expect(feedStatus(city, old, NOW).state).toBe('stale');
    const young = { ...facts, record: { ...known, entries: null, builtAtMs: NOW - 44 * DAY } };
    expect(feedStatus(city, young, NOW).state).toBe('current');
  });

  it('shows no query of its source, and counts nothing that it has not read', () => {
    expect(feedStatus(city, facts, NOW).source).toBe('https://maps.example/city.mmdb');
    expect(feedStatus(tor, { ...facts, size: 11 }, NOW)).toMatchObject({ entries: null, bytes: 11 });
  });

  it('that is put in place by hand is as old as its file', () => {
    const own = oneFeed('own', { kind: 'list' });
    const hand = { ...facts, record: NO_RECORD };
    expect(feedStatus(own, hand, NOW)).toMatchObject({
      state: 'current',
      checkedAtMs: NOW - DAY,
      everyMs: null,
    });
    expect(feedStatus(own, hand, NOW + 7 * DAY).state).toBe('stale');
  });
});

describe('when a feed is asked for by itself', () => {
  const at = (record: Partial<typeof NO_RECORD>, spread = 0, isThere = true): number | null =>
    dueAt(tor, { record: { ...NO_RECORD, ...record }, isThere }, NOW, spread);

  it('never is at the moment of a start, and nodes that start together do not ask together', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.integer({ min: 0, max: 30 }),
        (spread, days) => {
          const due = at({ checkedAtMs: NOW - days * DAY }, spread) as number;
          expect(due).toBeGreaterThanOrEqual(NOW + 10_000 + spread * 300_000 - 1);
          expect(due).toBeLessThanOrEqual(NOW + Math.max(310_000, (tor.everyMs as number) * 1.1));
        },
      ),
    );
    expect(at({ checkedAtMs: NOW - DAY }, 0.9)).not.toBe(at({ checkedAtMs: NOW - DAY }, 0.1));
  });

  it('is at once where there is no file', () => {
    expect(at({ checkedAtMs: NOW - 1_000 }, 0, false)).toBe(NOW + 10_000);
  });

  it('is later after each failure, and no later than its own interval', () => {
    const waits = [1, 2, 3, 4, 10, 100].map((failures) => (at({ failures, triedAtMs: NOW }) as number) - NOW);
    expect(waits).toEqual([300_000, 600_000, 1_200_000, 2_400_000, tor.everyMs, tor.everyMs]);
  });

  it('never is where it is put in place by hand, or asked for by command alone', () => {
    const own = oneFeed('own', { kind: 'list', from: 'https://lists.example/x', every: false });
    expect(dueAt(own, { record: NO_RECORD, isThere: false }, NOW, 0)).toBeNull();
    expect(dueAt(oneFeed('own', { kind: 'list' }), { record: NO_RECORD, isThere: true }, NOW, 0)).toBeNull();
  });
});
