import { expect, it } from 'vitest';
import { honestDay } from './test-day.ts';

it('says nothing of severity HIGH or above, and raises no alert of a stale link, on an honest day of a busy site', async () => {
  expect(await honestDay(1)).toEqual([]);
});
