import { type Delay, type DelayRule, levelAt, lowered, NO_DELAY, raised } from './delay.ts';

/** Failures on one account, as one bucket sees them. Written before anything is verified. */
export interface Counter extends Delay {
  /** Times of the newest failures, oldest first; never more than the rule's bound. */
  readonly recent: readonly number[];
  /** Failures since the last success. */
  readonly streak: number;
  /** Stays until somebody clears it. */
  readonly disabled: boolean;
  /** Whose failures these are: an account's id, `-` where there is no such account, `*` where there were several. */
  readonly who: string;
  /** When the owner was told last, and the events. */
  readonly notifiedAtMs: number;
  readonly saidAtMs: number;
}

/** What a counter is held to. */
export interface CounterRule extends DelayRule {
  /** Failures within `windowMs` from which delays begin. */
  readonly bound: number;
  readonly windowMs: number;
}

/** A counter that has counted nothing. */
export const NEW_COUNTER: Counter = {
  ...NO_DELAY,
  recent: [],
  streak: 0,
  disabled: false,
  who: '',
  notifiedAtMs: 0,
  saidAtMs: 0,
};

/** Counts a failure. @param rule absent: only the streak counts */
export function counted(
  counter: Counter,
  who: string,
  nowMs: number,
  rule: CounterRule | undefined,
): Counter {
  const next = { ...counter, who: whose(counter.who, who), streak: counter.streak + 1 };
  if (rule === undefined) return next;
  const recent = [...counter.recent.filter((at) => at > nowMs - rule.windowMs), nowMs].slice(-rule.bound);
  if (levelAt(counter, nowMs, rule) === 0 && recent.length < rule.bound)
    return { ...next, ...NO_DELAY, recent };
  return { ...next, ...raised(counter, nowMs, rule), recent };
}

/** Only accounts that are there can be neighbours in a bucket. */
function whose(before: string, who: string): string {
  if (before === '' || before === '-' || before === who) return who;
  return who === '-' ? before : '*';
}

/**
 * An attempt that was counted at `atMs` was right. All is forgiven, unless the counter holds failures of another account
 * whose name falls into the same bucket: then only this one failure is taken back, so that nobody frees a neighbour.
 */
export function forgiven(
  counter: Counter,
  who: string,
  atMs: number,
  rule: CounterRule | undefined,
): Counter {
  const { disabled, notifiedAtMs, saidAtMs } = counter;
  if (counter.who === who || counter.streak <= 1) return { ...NEW_COUNTER, disabled, notifiedAtMs, saidAtMs };
  const at = counter.recent.lastIndexOf(atMs);
  return {
    ...counter,
    ...(rule === undefined ? {} : lowered(counter, atMs, rule)),
    recent: counter.recent.filter((_, index) => index !== at),
    streak: Math.max(0, counter.streak - 1),
  };
}
