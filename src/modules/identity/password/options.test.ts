import { describe, expect, it } from 'vitest';
import { OptionsError } from '../../../core/errors.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { calibrate } from './calibrate.ts';
import { leastMemoryKib, readPasswordOptions } from './options.ts';

describe('options', () => {
  it.each([
    [{ hash: { memoryKib: 19_455 } }, 'passwords.hash.memoryKib'],
    [{ hash: { memoryKib: 40_000, passes: 1 } }, 'passwords.hash.memoryKib'],
    [{ hash: { memoryKib: 12_287, passes: 3 } }, 'passwords.hash.memoryKib'],
    [{ profile: 'none' }, 'passwords.profile'],
    [{ pepper: [{ id: 'a', key: new Uint8Array(16) }] }, 'passwords.pepper[0].key'],
    [{ pepper: [{ id: 'a$', key: new Uint8Array(32) }] }, 'passwords.pepper[0].id'],
    [{ breached: { url: 'http://example.com/' } }, 'passwords.breached.url'],
    [{ minLength: 4 }, 'passwords.minLength'],
  ])('%j is refused with its path (checklist 12)', (given, path) => {
    const read = (): unknown => readPasswordOptions('passwords', given);
    expect(read).toThrow(OptionsError);
    expect(read).toThrow(`${path}:`);
  });

  it("OWASP's table passes as it stands, an id that is given twice does not", () => {
    for (const [passes, memoryKib] of [
      [1, 47_104],
      [2, 19_456],
      [3, 12_288],
      [4, 12_288],
    ] as const) {
      expect(readPasswordOptions('p', { hash: { passes, memoryKib } }).hash.memoryKib).toBe(memoryKib);
    }
    const key = new Uint8Array(32);
    expect(() =>
      readPasswordOptions('p', {
        pepper: [
          { id: 'a', key },
          { id: 'a', key },
        ],
      }),
    ).toThrow('given twice');
  });
});

describe('calibration', () => {
  const measured = (msPerUnit: number) => {
    const clock = new ManualClock();
    let hashes = 0;
    const hash = ({ memoryKib, passes }: { memoryKib: number; passes: number }): Promise<void> => {
      hashes += 1;
      clock.advance((memoryKib * passes * msPerUnit) / 38_912);
      return Promise.resolve();
    };
    return { clock, hash, hashes: () => hashes };
  };

  it('recommends the strongest that stays within the target, and tells the figure', async () => {
    const ports = measured(25);
    const found = await calibrate(100, ports);
    expect(found).toMatchObject({ memoryKib: 65_536, passes: 2, withinTarget: true });
    expect(found.measuredMs).toBeCloseTo(84.2, 0);
  });

  it('never goes below the floor of OWASP, and says when even that is too slow', async () => {
    const found = await calibrate(100, measured(400));
    expect(found).toMatchObject({ memoryKib: leastMemoryKib(2), passes: 2, withinTarget: false });
  });

  it('ends within its budget', async () => {
    const ports = measured(1_500);
    await calibrate(60_000, ports);
    expect(ports.clock.monotonic()).toBeLessThan(9_000);
  });

  it('measures this machine', async () => {
    const found = await calibrate(60, { budgetMs: 1_000 });
    expect(found.measuredMs).toBeGreaterThan(0);
    expect(() =>
      readPasswordOptions('p', { hash: { memoryKib: found.memoryKib, passes: found.passes } }),
    ).not.toThrow();
  });
});
