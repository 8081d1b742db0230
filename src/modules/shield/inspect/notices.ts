import { isMilestone } from '../../../base/observe/index.ts';
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
  /** Attempts since then, and of them those that were not told. */
  count: number;
  more: number;
}

/**
 * Tells of attempts: the first of a client and class at once, of those of the next ten seconds the tenth, the hundredth and
 * so on, the rest with the next one.
 */
export class AttackNotices {
  readonly #events: EventSink;
  readonly #told = new Map<string, Told>();

  constructor(ports: InspectionPorts) {
    this.#events = ports.events;
  }

  /** Tells of an attempt, unless the same was told just now; each telling says how many came before it in silence. */
  tell(context: RequestContext, attack: string, mode: Mode): void {
    const key = `${context.client.group}|${attack}`;
    const known = this.#told.get(key);
    if (known !== undefined && context.nowMs - known.atMs < WINDOW_MS) {
      known.count++;
      if (isMilestone(known.count)) this.#emit(context, attack, mode, known);
      else known.more++;
      return;
    }
    // The oldest makes room: a map keeps the order in which its keys came.
    this.#told.delete(key);
    if (this.#told.size >= MAX_KEYS) this.#told.delete(this.#told.keys().next().value as string);
    const told = { atMs: context.nowMs, count: 1, more: known?.more ?? 0 };
    this.#told.set(key, told);
    this.#emit(context, attack, mode, told);
  }

  #emit(context: RequestContext, attack: string, mode: Mode, told: Told): void {
    this.#events.emit(attack === 'xss' ? 'XSS_ATTEMPT' : 'INJECTION_ATTEMPT', {
      ...requestFields(context),
      outcome: mode === 'enforce' ? 'refused' : 'success',
      details: { class: attack, before: told.more, mode },
    });
    told.more = 0;
  }
}
