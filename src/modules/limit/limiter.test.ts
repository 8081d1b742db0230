import { describe, expect, it } from 'vitest';
import type { CounterStore } from '../../ports/counter.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { ManualClock } from '../../testing/clock.ts';
import { CounterFaults, faultyCounters } from '../../testing/faulty/counter.ts';
import { ALGORITHMS } from './algorithms/algorithm.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import type { Taken } from './taken.ts';

const later = (store: CounterStore): CounterStore => ({
  ...store,
  kind: 'redis',
  run: (steps, nowMs) => Promise.resolve().then(() => store.run(steps, nowMs)),
  reset: (rows) => store.reset(rows),
  nodeCount: () => Promise.resolve(1),
});

describe.each(ALGORITHMS)('a limiter (%s)', (algorithm) => {
  it('allows up to the limit, then says when to come back, and is right', async () => {
    const clock = new ManualClock();
    const limiter = createLimiter({ max: 3, window: '1m', algorithm }, { clock, store: memoryCounters() });
    const left: number[] = [];
    for (let i = 0; i < 3; i++) left.push((await limiter.take('ann')).remaining);
    expect(left).toEqual([2, 1, 0]);
    const refused = await limiter.take('ann');
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect((await limiter.take('bob')).allowed).toBe(true);
    clock.advance(refused.resetAtMs - clock.now() - 1);
    expect((await limiter.take('ann')).allowed).toBe(false);
    clock.advance(1);
    expect((await limiter.take('ann')).allowed).toBe(true);
  });
});

it('answers at once where the store does, and with a promise where it does not', async () => {
  const clock = new ManualClock();
  const options = { max: 1, window: '1m' } as const;
  const here = createLimiter(options, { clock, store: memoryCounters() });
  expect(here.take('a')).not.toBeInstanceOf(Promise);
  const there = createLimiter(options, { clock, timers: clock, store: later(memoryCounters()) });
  expect(there.take('a')).toBeInstanceOf(Promise);
  there.close();
});

it('keeps calls apart that wait at the same time', async () => {
  const clock = new ManualClock();
  const limiter = createLimiter(
    { max: 1, window: '1m' },
    { clock, timers: clock, store: later(memoryCounters()) },
  );
  const answers = await Promise.all(['a', 'b', 'c', 'a', 'b'].map(async (key) => limiter.take(key)));
  expect(answers.map((one) => one.allowed)).toEqual([true, true, true, false, false]);
  limiter.close();
});

it('shares no key with another limiter on its store, named or not', async () => {
  const store = memoryCounters();
  const clock = new ManualClock();
  const options = { max: 1, window: '1m' } as const;
  const limiters = [options, options, options, { ...options, name: 'a' }].map((one) =>
    createLimiter(one, { store, clock }),
  );
  for (const key of ['x', '1|x', 'a|x', '2|x'])
    for (const limiter of limiters) {
      expect((await limiter.take(key)).allowed).toBe(true);
      expect((await limiter.take(key)).allowed).toBe(false);
    }
});

it('says of an early answer what it said at first, however many came after it', async () => {
  const clock = new ManualClock();
  const limiter = createLimiter({ max: 2_000, window: '1m' }, { clock, store: memoryCounters() });
  const first = await limiter.take('a');
  const said = [first.remaining, first.resetAtMs, first.reason];
  for (let i = 0; i < 1_500; i++) void limiter.take('a');
  expect([first.remaining, first.resetAtMs, first.reason]).toEqual(said);
  expect((await limiter.take('a')).remaining).toBe(498);
});

it('explains its answers', async () => {
  const limiter = createLimiter({ name: 'mail', max: 1, window: '1h' }, { clock: new ManualClock() });
  expect((await limiter.take('ann')).reason).toMatchObject({ code: 'limit.within' });
  const refused = await limiter.take('ann');
  expect(refused.reason).toMatchObject({
    code: 'limit.exceeded',
    remedy: { do: 'wait', seconds: refused.retryAfterSeconds },
    because: [{ code: 'limit.full', values: { policy: 'mail', key: 'mail|ann', used: 1, max: 1 } }],
  });
});

it('counts costs, and one above the limit as all of it', async () => {
  const limiter = createLimiter({ max: 10, window: '1m' }, { clock: new ManualClock() });
  expect((await limiter.take({ key: 'a', cost: 7 })).remaining).toBe(3);
  expect((await limiter.take({ key: 'a', cost: 4 })).allowed).toBe(false);
  expect((await limiter.take({ key: 'a', cost: 2.5 })).remaining).toBe(0);
  expect((await limiter.take({ key: 'b', cost: 99 })).allowed).toBe(true);
  for (const cost of [NaN, -5, 0])
    expect((await limiter.take({ key: `odd${cost}`, cost })).remaining).toBe(9);
});

it('gives places of a concurrency limit back, once', async () => {
  const limiter = createLimiter(
    { max: 2, window: '30s', algorithm: 'concurrency' },
    { clock: new ManualClock() },
  );
  const held = [await limiter.take('job'), await limiter.take('job')];
  expect((await limiter.take('job')).allowed).toBe(false);
  (held[0] as Taken).release();
  (held[0] as Taken).release();
  expect((await limiter.take('job')).allowed).toBe(true);
  expect((await limiter.take('job')).allowed).toBe(false);
});

it('forgets a key when told', async () => {
  const limiter = createLimiter({ max: 1, window: '1m' }, { clock: new ManualClock() });
  await limiter.take('a');
  expect(await limiter.reset('a')).toBe(true);
  expect(await limiter.reset('a')).toBe(false);
  expect((await limiter.take('a')).allowed).toBe(true);
});

describe('without its store', () => {
  const silent = (onStoreFailure: 'open' | 'closed' | 'local'): Limiter => {
    const clock = new ManualClock();
    const faults = new CounterFaults(clock);
    faults.reject();
    return createLimiter(
      { max: 1, window: '1m', onStoreFailure },
      { clock, timers: clock, store: faultyCounters(memoryCounters(), faults) },
    );
  };

  it('does what its policy names', async () => {
    const outcomes: boolean[][] = [];
    for (const failure of ['open', 'closed', 'local'] as const) {
      const limiter = silent(failure);
      outcomes.push([(await limiter.take('a')).allowed, (await limiter.take('a')).allowed]);
      limiter.close();
    }
    expect(outcomes).toEqual([
      [true, true],
      [false, false],
      [true, false],
    ]);
  });
});

it('takes keys of any length and form', async () => {
  const limiter = createLimiter(
    { max: 1, window: '1m' },
    { clock: new ManualClock(), store: memoryCounters() },
  );
  for (const key of ['', 'x'.repeat(100_000), 'a|b', '\u0000', '__proto__', 'ü'.repeat(3000)]) {
    expect((await limiter.take(key)).allowed).toBe(true);
    expect((await limiter.take(key)).allowed).toBe(false);
  }
});
