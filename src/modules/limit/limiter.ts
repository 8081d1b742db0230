import { systemClock, systemTimers, type Clock } from '../../core/clock.ts';
import type { Reason } from '../../core/verdict.ts';
import type { CounterAnswer, CounterStep, CounterStore } from '../../ports/counter.ts';
import { ARG } from './algorithms/algorithm.ts';
import { capacityOf, limitDecider } from './decide.ts';
import { StoreGate } from './gate.ts';
import { safePart, separatorless } from './key.ts';
import type { LimitsPorts } from './limits.ts';
import { localCounters, mapCounters } from './map-counters.ts';
import type { LimiterOptions } from './options.ts';
import { compilePolicy, type Policy } from './policy.ts';
import { parseLimits } from './settings.ts';

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

/** What is asked for: a key, or a key and what it costs (1 unless told, at most the limit). */
export type TakeRequest = string | { readonly key: string; readonly cost?: number };

/** A limit for scripts, workers and other frameworks. */
export interface Limiter {
  /** Counts. Answers at once where the store does (memory), else with a promise; never throws and never rejects. */
  take(request: TakeRequest): Taken | Promise<Taken>;
  /** Forgets a key. @returns whether it was counted; rejects when the store fails */
  reset(key: string): Promise<boolean>;
  /** Gives back timers. */
  close(): void;
}

/**
 * Makes one limit that is asked by key.
 * @throws OptionsError naming the path and the reason
 */
export function createLimiter(options: LimiterOptions, ports: LimitsPorts = {}): Limiter {
  return new KeyLimiter(options, ports);
}

/** What an answer needs of its limiter. */
interface Shared {
  readonly policy: Policy;
  giveBack(where: 'store' | 'local', key: string, args: readonly number[]): void;
}

/** Limiters without a name on a store of this process: each has its own keys there. */
const NAMELESS = new WeakMap<CounterStore, number>();

/**
 * What stands before a limiter's keys. The first one without a name on a store of this process needs nothing: no key of
 * its own holds the separator.
 */
function prefixOf(name: string | undefined, store: CounterStore): string {
  if (name !== undefined || store.kind !== 'memory') return `${name ?? 'limiter'}|`;
  const count = NAMELESS.get(store) ?? 0;
  NAMELESS.set(store, count + 1);
  return count === 0 ? '' : `${count}|`;
}

interface ReusedStep extends CounterStep {
  key: string;
  args: readonly number[];
}

class KeyLimiter implements Limiter, Shared {
  readonly policy: Policy;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #gate: StoreGate;
  readonly #local: CounterStore;
  readonly #args: readonly number[];
  /** Reused while the store answers at once: nobody keeps it then. */
  #steps: ReusedStep[];

