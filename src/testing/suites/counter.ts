import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CounterStep, CounterStore } from '../../ports/counter.ts';
import { callList, plain, stepsOf } from './counter-calls.ts';
import { keep, sliding, tally } from './counter-programs.ts';
import { ReferenceCounters } from './counter-reference.ts';

/** What the suite needs of a driver. */
export interface CounterSubject {
  readonly store: CounterStore;
  /** Another node on the same counters, where the driver can be shared. */
  readonly other?: CounterStore;
  /** Removes what was made. */
  end(): Promise<void>;
}

/** How the suite is to treat a driver. */
export interface CounterSuiteOptions {
  /** Whose time decides. The server's cannot be moved: tests that move the time are left out. */
  readonly clock: 'caller' | 'server';
  /** Why the driver cannot be tested here. */
  readonly absent?: string | undefined;
}

/** A moment in the suite's time, on no window's edge. */
const NOW_MS = 1_795_000_123_456;
const FOREVER_MS = 86_400_000;

/** The behaviour of the counter port (src/ports/counter.ts), to be run against each driver. */
export function counterSuite(
  name: string,
  open: () => Promise<CounterSubject>,
  options: CounterSuiteOptions,
): void {
  describe.skipIf(options.absent !== undefined)(`counters in ${name}`, () => {
    let subject: CounterSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.end());
    const store = (): CounterStore => subject.store;
    describe('one call', () => oneCall(store));
    describe('rows', () => rows(store));
    describe('many calls', () => manyCalls(() => subject));
    describe.skipIf(options.clock === 'server')('time', () => time(store));
  });
}

let names = 0;
/** A key that no other test has. */
function fresh(about = 'key'): string {
  return `${about}-${++names}`;
}

function count(key: string, max: number, cost = 1, more: Partial<CounterStep> = {}): CounterStep {
  return { program: tally, key, args: [max, cost, FOREVER_MS], ...more };
}

async function stored(store: CounterStore, key: string): Promise<number> {
  const [found] = await store.read([{ program: tally, key }]);
  return found?.row[0] ?? 0;
}

