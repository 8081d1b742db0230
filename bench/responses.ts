import { contest, Contestant } from './lib/contest.ts';
import { type BenchResult, type BenchRow, machine, rowOf } from './lib/result.ts';

const CHILD = new URL('./responses/child.ts', import.meta.url);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const CASES = { none: 'no response acts', thousand: '1,000 responses act' } as const;

/** What one request pays for the guards of responses, beside an empty guard that passes. */
export async function bench(): Promise<BenchResult> {
  const results: BenchRow[] = [];
  for (const [which, about] of Object.entries(CASES)) {
    const all = ['rampart', 'empty'].map((name) => new Contestant(name, CHILD, [name, which]));
    try {
      for (const one of all) await one.ask('prove');
      const found = await contest(all, ROUNDS);
      const values = Object.fromEntries(
        Object.entries(found).map(([name, { cpuUsPerUnit }]) => [
          name === 'empty' ? 'limit' : name,
          cpuUsPerUnit * 1_000,
        ]),
      );
      results.push(rowOf({ case: about, unit: 'ns of CPU', better: 'less' }, values));
    } finally {
      for (const one of all) await one.end();
    }
  }
  return { name: 'responses', machine: machine(), results };
}
