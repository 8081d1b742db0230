import type { RequestContext } from '../../../core/context.ts';
import { requestFields } from '../../../core/event-fields.ts';
import type { EventSink } from '../../../core/events.ts';
import type { Mode } from '../../../core/guard.ts';
import type { LiveExclusions } from './exclusions.ts';

/** What the guard tells of what it found. */
export interface InspectionPorts {
  readonly events: EventSink;
  /** What is left out at present, replaced while the guard runs; belongs to one guard. Default nothing. */
  readonly exclusions?: LiveExclusions;
}

const WINDOW_MS = 10_000;
const MAX_KEYS = 5_000;

interface Told {
  atMs: number;
  /** Attempts since then that were not told. */
  more: number;
}

/** Tells of attempts: the first of a client and class at once, those of the next ten seconds with the next one. */
export class AttackNotices {
  readonly #events: EventSink;
  readonly #told = new Map<string, Told>();

  constructor(ports: InspectionPorts) {
    this.#events = ports.events;
  }

  /** Tells of an attempt, unless the same was told just now. */
  tell(context: RequestContext, attack: string, mode: Mode): void {
    const key = `${context.client.group}|${attack}`;
    const known = this.#told.get(key);
    if (known !== undefined && context.nowMs - known.atMs < WINDOW_MS) {
      known.more++;
      return;
    }
    // The oldest makes room: a map keeps the order in which its keys came.
    this.#told.delete(key);
    if (this.#told.size >= MAX_KEYS) this.#told.delete(this.#told.keys().next().value as string);
    this.#told.set(key, { atMs: context.nowMs, more: 0 });
    this.#events.emit(attack === 'xss' ? 'XSS_ATTEMPT' : 'INJECTION_ATTEMPT', {
      ...requestFields(context),
      outcome: mode === 'enforce' ? 'refused' : 'success',
      details: { class: attack, before: known?.more ?? 0, mode },
    });
  }
}
