import { describe, expect, it } from 'vitest';
import { scanBody } from './extract/body.ts';
import { Inspector } from './inspector.ts';
import { readInspection } from './options.ts';
import { compilePolicy } from './policy.ts';
import { PUMPED_BODIES, PUMPS } from './test-pumps.ts';

/** No field is refused here, and nothing is left unread, so that all of the work is done. */
const POLICY = compilePolicy({ ...readInspection({ threshold: 100 }), maxWork: 1e9 });
const SIZE = 16_384;

/** The least of `runs`: collection of garbage and compilation only ever add to what the work itself takes. */
function cpuUs(text: string, type: string, runs: number): number {
  let least = Infinity;
  for (let run = 0; run < runs; run++) {
    const inspector = new Inspector(POLICY);
    inspector.start(POLICY, []);
    const scan = scanBody(
      { type, encoding: undefined, target: '/' },
      { ...POLICY.options, maxBodyBytes: 1e8 },
      inspector,
    );
    const before = process.cpuUsage();
    scan.write(Buffer.from(text));
    scan.end();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}

describe('A62: the time of inspection', () => {
  it.each(PUMPED_BODIES)('grows with the length and no faster, whatever is repeated in %s', (type, wrap) => {
    const steep: string[] = [];
    for (const pump of PUMPS) {
      const text = (length: number): string => wrap(pump.repeat(Math.ceil(length / pump.length)));
      // Four times as long is four times as dear; what grows with the square would be sixteen times as dear. What looks
      // steep is measured again with more runs: a real square stays one.
      for (const runs of [2, 20, 100]) {
        const [short, long] = [cpuUs(text(SIZE), type, runs), cpuUs(text(4 * SIZE), type, runs)];
        if (long <= 10 * short + 3_000) break;
        if (runs === 100) steep.push(`${pump}: ${short} µs, ${long} µs`);
      }
    }
    expect(steep).toEqual([]);
  });
});
