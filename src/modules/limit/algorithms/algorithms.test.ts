import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { CounterProgram } from '../../../ports/counter.ts';
import type { Algorithm } from './algorithm.ts';
import { FIXED } from './fixed.ts';
import { GCRA } from './gcra.ts';
import { LEASE, leasesFor } from './leases.ts';
import { LOG, logFor } from './log.ts';
import { penaltyOf, withPenalties } from './penalties.ts';
import { limitPrograms } from './programs.ts';
import { slidingFor } from './sliding.ts';

const START = 1_795_000_123_456;
const WINDOW = 60_000;

/** One algorithm with one limit, and the arguments of a request. */
interface Case {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly max: number;
  readonly args: (cost: number) => number[];
  /** Most that any window of WINDOW milliseconds may hold. */
  readonly bound: number;
}

function cases(max: number): Case[] {
  const sliding = slidingFor(max);
  const bucketMs = Math.ceil(WINDOW / sliding.buckets);
  const made: Case[] = [
    {
      name: 'sliding',
      algorithm: sliding,
      max,
      args: (cost) => [max, bucketMs, cost, 0, 0],
      bound: Math.floor(max * (1 + 1 / sliding.buckets)),
    },
    { name: 'fixed', algorithm: FIXED, max, args: (cost) => [max, WINDOW, cost, 0, 0], bound: 2 * max },
    { name: 'gcra', algorithm: GCRA, max, args: (cost) => [max, WINDOW, cost, max, 0], bound: 2 * max },
  ];
  const log = logFor(max);
  if (log)
    made.push({ name: 'log', algorithm: log, max, args: (cost) => [max, WINDOW, cost, 0, 0], bound: max });
  return made;
}

/** Asks at the given times. @returns what was granted, as times and costs */
function drive(one: Case, asked: readonly (readonly [number, number])[]): { atMs: number; cost: number }[] {
  const { program } = one.algorithm;
  const row = new Float64Array(program.columns);
  const granted: { atMs: number; cost: number }[] = [];
  for (const [atMs, cost] of asked) {
    const args = one.args(cost);
    if (!program.peek(row, 0, args, atMs)) continue;
    program.commit(row, 0, args, atMs, true);
    granted.push({ atMs, cost });
  }
  return granted;
}

/** The most that any window of the given length holds. Windows are half open: what is exactly one window old is out. */
function fullest(granted: readonly { atMs: number; cost: number }[], windowMs: number): number {
  let most = 0;
  let sum = 0;
  let from = 0;
  for (const one of granted) {
    sum += one.cost;
    while ((granted[from] as { atMs: number }).atMs <= one.atMs - windowMs)
      sum -= (granted[from++] as { cost: number }).cost;
    most = Math.max(most, sum);
  }
  return most;
}

/** Times that attackers choose: bursts, pauses, steps to right before and after edges of windows and buckets. */
const gaps = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 900 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1_000, max: 20_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(WINDOW - 1, WINDOW, WINDOW + 1, WINDOW / 2, 8_571, 8_572) },
);
const traffic = fc
  .array(fc.tuple(gaps, fc.integer({ min: 1, max: 12 })), { minLength: 20, maxLength: 400 })
  .map((steps) => {
    let atMs = START;
    return steps.flatMap(([gap, burst]) => {
      atMs += gap;
      return Array.from({ length: burst }, (): readonly [number, number] => [atMs, 1]);
    });
  });

