import type { EventClass, EventOutcome, Severity } from '../../core/events.ts';
import type { Scalar } from '../../core/verdict.ts';

/**
 * GET /admin/events?limit=50&before=ID&type=…&severity=…&class=…&outcome=…&actor=…&subject=…&address=…&route=…&session=…
 * &request=…&trace=…&decision=…&from=ms&to=ms&text=…&resolved=true (newest first; `type` and `severity` may be repeated).
 */
export interface EventsAnswer {
  readonly events: readonly EventEntry[];
  /**
   * Pass as `before` for the next page; null at the end. A search looks at so many events and then answers: a page may
   * hold fewer events than asked for, or none, and still say where to go on.
   */
  readonly nextBefore: string | null;
}

/** One thing that happened; null is what is not known. */
export interface EventEntry {
  readonly id: string;
  readonly type: string;
  readonly severity: Severity;
  readonly class: EventClass;
  readonly atMs: number;
  readonly node: string;
  readonly about: string;
  readonly outcome: EventOutcome | null;
  readonly actor: string | null;
  readonly subject: string | null;
  readonly address: string | null;
  /** `Hamburg, Germany`. */
  readonly place: string | null;
  readonly userAgent: string | null;
  readonly session: string | null;
  readonly route: string | null;
  readonly decision: string | null;
  /** What came as `x-request-id`. */
  readonly requestId: string | null;
  /** 32 hexadecimal digits (W3C Trace Context). */
  readonly traceId: string | null;
  readonly details: Readonly<Record<string, Scalar>>;
  readonly resolvedAtMs: number | null;
  readonly resolvedBy: string | null;
}

/** GET /admin/events/:id. POST /admin/events/:id/resolve and /reopen answer EventEntry. */
export interface EventAnswer {
  readonly event: EventEntry;
  /** Other events within an hour before and after, newest first, at most 20 each. */
  readonly related: {
    /** Of the same decision, request or trace. */
    readonly request: readonly EventEntry[];
    readonly session: readonly EventEntry[];
    readonly actor: readonly EventEntry[];
    readonly address: readonly EventEntry[];
  };
  /**
   * Events of the same type in the 24 hours up to this one, itself included: of its client (an address, or the /64 of an
   * IPv6 address), else of its actor, else of all. At most 1,000 are counted.
   */
  readonly similar: { readonly count: number; readonly by: 'address' | 'actor' | 'type' };
}

/** GET /admin/events/types: everything that can happen. */
export interface EventTypesAnswer {
  readonly types: readonly {
    readonly type: string;
    readonly severity: Severity;
    readonly class: EventClass;
    readonly about: string;
    /** An event of the application, not of the catalogue. */
    readonly own: boolean;
    /** Other names under which a search takes it. */
    readonly aliases: readonly string[];
    /** Within the last 24 hours; at most 1,000 are counted. */
    readonly lastDay: number;
  }[];
}
