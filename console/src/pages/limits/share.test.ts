import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  maxText,
  shareOver,
  sliderTop,
  axisMarks,
  limitAt,
  placeOf,
  positionOf,
  SLIDER_STEPS,
} from './share.ts';

const BINS = [
  { from: 1, upTo: 10, keys: 80 },
  { from: 11, upTo: 20, keys: 15 },
  { from: 21, upTo: null, keys: 5 },
];

describe('the share that a limit would refuse', () => {
  it('counts whole bins above it', () => {
    expect(shareOver(BINS, 20)).toBeCloseTo(0.05);
    expect(shareOver(BINS, 10)).toBeCloseTo(0.2);
  });

  it('takes keys within a bin as spread evenly', () => {
    expect(shareOver(BINS, 15)).toBeCloseTo(0.05 + 0.15 * 0.5);
  });

  it('never grows with the limit, and stays between nothing and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const over = [shareOver(BINS, low) ?? -1, shareOver(BINS, high) ?? -1] as const;
        expect(over[0]).toBeGreaterThanOrEqual(over[1]);
        expect(over[1]).toBeGreaterThanOrEqual(0);
        expect(over[0]).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is unknown without data', () => {
    expect(shareOver([], 10)).toBeNull();
    expect(shareOver([{ from: 1, upTo: 2, keys: 0 }], 10)).toBeNull();
  });
});

it('the slider reaches beyond the present limit and what was seen', () => {
  const answer = { policy: 'api', max: 60, windowMs: 1000, bins: BINS, shareWithin: 1, p99: 1, p999: 1 };
  expect(sliderTop(answer)).toBe(61);
  expect(sliderTop({ ...answer, max: 2 })).toBeGreaterThan(20);
});

it('a limit by role is told from lowest to highest', () => {
  expect(maxText(60)).toBe('60');
  expect(maxText({ anonymous: 60, admin: 1000 })).toBe('60–1,000 by role');
});

describe('the axis of requests per key', () => {
  it('keeps a limit readable beside a key that floods', () => {
    expect(placeOf(60, 3000)).toBeGreaterThan(0.4);
    expect(placeOf(0, 3000)).toBe(0);
    expect(placeOf(3000, 3000)).toBe(1);
    expect(axisMarks(3000)).toEqual([1, 10, 100]);
  });

  it('reaches every end of the slider, and each step is another limit', () => {
    expect(limitAt(0, 60, 3000)).toBe(1);
    expect(limitAt(SLIDER_STEPS, 60, 3000)).toBe(3000);
    const at = positionOf(60, 3000);
    expect(limitAt(at + 1, 60, 3000)).toBe(61);
    expect(limitAt(at - 1, 60, 3000)).toBe(59);
  });
});
