/**
 * Who may speak on one shared connection: single statements side by side, a transaction alone. First come, first served.
 */
export class Turns {
  readonly #waiting: { readonly alone: boolean; readonly start: () => void }[] = [];
  #alone = false;

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether a statement may be sent at once, without waiting for a turn. */
  get open(): boolean {
    return !this.#alone && this.#waiting.length === 0;
  }

  /** Resolves when a single statement may be sent; nothing has to be given back. */
  shared(): Promise<void> {
    return this.#enter(false);
  }

  /** Runs `work` while nobody else is let in. What was sent before is still answered before. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter(true);
    try {
      return await work();
    } finally {
      this.#alone = false;
      this.#admit();
    }
  }

  #enter(alone: boolean): Promise<void> {
    return new Promise((start) => {
      this.#waiting.push({ alone, start });
      this.#admit();
    });
  }

  #admit(): void {
    while (!this.#alone) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#alone = next.alone;
      next.start();
    }
  }
}

/** Runs works of one name one after the other, in this process. A name is forgotten when nobody uses it. */
export class NamedTurns {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `work` when those of the same name that came before have ended. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(name, promise);
    await before;
    try {
      return await work();
    } finally {
      if (this.#tails.get(name) === promise) this.#tails.delete(name);
      resolve();
    }
  }
}
