import { systemClock, systemTimers, type Clock } from '../../core/clock.ts';
import type { Reason } from '../../core/verdict.ts';
import type { CounterAnswer, CounterStep, CounterStore } from '../../ports/counter.ts';
import { ARG } from './algorithms/algorithm.ts';
import { capacityOf, limitDecider } from './decide.ts';
import { StoreGate } from './gate.ts';
import { safePart } from './key.ts';
import type { LimitsPorts } from './limits.ts';
import { mapCounters } from './map-counters.ts';
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

/** Holds every row of a call of one step. */
const scratch = new Float64Array(128);

interface ReusedStep extends CounterStep {
  key: string;
  args: readonly number[];
}

class KeyLimiter implements Limiter {
  readonly #policy: Policy;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #gate: StoreGate;
  readonly #local: CounterStore;
  readonly #args: readonly number[];
  /** Reused while the store answers at once: nobody keeps it then. */
  #steps: ReusedStep[];

  constructor(options: LimiterOptions, ports: LimitsPorts) {
    const { name = 'limiter', storeBudget, failuresToOpen, probeEvery, ...rest } = options;
    const settings = parseLimits(
      { policies: [{ ...rest, name, by: 'ip' }], ...given({ storeBudget, failuresToOpen, probeEvery }) },
      'limiter',
    );
    this.#policy = compilePolicy(settings.policies[0] as (typeof settings.policies)[0]);
    this.#prefix = `${name}|`;
    this.#clock = ports.clock ?? systemClock;
    this.#local = ports.local ?? mapCounters();
    this.#gate = new StoreGate(
      {
        budgetMs: settings.storeBudget,
        failuresToOpen: settings.failuresToOpen,
        probeEveryMs: settings.probeEvery,
        node: ports.node ?? 'node',
      },
      {
        store: ports.store ?? mapCounters(),
        clock: this.#clock,
        timers: ports.timers ?? systemTimers,
        events: ports.events ?? { emit() {} },
      },
    );
    this.#args = this.#policy.argsFor(options.max, this.#policy.settings.cost as number);
    this.#steps = this.#newSteps();
  }

  take(request: TakeRequest): Taken | Promise<Taken> {
    const key = this.#prefix + safePart(typeof request === 'string' ? request : request.key);
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
    const row = [{ program: this.#policy.algorithm.program, key: this.#prefix + safePart(key) }];
    const counts = await Promise.all([this.#local.reset(row), this.#gate.store.reset(row)]);
    return counts.some((count) => count > 0);
  }

  close(): void {
    this.#gate.close();
  }

  #newSteps(): ReusedStep[] {
    const { algorithm, commitWhenRefused } = this.#policy;
    return [{ program: algorithm.program, key: '', args: this.#args, commitWhenRefused }];
  }

  #argsOf(cost: number): readonly number[] {
    return this.#policy.argsFor(
      this.#args[ARG.max] as number,
      cost >= 1 ? Math.ceil(Math.min(cost, 1e12)) : 1,
    );
  }

  #settle(key: string, args: readonly number[], answer: CounterAnswer | null, nowMs: number): Taken {
    if (answer !== null) return new Answer(this.#policy, key, args, answer, this.#releaser('store'));
    const { onStoreFailure } = this.#policy.settings;
    if (onStoreFailure !== 'local')
      return new Uncounted(this.#policy, key, args, nowMs, this.#gate.retrySeconds);
    const share = this.#policy.argsFor(
      Math.max(1, Math.floor((args[ARG.max] as number) / this.#gate.nodes)),
      args[ARG.cost] as number,
    );
    const { program } = this.#policy.algorithm;
    const step = { program, key, args: share, commitWhenRefused: this.#policy.commitWhenRefused };
    const counted = this.#local.run([step], nowMs) as CounterAnswer;
    return new Answer(this.#policy, key, share, counted, this.#releaser('local'));
  }

  #releaser(where: 'store' | 'local'): ((key: string, args: readonly number[]) => void) | null {
    if (this.#policy.algorithm.name !== 'concurrency') return null;
    const { program } = this.#policy.algorithm;
    return (key, args) => {
      const steps = [{ program, key, args }];
      const nowMs = this.#clock.now();
      if (where === 'local') void this.#local.run(steps, nowMs);
      else void this.#gate.run(steps, nowMs);
    };
  }
}

/** Only the members that were given. */
function given(all: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

class Answer implements Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetAtMs: number;
  readonly retryAfterSeconds: number;
  readonly #policy: Policy;
  readonly #key: string;
  readonly #args: readonly number[];
  readonly #answer: CounterAnswer;
  #giveBack: ((key: string, args: readonly number[]) => void) | null;

  constructor(
    policy: Policy,
    key: string,
    args: readonly number[],
    answer: CounterAnswer,
    giveBack: ((key: string, args: readonly number[]) => void) | null,
  ) {
    const { algorithm } = policy;
    const { atMs, granted, rows } = answer;
    for (let i = 0; i < rows.length; i++) scratch[i] = rows[i] as number;
    if (granted || policy.commitWhenRefused) algorithm.program.commit(scratch, 0, args, atMs, granted);
    this.allowed = granted;
    if (granted) {
      const left = capacityOf(algorithm, args) - algorithm.used(scratch, 0, args, atMs);
      this.remaining = Math.max(0, Math.floor(left + 1e-6));
      this.resetAtMs = Math.min(algorithm.resetAtMs(scratch, 0, args, atMs), atMs + policy.settings.windowMs);
      this.retryAfterSeconds = 0;
    } else {
      this.remaining = 0;
      this.resetAtMs = algorithm.freeAtMs(scratch, 0, args, atMs);
      this.retryAfterSeconds = Math.max(1, Math.ceil((this.resetAtMs - atMs) / 1000));
    }
    this.#policy = policy;
    this.#key = key;
    this.#args = args;
    this.#answer = answer;
    this.#giveBack = granted ? giveBack : null;
  }

  get reason(): Reason {
    return reasonOf(this.#policy, this.#key, this.#args, [...this.#answer.rows], this.#answer.atMs, 1);
  }

  release(): void {
    const giveBack = this.#giveBack;
    if (giveBack === null) return;
    this.#giveBack = null;
    const args = this.#args.slice();
    args[ARG.extra] = this.#answer.atMs + (args[ARG.window] as number);
    giveBack(this.#key, args);
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
