import type { Clock } from '../../core/clock.ts';
import type { EventSink, RampartEvent } from '../../core/events.ts';

const EVERY_MS = 60_000;

/**
 * Tells of events that a sink refused, at most once a minute: each telling is an event itself, which the same sink may refuse
 * again. Of those nothing is told.
 */
export class RefusalNotices {
  readonly #sink: string;
  readonly #ports: { readonly clock: Clock; readonly events: EventSink };
  #count = 0;
  #first: string | null = null;
  #reason = '';
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(sink: string, ports: { readonly clock: Clock; readonly events: EventSink }) {
    this.#sink = sink;
    this.#ports = ports;
  }

  /** An event was refused. */
  refused(event: Pick<RampartEvent, 'id' | 'type'>, reason: string): void {
    if (event.type === 'SINK_REFUSED') return;
    this.#count += 1;
    this.#first ??= event.id;
    this.#reason = reason;
  }

  /** Events were refused by a receiver that does not say which. */
  refusedUnnamed(count: number): void {
    this.#count += count;
    this.#reason ||= 'The receiver does not say which events it refused.';
  }

  /** Tells, where there is something and a minute has passed. */
  tellDue(): void {
    const now = this.#ports.clock.monotonic();
    if (this.#count > 0 && now - this.#toldAtMs >= EVERY_MS) this.tellRest();
  }

  /** Tells what is left. */
  tellRest(): void {
    if (this.#count === 0) return;
    this.#ports.events.emit('SINK_REFUSED', {
      subject: this.#sink,
      outcome: 'failure',
      details: {
        sink: this.#sink,
        count: this.#count,
        ...(this.#first === null ? {} : { event: this.#first }),
        error: this.#reason,
      },
    });
    this.#toldAtMs = this.#ports.clock.monotonic();
    this.#count = 0;
    this.#first = null;
    this.#reason = '';
  }
}
