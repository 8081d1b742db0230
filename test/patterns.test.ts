import { describe, expect, it } from 'vitest';
import { BOUNDED, BUILT } from './house/bounded-patterns.ts';
import { patternsOf } from './house/patterns.ts';
import { builtSites, fault, housePatterns, isBounded, keptProofs, proof } from './house/prove.ts';

const patterns = housePatterns();

describe('A62: regular expressions of the house', () => {
  it('are all collected', () => {
    expect(patterns.length).toBeGreaterThan(200);
    const planted = patternsOf({ path: 'x.ts', text: 'const a = [/a+/g, new RegExp("b"), RegExp(`c`)];' });
    expect(planted.literals).toEqual([{ path: 'x.ts', source: 'a+', flags: 'g' }]);
    expect(planted.built).toHaveLength(2);
  });

  it('that are built while the program runs are written down with what they become', () => {
    const written = Object.entries(BUILT).map(([path, list]) => [path, list.length] as const);
    expect(builtSites()).toEqual(Object.fromEntries(written));
  });

  it('take linear time: proven once and kept, or proven now', async () => {
    const kept = keptProofs();
    const faults: string[] = [];
    for (const pattern of patterns) {
      if (kept.has(proof(pattern)) || isBounded(pattern)) continue;
      const found = await fault(pattern);
      if (found !== null) faults.push(found);
    }
    expect(faults).toEqual([]);
  }, 300_000);

  it('with a reason to be slower still exist', () => {
    const known = new Set(patterns.map(({ source, flags }) => `/${source}/${flags}`));
    const own = Object.keys(BOUNDED).filter((one) => !BOUNDED[one]?.why.includes('own tests'));
    expect(own.filter((one) => !known.has(one))).toEqual([]);
  });

  it('would be told of if one were dangerous', async () => {
    expect(await fault({ path: 'x.ts', source: '^(a+)+$', flags: '' })).toContain('exponential');
  });
});
