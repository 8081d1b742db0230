import { connect } from 'node:net';
import type { Memory } from './lib/contender.ts';
import { contest, Contestant, type Standing } from './lib/contest.ts';
import { machine, rowOf, type BenchResult, type BenchRow } from './lib/result.ts';

const MEMORY_NAMES = ['rampart', 'hono-rate-limiter', 'express-rate-limit', 'rate-limiter-flexible', 'limit'];
const REDIS_NAMES = ['rampart', 'rate-limit-redis', 'rate-limiter-flexible', 'limit'];
const CHILD = new URL('./limit/child.ts', import.meta.url);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const REDIS_URL = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Counting requests against limits: Rampart's stores beside the stores of three rate limiters, each with its default way. */
export async function bench(): Promise<BenchResult> {
  const results: BenchRow[] = [];
  for (const keys of [100_000, 1_000_000]) {
    results.push(...(await speed('memory', MEMORY_NAMES, keys, `memory, ${keys.toLocaleString('en')} keys`)));
  }
  results.push(...(await weight(1_000_000)));
  if (await listening(REDIS_URL)) {
    results.push(...(await speed('redis', REDIS_NAMES, 20_000, 'Redis, 3 policies, 50 in flight')));
  } else {
    process.stderr.write('skipped: Redis is not reachable (set REDIS_URL or start one on port 6379)\n');
  }
  return { name: 'limit', machine: machine(), results };
}

async function speed(
  kind: string,
  names: readonly string[],
  keys: number,
  about: string,
): Promise<BenchRow[]> {
  const standings = await together(kind, names, keys, (all) => contest(all, ROUNDS));
  const values = (pick: (standing: Standing) => number): Record<string, number> =>
    Object.fromEntries(Object.entries(standings).map(([name, standing]) => [name, pick(standing)]));
  return [
    rowOf(
      { case: `${about}: client CPU`, unit: 'µs/decision', better: 'less' },
      values((one) => one.cpuUsPerUnit),
    ),
    rowOf(
      { case: about, unit: 'decisions/s', better: 'more' },
      values((one) => one.unitsPerSecond),
    ),
  ];
}

async function weight(keys: number): Promise<BenchRow[]> {
  const names = MEMORY_NAMES.filter((name) => name !== 'limit');
  const found: Record<string, Memory> = {};
  for (const name of names) {
    found[name] = await together('memory', [name], keys, ([one]) =>
      (one as Contestant).ask<Memory>('memory'),
    );
  }
  const values = (pick: (memory: Memory) => number): Record<string, number> =>
    Object.fromEntries(Object.entries(found).map(([name, memory]) => [name, pick(memory)]));
  const about = `memory, ${keys.toLocaleString('en')} keys`;
  return [
    rowOf(
      { case: `${about}: used`, unit: 'bytes/key', better: 'less' },
      values((one) => one.used),
    ),
    rowOf(
      { case: `${about}: resident`, unit: 'bytes/key', better: 'less' },
      values((one) => one.resident),
    ),
  ];
}

/** Starts contenders, has each prove that it refuses beyond the limit, and ends them whatever happens. */
async function together<T>(
  kind: string,
  names: readonly string[],
  keys: number,
  work: (all: readonly Contestant[]) => Promise<T>,
): Promise<T> {
  const all = names.map((name) => new Contestant(name, CHILD, [kind, name, String(keys), REDIS_URL]));
  try {
    for (const one of all) await one.ask('prove');
    return await work(all);
  } finally {
    for (const one of all) await one.end();
  }
}

function listening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 6379), timeout: 500 });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}
