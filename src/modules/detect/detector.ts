import { type Clock, systemClock, systemTimers, type Timers } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import type { EventSink, RampartEvent } from '../../core/events.ts';
import type { Watcher } from '../../core/watcher.ts';
import type { CounterStore } from '../../ports/counter.ts';
import { type Detection, eventOf } from './detection.ts';
import { type Begun, Engine } from './engine.ts';
import { isDetection } from './features.ts';
import type { PlaceOf } from './fields.ts';
import type { DetectOptions } from './options.ts';
import { readDetectOptions } from './read-options.ts';
import type { Rule } from './rule.ts';
import { SharedCounts } from './shared.ts';

/** What a detector stands on. */
export interface DetectorPorts {
  /** Where all nodes count. */
  readonly store: CounterStore;
  /** A store of this process, which counts while `store` is silent; needed where `store` is not one itself. */
  readonly local?: CounterStore;
  /** Where detections are told; asked late, since the corridor of events is built with the watcher. */
  readonly events: () => EventSink;
  /** Where an address is, for rules by country or network operator. */
  readonly placeOf?: PlaceOf | undefined;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Told of every detection, beside its event. Must not throw. */
  readonly onDetection?: (detection: Detection) => void;
  /**
   * Whether what `events` takes comes back to the watcher once it is written down, as in an event corridor: a detection that does
   * not, because its node died or its event was lost, is told again under the same id. Default false: told once.
   */
  readonly comesBack?: boolean;
}

/** What a detector has done since it was made. */
export interface DetectorState {
  /** `local`: the shared store does not answer, and this node counts alone. */
  readonly counts: 'shared' | 'local';
  /** When that last changed, milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly waiting: number;
  /** Events that were not looked at, because too many waited. */
  readonly skipped: number;
}

/** Looks at events as they happen. */
export interface Detector {
  /** All rules, those that are switched off too. */
  readonly rules: readonly Rule[];
  /** The station of the event corridor. */
  readonly watcher: Watcher;
  /** Looks at an event that does not walk the corridor: one that was written in the transaction of its act. */
  take(event: RampartEvent): void;
  state(): DetectorState;
  /** Resolves when everything that was taken so far has been looked at. */
  flush(): Promise<void>;
  /** Looks at what waits and takes no more. */
  close(): Promise<void>;
}

/** Looked at in one go; then others have their turn. */
const BATCH = 32;
const TELL_EVERY_MS = 60_000;

/**
 * Makes a detector. Events are taken at once and looked at in their order soon after: who emits never waits, and neither
 * does the journal.
 * @throws OptionsError naming the path and the reason
 */
export function createDetector(options: DetectOptions, ports: DetectorPorts): Detector {
  return new Queue(options, ports);
}

class Queue implements Detector {
  readonly rules: readonly Rule[];
  readonly #ports: DetectorPorts;
  readonly #clock: Clock;
  readonly #counts: SharedCounts;
  readonly #engine: Engine;
  readonly #maxWaiting: number;
  readonly #isOn: boolean;
  #waiting: RampartEvent[] = [];
  #running: Promise<void> | null = null;
  #skipped = 0;
  #told = 0;
  #nextTellMs = 0;
  #closed = false;

  constructor(options: DetectOptions, ports: DetectorPorts) {
    const read = readDetectOptions(options);
    const { store, timers = systemTimers } = ports;
    const local = ports.local ?? store;
    if (local.kind !== 'memory')
      throw new OptionsError('detector.local', 'must be a store of this process, which answers at once');
    this.#ports = ports;
    this.#clock = ports.clock ?? systemClock;
    this.rules = read.rules;
    this.#isOn = read.enabled;
    this.#maxWaiting = read.maxWaiting;
    const events: EventSink = { emit: (type, fields) => ports.events().emit(type, fields) };
    this.#counts = new SharedCounts({ store, local, clock: this.#clock, timers, events });
    const { placeOf, comesBack: confirms } = ports;
    const { maxGroups } = read;
    this.#engine = new Engine(read.rules, { counts: this.#counts, placeOf, maxGroups, confirms });
  }

  readonly watcher: Watcher = {
    name: 'detect',
    stage: 'detect',
    on: '*',
    handle: (events) => {
      for (const event of events) {
        if (isDetection(event)) this.#engine.told(event);
        else this.take(event);
      }
    },
  };

  take(event: RampartEvent): void {
    if (this.#closed || !this.#isOn) return;
    if (this.#waiting.length >= this.#maxWaiting) {
      this.#skipped++;
      return;
    }
    this.#waiting.push(event);
    this.#start();
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Taken between the last look at the queue and now.
      if (this.#waiting.length > 0) this.#start();
    });
  }

  state(): DetectorState {
    const { state, sinceMs } = this.#counts;
    return { counts: state, sinceMs, waiting: this.#waiting.length, skipped: this.#skipped };
  }

  async flush(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#closed = true;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Whoever emitted goes on first, and requests between two batches.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting.slice(0, BATCH);
      this.#waiting = this.#waiting.slice(BATCH);
      const begun = batch.map((event) => this.#begin(event));
      for (const one of begun) if (one !== undefined) await this.#finish(one);
      this.#tellSkipped();
    }
  }

  /** An event that breaks a rule's reading must not keep the others from being looked at. */
  #begin(event: RampartEvent): Begun | undefined {
    try {
      return this.#engine.begin(event);
    } catch {
      this.#skipped++;
      return undefined;
    }
  }

  async #finish(begun: Begun): Promise<void> {
    try {
      for (const detection of await this.#engine.finish(begun)) this.#tell(detection);
    } catch {
      this.#skipped++;
    }
  }

  #tell(detection: Detection): void {
    const { type, fields } = eventOf(detection);
    this.#ports.events().emit(type, fields);
    this.#ports.onDetection?.(detection);
  }

  #tellSkipped(): void {
    const more = this.#skipped - this.#told;
    const now = this.#clock.monotonic();
    if (more === 0 || now < this.#nextTellMs) return;
    this.#nextTellMs = now + TELL_EVERY_MS;
    this.#told = this.#skipped;
    this.#ports.events().emit('DETECT_EVENTS_SKIPPED', { outcome: 'failure', details: { count: more } });
  }
}
