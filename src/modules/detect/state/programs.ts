import type { CounterProgram } from '../../../ports/counter.ts';
import { BASELINE } from './baseline.ts';
import { PATTERN_PROGRAMS } from './pattern.ts';

/** Every program of the detectors, for a store that must know them before the first call. */
export const detectPrograms: readonly CounterProgram[] = [...PATTERN_PROGRAMS, BASELINE];
