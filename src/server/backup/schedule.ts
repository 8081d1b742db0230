import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Logger } from '../../base/observe/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { backupName, listBackups, pruneBackups, timeOf } from './files.ts';
import type { ReadBackupOptions } from './options.ts';
import { writeBackup } from './write.ts';

/** What the schedule works with. */
export interface ScheduleParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
  readonly log: Logger;
}

/** What health says of it. */
export interface BackupFinding {
  readonly level: 'warning' | 'error';
  readonly text: string;
  readonly remedy: string;
}

const LOOK_MS = 10 * 60_000;
const FIRST_LOOK_MS = 60_000;
const HOUR_MS = 3_600_000;
/** How late a backup may be before it is missed: half of the time between two. */
const GRACE = 1.5;

/**
 * Makes backups by itself: looks every ten minutes whether the newest file in the folder is old enough, so that restarts
 * neither skip nor repeat one. With several nodes and one folder, one of them makes it.
 */
export class BackupSchedule {
  readonly #options: ReadBackupOptions;
  readonly #parts: ScheduleParts;
  readonly #folder: string;
  readonly #startedAtMs: number;
  #cancel: (() => void) | undefined;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;
  #newestAtMs: number | undefined;
  #failure: string | undefined;
  #toldOverdueAtMs = -Infinity;

  constructor(options: ReadBackupOptions, parts: ScheduleParts) {
    this.#options = options;
    this.#parts = parts;
    this.#folder = resolve(options.to);
    this.#startedAtMs = parts.clock.now();
  }

  /** Begins. */
  start(): void {
    this.#later(FIRST_LOOK_MS);
  }

  /** Begins no other; waits for one that is being made. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#working;
  }

  /** Resolves when nothing is being made. */
  idle(): Promise<void> {
    return this.#working;
  }

  /** What is wrong now. */
  findings(): readonly BackupFinding[] {
    const found: BackupFinding[] = [];
    if (this.#failure !== undefined) {
      found.push({
        level: 'error',
        text: `The last backup failed: ${this.#failure}`,
        remedy: `Look into the folder ${this.#folder} and the log; it is tried again every ten minutes.`,
      });
    }
    if (this.#isOverdue()) {
      found.push({
        level: 'error',
        text: 'There is no backup as new as the configuration wants.',
        remedy: 'Make one with rampart backup, and see why the server makes none.',
      });
    }
    return found;
  }

  #later(delayMs: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.timers.after(delayMs, () => {
      this.#working = this.#look().finally(() => this.#later(LOOK_MS));
    });
  }

  async #look(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      if (await this.#isDue()) await this.#parts.sql.withLock('backup', () => this.#make());
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#parts.log.error('A backup failed.', { error });
      this.#parts.events.emit('BACKUP_FAILED', {
        outcome: 'failure',
        details: { error: this.#failure.slice(0, 200) },
      });
    }
    this.#tellOverdue();
  }

  async #isDue(): Promise<boolean> {
    const [newest] = await listBackups(this.#folder);
    this.#newestAtMs = newest === undefined ? undefined : timeOf(newest);
    if (this.#newestAtMs === undefined) return true;
    return this.#parts.clock.now() - this.#newestAtMs >= this.#options.every;
  }

  async #make(): Promise<void> {
    // Another node may have made one while this one waited for the lock.
    if (!(await this.#isDue())) return;
    const { recipients, schemas, keep } = this.#options;
    const nowMs = this.#parts.clock.now();
    const name = backupName(nowMs);
    const plan = { file: join(this.#folder, name), recipients, schemas, nowMs };
    const { tables } = await writeBackup(this.#parts.sql, plan);
    this.#newestAtMs = nowMs;
    const removed = await pruneBackups(this.#folder, keep);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    this.#parts.events.emit('BACKUP_CREATED', {
      outcome: 'success',
      details: { file: name, rows, removed: removed.length },
    });
  }

  #isOverdue(): boolean {
    const since = this.#newestAtMs ?? this.#startedAtMs;
    return this.#parts.clock.now() - since > this.#options.every * GRACE;
  }

  /** Once an hour while it lasts. */
  #tellOverdue(): void {
    const nowMs = this.#parts.clock.now();
    if (!this.#isOverdue() || nowMs - this.#toldOverdueAtMs < HOUR_MS) return;
    this.#toldOverdueAtMs = nowMs;
    this.#parts.events.emit('BACKUP_OVERDUE', { details: { everyMs: this.#options.every } });
  }
}