function oneCall(store: () => CounterStore): void {
  it('is granted up to the limit and refused beyond it', async () => {
    const key = fresh();
    const answers: boolean[] = [];
    for (let i = 0; i < 4; i++) answers.push((await store().run([count(key, 3)], NOW_MS)).granted);
    expect(answers).toEqual([true, true, true, false]);
    expect(await stored(store(), key)).toBe(3);
  });

  it('takes nothing from any row when one of its steps refuses', async () => {
    const [first, full, last] = [fresh(), fresh(), fresh()];
    const answer = await store().run([count(first, 5), count(full, 0), count(last, 5)], NOW_MS);
    expect(answer.granted).toBe(false);
    expect(await store().read([first, full, last].map((key) => ({ program: tally, key })))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('writes the steps that are committed when refused, and tells them of the refusal', async () => {
    const [counted, full, kept] = [fresh(), fresh(), fresh()];
    await store().run(
      [
        count(counted, 5, 2, { commitWhenRefused: true }),
        count(full, 0),
        { program: keep, key: kept, args: [7, 8, 9], commitWhenRefused: true },
      ],
      NOW_MS,
    );
    expect(await stored(store(), counted)).toBe(2);
    expect(await stored(store(), full)).toBe(0);
    const [row] = await store().read([{ program: keep, key: kept }]);
    expect(row?.row[4]).toBe(2);
  });

  it('is not refused by an advisory step, which is committed with the others', async () => {
    const [shadow, real] = [fresh(), fresh()];
    const answer = await store().run([count(shadow, 0, 1, { advisory: true }), count(real, 1)], NOW_MS);
    expect(answer.granted).toBe(true);
    expect(await stored(store(), shadow)).toBe(1);
    const refused = await store().run([count(shadow, 9, 1, { advisory: true }), count(real, 1)], NOW_MS);
    expect(refused.granted).toBe(false);
    expect(await stored(store(), shadow)).toBe(1);
  });

  it('answers with the rows as they stood before it, absent ones as zeros', async () => {
    const [old, kept, young] = [fresh(), fresh(), fresh()];
    await store().run([count(old, 9, 4), { program: keep, key: kept, args: [1, 2, 3] }], NOW_MS);
    const { rows: before, atMs } = await store().run(
      [count(young, 9), { program: keep, key: kept, args: [4, 5, 6] }, count(old, 9)],
      NOW_MS,
    );
    expect([...before]).toEqual([0, 1, 2, 3, expect.any(Number), 1, 4]);
    expect(Number.isInteger(atMs)).toBe(true);
  });

  it('without steps is granted', async () => {
    expect(await store().run([], NOW_MS)).toMatchObject({ granted: true, rows: new Float64Array(0) });
  });

  it('keeps its answer apart from later calls', async () => {
    const key = fresh();
    const first = await store().run([count(key, 9)], NOW_MS);
    await store().run([count(key, 9)], NOW_MS);
    expect([...first.rows]).toEqual([0]);
  });

  it('with a key of more than 200 characters is refused loudly', async () => {
    await expect(async () => store().run([count('x'.repeat(201), 9)], NOW_MS)).rejects.toMatchObject({
      code: 'RAMPART_COUNTER_KEY',
    });
  });
}

function rows(store: () => CounterStore): void {
  it('keep numbers exactly', async () => {
    const key = fresh();
    const numbers = [2 ** 53 - 1, -(2 ** 53) + 1, 0.1 + 0.2, 1 / 3, Number.MIN_VALUE, Number.MAX_VALUE, -0];
    numbers.push(8_640_000_000_000_000, 1_795_000_123_456.789, Number.EPSILON, Infinity, -Infinity, NaN);
    for (const number of numbers) {
      await store().run([{ program: keep, key, args: [0, number, 2 ** 53 - 1] }], NOW_MS);
      const [found] = await store().read([{ program: keep, key }]);
      expect(Object.is(found?.row[1], number), String(number)).toBe(true);
      expect(found?.row[2]).toBe(2 ** 53 - 1);
    }
  });

  it('of other programs and other keys are other rows, whatever characters the key has', async () => {
    const keys = ['ünï ☃ 😀', 'a:b', 'a', 'a\r\nb', '{x}', '', 'constructor', '\u0000', '*'].map((key) =>
      key === '' ? '' : `${fresh()}${key}`,
    );
    for (const [i, key] of keys.entries()) await store().run([count(key, 99, i + 1)], NOW_MS);
    const found = await store().read(keys.map((key) => ({ program: tally, key })));
    expect(found.map((row) => row?.row[0])).toEqual(keys.map((_, i) => i + 1));
    expect(found.map((row) => row?.key)).toEqual(keys);
    const others = await store().read(keys.map((key) => ({ program: sliding, key })));
    expect(others.every((row) => row === undefined)).toBe(true);
  });

  it('are forgotten by a reset, which tells how many there were', async () => {
    const [here, absent] = [fresh(), fresh()];
    await store().run([count(here, 1)], NOW_MS);
    const both = [here, absent].map((key) => ({ program: tally, key }));
    expect(await store().reset(both)).toBe(1);
    expect(await store().reset(both)).toBe(0);
    expect(await store().read(both)).toEqual([undefined, undefined]);
    expect((await store().run([count(here, 1)], NOW_MS)).granted).toBe(true);
  });

  it('can be asked for and reset by none at all', async () => {
    expect(await store().read([])).toEqual([]);
    expect(await store().reset([])).toBe(0);
  });

  it('answer a ping', async () => {
    await expect(store().ping()).resolves.toBeUndefined();
  });

  it('count the nodes that share them, each once', async () => {
    const before = await store().nodeCount('node-a');
    expect(before).toBeGreaterThanOrEqual(1);
    expect(await store().nodeCount('node-b')).toBe(before + 1);
    expect(await store().nodeCount('node-a')).toBe(before + 1);
  });
}

function time(store: () => CounterStore): void {
  const short = (key: string, max = 1): CounterStep => ({ program: tally, key, args: [max, 1, 1_000] });

  it('ends a row exactly after its time to live', async () => {
    const key = fresh();
    await store().run([short(key)], NOW_MS);
    expect((await store().run([short(key)], NOW_MS + 999)).granted).toBe(false);
    expect(await store().read([{ program: tally, key }])).toMatchObject([{ expiresAtMs: NOW_MS + 1_000 }]);
    const later = await store().run([short(key)], NOW_MS + 1_000);
    expect(later).toMatchObject({ granted: true, atMs: NOW_MS + 1_000, rows: new Float64Array([0]) });
  });

  it('is renewed by a grant and not by a refusal', async () => {
    const key = fresh();
    await store().run([short(key, 2)], NOW_MS);
    await store().run([short(key, 2)], NOW_MS + 900);
    expect((await store().run([short(key, 2)], NOW_MS + 1_800)).granted).toBe(false);
    expect((await store().run([short(key, 2)], NOW_MS + 1_899)).granted).toBe(false);
    expect((await store().run([short(key, 2)], NOW_MS + 1_900)).granted).toBe(true);
  });

  it('hides dead rows from read and reset', async () => {
    const [dead, alive] = [fresh(), fresh()];
    await store().run([short(dead)], NOW_MS);
    await store().run([short(alive)], NOW_MS + 1_000);
    expect(await store().read([{ program: tally, key: dead }])).toEqual([undefined]);
    expect(await store().reset([dead, alive].map((key) => ({ program: tally, key })))).toBe(1);
  });

  it('lets a row without time to live die at once', async () => {
    const key = fresh();
    const step = { program: tally, key, args: [1, 1, 0] };
    expect((await store().run([step], NOW_MS)).granted).toBe(true);
    expect((await store().run([step], NOW_MS)).granted).toBe(true);
  });
}

function manyCalls(subject: () => CounterSubject): void {
  it('at once never grant more than the limit', async () => {
    const key = fresh();
    const calls = Array.from({ length: 50 }, async () => subject().store.run([count(key, 20)], NOW_MS));
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer.granted)).toHaveLength(20);
    expect(answers.map((answer) => answer.rows[0])).toEqual(
      Array.from({ length: 50 }, (_, i) => Math.min(i, 20)),
    );
  });

  it('from two nodes at once never grant more than the limit', async () => {
    const { store, other } = subject();
    if (!other) return;
    const key = fresh();
    const calls = Array.from({ length: 60 }, async (_, i) =>
      (i % 2 ? store : other).run([count(key, 25)], NOW_MS),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer.granted)).toHaveLength(25);
    const seen = answers.map((answer) => answer.rows[0] as number).toSorted((a, b) => a - b);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => Math.min(i, 25)));
    expect(await stored(other, key)).toBe(25);
  });

  it('answer as the reference does, one by one', async () => {
    await fc.assert(
      fc.asyncProperty(callList, async (calls) => {
        const reference = new ReferenceCounters();
        const run = fresh('one-by-one');
        let nowMs = NOW_MS;
        for (const call of calls) {
          nowMs += call.waitMs;
          const steps = stepsOf(call, run);
          const answer = await subject().store.run(steps, nowMs);
          expect(plain(answer)).toEqual(plain(reference.run(steps, answer.atMs)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('answer as the reference does, all asked for in the same turn', async () => {
    await fc.assert(
      fc.asyncProperty(callList, async (calls) => {
        const run = fresh('together');
        let nowMs = NOW_MS;
        const asked = calls.map((call) => {
          nowMs += call.waitMs;
          const steps = stepsOf(call, run);
          return { steps, answer: subject().store.run(steps, nowMs) };
        });
        const reference = new ReferenceCounters();
        for (const { steps, answer } of asked) {
          const found = await answer;
          expect(plain(found)).toEqual(plain(reference.run(steps, found.atMs)));
        }
      }),
      { numRuns: 60 },
    );
  });
}