describe.each([1, 3, 5, 10, 60])('with a limit of %i', (max) => {
  it.each(cases(max))('$name never lets any window hold more than its stated bound', (one) => {
    fc.assert(
      fc.property(traffic, (asked) => {
        expect(fullest(drive(one, asked), WINDOW)).toBeLessThanOrEqual(one.bound);
      }),
      { numRuns: 60 },
    );
  });

  it.each(cases(max))('$name grants the whole limit at once to a newcomer, and no more', (one) => {
    const asked = Array.from({ length: max * 3 }, (): readonly [number, number] => [START, 1]);
    expect(drive(one, asked)).toHaveLength(max);
  });

  it.each(cases(max))('$name says truly when a refused request passes', (one) => {
    const { algorithm } = one;
    const { program } = algorithm;
    fc.assert(
      fc.property(traffic, (asked) => {
        const row = new Float64Array(program.columns);
        for (const [atMs, cost] of asked) {
          const args = one.args(cost);
          if (program.peek(row, 0, args, atMs)) {
            program.commit(row, 0, args, atMs, true);
            continue;
          }
          const free = algorithm.freeAtMs(row, 0, args, atMs);
          expect(program.peek(row, 0, args, free)).toBe(true);
          expect(program.peek(row, 0, args, free - 1)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('sliding', () => {
  it('lets the burst at 0.99 and 1.01 of a window through once', () => {
    for (const max of [5, 60, 1000]) {
      const one = cases(max)[0] as Case;
      const edge = Math.ceil(START / WINDOW) * WINDOW;
      const burst = (atMs: number): (readonly [number, number])[] =>
        Array.from({ length: max * 2 }, () => [atMs, 1]);
      const granted = drive(one, [...burst(edge - 600), ...burst(edge + 600)]);
      expect(granted).toHaveLength(max);
    }
  });

  it('keeps its bound against a caller who bursts and then takes all that is given back', () => {
    for (const max of [6, 7, 60, 1000, 20_000]) {
      const one = cases(max)[0] as Case;
      for (let phase = 0; phase < WINDOW; phase += 4_999) {
        const asked: (readonly [number, number])[] = Array.from({ length: max }, () => [START + phase, 1]);
        for (let at = 0; at < 2.5 * WINDOW; at += 50)
          for (let i = 0; i < Math.ceil(max / 400); i++) asked.push([START + phase + at, 1]);
        expect(fullest(drive(one, asked), WINDOW)).toBeLessThanOrEqual(one.bound);
      }
    }
  });

  it('is exact for limits below 7', () => {
    for (const max of [1, 2, 3, 4, 5, 6]) expect((cases(max)[0] as Case).bound).toBe(max);
  });

  it('never refuses somebody who keeps an even pace of 95 % of the limit', () => {
    for (const max of [40, 60, 100, 1000]) {
      const one = cases(max)[0] as Case;
      const asked = Array.from({ length: max * 10 }, (_, i): readonly [number, number] => [
        START + Math.floor((i * WINDOW) / (max * 0.95)),
        1,
      ]);
      expect(drive(one, asked)).toHaveLength(asked.length);
    }
  });

  it('holds the bound of its size where limits are larger', () => {
    expect(slidingFor(8_191).buckets).toBe(7);
    expect(slidingFor(8_192).buckets).toBe(5);
    expect(slidingFor(131_072).buckets).toBe(3);
    expect(slidingFor(1e12).buckets).toBe(1);
    for (const max of [8_192, 131_072, 1e9]) {
      const { program, buckets } = slidingFor(max);
      const args = (cost: number): number[] => [max, Math.ceil(WINDOW / buckets), cost, 0, 0];
      const row = new Float64Array(3);
      const granted: { atMs: number; cost: number }[] = [];
      for (let at = 0; at < 3 * WINDOW; at += 500) {
        for (let cost = max; cost >= 1; cost = Math.floor(cost / 2)) {
          if (!program.peek(row, 0, args(cost), START + at)) continue;
          program.commit(row, 0, args(cost), START + at, true);
          granted.push({ atMs: START + at, cost });
        }
      }
      expect(fullest(granted, WINDOW)).toBeLessThanOrEqual(max * (1 + 1 / buckets));
      expect(fullest(granted, WINDOW)).toBeGreaterThanOrEqual(max);
    }
  });

  it('keeps counting while the clock steps back a little, and heals after a jump of a day', () => {
    const one = cases(5)[0] as Case;
    const { program } = one.algorithm;
    const row = new Float64Array(3);
    for (let i = 0; i < 5; i++) program.commit(row, 0, one.args(1), START, true);
    expect(program.peek(row, 0, one.args(1), START - 20_000)).toBe(false);
    const wrong = new Float64Array(3);
    for (let i = 0; i < 5; i++) program.commit(wrong, 0, one.args(1), START + 86_400_000, true);
    expect(program.peek(wrong, 0, one.args(1), START)).toBe(false);
    // The refused caller is not locked out for a day: what was counted becomes the newest and leaves in its turn.
    program.commit(wrong, 0, one.args(1), START, true);
    expect(program.peek(wrong, 0, one.args(1), START + 2 * WINDOW)).toBe(true);
  });
});

describe('gcra', () => {
  it('holds burst and rate in any span of time', () => {
    const args = [60, WINDOW, 1, 10, 0];
    const one: Case = { name: 'gcra', algorithm: GCRA, max: 60, args: () => args, bound: 70 };
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: 90_000 }), (asked, spanMs) => {
        expect(fullest(drive(one, asked), spanMs)).toBeLessThanOrEqual(
          10 + Math.floor((60 * spanMs) / WINDOW),
        );
      }),
    );
  });

  it('grants the whole of a burst of a million at one millisecond', () => {
    const args = [1e6, WINDOW, 1000, 1e6, 0];
    const row = new Float64Array(2);
    let granted = 0;
    while (GCRA.program.peek(row, 0, args, START)) {
      GCRA.program.commit(row, 0, args, START, true);
      granted++;
    }
    expect(granted).toBe(1000);
  });
});

describe('fixed', () => {
  it('starts anew at the edges of its windows', () => {
    const args = [2, WINDOW, 1, 0, 0];
    const edge = Math.ceil(START / WINDOW) * WINDOW;
    const row = new Float64Array(2);
    for (let i = 0; i < 2; i++) FIXED.program.commit(row, 0, args, edge - 1, true);
    expect(FIXED.program.peek(row, 0, args, edge - 1)).toBe(false);
    expect(FIXED.program.peek(row, 0, args, edge)).toBe(true);
    expect(FIXED.resetAtMs(row, 0, args, edge - 1)).toBe(edge);
  });
});

describe('leases', () => {
  const leases = leasesFor(3) as Algorithm;
  const take = [3, WINDOW, 1, 0, 0];

  it('gives at most the limit at once, and takes places back', () => {
    const row = new Float64Array(leases.program.columns);
    for (let i = 0; i < 3; i++) leases.program.commit(row, 0, take, START + i, true);
    expect(leases.program.peek(row, 0, take, START + 3)).toBe(false);
    leases.program.commit(row, 0, [3, WINDOW, 1, START + 1 + WINDOW, 0], START + 4, true);
    expect(leases.used(row, 0, take, START + 4)).toBe(2);
    expect(leases.program.peek(row, 0, take, START + 4)).toBe(true);
  });

  it('forgets a lease that nobody gave back, and gives back only what was taken', () => {
    const row = new Float64Array(leases.program.columns);
    for (let i = 0; i < 3; i++) leases.program.commit(row, 0, take, START, true);
    expect(leases.freeAtMs(row, 0, take, START)).toBe(START + WINDOW);
    expect(leases.program.peek(row, 0, take, START + WINDOW)).toBe(true);
    leases.program.commit(row, 0, [3, WINDOW, 1, START + 5, 0], START + 4, true);
    expect(leases.used(row, 0, take, START + 4)).toBe(3);
  });
});

describe('penalties', () => {
  const penal = withPenalties(FIXED);
  const HOUR = 3_600_000;
  // cap 10 windows, a level back per hour, window, factors
  const args = [1, WINDOW, 1, 0, 0, 10 * WINDOW, HOUR, WINDOW, 1, 2, 4, 100];
  const ask = (row: Float64Array, atMs: number): boolean => {
    const granted = penal.program.peek(row, 0, args, atMs);
    penal.program.commit(row, 0, args, atMs, granted);
    return granted;
  };
  const stateAt = (row: Float64Array, atMs: number): { level: number; untilMs: number } =>
    penaltyOf(row, 0, penal.program.columns, args, atMs);

  it('raises the level once per refusal window, however many requests are refused', () => {
    const row = new Float64Array(penal.program.columns);
    ask(row, START);
    for (let i = 0; i < 50; i++) expect(ask(row, START + 1 + i)).toBe(false);
    expect(stateAt(row, START + 60)).toEqual({ level: 1, untilMs: START + 1 + WINDOW });
  });

  it('makes the repeat offender wait one, two, four windows, and at most the cap', () => {
    const row = new Float64Array(penal.program.columns);
    let now = Math.ceil(START / WINDOW) * WINDOW;
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      expect(ask(row, now)).toBe(true);
      expect(ask(row, now)).toBe(false);
      const free = penal.freeAtMs(row, 0, args, now);
      waits.push((free - now) / WINDOW);
      expect(ask(row, free - 1)).toBe(false);
      now = free;
    }
    expect(waits).toEqual([1, 2, 4, 10, 10]);
  });

  it('takes a level back for every clean period', () => {
    const row = new Float64Array(penal.program.columns);
    ask(row, START);
    ask(row, START);
    const { untilMs } = stateAt(row, START);
    expect(stateAt(row, untilMs + HOUR - 1).level).toBe(1);
    expect(stateAt(row, untilMs + HOUR).level).toBe(0);
    ask(row, untilMs + HOUR);
    ask(row, untilMs + HOUR);
    expect(stateAt(row, untilMs + HOUR)).toEqual({ level: 1, untilMs: untilMs + HOUR + WINDOW });
  });

  it('keeps its row for as long as a level can last', () => {
    expect(penal.program.ttlMs(args)).toBeGreaterThanOrEqual(10 * WINDOW + 4 * HOUR);
  });
});

describe('flags', () => {
  const counted = (flags: number): number[] => [1, WINDOW, 1, 0, flags];

  it('count refused requests only where that is asked for', () => {
    for (const [flags, expected] of [
      [0, 1],
      [1, 2],
    ] as const) {
      const row = new Float64Array(2);
      FIXED.program.commit(row, 0, counted(flags), START, true);
      FIXED.program.commit(row, 0, counted(flags), START, false);
      expect(FIXED.used(row, 0, counted(flags), START)).toBe(expected);
    }
  });

  it('do not count what an advisory step would have refused, though the call was granted', () => {
    const row = new Float64Array(2);
    for (let i = 0; i < 5; i++) FIXED.program.commit(row, 0, counted(2), START, true);
    expect(FIXED.used(row, 0, counted(2), START)).toBe(1);
  });
});

test('every program has a name of its own, fits a row, and peeks without writing', () => {
  expect(new Set(limitPrograms.map((program) => program.name)).size).toBe(limitPrograms.length);
  expect(limitPrograms.length).toBeGreaterThan(15);
  for (const program of limitPrograms) {
    expect(program.columns).toBeLessThanOrEqual(128);
    const row = new Float64Array(program.columns).fill(3);
    const before = row.slice();
    program.peek(row, 0, argsOf(program), START);
    expect(row).toEqual(before);
  }
  expect([...LOG, ...LEASE].every((one) => limitPrograms.includes(one.program))).toBe(true);
});

function argsOf(program: CounterProgram): number[] {
  return [5, WINDOW, 1, 5, 0, ...(program.name.includes('penalty') ? [WINDOW, WINDOW, WINDOW, 1, 2] : [])];
}
