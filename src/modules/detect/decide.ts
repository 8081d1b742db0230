import type { Features } from './features.ts';
import { readBaseline } from './state/baseline.ts';
import { detectedMsOf, HEAD } from './state/layout.ts';

/** What a rule says of an event. */
export interface Decision {
  /** `quiet`: nothing to tell; `detected`: a detection begins; `updated`: its count has doubled since it was told. */
  readonly kind: 'quiet' | 'detected' | 'updated';
  /** The detection was made before, and whoever had to tell it has not said within its time that it is told. */
  readonly isOverdue: boolean;
  /** When the present detection began, milliseconds since the epoch; 0 for none. */
  readonly detectedMs: number;
  /** Counted in the window, and since the detection began. */
  readonly count: number;
  /** What was held against `threshold`: a count, different members, a share, or what a baseline compares. */
  readonly value: number;
  readonly threshold: number;
  readonly measure: 'count' | 'distinct' | 'share' | 'baseline';
  /** Different members in the window; 0 where nobody asks. */
  readonly distinct: number;
  /** Share in all, 0 to 1; null where nobody asks. */
  readonly share: number | null;
  /** What is usual for the group; null while that is being learnt, or where nobody asks. */
  readonly usual: number | null;
  /** First and last event that was counted, milliseconds since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Rows are worked on here, one at a time: the next call writes over it. */
const scratch = new Float64Array(128);

/**
 * What a rule says of an event, from the row as it stood before: the same numbers that the store wrote, computed again.
 * Pure.
 * @param state the row's columns, from `at` on; not changed
 */
export function decide(features: Features, state: Float64Array, nowMs: number, at = 0): Decision {
  const { rule, program, args } = features;
  const row = scratch;
  for (let i = 0; i < program.columns; i++) row[i] = state[at + i] as number;
  program.commit(row, 0, args, nowMs, true);
  const told = row[HEAD.told] as number;
  const detectedMs = detectedMsOf(row, 0);
  const isSame = detectedMs === detectedMsOf(state, at);
  const began = !isSame && detectedMs !== 0;
  return {
    ...measured(features, row),
    kind: began ? 'detected' : told > (state[at + HEAD.told] as number) ? 'updated' : 'quiet',
    isOverdue: isSame && (row[HEAD.firedMs] as number) > (state[at + HEAD.firedMs] as number),
    detectedMs,
    // A group that is never quiet has begun long before what was detected.
    firstMs: Math.max(row[HEAD.firstMs] as number, detectedMs - rule.windowMs),
    lastMs: row[HEAD.lastMs] as number,
  };
}

type Measured = Omit<Decision, 'kind' | 'isOverdue' | 'detectedMs' | 'firstMs' | 'lastMs'>;

function measured({ rule, args }: Features, row: Float64Array): Measured {
  const since = row[HEAD.since] as number;
  if (rule.baseline !== undefined) {
    const { value, bound, usual } = readBaseline(row, 0, args);
    return { measure: 'baseline', count: since, value, threshold: bound, usual, distinct: 0, share: null };
  }
  const { count, all, distinct } = rule.pattern.read(row, 0);
  const share = rule.ratio === undefined ? null : all === 0 ? 0 : Math.min(1, count / all);
  const base = { count: Math.max(since, count), distinct, share, usual: null };
  if (rule.distinct !== undefined)
    return { ...base, measure: 'distinct', value: distinct, threshold: rule.distinct.atLeast };
  if (rule.ratio !== undefined && rule.count <= 1)
    return { ...base, measure: 'share', value: share ?? 0, threshold: rule.ratio.atLeast };
  return { ...base, measure: 'count', value: count, threshold: rule.count };
}
