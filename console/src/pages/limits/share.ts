import type { LimitHistogramAnswer, LimitPolicy } from '../../../../src/server/api/types.ts';

type Bins = LimitHistogramAnswer['bins'];

/**
 * Share of key-windows, 0 to 1, that made more requests than `limit`; null without data. Within a bin the keys are
 * taken as spread evenly; those of the open last bin count as over, unless the limit lies beyond where it begins.
 */
export function shareOver(bins: Bins, limit: number): number | null {
  const all = bins.reduce((sum, { keys }) => sum + keys, 0);
  if (all === 0) return null;
  let over = 0;
  for (const { from, upTo, keys } of bins) {
    if (limit < from) over += keys;
    else if (upTo === null) over += limit === from ? keys : 0;
    else if (limit < upTo) over += keys * ((upTo - limit) / (upTo - from + 1));
  }
  return over / all;
}

/** Upper end of the slider: a little beyond the present limit and what was seen. */
export function sliderTop(answer: LimitHistogramAnswer): number {
  const seen = Math.max(0, ...answer.bins.map(({ from, upTo }) => upTo ?? from));
  return Math.max(2, answer.max + 1, Math.ceil(seen * 1.05));
}

/** A bin's height on a square-root scale, 0 to 1, so that the few busy keys stay visible beside the many quiet ones. */
export function binHeight(keys: number, most: number): number {
  return most === 0 ? 0 : Math.sqrt(keys / most);
}

/** `60`, or `60 – 1,000 by role`. */
export function maxText(max: LimitPolicy['max']): string {
  if (typeof max === 'number') return max.toLocaleString('en-GB');
  const values = Object.values(max);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return `${low.toLocaleString('en-GB')}–${high.toLocaleString('en-GB')} by role`;
}

/**
 * Where a number of requests stands on the axis, 0 to 1. Logarithmic: beside a key that floods, the limit and what lies
 * around it stay readable.
 */
export function placeOf(requests: number, top: number): number {
  return Math.log1p(Math.max(0, requests)) / Math.log1p(Math.max(1, top));
}

/** Steps of the slider that tries limits. */
export const SLIDER_STEPS = 1000;

/** The limit at a position of the slider, 0 to `SLIDER_STEPS`; a step away from `now` is always another limit. */
export function limitAt(position: number, now: number, top: number): number {
  const limit = Math.round(Math.expm1((position / SLIDER_STEPS) * Math.log1p(top)));
  const direction = Math.sign(position - positionOf(now, top));
  const moved = limit === now ? now + direction : limit;
  return Math.min(top, Math.max(1, moved));
}

/** The position of a limit on the slider. */
export function positionOf(limit: number, top: number): number {
  return Math.round(placeOf(limit, top) * SLIDER_STEPS);
}

/** Powers of ten that the axis is labelled with, below its end. */
export function axisMarks(top: number): readonly number[] {
  return [1, 10, 100, 1_000, 10_000, 100_000].filter((mark) => placeOf(mark, top) < 0.8);
}
