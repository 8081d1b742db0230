import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';

/** Spreads requests of many actors over time. */
export interface Pace {
  /** Waits until one more request may go. @throws when the run ends */
  turn(): Promise<void>;
  /** Waits like a person. @throws when the run ends */
  pause(ms: number): Promise<void>;
}

/**
 * @param perSecond requests a second at most, of everybody who shares this pace
 * @param end aborted when the run ends
 */
export function createPace(perSecond: number, clock: Clock, end: AbortSignal): Pace {
  const gapMs = 1000 / perSecond;
  let nextMs = clock.monotonic();
  const pause = async (ms: number): Promise<void> => {
    end.throwIfAborted();
    if (ms > 0) await wait(ms, undefined, { signal: end });
  };
  return {
    pause,
    turn() {
      const nowMs = clock.monotonic();
      // A tenth of a second may be caught up: bursts are part of the picture.
      nextMs = Math.max(nextMs + gapMs, nowMs - 100);
      return pause(nextMs - nowMs);
    },
  };
}
