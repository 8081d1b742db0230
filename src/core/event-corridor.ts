import { type Clock, type Timers, systemTimers } from './clock.ts';
import {
  type EventFields,
  type EventKind,
  EVENTS,
  type EventSink,
  type EventType,
  type RampartEvent,
  SEVERITIES,
} from './events.ts';
import { makeEventOf } from './make-event.ts';
import { STAGES, type Watcher } from './watcher.ts';

/** Bounds of the event corridor. */
export interface EventCorridorOptions {
  readonly clock: Clock;
  readonly timers?: Timers;
  readonly node: string;
  readonly watchers: readonly Watcher[];
  /** Where an address is, as a text for people; `undefined` where nobody knows. Must not wait. */
  readonly placeOf?: (address: string) => string | undefined;
  /** Events that wait for the journal at most; default 10,000. Beyond it the least severe are shed and counted. */
  readonly maxWaiting?: number;
  /** Pause before the journal is asked again after a failure, doubled up to 30 s; default 200. */
  readonly retryMs?: number;
}

const BATCH = 500;

/** emit → journal → detect → alert → respond. */
export class EventCorridor implements EventSink {
  readonly #options: EventCorridorOptions;
  readonly #timers: Timers;
  readonly #stages: readonly (readonly Watcher[])[];
  readonly #maxWaiting: number;
  #waiting: RampartEvent[] = [];
  #draining: Promise<void> | null = null;
  #scheduled = false;
  #shed = 0;
  #stalled = false;
  #closed = false;
  #wake: (() => void) | null = null;

  constructor(options: EventCorridorOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#maxWaiting = options.maxWaiting ?? 10_000;
    this.#stages = STAGES.map((stage) => options.watchers.filter((watcher) => watcher.stage === stage));
  }

  /** Events dropped because too many waited, since the start. */
  get shed(): number {
    return this.#shed;
  }

  /** Events that wait for the journal. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether the journal refuses to take events at present. */
  get stalled(): boolean {
    return this.#stalled;
  }

  emit(type: EventType, fields: EventFields = {}): void {
    this.emitOf(type, EVENTS[type], fields);
  }

  /** The same of a type that is not in the catalogue. */
  emitOf(type: string, kind: EventKind, fields: EventFields = {}): void {
    const { node, clock, placeOf } = this.#options;
    this.#push(makeEventOf(type, kind, node, clock.now(), withPlace(fields, placeOf)));
  }

  #push(event: RampartEvent): void {
    if (this.#waiting.length >= this.#maxWaiting && !this.#makeRoomFor(event)) return;
    this.#waiting.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#draining ??= this.#drain().finally(() => (this.#draining = null));
    });
  }

  /** Drops the oldest of the least severe events; the newcomer itself when all others matter more. */
  #makeRoomFor(event: RampartEvent): boolean {
    this.#shed++;
    for (const severity of SEVERITIES) {
      const index = this.#waiting.findIndex((one) => one.severity === severity);
      if (index >= 0) {
        this.#waiting.splice(index, 1);
        return true;
      }
      if (severity === event.severity) return false;
    }
    return false;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH);
      if (!(await this.#journal(batch))) return;
      // What was shed meanwhile is no longer at the front, so events are taken out by identity.
      const done = new Set(batch);
      this.#waiting = this.#waiting.filter((event) => !done.has(event));
      for (const watchers of this.#stages.slice(1))
        for (const watcher of watchers) await this.#tell(watcher, batch);
    }
  }

  /** Writes a batch, again and again until it is taken. @returns false when closed before that */
  async #journal(batch: readonly RampartEvent[]): Promise<boolean> {
    let pauseMs = this.#options.retryMs ?? 200;
    for (;;) {
      try {
        for (const watcher of this.#stages[0] as readonly Watcher[])
          await watcher.handle(chosen(watcher, batch));
        this.#stalled = false;
        return true;
      } catch {
        this.#stalled = true;
        if (this.#closed) return false;
        await new Promise<void>((resolve) => {
          const cancel = this.#timers.after(pauseMs, resolve);
          this.#wake = () => {
            cancel();
            resolve();
          };
        });
        this.#wake = null;
        pauseMs = Math.min(pauseMs * 2, 30_000);
      }
    }
  }

  async #tell(watcher: Watcher, batch: readonly RampartEvent[]): Promise<void> {
    const events = chosen(watcher, batch);
    if (events.length === 0) return;
    try {
      await watcher.handle(events);
    } catch (error) {
      // A watcher that fails on its own failure report must not feed itself.
      if (events.some((event) => event.type === 'WATCHER_FAILED')) return;
      this.emit('WATCHER_FAILED', {
        subject: watcher.name,
        details: { error: error instanceof Error ? error.message.slice(0, 200) : 'unknown' },
      });
    }
  }

  /** Resolves when everything emitted so far went through all stages, or the journal is stalled and closed. */
  async flush(): Promise<void> {
    while (this.#scheduled || this.#draining !== null) {
      if (this.#draining !== null) await this.#draining;
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Flushes what can be flushed and stops retrying. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    await this.flush();
  }
}

/** The fields with the place of their address, where it is known. A lookup that fails costs the place, not the event. */
export function withPlace(fields: EventFields, placeOf: EventCorridorOptions['placeOf']): EventFields {
  if (placeOf === undefined || fields.address === undefined || fields.place !== undefined) return fields;
  try {
    const place = placeOf(fields.address);
    return place === undefined ? fields : { ...fields, place };
  } catch {
    return fields;
  }
}

function chosen(watcher: Watcher, batch: readonly RampartEvent[]): readonly RampartEvent[] {
  return watcher.on === '*' ? batch : batch.filter((event) => watcher.on.includes(event.type));
}
