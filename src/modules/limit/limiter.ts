import { systemClock, systemTimers, type Clock } from '../../core/clock.ts';
import type { CounterAnswer, CounterStep, CounterStore } from '../../ports/counter.ts';
import { ARG } from './algorithms/algorithm.ts';
import { StoreGate } from './gate.ts';
import { safePart, separatorless } from './key.ts';
import type { LimitsPorts } from './limits.ts';
import { localCounters, mapCounters } from './map-counters.ts';
import type { LimiterOptions } from './options.ts';
import { compilePolicy, type Policy } from './policy.ts';
import { RowSlabs } from './rows.ts';
import { parseLimits } from './settings.ts';
import { type Asker, CountedAnswer, type Taken, UncountedAnswer } from './taken.ts';

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

class KeyLimiter implements Limiter, Asker {
  readonly policy: Policy;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #gate: StoreGate;
  readonly #local: CounterStore;
  readonly #args: readonly number[];
  readonly #columns: number;
  readonly #rows = new RowSlabs();
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
    this.#columns = this.policy.algorithm.program.columns;
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
    const lent = this.#rows.lend(this.#columns);
    const answer = this.#gate.run(steps, nowMs, lent);
    if (answer === lent) {
      const taken = new CountedAnswer(this, key, args, lent, 'store');
      this.#rows.keep(this.#columns);
      return taken;
    }
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
    if (answer !== null) return new CountedAnswer(this, key, args, answer, 'store');
    const { onStoreFailure } = this.policy.settings;
    if (onStoreFailure !== 'local')
      return new UncountedAnswer(this.policy, key, args, nowMs, this.#gate.retrySeconds);
    const share = this.policy.argsFor(
      Math.max(1, Math.floor((args[ARG.max] as number) / this.#gate.nodes)),
      args[ARG.cost] as number,
    );
    const { program } = this.policy.algorithm;
    const step = { program, key, args: share, commitWhenRefused: this.policy.commitWhenRefused };
    const counted = this.#local.run([step], nowMs) as CounterAnswer;
    return new CountedAnswer(this, key, share, counted, 'local');
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
