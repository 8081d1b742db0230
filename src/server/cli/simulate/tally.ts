import { type Clock, systemClock } from '../../../core/clock.ts';
import { DurationHistogram } from '../../../base/observe/index.ts';

/** Who is on which side. */
export type Side = 'honest' | 'attacker';

/** What came back, as far as counting goes. */
export interface Outcome {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** `error.code` of the answer. */
  readonly code: string | undefined;
  /** Decision id of the answer. */
  readonly decision: string | undefined;
  readonly latencyMs: number;
}

/** Refusals of one status and code. */
export interface RefusalCount {
  readonly status: number;
  readonly code: string;
  count: number;
  /** One of them, to look its guard up. */
  readonly decision: string | undefined;
  guard?: string;
}

/** What one kind of actor met. */
export interface KindTally {
  readonly kind: string;
  readonly side: Side;
  sent: number;
  passed: number;
  /** Answered with 400 or above. */
  refused: number;
  /** No answer: cut off, or too late. */
  unanswered: number;
  /** Answered with 500 or above, without those that say "not now" (503). */
  broken: number;
  readonly refusals: Map<string, RefusalCount>;
  readonly latencies: DurationHistogram;
  /** When its first request was sent, or it said that it begins; milliseconds since the epoch. */
  beganMs: number | undefined;
}

/** Different refusals that are told apart per kind. */
const MAX_REFUSALS = 40;

/** Counts what all actors meet. */
export class Tally {
  readonly kinds = new Map<string, KindTally>();
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'> = systemClock) {
    this.#clock = clock;
  }

  /** A request is sent. */
  sends(side: Side, kind: string): void {
    this.#of(side, kind).beganMs ??= this.#clock.now();
  }

  /** What was sent so far was preparation. */
  begins(side: Side, kind: string): void {
    this.#of(side, kind).beganMs = this.#clock.now();
  }

  /** @param isFine whether that was an answer all the same, whatever its status */
  add(side: Side, kind: string, outcome: Outcome, isFine = false): void {
    const tally = this.#of(side, kind);
    tally.sent++;
    if (outcome.status === 0) {
      tally.unanswered++;
      return;
    }
    tally.latencies.record(outcome.latencyMs);
    if (outcome.status < 400 || isFine) {
      tally.passed++;
      return;
    }
    tally.refused++;
    if (outcome.status >= 500 && outcome.status !== 503) tally.broken++;
    countRefusal(tally, outcome);
  }

  /** Sum over the kinds of a side. */
  sum(side: Side, what: 'sent' | 'passed' | 'refused' | 'unanswered' | 'broken'): number {
    let sum = 0;
    for (const tally of this.kinds.values()) if (tally.side === side) sum += tally[what];
    return sum;
  }

  #of(side: Side, kind: string): KindTally {
    let tally = this.kinds.get(kind);
    if (!tally) {
      const counts = { sent: 0, passed: 0, refused: 0, unanswered: 0, broken: 0 };
      tally = {
        kind,
        side,
        ...counts,
        refusals: new Map(),
        latencies: new DurationHistogram(),
        beganMs: undefined,
      };
      this.kinds.set(kind, tally);
    }
    return tally;
  }
}

function countRefusal(tally: KindTally, { status, code, decision }: Outcome): void {
  const full = tally.refusals.size >= MAX_REFUSALS;
  const name = `${status} ${code ?? ''}`;
  const key = full && !tally.refusals.has(name) ? 'others' : name;
  const found = tally.refusals.get(key);
  if (found) found.count++;
  else
    tally.refusals.set(key, { status, code: key === 'others' ? 'others' : (code ?? ''), count: 1, decision });
}
