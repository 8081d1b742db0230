import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink, RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import { pauseMs } from './backoff.ts';
import type { SinkBook, SinkRow } from './book.ts';
import { deliver, type Delivered } from './deliver.ts';
import { type SinkDriver, SinkError } from './driver.ts';
import type { Batch, SinkFeed } from './feed.ts';
import type { ReadSink } from './options.ts';
import { RefusalNotices } from './refusal-notices.ts';

/** What a sender stands on. */
export interface SenderPorts {
  readonly book: SinkBook;
  readonly feed: SinkFeed;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
  /** Name of this node. */
  readonly node: string;
  /** A whole number from 0 to below `max`; of a CSPRNG. */
  readonly random: (max: number) => number;
  /** Told of what failed that is not the receiver's: the database. */
  readonly failed: (error: unknown) => void;
}

/** What a round came to, and after how many milliseconds the next one is due. */
export interface Round {
  readonly state: 'more' | 'idle' | 'failing' | 'elsewhere';
  readonly afterMs: number;
}

const IDLE_MS = 1_000;
const ELSEWHERE_MS = 5_000;
/** Looked at again: somebody may have asked for a retry on another node. */
const LOOK_MS = 5_000;
/** Tries in a row after which it is told that a sink fails. */
const TELL_AFTER = 5;
const MORE: Round = { state: 'more', afterMs: 0 };

/** Sends for one sink, as long as this process holds it. */
export class SinkSender {
  readonly sink: ReadSink;
  readonly #driver: SinkDriver;
  readonly #ports: SenderPorts;
  readonly #me: string;
  readonly #notices: RefusalNotices;
  #running: Promise<void> | null = null;
  #wake: (() => void) | null = null;
  #closed = false;

  /** @param me names this process among all that have the sink */
  constructor(sink: ReadSink, driver: SinkDriver, me: string, ports: SenderPorts) {
    this.sink = sink;
    this.#driver = driver;
    this.#ports = ports;
    this.#me = me;
    this.#notices = new RefusalNotices(sink.name, ports);
  }

  /** Begins to send. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Looks now, not when the pause is over. */
  wake(): void {
    this.#wake?.();
  }

