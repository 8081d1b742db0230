import type { Logger } from '../../base/observe/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import { idTimeMs } from '../../core/id.ts';
import type { Uploader, UploadState } from '../../modules/upload/index.ts';
import type { FileStore } from '../../ports/files.ts';
import type { UploadStore } from './records.ts';

/** What is kept in order. */
export interface KeeperParts {
  readonly uploaders: readonly Pick<Uploader, 'name' | 'options' | 'rescan'>[];
  readonly store: FileStore;
  readonly records: UploadStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What was refused is remembered for 30 days, and at most so many of it; what is in quarantine is deleted after 90 days. */
export const REFUSED_DAYS = 30;
export const MAX_REFUSED = 10_000;
export const QUARANTINE_DAYS = 90;
/** Files of one round. */
const AT_ONCE = 50;
const BATCH = 500;

/** What a node does by itself about uploads: scans what is held every minute, and forgets what is old every hour. */
export class UploadKeeper {
  readonly #parts: KeeperParts;
  readonly #cancels = new Set<() => void>();
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Begins. */
  start(): void {
    this.#every(MINUTE_MS, () => this.rescan());
    this.#every(HOUR_MS, () => this.prune());
  }

  #every(delayMs: number, task: () => Promise<unknown>): void {
    if (this.#stopped) return;
    const cancel = this.#parts.timers.after(delayMs, () => {
      this.#cancels.delete(cancel);
      this.#running = task()
        .catch((error: unknown) =>
          this.#parts.log.warn('Uploads could not be kept in order; it is tried again.', { error }),
        )
        .finally(() => this.#every(delayMs, task));
    });
    this.#cancels.add(cancel);
  }

  /** Scans what is held. @returns how many are still */
  async rescan(): Promise<number> {
    let waiting = 0;
    for (const uploader of this.#parts.uploaders) {
      if (uploader.options.scan !== undefined) waiting += (await uploader.rescan(AT_ONCE)).waiting;
    }
    return waiting;
  }

  /** Forgets what is old, and what was begun and never ended. @returns how many rows went */
  async prune(): Promise<number> {
    const { store, clock } = this.#parts;
    await store.sweep(DAY_MS);
    const refused = await this.#drop('refused', clock.now() - REFUSED_DAYS * DAY_MS);
    const infected = await this.#drop('infected', clock.now() - QUARANTINE_DAYS * DAY_MS);
    return refused + infected + (await this.#dropBeyond(MAX_REFUSED));
  }

  async #drop(state: UploadState, beforeMs: number): Promise<number> {
    const { records } = this.#parts;
    const oldest = await records.list({ states: [state], limit: BATCH, order: 'oldest' });
    let dropped = 0;
    for (const row of oldest.filter(({ id }) => idTimeMs(id) < beforeMs)) {
      if (await this.#dropOne(row.id, state)) dropped += 1;
    }
    return dropped;
  }

  /** The row goes last: what ends in between is tried again. */
  async #dropOne(id: string, state: UploadState): Promise<boolean> {
    if (state === 'infected') await this.#parts.store.remove('quarantine', id);
    return this.#parts.records.remove(id, [state]);
  }

  async #dropBeyond(most: number): Promise<number> {
    const { records } = this.#parts;
    const surplus = Math.min(BATCH, (await records.counts()).refused - most);
    if (surplus <= 0) return 0;
    const oldest = await records.list({ states: ['refused'], limit: surplus, order: 'oldest' });
    for (const { id } of oldest) await records.remove(id, ['refused']);
    return oldest.length;
  }

  /** Ends the timers and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    await this.#running;
  }
}
