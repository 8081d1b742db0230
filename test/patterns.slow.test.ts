import { describe, expect, it } from 'vitest';
import { BOUNDED } from './house/bounded-patterns.ts';
import { fault, housePatterns, isBounded } from './house/prove.ts';

const patterns = housePatterns();
const PUMPS = ['a', ' ', '\t', '0', '"', '<', '/', '.', '-', '(', ':', 'a ', 'a.', '<a ', '=a;', '\\', 'é'];

function timeOf(pattern: RegExp, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage();
    pattern.lastIndex = 0;
    pattern.test(text);
    const { user } = process.cpuUsage(start);
    best = Math.min(best, user);
  }
  return best;
}

describe('A62: regular expressions of the house, all of them anew', () => {
  it('are proven to take linear time', async () => {
    const faults: string[] = [];
    for (const pattern of patterns) {
      const found = isBounded(pattern) ? null : await fault(pattern);
      if (found !== null) faults.push(found);
    }
    expect(faults).toEqual([]);
  }, 1_800_000);

  it('do not take four times as long for twice as much, or are as fast as the input is bounded', () => {
    const slow: string[] = [];
    for (const { path, source, flags } of patterns) {
      const pattern = new RegExp(source, flags);
      const most = BOUNDED[`/${source}/${flags}`]?.most ?? 100_000;
      for (const pump of PUMPS) {
        const text = `x${pump.repeat(Math.ceil(most / pump.length)).slice(0, most)}!`;
        const isSteep = (): boolean => {
          const half = timeOf(pattern, text.slice(0, most / 2));
          const whole = timeOf(pattern, text);
          return whole > 20_000 && whole > 3.5 * half;
        };
        // On a busy machine one look may be wrong; a real square is steep each time.
        if (isSteep() && isSteep() && isSteep() && isSteep() && isSteep())
          slow.push(`${path}: /${source}/${flags} on ${JSON.stringify(pump)}`);
      }
    }
    expect(slow).toEqual([]);
  }, 600_000);
});
