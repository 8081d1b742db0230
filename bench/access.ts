import { contest, Contestant } from './lib/contest.ts';
import { machine, rowOf, type BenchResult } from './lib/result.ts';
import { CONTENDERS } from './access/contenders.ts';

const CHILD = new URL('./access/child.ts', import.meta.url);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);

/** May this person do this to this order: conditions on the owner and on the state, three roles, 1,000 people. */
export async function bench(): Promise<BenchResult> {
  const all = Object.keys(CONTENDERS).map((name) => new Contestant(name, CHILD, [name]));
  try {
    for (const one of all) await one.ask('prove');
    const found = await contest(all, ROUNDS);
    const values = Object.fromEntries(
      Object.entries(found).map(([name, { cpuUsPerUnit }]) => [name, cpuUsPerUnit * 1_000]),
    );
    const about = { case: 'permission with an owner condition', unit: 'ns of CPU', better: 'less' } as const;
    return { name: 'access', machine: machine(), results: [rowOf(about, values)] };
  } finally {
    for (const one of all) await one.end();
  }
}
