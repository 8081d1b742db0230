import { systemClock } from '../../src/core/clock.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { EventKeeper, isOpen, isSettled, readParts } from '../../src/server/data/index.ts';

/** How often a server looks after the partitions, milliseconds. */
const EVERY_MS = 2_000;

/** Looks after the partitions of the events as a server does, until it is ended. */
export class Keeping {
  readonly #sql: SqlStore;
  readonly #keeper: EventKeeper;
  #ended = false;
  readonly #work: Promise<void>;

  constructor(sql: SqlStore) {
    this.#sql = sql;
    this.#keeper = new EventKeeper({ sql, clock: systemClock });
    this.#work = this.#loop();
  }

  async #loop(): Promise<void> {
    while (!this.#ended) {
      await this.#keeper.seal();
      while (!this.#ended && (await this.#keeper.settle()));
      await pause();
    }
  }

  /** Resolves when no partition lacks indexes but the open one. */
  async settled(): Promise<void> {
    while (!(await readParts(this.#sql)).every((part) => isOpen(part) || isSettled(part))) await pause();
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#work;
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, EVERY_MS));
