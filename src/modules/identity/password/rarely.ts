import type { Clock } from '../../../core/clock.ts';

/** Runs what it is given at most once in `everyMs` milliseconds; the rest is left out. */
export function rarely(clock: Clock, everyMs: number): (act: () => void) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (act) => {
    const nowMs = clock.monotonic();
    if (nowMs - lastMs < everyMs) return;
    lastMs = nowMs;
    act();
  };
}
