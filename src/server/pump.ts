import type { Clock, Timers } from '../core/clock.ts';
import type { DecisionRecord, RecordSink } from '../core/decision.ts';
import type { Watcher } from '../core/watcher.ts';
import type { Journal } from '../ports/journal.ts';
import { eventText, eventTextOf } from './event-text.ts';

/** Where drained entries go: both calls are idempotent by id, because a batch may come twice after a crash. */
export interface PumpTarget {
  insertDecisions(records: readonly DecisionRecord[]): Promise<void>;
  /** @param texts what `eventText` made of each event */
  insertEvents(texts: readonly string[]): Promise<void>;
}

/** What the pump stands on. */
export interface PumpPorts {
  readonly journal: Journal;
  readonly target: PumpTarget;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Told when the journal or the database stops taking entries, and when it takes them again. Must not throw. */
  readonly onStalled?: (error: unknown) => void;
  readonly onRecovered?: () => void;
  /** Told when nothing more is moved. */
  readonly onClosed?: () => void;
}

/** Bounds of the pump. */
export interface PumpOptions {
  /** Refusals a second that are written to the journal one by one, before their response; default 2,000. */
  readonly immediatePerSecond?: number;
  /** Records that may wait for the next write; default 20,000. Beyond it passes are shed first, and counted. */
  readonly maxWaiting?: number;
  /** Entries moved to the database at a time; default 4,000. */
  readonly batch?: number;
  /** Longest pause between two moves; default 100 ms. */
  readonly intervalMs?: number;
}

const SYNC_INTERVAL_MS = 50;

/**
 * Carries decisions and events over the journal into the database. A refusal is in the journal before its response is
 * sent; passes follow within the same turn of the event loop; the database follows within about a hundred
 * milliseconds, or whenever it answers again.
 */
export class Pump implements RecordSink {
  readonly #ports: PumpPorts;
  readonly #immediatePerSecond: number;
  readonly #maxWaiting: number;
  readonly #batch: number;
  readonly #intervalMs: number;
  #waiting: string[] = [];
  #scheduled = false;
  #second = 0;
  #immediate = 0;
  #shed = 0;
  #draining: Promise<void> | null = null;
  #again = false;
  #stalled = false;
  #closed = false;
  #retryMs = 200;
  #cancelTimer: (() => void) | null = null;
  #cancelSync: (() => void) | null = null;

  constructor(ports: PumpPorts, options: PumpOptions = {}) {
    this.#ports = ports;
    this.#immediatePerSecond = options.immediatePerSecond ?? 2_000;
    this.#maxWaiting = options.maxWaiting ?? 20_000;
    this.#batch = options.batch ?? 4_000;
    this.#intervalMs = options.intervalMs ?? 100;
  }

  /** Records dropped because the journal took no more. */
  get shed(): number {
    return this.#shed;
  }

  /** Whether the journal or the database fails at present. */
  get stalled(): boolean {
    return this.#stalled;
  }

  write(record: DecisionRecord): void {
    const entry = `d${JSON.stringify(record)}`;
    if (record.verdict !== 'deny' && record.verdict !== 'challenge') return this.#later(entry);
    const second = Math.floor(this.#ports.clock.monotonic() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#immediate = 0;
    }
    if (this.#immediate++ >= this.#immediatePerSecond || !this.#append([entry])) this.#later(entry);
  }

  /** The event corridor's journal: what it was given is in the journal, or it throws and is asked again. */
  readonly watcher: Watcher = {
    name: 'journal',
    stage: 'journal',
    on: '*',
    handle: (events) => {
      this.#ports.journal.append(events.map((event) => `e${eventText(event)}`));
      this.#wrote();
    },
  };

  #later(entry: string): void {
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#shed++;
      return;
    }
    this.#waiting.push(entry);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const entries = this.#waiting;
      this.#waiting = [];
      if (!this.#append(entries)) this.#shed += entries.length;
    });
  }

  #append(entries: readonly string[]): boolean {
    try {
      this.#ports.journal.append(entries);
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#wrote();
    return true;
  }

  /** Arranges that what was written reaches the disk and the database. */
  #wrote(): void {
    if (this.#closed) return;
    this.#cancelSync ??= this.#ports.timers.after(SYNC_INTERVAL_MS, () => {
      this.#cancelSync = null;
      this.#ports.journal.sync().catch((error: unknown) => this.#failed(error));
    });
    this.#cancelTimer ??= this.#ports.timers.after(this.#intervalMs, () => {
      this.#cancelTimer = null;
      void this.drain();
    });
  }

  /** Moves everything that waits into the database; resolves when it is there or the database fails. */
  drain(): Promise<void> {
    if (this.#draining) {
      this.#again = true;
      return this.#draining;
    }
    this.#draining = this.#move().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #move(): Promise<void> {
    const { journal } = this.#ports;
    try {
      do {
        this.#again = false;
        for (;;) {
          const batch = await journal.peek(this.#batch);
          if (batch.entries.length === 0) break;
          await this.#store(batch.entries);
          await journal.take(batch);
        }
      } while (this.#again);
      this.#retryMs = 200;
      if (this.#stalled) {
        this.#stalled = false;
        this.#ports.onRecovered?.();
      }
    } catch (error) {
      this.#failed(error);
      this.#retry();
    }
  }

  async #store(entries: readonly string[]): Promise<void> {
    const records: DecisionRecord[] = [];
    const events: string[] = [];
    for (const entry of entries) {
      if (entry.startsWith('d')) records.push(JSON.parse(entry.slice(1)) as DecisionRecord);
      else if (entry.startsWith('e')) events.push(eventTextOf(entry.slice(1)));
    }
    if (records.length > 0) await this.#ports.target.insertDecisions(records);
    if (events.length > 0) await this.#ports.target.insertEvents(events);
  }

  #retry(): void {
    if (this.#closed || this.#cancelTimer) return;
    this.#cancelTimer = this.#ports.timers.after(this.#retryMs, () => {
      this.#cancelTimer = null;
      void this.drain();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, 10_000);
  }

  #failed(error: unknown): void {
    if (this.#stalled) return;
    this.#stalled = true;
    this.#ports.onStalled?.(error);
  }

  /** Writes what waits, moves what it can, closes the journal. What could not be moved is moved at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelSync?.();
    if (this.#waiting.length > 0) this.#append(this.#waiting.splice(0));
    await this.drain();
    this.#ports.onClosed?.();
    await this.#ports.journal.sync().catch((error: unknown) => this.#failed(error));
    await this.#ports.journal.close();
  }
}
