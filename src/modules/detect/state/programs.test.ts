import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CounterProgram, CounterStep, CounterStore } from '../../../ports/counter.ts';
import { memoryCounters } from '../../../stores/memory/counter.ts';
import { redisCounters } from '../../../stores/redis/counter.ts';
import { redisService } from '../../../testing/services.ts';
import { BASELINE } from './baseline.ts';
import { detectedMsOf, HEAD } from './layout.ts';
import { makePattern, patternFor } from './pattern.ts';
import { detectPrograms } from './programs.ts';

const redis = await redisService();
const START = 1_795_000_123_456;
const BUCKET = 1_000;

const call = fc.record({
  program: fc.constantFrom(...detectPrograms.map((one) => one.name)),
  key: fc.constantFrom('a', 'b'),
  gap: fc.oneof(
    fc.integer({ min: 0, max: 400 }),
    fc.constantFrom(
      10 * BUCKET,
      BUCKET,
      15 * BUCKET,
      16 * BUCKET,
      17 * BUCKET,
      -1,
      -BUCKET,
      -20 * BUCKET,
      5_000_000,
    ),
  ),
  counted: fc.constantFrom(0, 1, 1, 1, 2, 0.25),
  all: fc.constantFrom(0, 1, 1, 3),
  member: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 }), fc.constant(2 ** 32 - 1)),
  // The detection of which call is told, instead of a call that counts: of some call before it.
  told: fc.option(fc.nat(3), { freq: 4 }),
});
const calls = fc.array(call, { minLength: 20, maxLength: 120 });
type Call = Parameters<Parameters<typeof call.map>[0]>[0];

function stepsOf(given: readonly Call[], run: string): { step: CounterStep; nowMs: number }[] {
  const times = [START];
  return given.map((one) => {
    const nextMs = (times.at(-1) as number) + one.gap;
    const atMs = one.told === null ? nextMs : -(times.at(-1 - one.told) ?? START);
    if (one.told === null) times.push(nextMs);
    const program = detectPrograms.find((known) => known.name === one.program) as CounterProgram;
    const args =
      program === BASELINE
        ? [atMs, BUCKET, 30_000, 2, 1.5, 3, 3, one.all, one.counted, one.all, one.all % 2, 1 / 8, 60_000]
        : [atMs, BUCKET, 30_000, 3, one.all, 0.5, one.counted, one.all, one.member, 60_000];
    return { step: { program, key: `${run}|${one.key}`, args }, nowMs: START };
  });
}

async function rowsOf(store: CounterStore, given: readonly Call[], run: string): Promise<Float64Array[]> {
  const rows: Float64Array[] = [];
  for (const { step, nowMs } of stepsOf(given, run)) rows.push((await store.run([step], nowMs)).rows);
  const read = await store.read(stepsOf(given, run).map(({ step }) => step));
  return [...rows, ...read.map((one) => one?.row ?? new Float64Array(0))];
}

describe.skipIf(redis.absent !== undefined)('the programs on Redis', () => {
  const prefix = `detect-test-${randomBytes(6).toString('hex')}`;
  const client = createClient({ url: redis.url ?? 'redis://127.0.0.1:6379' });
  let store: CounterStore;

  beforeAll(async () => {
    await client.connect();
    store = redisCounters({ client, prefix, programs: detectPrograms, clock: 'caller' });
  });
  afterAll(async () => {
    for await (const keys of client.scanIterator({ MATCH: `*${prefix}*` }))
      if (keys.length > 0) await client.del(keys);
    await store.close();
    client.destroy();
  });

  it('leave the same rows as in memory, bit by bit', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(calls, async (given) => {
        const name = `run${run++}`;
        expect(await rowsOf(store, given, name)).toEqual(await rowsOf(memoryCounters(), given, name));
      }),
      { numRuns: 40 },
    );
  });
});

/** Plain truth beside a pattern: what happened within the last `buckets` buckets before `atMs`. */
function truth(events: readonly { atMs: number; member: number }[], atMs: number, buckets: number) {
  const from = (Math.floor(atMs / BUCKET) - buckets + 1) * BUCKET;
  const within = events.filter((one) => one.atMs >= from && one.atMs <= atMs);
  return { count: within.length, distinct: new Set(within.map((one) => one.member)).size };
}

