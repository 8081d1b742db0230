import { expect, it } from 'vitest';
import { honestDay } from './test-day.ts';

it.each([2, 3, 4, 5, 6])(
  'says nothing of severity HIGH or above, and raises no alert of a stale link, on honest day %s',
  async (seed) => {
    expect(await honestDay(seed)).toEqual([]);
  },
);
