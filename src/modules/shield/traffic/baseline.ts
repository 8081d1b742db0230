import type { Sensitivity } from './options.ts';

/** What is usual at this site: mean and variance of requests per second, and how much of it was learnt. */
export interface Baseline {
  readonly mean: number;
  readonly variance: number;
  /** Seconds that were learnt from. */
  readonly seconds: number;
  /** The last ten seconds, smoothed: what is compared. */
  readonly recent: number;
}

/** How a site's traffic stands to what is usual. */
export type Pressure = 'calm' | 'usual' | 'high' | 'extreme';

/** A site of which nothing is known. */
export const UNKNOWN_BASELINE: Baseline = { mean: 0, variance: 0, seconds: 0, recent: 0 };

const LEARNT_OVER_SECONDS = 600;
/** While it is pressed a site learns slowly, so that an attack does not become what is usual; a lasting change does. */
const PRESSED_OVER_SECONDS = 7_200;
const RECENT_SECONDS = 10;

interface Bounds {
  /** Standard deviations above the mean. */
  readonly deviations: number;
  /** Times the mean. */
  readonly times: number;
  /** Requests per second below which nothing is an attack. */
  readonly least: number;
}

const BOUNDS: Readonly<Record<Sensitivity, Bounds>> = {
  low: { deviations: 8, times: 8, least: 400 },
  medium: { deviations: 5, times: 4, least: 200 },
  high: { deviations: 3, times: 2, least: 50 },
};

/**
 * Learns one second.
 * @param atMost what is more than this is learnt as this: a single second of an attack would spoil the variance
 */
export function learn(before: Baseline, requests: number, pressed: boolean, atMost = Infinity): Baseline {
  const { mean, variance, seconds } = before;
  const over = Math.min(seconds + 1, pressed ? PRESSED_OVER_SECONDS : LEARNT_OVER_SECONDS);
  const share = pressed ? 1 / PRESSED_OVER_SECONDS : 1 / over;
  const distance = Math.min(requests, atMost) - mean;
  return {
    mean: mean + share * distance,
    variance: (1 - share) * (variance + share * distance * distance),
    seconds: seconds + 1,
    recent: before.recent + (requests - before.recent) / Math.min(seconds + 1, RECENT_SECONDS),
  };
}

/** Requests per second above which the site is pressed. */
export function boundOf(baseline: Baseline, sensitivity: Sensitivity): number {
  const { deviations, times, least } = BOUNDS[sensitivity];
  return Math.max(least, baseline.mean * times, baseline.mean + deviations * Math.sqrt(baseline.variance));
}

/** How the last ten seconds stand to what is usual; always `calm` while the baseline is being learnt. */
export function pressureOf(baseline: Baseline, sensitivity: Sensitivity, warmUpSeconds: number): Pressure {
  if (baseline.seconds < warmUpSeconds) return 'calm';
  const bound = boundOf(baseline, sensitivity);
  if (baseline.recent > 3 * bound) return 'extreme';
  if (baseline.recent > bound) return 'high';
  return baseline.recent < 0.7 * bound ? 'calm' : 'usual';
}
