import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import type { CounterAnswer, CounterStep, CounterStore, LentAnswer } from '../../ports/counter.ts';

/** How long an answer of the shared store is waited for. */
const BUDGET_MS = 1_000;
/** How long a store that failed is left alone. */
const PAUSE_MS = 1_000;

/** What counting stands on. */
export interface SharedPorts {
  readonly store: CounterStore;
  /** Of this process; counts while the shared one is silent. The same as `store` where nothing is shared. */
  readonly local: CounterStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
}

/** Rows of one event, and which store has them. */
export interface Counted {
  readonly answer: CounterAnswer;
  readonly by: 'shared' | 'local';
}

/**
 * Counts in the shared store, or in this process while that is silent: then it is asked again once a second by an event
 * that comes along. Says so once per switch. Never rejects.
 */
export class SharedCounts {
  readonly #ports: SharedPorts;
  #state: 'shared' | 'local' = 'shared';
  #sinceMs = 0;
  #nextMs = 0;

  constructor(ports: SharedPorts) {
    this.#ports = ports;
    this.#sinceMs = ports.clock.now();
  }

  /** `shared`: the store answers; `local`: this node counts alone. */
  get state(): 'shared' | 'local' {
    return this.#state;
  }

  /** When the state last changed, milliseconds since the epoch. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Runs steps that all commit. Asked one after the other, answered in that order. @param lent as for a store */
  run(steps: readonly CounterStep[], nowMs: number, lent?: LentAnswer): Counted | Promise<Counted> {
    const { store, clock } = this.#ports;
    if (store.kind === 'memory') return this.#shared(store.run(steps, nowMs, lent), steps, nowMs);
    if (this.#state === 'local') {
      if (clock.monotonic() < this.#nextMs) return this.runLocally(steps, nowMs);
      this.#nextMs = clock.monotonic() + PAUSE_MS;
    }
    try {
      return this.#shared(store.run(steps, nowMs), steps, nowMs);
    } catch (error) {
      return this.#failed(error, steps, nowMs);
    }
  }

  /** Counts in this process whatever the state. */
  runLocally(steps: readonly CounterStep[], nowMs: number): Counted {
    // A store of this process answers at once.
    return { answer: this.#ports.local.run(steps, nowMs) as CounterAnswer, by: 'local' };
  }

  #shared(
    answer: CounterAnswer | Promise<CounterAnswer>,
    steps: readonly CounterStep[],
    nowMs: number,
  ): Counted | Promise<Counted> {
    if (!(answer instanceof Promise)) return { answer, by: 'shared' };
    return within(answer, BUDGET_MS, this.#ports.timers).then(
      (found) => {
        this.#recovered();
        return { answer: found, by: 'shared' };
      },
      (error: unknown) => this.#failed(error, steps, nowMs),
    );
  }

  #failed(error: unknown, steps: readonly CounterStep[], nowMs: number): Counted {
    const { clock, events, store } = this.#ports;
    this.#nextMs = clock.monotonic() + PAUSE_MS;
    if (this.#state === 'shared') {
      this.#switch('local');
      const message = error instanceof Error ? error.message : 'unknown error';
      events.emit('DETECT_STORE_DEGRADED', {
        outcome: 'failure',
        details: { store: store.kind, error: message.slice(0, 200) },
      });
    }
    return this.runLocally(steps, nowMs);
  }

  #recovered(): void {
    if (this.#state === 'shared') return;
    const { clock, events, store } = this.#ports;
    const downMs = clock.now() - this.#sinceMs;
    this.#switch('shared');
    events.emit('DETECT_STORE_RECOVERED', { outcome: 'success', details: { store: store.kind, downMs } });
  }

  #switch(state: 'shared' | 'local'): void {
    this.#state = state;
    this.#sinceMs = this.#ports.clock.now();
  }
}

function within<T>(promise: Promise<T>, budgetMs: number, timers: Timers): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(budgetMs, () => reject(new Error(`no answer within ${budgetMs} ms`)));
    promise.then(resolve, reject).finally(cancel);
  });
}
