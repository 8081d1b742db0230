import type { Clock, Timers } from '../../../core/clock.ts';
import type { EventSink } from '../../../core/events.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { AlertBook } from './book.ts';
import type { ChannelPorts } from './channels/index.ts';
import { Deliveries } from './deliveries.ts';
import type { ReadAlertOptions } from './options.ts';
import { Lane } from './lane.ts';
import { AlertSender } from './sender.ts';
import { AlertStore } from './store.ts';
import type { Occurrence } from './types.ts';

/** What is brought to the alerts: something that happened, that something works again, or an event that means nothing to them. */
export type AlertInput =
  | { readonly kind: 'nothing'; readonly event: string }
  | { readonly kind: 'occurrence'; readonly one: Occurrence }
  | {
      readonly kind: 'recovery';
      /** Event that says so. */
      readonly event: string;
      readonly rule: string;
      readonly group: string;
      readonly text: string;
    };

/** What alerts stand on. */
export interface AlertPorts {
  /** Must hold `alertTables`. */
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly events: EventSink;
  readonly channels: ChannelPorts;
  readonly publicUrl: () => string | undefined;
  /** Told after each change. */
  readonly changed: () => void;
  /** Told of what failed; it is tried again. */
  readonly failed: (error: unknown) => void;
  /** What was kept and not yet brought, oldest first: what a crash or a full queue left behind. */
  readonly missed: () => Promise<readonly AlertInput[]>;
  /** Inputs that wait at most, default 1,000. */
  readonly maxWaiting?: number;
}

/** Alerts, running. */
export interface Alerts {
  readonly options: ReadAlertOptions;
  readonly store: AlertStore;
  readonly deliveries: Deliveries;
  readonly book: AlertBook;
  /** Inputs that found the queue full, or the database down, since the start: `missed` brings them again. */
  readonly dropped: number;
  /** Takes inputs in order, in the background. Never throws, never waits. */
  take(inputs: readonly AlertInput[]): void;
  /** Begins to do what is due, and to tell. */
  start(): void;
  /** Tells at once what waits. */
  kick(): void;
  /** Does once all that is due now; for tests and for the end. */
  round(): Promise<void>;
  /** Takes nothing more, and waits for what was begun. */
  close(): Promise<void>;
}

const MAX_WAITING = 1_000;
const ROUND_MS = 5_000;
/** Every how many rounds it is looked for what was missed, and what is old is forgotten. */
const MISSED_EVERY = 3;
const PRUNE_EVERY = 720;

/** Opens the alerts of a site. Several nodes over one database share them. */
export function openAlerts(options: ReadAlertOptions, ports: AlertPorts): Alerts {
  return new RunningAlerts(options, ports);
}

class RunningAlerts implements Alerts {
  readonly options: ReadAlertOptions;
  readonly store: AlertStore;
  readonly deliveries: Deliveries;
  readonly book: AlertBook;
  dropped = 0;
  readonly #ports: AlertPorts;
  readonly #lanes: readonly Lane[];
  readonly #waiting: AlertInput[] = [];
  #taking: Promise<void> | null = null;
  #rounds = 0;
  #cancel: (() => void) | null = null;
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: ReadAlertOptions, ports: AlertPorts) {
    this.options = options;
    this.#ports = ports;
    this.store = new AlertStore(ports.sql);
    this.deliveries = new Deliveries(ports.sql);
    this.book = new AlertBook(options, ports);
    const sender = new AlertSender(options, ports);
    const { changed, failed } = ports;
    this.#lanes = options.channels.map(
      ({ name }) => new Lane({ run: () => sender.run(name), changed, failed }),
    );
  }

  take(inputs: readonly AlertInput[]): void {
    if (this.#closed) return;
    const room = (this.#ports.maxWaiting ?? MAX_WAITING) - this.#waiting.length;
    this.dropped += Math.max(0, inputs.length - room);
    this.#waiting.push(...inputs.slice(0, room));
    if (this.#waiting.length > 0) this.#taking ??= this.#drain().finally(() => (this.#taking = null));
  }

  start(): void {
    this.#later();
  }

  kick(): void {
    if (this.#closed) return;
    for (const lane of this.#lanes) lane.kick();
  }

  async round(): Promise<void> {
    await this.#look();
    await this.#told();
  }

  /** Receivers are not waited for: what is due here must not be late because one of them is. */
  async #look(): Promise<void> {
    await this.#taking;
    if (this.#rounds % MISSED_EVERY === 0) await this.#bring(await this.#ports.missed());
    while ((await this.book.runDue()) > 0);
    if (this.#rounds % PRUNE_EVERY === 0) await this.book.prune();
    this.#rounds += 1;
    this.kick();
  }

  async #told(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.idle()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#taking;
    await this.#working;
    await this.#told();
  }

  #later(): void {
    if (this.#closed) return;
    this.#cancel = this.#ports.timers.after(ROUND_MS, () => {
      this.#working = this.#look()
        .catch((error: unknown) => this.#ports.failed(error))
        .finally(() => this.#later());
    });
  }

  async #drain(): Promise<void> {
    // Not within whatever emitted it.
    await Promise.resolve();
    for (let next = this.#waiting.splice(0, 100); next.length > 0; next = this.#waiting.splice(0, 100)) {
      try {
        await this.#bring(next);
      } catch (error) {
        this.dropped += next.length;
        this.#ports.failed(error);
      }
    }
    this.kick();
  }

  async #bring(inputs: readonly AlertInput[]): Promise<void> {
    for (const input of inputs) {
      if (input.kind === 'occurrence') await this.book.take(input.one);
      else if (input.kind === 'nothing') await this.book.pass(input.event);
      else await this.book.recover(input.rule, input.group, input.event, input.text);
    }
  }
}
