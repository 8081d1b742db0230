import { RateLimitError } from '../../../core/errors.ts';

/** 429: more passwords wait than the queue holds. */
export class HashQueueFullError extends RateLimitError {
  override readonly code = 'HASH_QUEUE_FULL';
  constructor() {
    super(1, 'Too many sign-ins at once. Try again in a moment.');
  }
}

/** A queue of bounded work: `parallel` run, `waiting` wait in order, the rest is refused at once. */
export class WorkQueue {
  readonly #parallel: number;
  readonly #mayWait: number;
  readonly #onFull: () => void;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param onFull told of every refusal. Must not throw */
  constructor(parallel: number, mayWait: number, onFull: () => void) {
    this.#parallel = parallel;
    this.#mayWait = mayWait;
    this.#onFull = onFull;
  }

  /** What runs and waits now. */
  stats(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running, waiting: this.#waiting.length };
  }

  /** @throws HashQueueFullError when as many wait as may; rejects as `work` does */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#parallel) this.#running += 1;
    else if (this.#waiting.length < this.#mayWait) {
      // Whoever finishes hands its place on, so that nobody who comes later takes it.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#onFull();
      throw new HashQueueFullError();
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
