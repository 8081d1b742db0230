import { expect, it, vi } from 'vitest';
import { createLogger } from '../base/observe/index.ts';
import { ManualClock } from '../testing/clock.ts';
import { keepPruned } from './keep-pruned.ts';

const TEN_MINUTES_MS = 600_000;
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

it('forgets what accounts leave every ten minutes, goes on after a failure, and ends with its round', async () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', sink: { write: (line) => void lines.push(line) } });
  const left: (number | Error)[] = [500, 500, 0, new Error('database gone'), 3, 0];
  const prune = vi.fn(() => {
    const next = left.shift() ?? 0;
    return typeof next === 'number' ? Promise.resolve(next) : Promise.reject(next);
  });
  const stop = keepPruned({ prune }, { clock, timers: clock, log });
  expect(prune).not.toHaveBeenCalled();
  clock.advance(TEN_MINUTES_MS);
  await settle();
  expect(prune).toHaveBeenCalledTimes(3);
  clock.advance(TEN_MINUTES_MS);
  await settle();
  expect(lines.join('')).toContain('tried again');
  clock.advance(TEN_MINUTES_MS);
  await settle();
  expect(prune).toHaveBeenCalledTimes(6);
  await stop();
  expect(clock.pending).toBe(0);
});
