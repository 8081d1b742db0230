import type { EventClass, EventFields, Severity } from '../../core/events.ts';

/**
 * GET /admin/detectors?fromMs= (viewer): all detectors with what they look at, and how often each spoke since a time (24 hours
 * by default, at most 90 days), over all nodes.
 */
export interface DetectorsAnswer {
  /** `local`: the shared store does not answer, and this node counts alone. */
  readonly counts: 'shared' | 'local';
  /** When that last changed. */
  readonly countsSinceMs: number;
  /** Events that wait on this node, and those that it had to skip since its start. */
  readonly waiting: number;
  readonly skipped: number;
  /** Since when `fired` counts. */
  readonly fromMs: number;
  readonly detectors: readonly DetectorEntry[];
}

/** One detector. */
export interface DetectorEntry {
  readonly name: string;
  readonly title: string;
  /** Words with places such as `{count}`, which a detection fills in. */
  readonly description: string;
  readonly enabled: boolean;
  readonly severity: Severity;
  /** Type of the event that a detection is. */
  readonly kind: string;
  /** Types of events; null for all. */
  readonly on: readonly string[] | null;
  /** Fields that are counted together; none: everything. */
  readonly group: readonly string[];
  readonly windowMs: number;
  readonly coolDownMs: number;
  /** From where on it speaks, in one line: `≥ 5 in 10m; by network`. */
  readonly looksFor: string;
  readonly references: readonly string[];
  /** Names of responders. */
  readonly recommended: readonly string[];
  /** Detections in the span; updates of one do not count. */
  readonly fired: number;
  /** The last within 90 days; null for none. */
  readonly lastMs: number | null;
}

/** GET /admin/detectors/events?sinceMs=|after=&limit= (operator): events oldest first, as a replay reads them. */
export interface DetectorEventsAnswer {
  readonly events: readonly DetectorEvent[];
}

/** A whole event; what it does not say is absent. */
export interface DetectorEvent extends Omit<EventFields, 'severity'> {
  readonly id: string;
  readonly type: string;
  readonly severity: Severity;
  readonly class: EventClass;
  readonly atMs: number;
  readonly node: string;
  readonly about: string;
}
