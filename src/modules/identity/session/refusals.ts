import type { Clock } from '../../../core/clock.ts';
import type { EventSink, EventType, Severity } from '../../../core/events.ts';
import { eventFacts } from '../event-facts.ts';
import type { ClientFacts } from '../request.ts';
import { Recent } from './recent.ts';

const WINDOW_MS = 60_000;
const PER_CLIENT = 10;
const PER_HOUSE = 600;
const MAX_CLIENTS = 10_000;

interface Window {
  untilMs: number;
  count: number;
  held: number;
}

/**
 * Tells of refused credentials without letting a flood of them into the journal: ten a minute of one client, 600 a
 * minute in all. What was held back is counted in the next event.
 */
export class Refusals {
  readonly #events: EventSink;
  readonly #clock: Clock;
  readonly #clients = new Recent<Window>(MAX_CLIENTS);
  #house: Window = { untilMs: Number.NEGATIVE_INFINITY, count: 0, held: 0 };

  constructor(events: EventSink, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  /** @param about session or account, where it is known */
  tell(
    type: EventType,
    facts: ClientFacts,
    reason: string,
    about: { readonly subject?: string; readonly severity?: Severity } = {},
  ): void {
    const now = this.#clock.monotonic();
    const client = this.#windowOf(facts.group, now);
    if (now >= this.#house.untilMs) {
      this.#house = { untilMs: now + WINDOW_MS, count: 0, held: this.#house.held };
    }
    if (client.count >= PER_CLIENT || this.#house.count >= PER_HOUSE) {
      client.held++;
      return;
    }
    client.count++;
    this.#house.count++;
    const heldBack = client.held;
    client.held = 0;
    this.#events.emit(type, {
      ...about,
      ...eventFacts(facts),
      outcome: 'refused',
      details: heldBack === 0 ? { reason } : { reason, heldBack },
    });
  }

  #windowOf(group: string, now: number): Window {
    const key = group.slice(0, 64);
    const found = this.#clients.get(key);
    if (found !== undefined && now < found.untilMs) return found;
    const fresh = { untilMs: now + WINDOW_MS, count: 0, held: found?.held ?? 0 };
    this.#clients.set(key, fresh);
    return fresh;
  }
}
