import type { RequestContext } from '../../../core/context.ts';
import { requestFields } from '../../../core/event-fields.ts';
import type { EventSink } from '../../../core/events.ts';
import { Principal } from '../../../core/fact.ts';

const WINDOW_MS = 3_600_000;
const MAX_ADDRESSES = 5_000;
/** By what lists are called: those of feeds (`tor`) and of files. */
const KINDS = [
  ['TOR_EXIT_NODE', /(?:^|[-_])tor(?:$|[-_])/i],
  ['VPN_DETECTED', /(?:^|[-_])vpns?(?:$|[-_])/i],
] as const;

/** Tells of callers behind Tor or a VPN: once an hour for each address, of 5,000 addresses at most. */
export class HiddenNotices {
  readonly #events: EventSink;
  readonly #told = new Map<string, number>();

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** @param lists on which the caller stands */
  tell(context: RequestContext, lists: readonly string[]): void {
    for (const [type, pattern] of KINDS) {
      const list = lists.find((name) => pattern.test(name));
      if (list === undefined || !this.#isNews(`${type} ${context.client.group}`, context.nowMs)) continue;
      const actor = context.get(Principal)?.id;
      this.#events.emit(type, {
        ...requestFields(context),
        ...(actor === undefined ? {} : { actor }),
        details: { list },
      });
    }
  }

  #isNews(key: string, nowMs: number): boolean {
    const atMs = this.#told.get(key);
    if (atMs !== undefined && nowMs - atMs < WINDOW_MS) return false;
    // The oldest makes room: a map keeps the order in which its keys came.
    this.#told.delete(key);
    if (this.#told.size >= MAX_ADDRESSES) this.#told.delete(this.#told.keys().next().value as string);
    this.#told.set(key, nowMs);
    return true;
  }
}
