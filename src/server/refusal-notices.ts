import { isMilestone } from '../base/observe/index.ts';
import type { Timers } from '../core/clock.ts';
import type { RequestContext } from '../core/context.ts';
import { requestFields } from '../core/event-fields.ts';
import type { EventFields, EventSink } from '../core/events.ts';
import { Principal } from '../core/fact.ts';

interface Notice {
  readonly fields: EventFields;
  readonly type: 'REQUEST_REFUSED' | 'REQUEST_WOULD_BE_REFUSED';
  /** In this window, and of them those that were told. */
  count: number;
  told: number;
}

const WINDOW_MS = 10_000;
const MAX_KEYS = 5_000;

/**
 * Turns refusals into events without letting a flood write one event per request: the first of a kind (guard, code,
 * caller, route) is told at once, what came since with the tenth, the hundredth and so on, the rest when ten seconds are over,
 * each as one event with their count. Each refusal has its own decision record all the same.
 */
export class RefusalNotices {
  readonly #events: EventSink;
  readonly #timers: Timers;
  readonly #notices = new Map<string, Notice>();
  #cancel: (() => void) | null = null;
  #untold = 0;

  constructor(events: EventSink, ports: { readonly timers: Timers }) {
    this.#events = events;
    this.#timers = ports.timers;
  }

  /** Takes note of a refused request. */
  refused(context: RequestContext): void {
    const { verdict } = context;
    if (verdict.kind !== 'deny' && verdict.kind !== 'challenge') return;
    const guard = context.trail?.at(-1)?.guard ?? 'corridor';
    this.#note('REQUEST_REFUSED', context, guard, verdict.refusal.code);
  }

  /** Takes note of what shadow guards would have refused. */
  shadowed(context: RequestContext): void {
    for (const entry of context.trail ?? []) {
      if (entry.shadow)
        this.#note('REQUEST_WOULD_BE_REFUSED', context, entry.guard, entry.verdict.reason?.code ?? '');
    }
  }

  #note(type: Notice['type'], context: RequestContext, guard: string, code: string): void {
    const route = context.routeLabel ?? context.plan.route.name;
    const principal = context.get(Principal)?.id;
    const key = `${type}|${guard}|${code}|${route}|${principal ?? context.client.group}`;
    const known = this.#notices.get(key);
    if (known) {
      known.count++;
      if (isMilestone(known.count)) this.#tellMore(known);
      return;
    }
    if (this.#notices.size >= MAX_KEYS) {
      this.#untold++;
      return;
    }
    const fields: EventFields = {
      ...requestFields(context),
      outcome: 'refused',
      details: { guard, code, path: context.path.slice(0, 200) },
      ...(principal === undefined ? {} : { actor: principal }),
    };
    this.#notices.set(key, { type, fields, count: 1, told: 1 });
    this.#events.emit(type, fields);
    this.#cancel ??= this.#timers.after(WINDOW_MS, () => this.tellRest());
  }

  /** Tells what was counted since the first of each kind. */
  tellRest(): void {
    this.#cancel?.();
    this.#cancel = null;
    for (const notice of this.#notices.values()) this.#tellMore(notice);
    if (this.#untold > 0) {
      this.#events.emit('REQUEST_REFUSED', {
        outcome: 'refused',
        details: { count: this.#untold, others: true },
      });
    }
    this.#notices.clear();
    this.#untold = 0;
  }

  #tellMore(notice: Notice): void {
    const { type, fields } = notice;
    const count = notice.count - notice.told;
    notice.told = notice.count;
    if (count > 0) this.#events.emit(type, { ...fields, details: { ...fields.details, count } });
  }
}
