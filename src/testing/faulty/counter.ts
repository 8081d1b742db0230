import { systemTimers, type Timers } from '../../core/clock.ts';
import type { CounterStore } from '../../ports/counter.ts';

/** How a store misbehaves, switched while a test runs. Starts healthy. */
export class CounterFaults {
  readonly #timers: Timers;
  #mode: 'healthy' | 'reject' | 'hang' | 'slow' = 'healthy';
  #error = new Error('the store has failed');
  #delayMs = 0;
  #held: (() => void)[] = [];

  /** @param timers for `slow`; the process's own unless a test moves them */
  constructor(timers: Timers = systemTimers) {
    this.#timers = timers;
  }

  /** Every call rejects with this error from now on. */
  reject(error: Error = new Error('the store has failed')): void {
    this.#mode = 'reject';
    this.#error = error;
  }

  /** Calls wait until `release` or `heal`. */
  hang(): void {
    this.#mode = 'hang';
  }

  /** Calls reach the store `delayMs` milliseconds late. */
  slow(delayMs: number): void {
    this.#mode = 'slow';
    this.#delayMs = delayMs;
  }

  /** Lets the calls that hang go on; later ones hang again. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const go of held) go();
  }

  /** Healthy from now on; calls that hang go on. */
  heal(): void {
    this.#mode = 'healthy';
    this.release();
  }

  /** How many calls hang. */
  get held(): number {
    return this.#held.length;
  }

  /** Does `work` in the way of the present fault. A healthy store's answer passes as it is, promise or not. */
  through<T>(work: () => T | Promise<T>): T | Promise<T> {
    switch (this.#mode) {
      case 'healthy':
        return work();
      case 'reject':
        return Promise.reject(this.#error);
      case 'hang':
        return new Promise<void>((resolve) => this.#held.push(resolve)).then(work);
      case 'slow':
        return new Promise<void>((resolve) => this.#timers.after(this.#delayMs, resolve)).then(work);
    }
  }
}

/** A store that fails when `faults` says so; otherwise `inner`. `close` never fails. */
export function faultyCounters(inner: CounterStore, faults: CounterFaults): CounterStore {
  return {
    kind: inner.kind,
    run: (steps, nowMs, lent) => faults.through(() => inner.run(steps, nowMs, lent)),
    read: async (rows) => faults.through(() => inner.read(rows)),
    reset: async (rows) => faults.through(() => inner.reset(rows)),
    ping: async () => faults.through(() => inner.ping()),
    nodeCount: async (node) => faults.through(() => inner.nodeCount(node)),
    close: () => inner.close(),
  };
}
