import { describe, expect, it } from 'vitest';
import type { EventPartStatus } from './data/index.ts';
import { eventPartFindings, eventPartWords } from './event-part-findings.ts';

const NOW = 1_795_000_000_000;
const MINUTE_MS = 60_000;
const WELL: EventPartStatus = {
  parts: 12,
  openRows: 12_345,
  openSize: 0.4,
  endedAtMs: NOW - 3 * MINUTE_MS,
  waiting: 1,
  waitingSinceMs: NOW - 3 * MINUTE_MS,
  failures: [],
};

describe('partitions of the events', () => {
  it('are well while they are worked on, and told of in one sentence', () => {
    expect(eventPartFindings(WELL, NOW)).toEqual([]);
    expect(eventPartFindings(null, NOW)).toEqual([]);
    expect(eventPartWords(WELL, NOW)).toBe(
      '12 partitions, about 12,345 events in the open one; the last one was ended 3 min ago',
    );
    expect(eventPartWords({ ...WELL, parts: 1, endedAtMs: null }, NOW)).toMatch(
      /^1 partition, .* none was ended yet$/,
    );
  });

  it.each([
    ['lack their indexes for long', { waitingSinceMs: NOW - 31 * MINUTE_MS }],
    ['grow far beyond what is usual', { openSize: 8 }],
  ])('are told of when they %s', (_what, change) => {
    const [found, ...others] = eventPartFindings({ ...WELL, ...change }, NOW);
    expect(found?.level).toBe('warning');
    expect(found?.text).toMatch(/12,345 new events and 1 partitions have no indexes yet/);
    expect(others).toEqual([]);
  });

  it('are told of with the reason when they cannot be looked after, but not for a moment', () => {
    const failure = (sinceMs: number): EventPartStatus => ({
      ...WELL,
      waitingSinceMs: NOW - 31 * MINUTE_MS,
      failures: [{ what: 'seal', sinceMs, error: 'must be owner of table events' }],
    });
    const [found, ...others] = eventPartFindings(failure(NOW - 61 * MINUTE_MS), NOW);
    expect(found?.text).toBe(
      'The partitions of the events are not looked after (seal), for 61 min: must be owner of table events',
    );
    expect(others).toEqual([]);
    expect(eventPartFindings({ ...failure(NOW - MINUTE_MS), waitingSinceMs: null }, NOW)).toEqual([]);
  });
});
