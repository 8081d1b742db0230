/** Where time comes from. Handed in everywhere, so that a test moves it and never sleeps. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds of a clock that never steps back; only differences mean something. */
  monotonic(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** A timer that can be handed in beside the clock. Returns what cancels it. */
export interface Timers {
  /** Runs `task` once after `delayMs` milliseconds; does not keep the process alive. */
  after(delayMs: number, task: () => void): () => void;
}

/** The process's own timers. */
export const systemTimers: Timers = {
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs);
    handle.unref();
    return () => clearTimeout(handle);
  },
};
