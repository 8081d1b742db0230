import type { RequestContext } from '../../core/context.ts';
import { requestFields } from '../../core/event-fields.ts';
import type { EventSink } from '../../core/events.ts';

const DAY_MS = 86_400_000;
/** Pairs that are told of in a day at most; beyond it who was let in stands in the records of decisions alone. */
const MAX_PAIRS = 10_000;

/** Tells who was let in to what: once a day for each person and permission, so that traffic costs no events. */
export class GrantNotices {
  readonly #events: EventSink;
  readonly #told = new Set<string>();
  #sinceMs = -Infinity;

  constructor(events: EventSink) {
    this.#events = events;
  }

  tell(context: RequestContext, permission: string, principal: string): void {
    if (context.nowMs - this.#sinceMs >= DAY_MS) {
      this.#told.clear();
      this.#sinceMs = context.nowMs;
    }
    const key = `${permission} ${principal}`;
    if (this.#told.has(key) || this.#told.size >= MAX_PAIRS) return;
    this.#told.add(key);
    this.#events.emit('ACCESS_GRANTED', {
      ...requestFields(context),
      actor: principal,
      subject: permission,
      outcome: 'success',
    });
  }
}
