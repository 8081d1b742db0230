import type { FactorKind } from '../contract.ts';
import type { CounterRule } from './counter.ts';
import type { CrowdRule } from './crowd.ts';
import type { LockoutSettings } from './options.ts';

/** What attempts are counted by. `pair`: account and client group; `device`: account and known device. */
export type Role = 'pair' | 'account' | 'device' | 'group' | 'spray';

/** Rules of a moment. */
export interface Rules {
  /** Failures come from everywhere, and that was said once for all client groups. */
  readonly flood: boolean;
  readonly pair: CounterRule;
  readonly account: CounterRule;
  readonly device: CounterRule;
  readonly group: CrowdRule;
  readonly spray: CrowdRule;
}

/** An hour: as long as one digest of a password is used. */
export const SPRAY_MS = 3_600_000;

/** Rules of the settings. @param flood failures come from everywhere: client groups are held to the tighter bound */
export function rulesOf(settings: LockoutSettings, flood: boolean): Rules {
  const times = {
    firstMs: settings.firstDelay,
    longestMs: settings.longestDelay,
    decayMs: settings.window,
    windowMs: settings.window,
  };
  const pair = { ...times, bound: settings.delayAfter };
  return {
    flood,
    pair,
    device: pair,
    account: { ...times, longestMs: settings.longestAccountDelay, bound: settings.accountDelayAfter },
    group: {
      ...times,
      bound: flood ? settings.groupDelayAfterInFlood : settings.groupDelayAfter,
      credit: true,
    },
    spray: { ...times, windowMs: SPRAY_MS, bound: settings.sprayAccounts, credit: false },
  };
}

/** Consecutive failures that disable an authenticator; a passkey cannot be guessed and is only delayed. */
export function streakBound(settings: LockoutSettings, factor: FactorKind): number {
  if (factor === 'passkey') return Number.POSITIVE_INFINITY;
  return factor === 'password' ? settings.passwordFailures : settings.codeFailures;
}

/** How an attempt is counted. */
export interface Plan {
  /** Counters of the account that take part. */
  readonly counters: readonly ('pair' | 'account' | 'device')[];
  /** Which of them delays. */
  readonly delays: ReadonlySet<Role>;
  /** Which of them disables, and at how many consecutive failures. */
  readonly streaks: Role | undefined;
  readonly streakBound: number;
  /** Whether client group and tried password count. */
  readonly crowds: boolean;
}

/**
 * How an attempt is counted. A known device has its own bucket, which nobody else's failures touch; but the failures of a
 * one-time-code authenticator count together over all devices, for six digits bear no more than ten guesses in all.
 */
export function planOf(settings: LockoutSettings, factor: FactorKind, known: boolean): Plan {
  const bound = streakBound(settings, factor);
  const code = factor !== 'password' && factor !== 'passkey';
  const counters = known
    ? code
      ? (['account', 'device'] as const)
      : (['device'] as const)
    : (['account', 'pair'] as const);
  const delays = new Set<Role>(known ? ['device'] : ['pair', 'account']);
  const streaks = factor === 'passkey' ? undefined : known && !code ? 'device' : 'account';
  return { counters, delays, streaks, streakBound: bound, crowds: !known };
}
