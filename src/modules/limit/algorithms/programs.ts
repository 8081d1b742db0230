import type { CounterProgram } from '../../../ports/counter.ts';
import type { Algorithm } from './algorithm.ts';
import { FIXED } from './fixed.ts';
import { GCRA } from './gcra.ts';
import { LEASE } from './leases.ts';
import { LOG } from './log.ts';
import { withPenalties } from './penalties.ts';
import { SLIDING } from './sliding.ts';

const PLAIN: readonly Algorithm[] = [...SLIDING, FIXED, GCRA, ...LOG];
const PENAL = new Map(PLAIN.map((one) => [one.program.name, withPenalties(one)]));

/** The algorithm with penalties. */
export function penalised(algorithm: Algorithm): Algorithm {
  return PENAL.get(algorithm.program.name) as Algorithm;
}

const ALL = new Map([...PLAIN, ...LEASE, ...PENAL.values()].map((one) => [one.program.name, one]));

/** Every program of the limits, for a store that must know them before the first call. */
export const limitPrograms: readonly CounterProgram[] = [...ALL.values()].map((one) => one.program);

/** The algorithm whose program has that name: how a decision record finds it again. */
export function algorithmOf(program: string): Algorithm | undefined {
  return ALL.get(program);
}
