import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/clock.ts';
import { passShareOf } from './pass-share.ts';

function drive(
  clock: ManualClock,
  share: ReturnType<typeof passShareOf>,
  perSecond: number,
  seconds: number,
): void {
  for (let i = 0; i < perSecond * seconds; i++) {
    share.count();
    clock.advance(1000 / perSecond);
  }
}

describe('the share of passes that is kept', () => {
  it('is what was asked for', () => {
    const share = passShareOf(0.25, new ManualClock());
    share.count();
    expect(share.current()).toBe(0.25);
  });

  it('is all while there is little traffic', () => {
    const clock = new ManualClock();
    const share = passShareOf('auto', clock);
    drive(clock, share, 20, 30);
    expect(share.current()).toBe(1);
  });

  it('follows the traffic down within a window, by halves, and comes back', () => {
    const clock = new ManualClock();
    const share = passShareOf('auto', clock);
    drive(clock, share, 5_000, 25);
    expect(share.current()).toBeLessThanOrEqual(1 / 64);
    expect(Number.isInteger(Math.log2(share.current()))).toBe(true);
    expect(5_000 * share.current()).toBeGreaterThan(10);
    drive(clock, share, 20, 60);
    expect(share.current()).toBe(1);
  });

  it('never falls to nothing', () => {
    const clock = new ManualClock();
    const share = passShareOf('auto', clock);
    drive(clock, share, 500_000, 1);
    expect(share.current()).toBeGreaterThan(0);
  });
});
