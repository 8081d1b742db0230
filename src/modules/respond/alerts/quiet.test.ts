import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteOfDay, quietUntilMs } from './quiet.ts';

const at = (text: string): number => Date.parse(text);
const NIGHT = { from: 22 * 60, to: 7 * 60, zone: 'Europe/Berlin' };

describe('quiet hours', () => {
  it('reign over midnight, in the time of the place', () => {
    expect(quietUntilMs(NIGHT, at('2026-11-22T20:59:30Z'))).toBeNull();
    expect(quietUntilMs(NIGHT, at('2026-11-22T21:00:30Z'))).toBe(at('2026-11-23T06:00:00Z'));
    expect(quietUntilMs(NIGHT, at('2026-11-23T05:59:59Z'))).toBe(at('2026-11-23T06:00:00Z'));
    expect(quietUntilMs(NIGHT, at('2026-11-23T06:00:00Z'))).toBeNull();
    expect(quietUntilMs(NIGHT, at('2026-07-01T20:00:00Z'))).toBe(at('2026-07-02T05:00:00Z'));
  });

  it('end within a day at the minute that was asked for, where no clock is changed', () => {
    const minute = fc.nat(1_439);
    fc.assert(
      fc.property(minute, minute, fc.nat(10 * 86_400_000), (from, to, later) => {
        fc.pre(from !== to);
        const nowMs = at('2026-01-10T00:00:00Z') + later;
        const end = quietUntilMs({ from, to, zone: 'UTC' }, nowMs);
        if (end === null) return;
        expect(end).toBeGreaterThan(nowMs);
        expect(end - nowMs).toBeLessThanOrEqual(86_400_000);
        expect(minuteOfDay('UTC', end)).toBe(to);
      }),
    );
  });
});
