import { expect, it, vi } from 'vitest';
import { ManualClock } from '../../testing/clock.ts';
import { remembered } from './remembered.ts';

it('asks once for all who come together or within the time, and again after it', async () => {
  const clock = new ManualClock();
  let n = 0;
  const ask = vi.fn(() => Promise.resolve(++n));
  const read = remembered(60_000, clock, ask);
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  clock.advance(59_999);
  expect(await read()).toBe(1);
  clock.advance(1);
  expect(await read()).toBe(2);
  expect(ask).toHaveBeenCalledTimes(2);
});

it('does not remember a failure', async () => {
  const ask = vi.fn(() => Promise.resolve('well')).mockRejectedValueOnce(new Error('down'));
  const read = remembered(60_000, new ManualClock(), ask);
  await expect(Promise.all([read(), read()])).rejects.toThrow('down');
  expect(await read()).toBe('well');
  expect(ask).toHaveBeenCalledTimes(2);
});
