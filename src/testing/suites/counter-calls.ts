import fc from 'fast-check';
import type { CounterAnswer, CounterStep } from '../../ports/counter.ts';
import { keep, sliding, tally } from './counter-programs.ts';

/** A generated call: how long after the one before, and its steps by number. */
export interface Call {
  readonly waitMs: number;
  readonly steps: readonly { which: number; key: number; args: number[]; flags: number }[];
}

/** Calls over a handful of rows, so that they meet. */
export const callList: fc.Arbitrary<Call[]> = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 700 })),
    steps: fc.uniqueArray(
      fc.record({
        which: fc.nat(2),
        key: fc.nat(2),
        args: fc.tuple(fc.integer({ min: -1, max: 6 }), fc.integer({ min: 1, max: 2_000 }), fc.nat(3)),
        flags: fc.nat(3),
      }),
      { maxLength: 5, selector: ({ which, key }) => which * 10 + key },
    ),
  }),
  { maxLength: 30 },
);

/** The steps of a generated call; `run` keeps the rows of different runs apart. */
export function stepsOf(call: Call, run: string): CounterStep[] {
  return call.steps.map(({ which, key, args: [a = 0, b = 0, c = 0], flags }) => ({
    program: [tally, sliding, keep][which] ?? tally,
    key: `${run}-${key}`,
    args: which === 0 ? [a, c, b] : [a, b, c],
    commitWhenRefused: (flags & 1) === 1,
    advisory: (flags & 2) === 2,
  }));
}

/** An answer that can be compared with another. */
export function plain({ granted, atMs, rows }: CounterAnswer): unknown {
  return { granted, atMs, rows: [...rows] };
}