describe('a pattern', () => {
  const events = fc.array(
    fc.record({ gap: fc.integer({ min: 0, max: 4_000 }), member: fc.integer({ min: 1, max: 12 }) }),
    { minLength: 1, maxLength: 150 },
  );

  it('counts events and members of its window exactly, and never one that is older than the window', () => {
    const pattern = makePattern(false, 42);
    const { program } = pattern;
    fc.assert(
      fc.property(events, (given) => {
        const row = new Float64Array(program.columns);
        const seen: { atMs: number; member: number }[] = [];
        let atMs = START;
        for (const { gap, member } of given) {
          atMs += gap;
          seen.push({ atMs, member });
          program.commit(row, 0, [atMs, BUCKET, 0, 1e9, 0, 0, 1, 1, member, 60_000], atMs, true);
          const { count, distinct } = pattern.read(row, 0);
          expect({ count, distinct }).toEqual(truth(seen, atMs, 16));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('holds at most so many members, forgetting the one seen longest ago', () => {
    const pattern = makePattern(false, 10);
    const { program } = pattern;
    const row = new Float64Array(program.columns);
    for (let member = 1; member <= 500; member++)
      program.commit(row, 0, [START + member, BUCKET, 0, 1e9, 0, 0, 1, 1, member, 60_000], START, true);
    expect(pattern.read(row, 0).distinct).toBe(10);
  });

  it('detects once until its cool-down is over, and tells each doubling', () => {
    const { program } = makePattern(false, 0);
    const row = new Float64Array(program.columns);
    const told: number[] = [];
    for (let i = 0; i < 40; i++) {
      program.commit(row, 0, [START + i, BUCKET, 60_000, 5, 0, 0, 1, 1, 0, 60_000], START, true);
      if (told.at(-1) !== row[HEAD.told]) told.push(row[HEAD.told] as number);
    }
    expect(told).toEqual([0, 5, 10, 20, 40]);
    expect(detectedMsOf(row, 0)).toBe(START + 4);
    program.commit(row, 0, [START + 70_000, BUCKET, 60_000, 5, 0, 0, 1, 1, 0, 60_000], START, true);
    expect(row[HEAD.firedMs]).toBe(0);
  });

  it('takes the smallest row that holds a threshold', () => {
    expect(patternFor(false, 0).program.columns).toBe(22);
    expect(patternFor(false, 11).members).toBe(42);
    expect(patternFor(true, 90).program.columns).toBe(128);
    expect(Math.max(...detectPrograms.map((one) => one.columns))).toBeLessThanOrEqual(128);
  });
});

describe('a baseline', () => {
  const args = (atMs: number, counted: number): number[] => [
    atMs,
    BUCKET,
    0,
    10,
    4,
    6,
    10,
    0,
    counted,
    0,
    0,
    1 / 24,
    60_000,
  ];
  const learnt = (values: readonly number[]): Float64Array => {
    const row = new Float64Array(BASELINE.columns);
    values.forEach((value, i) => BASELINE.commit(row, 0, args(START + i * BUCKET, value), START, true));
    return row;
  };

  it('finds nothing unusual while it learns, nor in what varies as it always did', () => {
    const values = Array.from({ length: 400 }, (_, i) => 100 + ((i * 37) % 50));
    let fired = 0;
    const row = new Float64Array(BASELINE.columns);
    values.forEach((value, i) => {
      BASELINE.commit(row, 0, args(START + i * BUCKET, value), START, true);
      if (row[HEAD.firedMs] !== 0) fired++;
    });
    expect(fired).toBe(0);
  });

  it('finds a surge unusual, and is not talked into it within ten intervals', () => {
    const row = learnt(Array.from({ length: 60 }, (_, i) => 100 + (i % 5)));
    const found = Array.from({ length: 10 }, (_, i) => {
      BASELINE.commit(row, 0, args(START + (60 + i) * BUCKET, 5_000), START, true);
      return row[HEAD.firedMs] !== 0;
    });
    expect(found).toEqual(Array.from({ length: 10 }, () => true));
  });

  it('takes a lasting change for usual in the end', () => {
    const row = learnt([...Array<number>(60).fill(100), ...Array<number>(300).fill(1_000)]);
    expect(row[HEAD.firedMs]).toBe(0);
  });
});
