import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHardenOptions } from './options.ts';
import { type Glance, headRead, newPace, tooSlow } from './pace.ts';

const LIMITS = readHardenOptions({});
const IDLE: Glance = { atMs: 0, requests: 0, received: 0, sent: 0, unsent: 0, wantsBody: false };

/** Looks every half second for so long; `at` says what is seen. @returns the reason and the second of the cut */
function watch(seconds: number, at: (second: number) => Partial<Glance>): string {
  const pace = newPace(0);
  for (let second = 0.5; second <= seconds; second += 0.5) {
    const reason = tooSlow(pace, { ...IDLE, atMs: second * 1_000, ...at(second) }, LIMITS);
    if (reason !== undefined) return `${reason} at ${second}`;
  }
  return 'kept';
}

describe('a connection', () => {
  it('has ten seconds for the head of its first request, however it fills them', () => {
    expect(watch(60, () => ({}))).toBe('head at 10');
    expect(watch(60, (second) => ({ received: Math.floor(second) }))).toBe('head at 10');
    expect(watch(60, (second) => ({ received: second * 10_000 }))).toBe('head at 10');
  });

  it('may wait for its next request, and then has ten seconds again', () => {
    const pace = newPace(0);
    headRead(pace, 100);
    for (let atMs = 500; atMs < 3_600_000; atMs += 500)
      expect(tooSlow(pace, { ...IDLE, atMs, received: 100 }, LIMITS)).toBeUndefined();
    expect(tooSlow(pace, { ...IDLE, atMs: 3_600_000, received: 101 }, LIMITS)).toBeUndefined();
    expect(tooSlow(pace, { ...IDLE, atMs: 3_609_500, received: 102 }, LIMITS)).toBeUndefined();
    expect(tooSlow(pace, { ...IDLE, atMs: 3_610_000, received: 103 }, LIMITS)).toBe('head');
  });

  it('must send a body at 500 bytes a second while the application waits for it', () => {
    const body = (rate: number) => (second: number) => ({
      requests: 1,
      received: Math.floor(second * rate),
      wantsBody: true,
    });
    expect(watch(600, body(0.1))).toBe('upload at 20.5');
    expect(watch(600, body(490))).toBe('upload at 20.5');
    expect(watch(600, body(510))).toBe('kept');
    expect(watch(600, (second) => ({ ...body(0)(second), wantsBody: false }))).toBe('kept');
  });

  it('may pause for ten seconds in a tunnel', () => {
    const tunnel = (second: number): number => Math.min(second, 5) + Math.max(0, second - 15);
    expect(
      watch(120, (second) => ({ requests: 1, received: tunnel(second) * 20_000, wantsBody: true })),
    ).toBe('kept');
  });

  it('must read answers at 500 bytes a second while there is something to read', () => {
    const reads = (rate: number) => (second: number) => ({ requests: 1, sent: second * rate, unsent: 1_000 });
    expect(watch(600, reads(1))).toBe('download at 60.5');
    expect(watch(600, reads(510))).toBe('kept');
    expect(watch(3_600, (second) => ({ requests: 1, sent: second / 30, unsent: 0 }))).toBe('kept');
  });

  it('is never cut while it keeps the pace, and always when it falls below, whatever comes in which step', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2_000), { minLength: 400, maxLength: 400 }), (steps) => {
        let received = 0;
        const totals = steps.map((bytes) => (received += bytes));
        const cut = watch(200, (second) => ({
          requests: 1,
          received: totals[second * 2 - 1] as number,
          wantsBody: true,
        }));
        const windows = Array.from(
          { length: 9 },
          (_, i) => (totals[40 * (i + 1)] as number) - (totals[40 * i] as number),
        );
        expect(cut !== 'kept').toBe(windows.some((bytes) => bytes < 10_000));
      }),
      { numRuns: 50 },
    );
  });
});
