import { randomInt } from 'node:crypto';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink, RampartEvent } from '../../core/events.ts';
import { newId } from '../../core/id.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { SinkBook, type SinkState } from './book.ts';
import type { SinkDriver } from './driver.ts';
import { SinkFeed } from './feed.ts';
import type { ReadSink } from './options.ts';
import { SinkSender } from './sender.ts';

/** What sinks stand on. */
export interface SinkPorts {
  /** Must hold `sinkTables`. */
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
  readonly node: string;
  readonly driverOf: (sink: ReadSink) => SinkDriver;
  /** An event of a row of `rampart.events`. */
  readonly eventOf: (row: Readonly<Record<string, unknown>>) => RampartEvent;
  /** Told of what failed that is not a receiver's; it is tried again. */
  readonly failed: (error: unknown) => void;
  /** A whole number from 0 to below `max`; default of the CSPRNG. */
  readonly random?: (max: number) => number;
}

/** Sinks, running. */
export interface Sinks {
  /** Those of this process's configuration. */
  readonly configured: readonly ReadSink[];
  /** How all sinks fare that any process has. */
  states(): Promise<readonly SinkState[]>;
  /** The same as it was known a few seconds ago, without asking the database. */
  known(): readonly SinkState[];
  /** Sends a test event. @returns false where this process has no such sink @throws SinkError */
  test(name: string): Promise<boolean>;
  /** Ends the pause of a sink, in a transaction; `wake` after it has it tried at once. @returns false where there is none */
  retry(name: string, sql: SqlRunner): Promise<boolean>;
  /** Looks at a sink now; all where none is named. */
  wake(name?: string): void;
  /** Makes the sinks known, and begins to send. */
  start(): Promise<void>;
  /** Does once what is done every hour. */
  prune(): Promise<void>;
  /** Waits for what is on its way. */
  close(): Promise<void>;
}

const STATES_MS = 5_000;
const REGISTER_MS = 5_000;
const HOUR_MS = 3_600_000;
const MAX_BATCHES = 200;

/** Opens sinks. Processes with sinks of the same name over one database share them: one of them sends. */
export function openSinks(configured: readonly ReadSink[], ports: SinkPorts): Sinks {
  return new RunningSinks(configured, ports);
}

class RunningSinks implements Sinks {
  readonly configured: readonly ReadSink[];
  readonly #ports: SinkPorts;
  readonly #book: SinkBook;
  readonly #senders: ReadonlyMap<string, SinkSender>;
  readonly #timers = new Set<() => void>();
  #known: readonly SinkState[] = [];
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(configured: readonly ReadSink[], ports: SinkPorts) {
    this.configured = configured;
    this.#ports = ports;
    const { clock, sql } = ports;
    this.#book = new SinkBook(sql);
    const me = newId('snk', clock.now());
    const parts = { random: randomInt, ...ports, book: this.#book, feed: new SinkFeed(ports) };
    this.#senders = new Map(
      configured.map((sink) => [sink.name, new SinkSender(sink, ports.driverOf(sink), me, parts)]),
    );
  }

  async states(): Promise<readonly SinkState[]> {
    return (this.#known = await this.#book.states());
  }

  known(): readonly SinkState[] {
    return this.#known;
  }

  async test(name: string): Promise<boolean> {
    const sender = this.#senders.get(name);
    await sender?.probe();
    return sender !== undefined;
  }

  retry(name: string, sql: SqlRunner): Promise<boolean> {
    return this.#book.retry(name, sql);
  }

  wake(name?: string): void {
    for (const sender of this.#senders.values())
      if (name === undefined || sender.sink.name === name) sender.wake();
  }

  async start(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#book.register(this.configured, this.#ports.clock.now());
    } catch (error) {
      // The database is away: what happens meanwhile waits in the journal, and arrives once it is back.
      this.#ports.failed(error);
      return this.#after(REGISTER_MS, () => this.start());
    }
    for (const sender of this.#senders.values()) sender.start();
    this.#every(STATES_MS, async () => void (await this.states()));
    this.#every(HOUR_MS, () => this.prune());
  }

  async prune(): Promise<void> {
    for (let batch = 0; batch < MAX_BATCHES && !this.#closed; batch += 1)
      if ((await this.#book.prune(this.#ports.clock.now())) === 0) return;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    await this.#working;
    await Promise.all([...this.#senders.values()].map((sender) => sender.close()));
  }

  #after(ms: number, task: () => Promise<void>): void {
    if (this.#closed) return;
    const cancel = this.#ports.timers.after(ms, () => {
      this.#timers.delete(cancel);
      const before = this.#working;
      this.#working = task()
        .catch((error: unknown) => this.#ports.failed(error))
        .then(() => before);
    });
    this.#timers.add(cancel);
  }

  #every(ms: number, task: () => Promise<void>): void {
    this.#after(ms, () => task().finally(() => this.#every(ms, task)));
  }
}
