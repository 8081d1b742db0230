import type { Clock } from '../core/clock.ts';

const WINDOW_MS = 10_000;
/** Passes a second that are kept when the share is chosen by itself. */
const KEPT_PER_SECOND = 50;
const LEAST = 1 / 1024;

/** The share of passes that is kept, and who adapts it. */
export interface PassShare {
  /** The share now, 0 to 1. */
  readonly current: () => number;
  /** Counts a request. */
  readonly count: () => void;
}

/**
 * A fixed share, or one that follows the traffic: all passes while there are at most fifty a second, then a half, a
 * quarter … so that callers that are kept at a low share are kept at every higher one too.
 */
export function passShareOf(option: number | 'auto', clock: Clock): PassShare {
  if (option !== 'auto') return { current: () => option, count: () => undefined };
  let share = 1;
  let requests = 0;
  let windowEndsMs = clock.monotonic() + WINDOW_MS;
  return {
    current: () => share,
    count() {
      requests++;
      const bound = (KEPT_PER_SECOND * WINDOW_MS) / 1000;
      // A surge is answered before its window is over.
      if (requests * share > bound && share > LEAST) share /= 2;
      if (requests % 64 !== 0 && requests !== 1) return;
      const now = clock.monotonic();
      if (now < windowEndsMs) return;
      const rate = requests / ((now - windowEndsMs + WINDOW_MS) / 1000);
      share = 1;
      while (rate * share > KEPT_PER_SECOND && share > LEAST) share /= 2;
      requests = 0;
      windowEndsMs = now + WINDOW_MS;
    },
  };
}
