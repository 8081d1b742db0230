import type { Clock, Timers } from '../core/clock.ts';

/** A clock that stands still until a test moves it, with timers that fire while it is moved. */
export class ManualClock implements Clock, Timers {
  #now: number;
  #monotonic = 0;
  #timers: { atMs: number; task: () => void }[] = [];

  /** @param startMs milliseconds since the epoch; the default lies in November 2026 and on no window's edge */
  constructor(startMs = 1_795_000_123_456) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.#monotonic + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves both clocks on, firing due timers in order. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (;;) {
      const due = this.#timers.filter((timer) => timer.atMs <= end).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now += Math.max(0, due.atMs - this.#monotonic);
      this.#monotonic = Math.max(this.#monotonic, due.atMs);
      due.task();
    }
    this.#now += end - this.#monotonic;
    this.#monotonic = end;
  }

  /** Steps the wall clock alone, as an NTP correction would. */
  jump(ms: number): void {
    this.#now += ms;
  }
}
