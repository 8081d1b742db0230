import { expect, it } from 'vitest';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { ManualClock } from '../clock.ts';
import { tally } from '../suites/counter-programs.ts';
import { CounterFaults, faultyCounters } from './counter.ts';

const steps = [{ program: tally, key: 'k', args: [9, 1, 60_000] }];
const clock = new ManualClock();
const made = (): { faults: CounterFaults; store: ReturnType<typeof faultyCounters> } => {
  const faults = new CounterFaults(clock);
  return { faults, store: faultyCounters(memoryCounters(), faults) };
};

it('a healthy faulty store answers as the inner one does, at once', () => {
  expect(made().store.run(steps, clock.now())).toMatchObject({ granted: true });
});

it('rejects with the error that it was told, until it is healed', async () => {
  const { faults, store } = made();
  faults.reject(new Error('gone'));
  await expect(async () => store.run(steps, clock.now())).rejects.toThrow('gone');
  await expect(store.ping()).rejects.toThrow('gone');
  faults.heal();
  expect(await store.run(steps, clock.now())).toMatchObject({ granted: true });
});

it('holds calls until they are released', async () => {
  const { faults, store } = made();
  faults.hang();
  const call = store.run(steps, clock.now());
  expect(faults.held).toBe(1);
  faults.release();
  expect(await call).toMatchObject({ granted: true });
});

it('delays calls by the timers that it was given', async () => {
  const { faults, store } = made();
  faults.slow(500);
  let answered = false;
  const call = Promise.resolve(store.run(steps, clock.now())).then(() => (answered = true));
  clock.advance(499);
  await Promise.resolve();
  expect(answered).toBe(false);
  clock.advance(1);
  await call;
  expect(answered).toBe(true);
});
