/** What a lane does, and whom it tells. */
export interface LaneParts {
  /** Tells a few. @returns how many were looked at; 0: none is due */
  readonly run: () => Promise<number>;
  /** Told after some were. */
  readonly changed: () => void;
  /** Told of what failed; the next kick tries again. */
  readonly failed: (error: unknown) => void;
}

/** Tells what waits for one channel, so that one whose receiver takes long holds up no other. */
export class Lane {
  readonly #parts: LaneParts;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  /** Begins to tell, or goes on once what is on its way is over. */
  kick(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = null));
  }

  /** Resolves once nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    const { run, changed, failed } = this.#parts;
    try {
      while (this.#again) {
        this.#again = false;
        while ((await run()) > 0) changed();
      }
    } catch (error) {
      failed(error);
    }
  }
}
