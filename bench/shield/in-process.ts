import { Contestant, contest } from '../lib/contest.ts';
import { type BenchRow, rowOf } from '../lib/result.ts';
import { CASES } from './requests.ts';

const NAMES = ['corridor', 'rampart', 'easy-waf'] as const;

/** CPU of inspection alone, without sockets: the corridor with it less the corridor without it, all else equal. */
export async function inProcess(rounds: number): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const kind of Object.keys(CASES)) {
    const module = new URL('./in-process-child.ts', import.meta.url);
    const all = NAMES.map((name) => new Contestant(name, module, [name, kind]));
    try {
      for (const one of all) await one.ask('prove');
      const cpu = await contest(all, rounds);
      const of = (name: string): number => cpu[name]?.cpuUsPerUnit ?? 0;
      const about = { case: `${kind}: CPU of inspection, in process`, unit: 'µs', better: 'less' } as const;
      rows.push(rowOf(about, { rampart: of('rampart') - of('corridor'), 'easy-waf': of('easy-waf') }));
    } finally {
      for (const one of all) await one.end();
    }
  }
  return rows;
}
