import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyedHash } from '../../../core/hash.ts';
import { ClientTable, UNIT } from './clients.ts';

/** Most requests that truly fell into one window of `windowMs`. */
function densest(times: readonly number[], windowMs: number): number {
  let most = 0;
  let from = 0;
  times.forEach((time, at) => {
    while (time - (times[from] as number) >= windowMs) from++;
    most = Math.max(most, at - from + 1);
  });
  return most;
}

const gaps = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 300 });
const timesOf = (phase: number, apart: readonly number[]): number[] => {
  let at = phase;
  return apart.map((gap) => (at += gap));
};

describe('the table of clients', () => {
  it('never counts more than there was in a window, whatever the phase', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), gaps, (phase, apart) => {
        const table = new ClientTable(256);
        const times = timesOf(phase, apart);
        for (const [at, time] of times.entries()) {
          const { second, minute } = table.add('a', UNIT, time);
          expect(second).toBeLessThanOrEqual(densest(times.slice(0, at + 1), 1_000));
          expect(minute).toBeLessThanOrEqual(densest(times.slice(0, at + 1), 60_000));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('counts all of what came within nine tenths of a second, and within nineteen twentieths of a minute', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), gaps, (phase, apart) => {
        const table = new ClientTable(256);
        const times = timesOf(phase, apart);
        const seen = { second: 0, minute: 0 };
        for (const time of times) {
          const rates = table.add('a', UNIT, time);
          seen.second = Math.max(seen.second, rates.second);
          seen.minute = Math.max(seen.minute, rates.minute);
        }
        expect(seen.second).toBeGreaterThanOrEqual(densest(times, 900));
        expect(seen.minute).toBeGreaterThanOrEqual(densest(times, 57_000));
      }),
      { numRuns: 60 },
    );
  });

  it('holds no more clients than it was made for, and keeps who sends most under a flood of random names', () => {
    const table = new ClientTable(256, keyedHash(new Uint8Array(8)));
    for (let i = 0; i < 20_000; i++) {
      table.add(`random ${i}`, UNIT, i / 20);
      if (i % 10 === 0) table.add('busy', UNIT, i / 20);
    }
    expect(table.size).toBeLessThanOrEqual(256);
    expect(table.add('busy', UNIT, 1_000).second).toBeGreaterThan(1_500);
  });

  it('does not let one client look worse for what another sent, though they share a place', () => {
    const table = new ClientTable(8);
    for (let i = 0; i < 500; i++) table.add(`other ${i % 40}`, UNIT, i);
    expect(table.add('new', UNIT, 500)).toEqual({ second: 1, minute: 1 });
  });

  it('counts different missing paths, never more than there were, and begins anew after a minute', () => {
    const table = new ClientTable(256);
    for (let i = 0; i < 100; i++) expect(table.missed('a', '/favicon.ico', i)).toBe(1);
    let seen = 0;
    for (let i = 0; i < 80; i++) {
      const before = seen;
      seen = table.missed('b', `/wp-${i}.php`, i);
      expect(seen).toBeLessThanOrEqual(i + 1);
      expect(seen).toBeGreaterThanOrEqual(before);
    }
    expect(seen).toBeGreaterThan(32);
    expect(table.missed('b', '/one', 60_000)).toBe(1);
  });

  it('sees 22 a second for a minute beyond a bound of 20, and never 20 a second, whatever the phase', () => {
    fc.assert(
      fc.property(fc.nat({ max: 60_000 }), (phase) => {
        const table = new ClientTable(256);
        const most = { honest: 0, busy: 0 };
        for (let i = 0; i < 20 * 180; i++)
          most.honest = Math.max(most.honest, table.add('honest', UNIT, phase + i * 50).minute);
        for (let i = 0; i < 22 * 180; i++)
          most.busy = Math.max(most.busy, table.add('busy', UNIT, phase + (i * 1_000) / 22).minute);
        expect(most.honest).toBeLessThanOrEqual(20 * 60);
        expect(most.busy).toBeGreaterThan(20 * 60);
      }),
      { numRuns: 20 },
    );
  });
});
