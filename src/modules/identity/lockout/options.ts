import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import { duration, type Fields, number, readOptions } from '../../../core/options.ts';

/** How guessing is slowed. Defaults follow NIST SP 800-63B-4 §3.2.2 and OWASP ASVS 5.0 §6.3.1. */
export interface LockoutOptions {
  /** Time in which failures are counted together, 1m to 24h, default 15m. A delay is taken back one step per window. */
  readonly window?: Duration;
  /** Failures on one account from one client group (or known device) from which it is delayed, 3 to 20, default 5. */
  readonly delayAfter?: number;
  /** Failures on one account from all unknown devices together from which they are delayed, 5 to 100, default 20. */
  readonly accountDelayAfter?: number;
  /** Accounts on which one client group fails, from which the group is delayed, 3 to 50, default 10. */
  readonly groupDelayAfter?: number;
  /** The same while a flood of failures comes from everywhere, 1 to 50, at most `groupDelayAfter`, default 3. */
  readonly groupDelayAfterInFlood?: number;
  /** Failures per minute, over all clients, from which it may be a flood, 20 to 1,000,000, default 100. */
  readonly floodFailuresPerMinute?: number;
  /** Share of failures among all attempts from which it is a flood, 0.5 to 1, default 0.8. */
  readonly floodFailureShare?: number;
  /** First delay, 1s to 10m, default 30s; doubles with every further failure. */
  readonly firstDelay?: Duration;
  /** Longest delay of a client group, 1m to 24h, default 1h. */
  readonly longestDelay?: Duration;
  /** Longest delay of an account for unknown devices, 1m to 1h, default 15m: short, for it may hit the owner. */
  readonly longestAccountDelay?: Duration;
  /** Consecutive failures that disable a password, 10 to 100, default 100. */
  readonly passwordFailures?: number;
  /** Consecutive failures that disable a one-time-code authenticator, 3 to 10, default 10. */
  readonly codeFailures?: number;
  /** Accounts on which one password fails within an hour, from which it is spraying, 5 to 1,000, default 20. */
  readonly sprayAccounts?: number;
}

/** `LockoutOptions`, checked; times in milliseconds. */
export type LockoutSettings = { readonly [K in keyof LockoutOptions]-?: number };

const FIELDS: Fields<LockoutSettings> = {
  window: duration({ min: '1m', max: '24h', default: '15m' }),
  delayAfter: number({ min: 3, max: 20, default: 5 }),
  accountDelayAfter: number({ min: 5, max: 100, default: 20 }),
  groupDelayAfter: number({ min: 3, max: 50, default: 10 }),
  groupDelayAfterInFlood: number({ min: 1, max: 50, default: 3 }),
  floodFailuresPerMinute: number({ min: 20, max: 1_000_000, default: 100 }),
  floodFailureShare: number({ min: 0.5, max: 1, default: 0.8, fraction: true }),
  firstDelay: duration({ min: '1s', max: '10m', default: '30s' }),
  longestDelay: duration({ min: '1m', max: '24h', default: '1h' }),
  longestAccountDelay: duration({ min: '1m', max: '1h', default: '15m' }),
  passwordFailures: number({ min: 10, max: 100, default: 100 }),
  codeFailures: number({ min: 3, max: 10, default: 10 }),
  sprayAccounts: number({ min: 5, max: 1_000, default: 20 }),
};

/**
 * Checks the options of the lockout.
 * @throws OptionsError naming the path and the reason
 */
export function readLockoutOptions(path: string, given: unknown): LockoutSettings {
  const read = readOptions<LockoutSettings>(path, given, FIELDS);
  if (read.groupDelayAfterInFlood > read.groupDelayAfter)
    throw new OptionsError(`${path}.groupDelayAfterInFlood`, 'is above groupDelayAfter');
  for (const name of ['longestDelay', 'longestAccountDelay'] as const)
    if (read[name] < read.firstDelay) throw new OptionsError(`${path}.${name}`, 'is shorter than firstDelay');
  return read;
}
