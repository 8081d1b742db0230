import type { Reason } from '../../core/verdict.ts';
import type { CounterAnswer } from '../../ports/counter.ts';
import { ARG } from './algorithms/algorithm.ts';
import { limitDecider } from './decide.ts';
import { capacityOf } from './judge.ts';
import type { Policy } from './policy.ts';

/** What `take` answers. Times in milliseconds since the epoch. */
export interface Taken {
  readonly allowed: boolean;
  /** How many more would be allowed now. */
  readonly remaining: number;
  /** When all of the quota is back; after a refusal, when the same request is allowed. */
  readonly resetAtMs: number;
  /** Whole seconds, rounded up, until the same request is allowed; 0 when it was. */
  readonly retryAfterSeconds: number;
  /** Why, as a tree of numbers. */
  readonly reason: Reason;
  /** Gives the place of a concurrency limit back; does nothing otherwise and the second time. */
  release(): void;
}

/** What an answer needs of its limiter. */
export interface Asker {
  readonly policy: Policy;
  giveBack(where: 'store' | 'local', key: string, args: readonly number[]): void;
}

/** A counted answer. What few callers ask for is computed when they do. */
export class CountedAnswer implements Taken {
  readonly allowed: boolean;
  readonly #limiter: Asker;
  readonly #key: string;
  readonly #args: readonly number[];
  readonly #atMs: number;
  /** The row before the call begins at `#at`. */
  readonly #rows: Float64Array;
  readonly #at: number;
  #held: 'store' | 'local' | null;

  constructor(
    limiter: Asker,
    key: string,
    args: readonly number[],
    answer: CounterAnswer,
    where: 'store' | 'local',
  ) {
    this.allowed = answer.granted;
    this.#limiter = limiter;
    this.#key = key;
    this.#args = args;
    this.#atMs = answer.atMs;
    this.#rows = answer.rows;
    this.#at = answer.at ?? 0;
    this.#held = answer.granted && limiter.policy.holds ? where : null;
  }

  get remaining(): number {
    if (!this.allowed) return 0;
    const { algorithm } = this.#limiter.policy;
    // A request that was granted is counted by its cost, whatever the algorithm.
    const used =
      algorithm.used(this.#rows, this.#at, this.#args, this.#atMs) + (this.#args[ARG.cost] as number);
    return Math.max(0, Math.floor(capacityOf(algorithm, this.#args) - used + 1e-6));
  }

  get resetAtMs(): number {
    const { algorithm, commitWhenRefused, settings } = this.#limiter.policy;
    const row = this.#row();
    const atMs = this.#atMs;
    if (this.allowed || commitWhenRefused) algorithm.program.commit(row, 0, this.#args, atMs, this.allowed);
    if (!this.allowed) return algorithm.freeAtMs(row, 0, this.#args, atMs);
    return Math.min(algorithm.resetAtMs(row, 0, this.#args, atMs), atMs + settings.windowMs);
  }

  get retryAfterSeconds(): number {
    return this.allowed ? 0 : Math.max(1, Math.ceil((this.resetAtMs - this.#atMs) / 1000));
  }

  get reason(): Reason {
    return reasonOf(this.#limiter.policy, this.#key, this.#args, [...this.#row()], this.#atMs, 1);
  }

  release(): void {
    const where = this.#held;
    if (where === null) return;
    this.#held = null;
    const args = this.#args.slice();
    args[ARG.extra] = this.#atMs + (args[ARG.window] as number);
    this.#limiter.giveBack(where, this.#key, args);
  }

  /** A copy of the row before the call. */
  #row(): Float64Array {
    return this.#rows.slice(this.#at, this.#at + this.#limiter.policy.algorithm.program.columns);
  }
}

/** The store was silent and the policy is open or closed without it. */
export class UncountedAnswer implements Taken {
  readonly allowed: boolean;
  readonly remaining = 0;
  readonly resetAtMs: number;
  readonly retryAfterSeconds: number;
  readonly reason: Reason;

  constructor(policy: Policy, key: string, args: readonly number[], nowMs: number, retrySeconds: number) {
    this.allowed = policy.settings.onStoreFailure === 'open';
    this.retryAfterSeconds = this.allowed ? 0 : retrySeconds;
    this.resetAtMs = nowMs + this.retryAfterSeconds * 1000;
    this.reason = reasonOf(policy, key, args, null, nowMs, retrySeconds);
  }

  release(): void {}
}

function reasonOf(
  policy: Policy,
  key: string,
  args: readonly number[],
  row: readonly number[] | null,
  nowMs: number,
  retrySeconds: number,
): Reason {
  const { settings, algorithm, commitWhenRefused, name } = policy;
  const features = {
    policy: name,
    key,
    program: algorithm.program.name,
    args,
    windowMs: settings.windowMs,
    fullMax: args[ARG.max] as number,
    shadow: false,
    commitWhenRefused,
    onStoreFailure: settings.onStoreFailure,
    code: settings.code,
    refuseBy: settings.refuseBy,
  };
  const verdict = limitDecider.decide(
    { role: 'anonymous', risk: 0, policies: [features] },
    { countedBy: 'store', nodes: 1, retrySeconds, rows: [row] },
    nowMs,
  );
  return verdict.reason ?? { code: 'limit.within', text: 'Every limit has room.' };
}