  /** Ends after the batch that is on its way, and lets another process take over. */
  async close(): Promise<void> {
    this.#closed = true;
    this.wake();
    await this.#running;
    this.#notices.tellRest();
    await this.#ports.book
      .release(this.sink.name, this.#me)
      .catch((error: unknown) => this.#ports.failed(error));
    await this.#driver.close();
  }

  /** Sends one event, past the order of the others, and tells nobody of what comes of it. @throws SinkError */
  async probe(): Promise<void> {
    const { node, clock } = this.#ports;
    const event = makeEvent('SINK_TESTED', node, clock.now(), { subject: this.sink.name });
    const { failure, refused } = await deliver([event], (some) => this.#driver.send(some));
    const [reason] = refused.values();
    if (failure !== null) throw failure;
    if (reason !== undefined) throw new SinkError('refused', reason);
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      let afterMs = IDLE_MS;
      try {
        ({ afterMs } = await this.round());
      } catch (error) {
        this.#ports.failed(error);
        afterMs = LOOK_MS;
      }
      if (!this.#closed) await this.#pause(afterMs);
    }
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    // Also between two batches others get their turn.
    const cancel = this.#ports.timers.after(ms, resolve);
    await promise;
    this.#wake = null;
    cancel();
  }

  /** Sends the next batch, if it is this process's to send and there is one. */
  async round(): Promise<Round> {
    const { book, feed, clock } = this.#ports;
    const row = await book.claim(this.sink.name, this.#me, clock.now());
    if (row === undefined) return { state: 'elsewhere', afterMs: ELSEWHERE_MS };
    const waitMs = row.dueMs - clock.now();
    if (waitMs > 0) return { state: 'failing', afterMs: Math.min(waitMs, LOOK_MS) };
    await feed.advance(clock.now());
    const batch = await feed.read(row.cursor, this.sink.only, this.sink.atOnce);
    if (batch === undefined) {
      this.#notices.tellDue();
      return { state: 'idle', afterMs: IDLE_MS };
    }
    const done = await deliver(
      batch.events,
      (events) => this.#driver.send(events),
      () => this.#keep(),
    );
    return this.#settle(row, batch, done);
  }

  /** Whether the sink is still this process's: asked before each send, which takes less than half of the lease. */
  async #keep(): Promise<boolean> {
    const { book, clock } = this.#ports;
    return (await book.claim(this.sink.name, this.#me, clock.now())) !== undefined;
  }

  async #settle(row: SinkRow, batch: Batch, done: Delivered): Promise<Round> {
    // A receiver that takes nothing at all is at fault itself, until it takes a test: nothing is given up for its sake.
    if (done.refused.size > 0 && !done.wasTaken) {
      const [reason = ''] = done.refused.values();
      const failure = done.failure ?? (await this.#provenAtFault(reason));
      if (failure !== null) return this.#fail(row, failure);
    }
    const { name } = this.sink;
    const { book, clock } = this.#ports;
    const isWhole = done.handled === batch.events.length;
    const cursor = isWhole ? batch.through : (batch.places[done.handled - 1] ?? row.cursor);
    if (cursor > row.cursor) {
      const lost = batch.lost.filter((place) => place > row.cursor && place <= cursor).length;
      const refusal =
        [...done.refused.values()].at(-1) ?? (done.unnamed > 0 ? 'The collector refused it.' : null);
      const refused = done.refused.size + done.unnamed;
      const progress = { cursor, sent: done.sent, refused, lost, refusal };
      if (!(await book.progress(name, this.#me, progress, clock.now())))
        return { state: 'elsewhere', afterMs: ELSEWHERE_MS };
      this.#tell(batch.events, done);
    }
    if (done.failure !== null) return this.#fail(row, done.failure);
    if (done.handled === 0 && batch.events.length > 0) return { state: 'elsewhere', afterMs: ELSEWHERE_MS };
    if (row.attempts > 0 || row.error !== null) await this.#recover(row);
    return MORE;
  }

  /** Whether it is the receiver that refuses everything. @returns null where a test was taken */
  async #provenAtFault(reason: string): Promise<SinkError | null> {
    try {
      await this.probe();
      return null;
    } catch (error) {
      const words = error instanceof SinkError && error.kind === 'down' ? error.message : reason;
      return new SinkError('down', `It takes nothing at present, not even a test. ${words}`);
    }
  }

  #tell(events: readonly RampartEvent[], { refused, unnamed }: Delivered): void {
    for (const [i, reason] of refused) this.#notices.refused(events[i] as RampartEvent, reason);
    if (unnamed > 0) this.#notices.refusedUnnamed(unnamed);
    this.#notices.tellDue();
  }

  async #fail(row: SinkRow, { message, afterMs }: SinkError): Promise<Round> {
    const { book, clock, events, random } = this.#ports;
    const { name } = this.sink;
    const attempts = row.attempts + 1;
    const pause = pauseMs(attempts, afterMs, random);
    const nowMs = clock.now();
    await book.failed(name, this.#me, message, nowMs + pause, nowMs);
    if (attempts === TELL_AFTER)
      events.emit('SINK_FAILING', {
        subject: name,
        outcome: 'failure',
        details: { sink: name, attempts, error: message },
      });
    return { state: 'failing', afterMs: Math.min(pause, LOOK_MS) };
  }

  async #recover(row: SinkRow): Promise<void> {
    const { book, events } = this.#ports;
    const { name } = this.sink;
    await book.recovered(name, this.#me);
    if (row.attempts >= TELL_AFTER)
      events.emit('SINK_RECOVERED', { subject: name, outcome: 'success', details: { sink: name } });
  }
}
