import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CounterAnswer, CounterProgram, CounterStep, CounterStore } from '../../ports/counter.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { redisCounters } from '../../stores/redis/counter.ts';
import { redisService } from '../../testing/services.ts';
import { limitPrograms } from './algorithms/programs.ts';
import { mapCounters } from './map-counters.ts';

const redis = await redisService();
const START = 1_795_000_123_456;
const WINDOW = 2_000;

/** Arguments that make every program work: small limits, short windows, penalties of three steps. */
function argsOf(
  program: CounterProgram,
  max: number,
  cost: number,
  flags: number,
  release: number,
): number[] {
  const lease = program.name.startsWith('leases');
  const args = [max, WINDOW, Math.min(cost, max), lease ? release : max, flags];
  if (program.name.includes('+penalty')) args.push(4 * WINDOW, WINDOW, WINDOW, 1, 2, 4);
  return args;
}

const step = fc.record({
  program: fc.constantFrom(...limitPrograms.map((program) => program.name)),
  key: fc.constantFrom('a', 'b'),
  max: fc.integer({ min: 1, max: 6 }),
  cost: fc.integer({ min: 1, max: 3 }),
  flags: fc.integer({ min: 0, max: 3 }),
  release: fc.constantFrom(0, 0, 0, START + WINDOW, START + WINDOW + 1),
});
const gap = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 400 }),
  fc.constantFrom(WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW, -1, -300, -5 * WINDOW),
);
const calls = fc.array(fc.record({ gap, steps: fc.array(step, { minLength: 1, maxLength: 4 }) }), {
  minLength: 5,
  maxLength: 40,
});

type Calls = Parameters<Parameters<typeof calls.map>[0]>[0];

/** The calls as a store takes them: no row twice in one call, names of this run. */
function asked(given: Calls, run: string): { steps: CounterStep[]; nowMs: number }[] {
  let nowMs = START;
  return given.map((call) => {
    nowMs += call.gap;
    const seen = new Set<string>();
    const steps = call.steps.flatMap((one): CounterStep[] => {
      const program = limitPrograms.find((known) => known.name === one.program) as CounterProgram;
      const name = `${one.program} ${one.key}`;
      if (seen.has(name)) return [];
      seen.add(name);
      return [
        {
          program,
          key: `${run}|${one.key}`,
          args: argsOf(program, one.max, one.cost, one.flags, one.release),
          commitWhenRefused: one.flags % 2 === 1 || one.program.includes('+penalty'),
          advisory: one.flags >= 2,
        },
      ];
    });
    return { steps, nowMs };
  });
}

async function answersOf(store: CounterStore, given: Calls, run: string): Promise<CounterAnswer[]> {
  const answers: CounterAnswer[] = [];
  for (const { steps, nowMs } of asked(given, run)) answers.push(await store.run(steps, nowMs));
  return answers;
}

it('gives the same answers in memory as in the plain map', async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (given) => {
      const expected = await answersOf(mapCounters(), given, 'run');
      expect(await answersOf(memoryCounters(), given, 'run')).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

describe.skipIf(redis.absent !== undefined)('on Redis', () => {
  const prefix = `limit-test-${randomBytes(6).toString('hex')}`;
  const clients = [0, 1].map(() => createClient({ url: redis.url ?? 'redis://127.0.0.1:6379' }));
  let nodes: CounterStore[] = [];

  beforeAll(async () => {
    for (const client of clients) await client.connect();
    nodes = clients.map((client) =>
      redisCounters({ client, prefix, programs: limitPrograms, clock: 'caller' }),
    );
  });
  afterAll(async () => {
    const [client] = clients;
    if (!client) return;
    for await (const keys of client.scanIterator({ MATCH: `*${prefix}*` }))
      if (keys.length > 0) await client.del(keys);
    for (const store of nodes) await store.close();
    for (const one of clients) one.destroy();
  });

  it('gives the same answers as the plain map, bit by bit, whichever node asks', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(calls, fc.array(fc.nat(1), { minLength: 40, maxLength: 40 }), async (given, turns) => {
        const name = `run${run++}`;
        const expected = await answersOf(mapCounters(), given, name);
        const answers: CounterAnswer[] = [];
        for (const [i, { steps, nowMs }] of asked(given, name).entries())
          answers.push(await (nodes[turns[i] as number] as CounterStore).run(steps, nowMs));
        expect(answers).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('grants fifty requests of two nodes at once no more than the limit, with every algorithm', async () => {
    for (const program of limitPrograms) {
      const args = argsOf(program, 5, 1, 0, 0);
      const steps: CounterStep[] = [
        { program, key: 'crowd', args, commitWhenRefused: program.name.includes('+penalty') },
      ];
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, i) => (nodes[i % 2] as CounterStore).run(steps, START)),
      );
      expect(answers.filter((answer) => answer.granted).length, program.name).toBe(5);
    }
  });
});
