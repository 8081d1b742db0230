import { contest, Contestant } from './lib/contest.ts';
import { type BenchResult, type BenchRow, machine, rowOf } from './lib/result.ts';

const CHILD = new URL('./blocks/child.ts', import.meta.url);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const CASES = { known: 'a caller seen before', new: 'a caller never seen' } as const;

/** What one request pays for 100,000 blocks of every kind, beside as many of addresses alone, and beside none. */
export async function bench(): Promise<BenchResult> {
  const results: BenchRow[] = [];
  for (const [which, about] of Object.entries(CASES)) {
    const all = ['rampart', 'addresses', 'none'].map((name) => new Contestant(name, CHILD, [name, which]));
    try {
      for (const one of all) await one.ask('prove');
      const found = await contest(all, ROUNDS);
      const values = Object.fromEntries(
        Object.entries(found).map(([name, { cpuUsPerUnit }]) => [
          name === 'none' ? 'limit' : name,
          cpuUsPerUnit * 1_000,
        ]),
      );
      results.push(rowOf({ case: about, unit: 'ns of CPU', better: 'less' }, values));
    } finally {
      for (const one of all) await one.end();
    }
  }
  return { name: 'blocks', machine: machine(), results };
}
