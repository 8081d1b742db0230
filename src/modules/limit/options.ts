import type { RequestContext } from '../../core/context.ts';
import type { Duration } from '../../core/duration.ts';
import type { Mode } from '../../core/guard.ts';
import type { AlgorithmName } from './algorithms/algorithm.ts';

/**
 * What a policy counts by. What a request does not have (no user, no such header) counts as the client's address, so
 * that nobody escapes a limit by leaving something out. `ip` is the client's address, for IPv6 its prefix.
 */
export type KeySource =
  | 'ip'
  | 'user'
  | 'session'
  | 'role'
  | 'route'
  | 'apiKey'
  | 'tenant'
  | 'account'
  | `header:${string}`
  | KeyFunction;
/** A key of one's own. Must not throw; `undefined` counts as the client's address. Long or odd text is hashed. */
export type KeyFunction = (context: RequestContext) => string | undefined;
/** What a request counts; rounded up, at least 1, at most the policy's limit. */
export type CostFunction = (context: RequestContext) => number;

/** What happens to a policy while the shared store does not answer. */
export const STORE_FAILURES = ['local', 'open', 'closed'] as const;
export type OnStoreFailure = (typeof STORE_FAILURES)[number];

/** Progressive penalties: repeat offenders wait longer. */
export interface PenaltyOptions {
  /** Factors of the window, one per level; 1 to 20 of them, each 1 to 100,000, default 1, 2, 4 … 128. */
  readonly steps?: readonly number[];
  /** Longest penalty; at least the window, at most 30d, default 24h (or the window where that is longer). */
  readonly max?: Duration;
  /** A level is taken back for each clean period of this length; 1s to 30d, default 1h, at least the window. */
  readonly decayAfter?: Duration;
}

/** One step of an adaptive limit. */
export interface AdaptiveStep {
  /** Risk above which it acts, 0 to 1. */
  readonly above: number;
  /** Share of the limit that is left, above 0, at most 1. The limit never falls below 1. */
  readonly share: number;
}

/** One policy. */
export interface LimitPolicyOptions {
  /**
   * Requests per window, 1 to 10¹²; up to 100 for `log`, up to 128 at once for `concurrency`. Or a table by role:
   * `anonymous` for callers without principal, `default` for roles that it does not name. Of several that fit, the
   * tightest decides; where none fits, the tightest of the table.
   */
  readonly max: number | Readonly<Record<string, number>>;
  /** Length of the window, 1s to 30d; for `concurrency` the time after which a lease that nobody gave back expires. */
  readonly window: Duration;
  /** What is counted by; 1 to 5 sources that combine to one key. */
  readonly by: KeySource | readonly KeySource[];
  /** How is counted; default `sliding`. */
  readonly algorithm?: AlgorithmName;
  /** Most that may come at once, 1 to 10¹², `gcra` only; default the limit. */
  readonly burst?: number;
  /** Longer and longer waits for repeat offenders; default off, `true` for the default steps. */
  readonly penalties?: boolean | PenaltyOptions;
  /** Default `local`: counted in this process, with the limit divided by the number of nodes. */
  readonly onStoreFailure?: OnStoreFailure;
  /** `shadow` decides and records, but refuses nothing; default `enforce`. */
  readonly mode?: Mode;
  /** Code of the refusal, upper case; default RATE_LIMIT_EXCEEDED. */
  readonly code?: string;
  /** Whether refused requests count too; default false. */
  readonly countRefused?: boolean;
  /** What one request counts, 1 to 10¹², or a function; default 1. A request that costs more than the limit takes all of it. */
  readonly cost?: number | CostFunction;
  /** Limit scaled by the caller's risk; default off, `true` for above 0.7 → 30 %, above 0.5 → 60 %. */
  readonly adaptive?: boolean | readonly AdaptiveStep[];
  /** Whether it acts on every route, not only on those whose settings name it; default false. */
  readonly everywhere?: boolean;
  /** `challenge` asks for proof first; who has shown it counts apart, and is refused there. Default `deny`. */
  readonly refuseBy?: 'deny' | 'challenge';
}

/** All limits of a house. */
export interface LimitsOptions {
  /** The policies by name (letters, digits, `_`, `-`; at most 40), or a list of policies with names; at most 200. */
  readonly policies:
    | Readonly<Record<string, LimitPolicyOptions>>
    | readonly (LimitPolicyOptions & { readonly name: string })[];
  /** Addresses, ranges and principal ids that no limit holds back; at most 10,000, default none. */
  readonly allow?: readonly string[];
  /** Addresses, ranges and principal ids that are refused; at most 10,000, default none. The allow list comes first. */
  readonly deny?: readonly string[];
  /** Which policies act where: `{ 'POST /auth/*': 'auth', '/health': false }`; see `limitRules`. Default none. */
  readonly routes?: Readonly<Record<string, string | readonly string[] | false>>;
  /** Longest wait of a decision for the store, 1ms to 10s, default 50ms. */
  readonly storeBudget?: Duration;
  /** Failures in a row after which the store is only probed; 1 to 1,000, default 3. */
  readonly failuresToOpen?: number;
  /** Time between two probes of a store that failed, 10ms to 5m, default 1s. */
  readonly probeEvery?: Duration;
}

/** One limit that is asked by key, without routes and requests: see `createLimiter`. */
export interface LimiterOptions extends Omit<
  LimitPolicyOptions,
  'max' | 'by' | 'cost' | 'mode' | 'code' | 'adaptive' | 'everywhere' | 'refuseBy'
> {
  /**
   * Stands before the keys, so that limiters on one store keep apart; default `limiter`, and on a
   * store of this process something that no other limiter has. */
  readonly name?: string;
  /** Requests per window, 1 to 10¹²; up to 100 for `log`, up to 128 at once for `concurrency`. */
  readonly max: number;
  /** What one `take` counts unless it says, 1 to 10¹²; default 1. */
  readonly cost?: number;
  /** Longest wait for the store, 1ms to 10s, default 50ms. */
  readonly storeBudget?: Duration;
  /** Failures in a row after which the store is only probed; 1 to 1,000, default 3. */
  readonly failuresToOpen?: number;
  /** Time between two probes of a store that failed, 10ms to 5m, default 1s. */
  readonly probeEvery?: Duration;
}
