import { expect, it } from 'vitest';
import { Throttle } from './throttle.ts';

it('gives each caller so many per window, and says how long until there are more', () => {
  const throttle = new Throttle(2, 1_000);
  expect([throttle.take('a', 0), throttle.take('a', 400), throttle.take('a', 400)]).toEqual([0, 0, 600]);
  expect(throttle.take('b', 400)).toBe(0);
  expect([throttle.take('a', 999), throttle.take('a', 1_000)]).toEqual([1, 0]);
});

it('begins anew where the clock went back', () => {
  const throttle = new Throttle(1, 1_000);
  throttle.take('a', 5_000);
  expect([throttle.take('a', 5_001), throttle.take('a', 100)]).toEqual([999, 0]);
});

it('counts 10,000 callers at most, and forgets those whose windows began first', () => {
  const throttle = new Throttle(1, 1_000);
  for (let i = 0; i < 12_000; i++) throttle.take(String(i), 0);
  expect(throttle.size).toBe(10_000);
  expect([throttle.take('11999', 1) > 0, throttle.take('0', 1)]).toEqual([true, 0]);
});
