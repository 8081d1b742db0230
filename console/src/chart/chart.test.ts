import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OverviewAnswer, TickMessage } from '../../../src/server/api/types.ts';
import { addTicks, axis, labelled, mergeTicks, requests, stack } from './stack.ts';
import type { Bucket } from './stack.ts';
import { bucketSentence } from './words.ts';

const ZERO = { allowed: 0, answered: 0, challenged: 0, limited: 0, blocked: 0, wouldRefuse: 0 };
const bucket = (atMs: number, some: Partial<Bucket> = {}): Bucket => ({ ...ZERO, atMs, ...some });

function answer(series: readonly Bucket[], bucketMs = 1000): OverviewAnswer {
  const fromMs = series[0]?.atMs ?? 0;
  return {
    fromMs,
    toMs: fromMs + bucketMs * series.length,
    bucketMs,
    countedAtMs: fromMs + bucketMs * series.length,
    series,
    totals: ZERO,
    previousTotals: ZERO,
    topAddresses: [],
    topRoutes: [],
    topGuards: [],
    topPrincipals: [],
    topRanges: [],
    topNetworks: [],
    topCountries: [],
    topClients: [],
    topCodes: [],
    knowsPlaces: false,
    sampleShare: 1,
    summary: '',
  };
}
const tick = (atMs: number, allowed: number): TickMessage => ({
  atMs,
  counts: { ...ZERO, allowed },
  skipped: 0,
});

describe('a stacked column', () => {
  it('is as high as the visible classes together, without gaps', () => {
    const [column] = stack([bucket(0, { allowed: 5, limited: 3, blocked: 2 })], new Set());
    expect(column?.parts).toEqual([
      { kind: 'allowed', from: 0, to: 5 },
      { kind: 'limited', from: 5, to: 8 },
      { kind: 'blocked', from: 8, to: 10 },
    ]);
    expect(column?.total).toBe(10);
  });

  it('closes up where a class is hidden', () => {
    const [column] = stack([bucket(0, { allowed: 5, blocked: 2 })], new Set(['allowed']));
    expect(column?.parts).toEqual([{ kind: 'blocked', from: 0, to: 2 }]);
  });

  it('never counts what would have been refused: those requests are among the allowed', () => {
    expect(requests(bucket(0, { allowed: 5, wouldRefuse: 3 }))).toBe(5);
  });
});

describe('the axis', () => {
  it('ends at or above the highest value, in even steps of whole requests', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (highest) => {
        const { top, ticks } = axis(highest);
        expect(top).toBeGreaterThanOrEqual(highest);
        expect(ticks.at(-1)).toBe(top);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('has a height even when nothing happened', () => {
    expect(axis(0).top).toBeGreaterThan(0);
  });
});

describe('ticks of the stream', () => {
  const series = [bucket(0, { allowed: 1 }), bucket(1000, { allowed: 2 }), bucket(2000, { allowed: 3 })];

  it('that the answer already holds are not counted twice', () => {
    expect(mergeTicks(answer(series), [tick(2500, 9), tick(3000, 9)])).toEqual(series);
  });

  it('fill the last column when the answer was counted before its end', () => {
    const early = { ...answer(series), countedAtMs: 2500 };
    expect(mergeTicks(early, [tick(2400, 50), tick(2600, 4)]).map(({ allowed }) => allowed)).toEqual([
      1, 2, 7,
    ]);
    expect(addTicks(early, [tick(2400, 50), tick(2600, 4)]).allowed).toBe(4);
  });

  it('open new columns while the oldest leave, so that the width stays', () => {
    const merged = mergeTicks(answer(series), [tick(3100, 7), tick(3900, 1), tick(4100, 5)]);
    expect(merged).toHaveLength(3);
    expect(merged.map(({ allowed }) => allowed)).toEqual([3, 8, 5]);
    expect(merged.map(({ atMs }) => atMs)).toEqual([2000, 3000, 4000]);
  });

  it('after a long silence never grow the chart', () => {
    expect(mergeTicks(answer(series), [tick(9_000_000, 7)])).toHaveLength(3);
  });

  it('change nothing in a chart without columns', () => {
    expect(mergeTicks(answer([]), [tick(5000, 1)])).toEqual([]);
  });
});

describe('the times below the chart', () => {
  const MINUTE = 60_000;
  const hour = Array.from({ length: 61 }, (_, i) => bucket(Date.UTC(2026, 0, 1, 12, 10 + i)));

  it('stand at round times', () => {
    const minutes = labelled(hour, MINUTE, 12, 0).map((at) => new Date(hour[at]?.atMs ?? 0).getUTCMinutes());
    expect(minutes).toEqual([10, 20, 30, 40, 50, 0, 10]);
  });

  it('follow the clock of a reader who is not a whole hour away', () => {
    const quarter = labelled(hour, MINUTE, 4, 45 * MINUTE);
    expect(quarter.map((at) => new Date(hour[at]?.atMs ?? 0).getUTCMinutes())).toEqual([15, 45]);
  });

  it('are spread evenly where no column begins at a round time', () => {
    const odd = hour.map((one) => bucket(one.atMs + 7));
    expect(labelled(odd, MINUTE, 4, 0)).toEqual([0, 16, 32, 48]);
  });
});

describe('the chart in words', () => {
  it('reads one column aloud', () => {
    const at = Date.UTC(2026, 0, 1, 12, 5);
    const one = bucket(at, { allowed: 400, limited: 12, blocked: 3, wouldRefuse: 2 });
    expect(bucketSentence(one, 3_600_000, 'utc')).toBe(
      '12:05: 415 requests, 12 limited, 3 blocked, 2 would have been refused',
    );
    expect(bucketSentence(bucket(at, { allowed: 1 }), 3_600_000, 'utc')).toContain('nothing refused');
  });
});