  constructor(options: LimiterOptions, ports: LimitsPorts) {
    const { name, storeBudget, failuresToOpen, probeEvery, ...rest } = options;
    const settings = parseLimits(
      {
        policies: [{ ...rest, name: name ?? 'limiter', by: 'ip' }],
        ...given({ storeBudget, failuresToOpen, probeEvery }),
      },
      'limiter',
    );
    this.policy = compilePolicy(settings.policies[0] as (typeof settings.policies)[0]);
    const store = ports.store ?? mapCounters();
    this.#prefix = prefixOf(name, store);
    this.#clock = ports.clock ?? systemClock;
    this.#local = localCounters(ports.local);
    this.#gate = new StoreGate(
      {
        budgetMs: settings.storeBudget,
        failuresToOpen: settings.failuresToOpen,
        probeEveryMs: settings.probeEvery,
        node: ports.node ?? 'node',
      },
      {
        store,
        clock: this.#clock,
        timers: ports.timers ?? systemTimers,
        events: ports.events ?? { emit() {} },
      },
    );
    this.#args = this.policy.argsFor(options.max, this.policy.settings.cost as number);
    this.#steps = this.#newSteps();
  }

  take(request: TakeRequest): Taken | Promise<Taken> {
    const key = this.#keyOf(typeof request === 'string' ? request : request.key);
    const args =
      typeof request === 'string' || request.cost === undefined ? this.#args : this.#argsOf(request.cost);
    const nowMs = this.#clock.now();
    const steps = this.#steps;
    const step = steps[0] as ReusedStep;
    step.key = key;
    step.args = args;
    const answer = this.#gate.run(steps, nowMs);
    if (!(answer instanceof Promise)) return this.#settle(key, args, answer, nowMs);
    this.#steps = this.#newSteps();
    return answer.then((late) => this.#settle(key, args, late, nowMs));
  }

  async reset(key: string): Promise<boolean> {
    const row = [{ program: this.policy.algorithm.program, key: this.#keyOf(key) }];
    const counts = await Promise.all([this.#local.reset(row), this.#gate.store.reset(row)]);
    return counts.some((count) => count > 0);
  }

  close(): void {
    this.#gate.close();
  }

  #keyOf(key: string): string {
    return this.#prefix === '' ? separatorless(key) : this.#prefix + safePart(key);
  }

  #newSteps(): ReusedStep[] {
    const { algorithm, commitWhenRefused } = this.policy;
    return [{ program: algorithm.program, key: '', args: this.#args, commitWhenRefused }];
  }

  #argsOf(cost: number): readonly number[] {
    return this.policy.argsFor(
      this.#args[ARG.max] as number,
      cost >= 1 ? Math.ceil(Math.min(cost, 1e12)) : 1,
    );
  }

  #settle(key: string, args: readonly number[], answer: CounterAnswer | null, nowMs: number): Taken {
    if (answer !== null) return new Answer(this, key, args, answer, 'store');
    const { onStoreFailure } = this.policy.settings;
    if (onStoreFailure !== 'local')
      return new Uncounted(this.policy, key, args, nowMs, this.#gate.retrySeconds);
    const share = this.policy.argsFor(
      Math.max(1, Math.floor((args[ARG.max] as number) / this.#gate.nodes)),
      args[ARG.cost] as number,
    );
    const { program } = this.policy.algorithm;
    const step = { program, key, args: share, commitWhenRefused: this.policy.commitWhenRefused };
    const counted = this.#local.run([step], nowMs) as CounterAnswer;
    return new Answer(this, key, share, counted, 'local');
  }

  giveBack(where: 'store' | 'local', key: string, args: readonly number[]): void {
    const steps = [{ program: this.policy.algorithm.program, key, args }];
    const nowMs = this.#clock.now();
    if (where === 'local') void this.#local.run(steps, nowMs);
    else void this.#gate.run(steps, nowMs);
  }
}

/** Only the members that were given. */
function given(all: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** A counted answer. What few callers ask for is computed when they do. */
class Answer implements Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly #limiter: Shared;
  readonly #key: string;
  readonly #args: readonly number[];
  readonly #answer: CounterAnswer;
  #held: 'store' | 'local' | null;

  constructor(
    limiter: Shared,
    key: string,
    args: readonly number[],
    answer: CounterAnswer,
    where: 'store' | 'local',
  ) {
    const { granted } = answer;
    const { algorithm } = limiter.policy;
    this.allowed = granted;
    // A request that was granted is counted by its cost, whatever the algorithm.
    const used = granted
      ? algorithm.used(answer.rows, 0, args, answer.atMs) + (args[ARG.cost] as number)
      : Infinity;
    this.remaining = granted ? Math.max(0, Math.floor(capacityOf(algorithm, args) - used + 1e-6)) : 0;
    this.#limiter = limiter;
    this.#key = key;
    this.#args = args;
    this.#answer = answer;
    this.#held = granted && algorithm.name === 'concurrency' ? where : null;
  }

  get resetAtMs(): number {
    const { algorithm, commitWhenRefused, settings } = this.#limiter.policy;
    const { atMs, granted, rows } = this.#answer;
    const row = rows.slice();
    if (granted || commitWhenRefused) algorithm.program.commit(row, 0, this.#args, atMs, granted);
    if (!granted) return algorithm.freeAtMs(row, 0, this.#args, atMs);
    return Math.min(algorithm.resetAtMs(row, 0, this.#args, atMs), atMs + settings.windowMs);
  }

  get retryAfterSeconds(): number {
    return this.allowed ? 0 : Math.max(1, Math.ceil((this.resetAtMs - this.#answer.atMs) / 1000));
  }

  get reason(): Reason {
    return reasonOf(
      this.#limiter.policy,
      this.#key,
      this.#args,
      [...this.#answer.rows],
      this.#answer.atMs,
      1,
    );
  }

  release(): void {
    const where = this.#held;
    if (where === null) return;
    this.#held = null;
    const args = this.#args.slice();
    args[ARG.extra] = this.#answer.atMs + (args[ARG.window] as number);
    this.#limiter.giveBack(where, this.#key, args);
  }
}

/** The store was silent and the policy is open or closed without it. */
class Uncounted implements Taken {
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
