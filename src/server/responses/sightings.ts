import type { Logger } from '../../base/observe/index.ts';
import type { Clock } from '../../core/clock.ts';
import { ConflictError, ValidationError } from '../../core/errors.ts';
import type { RampartEvent } from '../../core/events.ts';

/** What answering detections stands on. */
export interface SightingParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /**
   * Begins what a detection asks for.
   * @param isLate whether somebody may have decided about it since
   * @throws the database's error: it is tried again. ConflictError, ValidationError: it is not
   */
  readonly answer: (event: RampartEvent, isLate: boolean) => Promise<void>;
  /** Detections in the database of a span, newest first: milliseconds since the epoch. */
  readonly stored: (fromMs: number, untilMs: number) => Promise<readonly RampartEvent[]>;
}

/** Detections that wait at most; what is more is found in the database. */
const MAX_WAITING = 1_000;
/** How long a detection is answered late: as long as an outage is endured. An attack that is older is for people. */
const LATE_MS = 3_600_000;
/** How far back is looked for what a crash or a full queue left behind. */
const LOOK_BACK_MS = 15 * 60_000;
/** What is younger is still being answered by the node that saw it. */
const SETTLED_MS = 10_000;
const MAX_SEEN = 20_000;

/**
 * Detections that are to be answered by a response. A response is written before it acts, so nothing begins while the
 * database is away: what is seen then waits, and is answered once it is back, unless somebody has decided about it
 * meanwhile. What acts already goes on until its end.
 */
export class Sightings {
  readonly #parts: SightingParts;
  #waiting: { readonly event: RampartEvent; readonly isLate: boolean }[] = [];
  /** Tried in vain, or come while nothing could be written. */
  #later: RampartEvent[] = [];
  /** Detections that this node has looked at, by id. */
  readonly #seen = new Set<string>();
  #working: Promise<void> | null = null;
  #isFailing = false;
  #closed = false;

  constructor(parts: SightingParts) {
    this.#parts = parts;
  }

  /** Detections that wait to be answered. */
  get waiting(): number {
    return this.#waiting.length + this.#later.length;
  }

  /** Takes a detection; never throws, never waits. */
  take(event: RampartEvent): void {
    if (this.#closed || this.waiting >= MAX_WAITING) return;
    this.#know(event.id);
    if (this.#isFailing) this.#later.push(event);
    else this.#push([event], false);
  }

  /** Tries again what could not be answered. */
  retry(): void {
    const fromMs = this.#parts.clock.now() - LATE_MS;
    const due = this.#later.filter(({ atMs }) => atMs >= fromMs);
    const given = this.#later.length - due.length;
    if (given > 0) this.#parts.log.warn('Detections are too old to be answered by a response.', { given });
    this.#later = [];
    this.#push(due, true);
  }

  /** Takes up what nobody has answered: of a node that died, or found no room. @throws the database's error */
  async look(): Promise<void> {
    const nowMs = this.#parts.clock.now();
    const found = await this.#parts.stored(nowMs - LOOK_BACK_MS, nowMs - SETTLED_MS);
    const unknown = found.filter(({ id }) => !this.#seen.has(id));
    const room = Math.max(0, MAX_WAITING - this.waiting);
    const taken = unknown.slice(0, room).toReversed();
    for (const { id } of taken) this.#know(id);
    this.#push(taken, true);
  }

  /** Waits for what was begun, and takes no more. What could not be answered is found in the database. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
  }

  #know(id: string): void {
    this.#seen.add(id);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.values().next().value as string);
  }

  #push(events: readonly RampartEvent[], isLate: boolean): void {
    if (this.#closed || events.length === 0) return;
    this.#waiting.push(...events.map((event) => ({ event, isLate })));
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Not within the event corridor: an estimate may take a moment, and events must not wait for it. */
  async #work(): Promise<void> {
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { event, isLate } = next;
      try {
        await this.#parts.answer(event, isLate);
        if (this.#isFailing) this.#parts.log.info('Responses to detections begin again.');
        this.#isFailing = false;
      } catch (error) {
        this.#failed(event, error);
      }
    }
  }

  #failed(event: RampartEvent, error: unknown): void {
    const rule = event.details?.['rule'];
    if (error instanceof ConflictError || error instanceof ValidationError) {
      this.#parts.log.warn('A response to a detection could not begin.', { rule, error });
      return;
    }
    if (!this.#isFailing)
      this.#parts.log.warn('A response to a detection could not begin; it is tried again.', { rule, error });
    this.#isFailing = true;
    // The others would meet the same. This one goes behind them, so that none bars the way for ever.
    this.#later.push(...this.#waiting.splice(0).map((one) => one.event), event);
  }
}
