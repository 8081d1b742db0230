import type { RotationProgress } from '../../api/keys.ts';

/** How many rows were done at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly rows: number;
}

/** A rotation that is under way, in figures. */
export interface Pace {
  readonly rowsDone: number;
  /** Of the tables that it has come to; others join as their turn comes. */
  readonly rowsTotal: number;
  readonly unreadable: number;
  readonly rowsPerSecond: number | null;
  /** For the tables that it has come to, milliseconds. */
  readonly leftMs: number | null;
  /** Nothing has moved for a while. */
  readonly isStill: boolean;
}

/** The rate is that of the last half minute. */
const WINDOW_MS = 30_000;
/** Before that much was seen, the rate is the average since the start. */
const ENOUGH_MS = 5000;
/** Waiting for a lock of the application is no standstill. */
const STILL_MS = 20_000;

export const rowsDoneOf = ({ tables }: RotationProgress): number =>
  tables.reduce((sum, { rowsDone }) => sum + rowsDone, 0);

/** Adds what was just seen, and forgets what is too long ago. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1);
  // Fewer rows than before: this is another rotation.
  const kept = last !== undefined && last.rows > sample.rows ? [] : samples;
  return [...kept.filter(({ atMs }) => atMs > sample.atMs - WINDOW_MS), sample];
}

/**
 * Figures of a rotation.
 * @param sealsFromMs when its key began to seal, milliseconds since the epoch: nothing moves before
 */
export function paceOf(rotation: RotationProgress, sealsFromMs: number, samples: readonly Sample[]): Pace {
  const { tables } = rotation;
  const rowsDone = rowsDoneOf(rotation);
  const rowsTotal = tables.reduce((sum, one) => sum + Math.max(one.rowsTotal, one.rowsDone), 0);
  const last = samples.at(-1);
  const first = samples[0];
  const seenMs = first && last ? last.atMs - first.atMs : 0;
  const isSeen = first !== undefined && seenMs >= ENOUGH_MS;
  const from = isSeen ? first : { atMs: Math.max(rotation.startedAtMs, sealsFromMs), rows: 0 };
  const seconds = last === undefined ? 0 : (last.atMs - from.atMs) / 1000;
  const rowsPerSecond = last === undefined || seconds < 1 ? null : (last.rows - from.rows) / seconds;
  const left = rowsTotal - rowsDone;
  return {
    rowsDone,
    rowsTotal,
    unreadable: tables.reduce((sum, one) => sum + one.unreadable, 0),
    rowsPerSecond,
    leftMs: rowsPerSecond === null || rowsPerSecond <= 0 ? null : (left / rowsPerSecond) * 1000,
    isStill: seenMs >= STILL_MS && rowsPerSecond === 0,
  };
}
