import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitTelling, CALM, digestAtMs, takeDigest } from './storm.ts';

const rules = { atMost: 3, withinMs: 1_000 };
const T0 = 1_795_000_000_000;

describe('a storm of alerts', () => {
  it('is told one by one up to its bound, and the rest as one digest', () => {
    let storm = CALM;
    const how = Array.from({ length: 10 }, (_, i) => {
      const found = admitTelling(storm, rules, false, T0 + i);
      storm = found.storm;
      return found.how;
    });
    expect(how.filter((one) => one === 'one')).toHaveLength(3);
    expect(digestAtMs(storm, rules)).toBe(T0 + 1_000);
    expect(takeDigest(storm, rules, T0 + 999).count).toBe(0);
    const digest = takeDigest(storm, rules, T0 + 1_000);
    expect(digest.count).toBe(7);
    expect(takeDigest(digest.storm, rules, T0 + 9_000).count).toBe(0);
  });

  it('has only digests while it lasts, and ends with a quiet window', () => {
    const raging = { ...CALM, windowStartMs: T0, raging: true };
    expect(admitTelling(raging, rules, false, T0 + 1).how).toBe('held');
    expect(admitTelling(raging, rules, true, T0 + 1).how).toBe('one');
    expect(admitTelling(raging, rules, false, T0 + 1_000).how).toBe('one');
    const few = takeDigest({ ...raging, held: 2 }, rules, T0 + 1_000);
    expect(admitTelling(few.storm, rules, false, T0 + 1_001).how).toBe('one');
  });

  it('keeps room for critical alerts, and bounds them too', () => {
    const full = { ...CALM, windowStartMs: T0, told: 3 };
    expect(admitTelling(full, rules, true, T0 + 1).how).toBe('one');
    expect(admitTelling({ ...full, critical: 3 }, rules, true, T0 + 1).how).toBe('held');
  });

  it('loses none: each is told by itself or counted by a digest, and no window tells more than its bound', () => {
    const arrivals = fc.array(fc.tuple(fc.nat(800), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(arrivals, (given) => {
        let storm = CALM;
        let nowMs = T0;
        let alone = 0;
        let digested = 0;
        let times: number[] = [];
        for (const [laterMs, isCritical] of given) {
          nowMs += laterMs;
          const taken = takeDigest(storm, rules, nowMs);
          digested += taken.count;
          const found = admitTelling(taken.storm, rules, isCritical, nowMs);
          storm = found.storm;
          if (found.how === 'held') continue;
          alone += 1;
          times = [...times.filter((one) => one > nowMs - rules.withinMs), nowMs];
          // Two windows may touch, and critical ones count by themselves.
          expect(times.length).toBeLessThanOrEqual(4 * rules.atMost);
        }
        digested += takeDigest(storm, rules, nowMs + 2 * rules.withinMs).count;
        expect(alone + digested).toBe(given.length);
      }),
    );
  });
});
