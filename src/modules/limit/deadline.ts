import type { Clock, Timers } from '../../core/clock.ts';

interface Waiting<T> {
  readonly dueMs: number;
  settle: ((value: T | null) => void) | null;
}

/**
 * Bounds how long promises are waited for, all by the same budget, with one timer for all of them: those that wait stand
 * in a queue in the order in which they fall due.
 */
export class Deadlines<T> {
  readonly #budgetMs: number;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #queue: Waiting<T>[] = [];
  #first = 0;
  #cancel: (() => void) | null = null;

  constructor(budgetMs: number, clock: Clock, timers: Timers) {
    this.#budgetMs = budgetMs;
    this.#clock = clock;
    this.#timers = timers;
  }

  /**
   * Waits for `promise`, at most for the budget. Never rejects: failure and lateness give `null`, and a late answer is
   * ignored. `onEnd` is told once why, before the promise settles.
   */
  wait(promise: Promise<T>, onEnd: (error: unknown, late: boolean) => void): Promise<T | null> {
    return new Promise((resolve) => {
      const waiting: Waiting<T> = {
        dueMs: this.#clock.monotonic() + this.#budgetMs,
        settle: (value) => {
          if (value === null) onEnd(new Error(`no answer within ${this.#budgetMs} ms`), true);
          resolve(value);
        },
      };
      this.#queue.push(waiting);
      if (this.#cancel === null) this.#arm(this.#budgetMs);
      const end = (value: T | null, error: unknown): void => {
        if (waiting.settle === null) return;
        waiting.settle = null;
        onEnd(error, false);
        resolve(value);
      };
      promise.then(
        (value) => end(value, null),
        (error: unknown) => end(null, error ?? new Error('the store failed')),
      );
    });
  }

  /** Gives up the timer; whoever still waits gets `null`. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#expire(Infinity);
  }

  #arm(delayMs: number): void {
    this.#cancel = this.#timers.after(delayMs, () => {
      this.#cancel = null;
      this.#expire(this.#clock.monotonic());
      const next = this.#queue[this.#first];
      if (next) this.#arm(Math.max(1, next.dueMs - this.#clock.monotonic()));
    });
  }

  /** Lets those go that are due, and forgets those at the head that have their answer. */
  #expire(nowMs: number): void {
    const queue = this.#queue;
    for (; this.#first < queue.length; this.#first++) {
      const waiting = queue[this.#first] as Waiting<T>;
      if (waiting.settle === null) continue;
      if (waiting.dueMs > nowMs) break;
      const { settle } = waiting;
      waiting.settle = null;
      settle(null);
    }
    if (this.#first > 0) {
      queue.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
