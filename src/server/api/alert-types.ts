import type { Severity } from '../../core/events.ts';

/** What has become of an alert. */
export const ALERT_STATES = ['ACTIVE', 'INVESTIGATING', 'RESOLVED', 'FALSE_POSITIVE'] as const;
/** One of `ALERT_STATES`. */
export type AlertState = (typeof ALERT_STATES)[number];

/** Something that somebody should look at: events of one kind and group, told once. */
export interface AlertEntry {
  readonly id: string;
  /** Detector, or type of the event, that raised it. */
  readonly rule: string;
  readonly title: string;
  /** One sentence with the numbers. */
  readonly description: string;
  readonly severity: Severity;
  readonly state: AlertState;
  /** Whom or what it is about: `address 203.0.113.7`, `account acc_…`; null for the whole site. */
  readonly group: string | null;
  /** Events behind it. */
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly assignee: string | null;
  /** Until when it is quiet; null where it is not. */
  readonly snoozedUntilMs: number | null;
  /** How often it came back after it was settled. */
  readonly reopened: number;
  /** When somebody has to be told next, because nobody took it; null where nobody has to. */
  readonly escalatesAtMs: number | null;
  readonly changedBy: string | null;
  readonly changedAtMs: number | null;
}

/** What is worth doing about it. */
export interface Recommendation {
  /** Name of a responder (`block`, `end-sessions` …), or of a page to look at. */
  readonly do: string;
  readonly text: string;
  /** What it would be done to. */
  readonly target: string | null;
}

/** A line of an alert's story. */
export interface AlertNote {
  readonly atMs: number;
  /** Who wrote or did it; null for the system. */
  readonly by: string | null;
  /** `note`, `raised`, `grew`, `acknowledged`, `assigned`, `resolved`, `reopened`, `snoozed`, `undone`, `told`, `escalated`, `untold`, `response`. */
  readonly kind: string;
  readonly text: string;
}

/** Answer of GET /admin/alerts/{id}. */
export interface AlertAnswer {
  readonly alert: AlertEntry;
  readonly notes: readonly AlertNote[];
  readonly recommended: readonly Recommendation[];
  /** Events behind it, newest first, at most 50. */
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly severity: Severity;
    readonly atMs: number;
    readonly about: string;
    readonly address: string | null;
    readonly actor: string | null;
    readonly decision: string | null;
  }[];
  /** Ids of the responses that were asked for because of it, newest first, at most 50. */
  readonly responses: readonly string[];
}

/** Answer of POST /admin/alerts/bulk: what came of each, in the order in which they were asked for. */
export interface BulkAlertsAnswer {
  readonly results: readonly {
    readonly id: string;
    /** As it is now; null where an act was refused. */
    readonly alert: AlertEntry | null;
    readonly error: { readonly status: number; readonly code: string; readonly message: string } | null;
  }[];
}

/** Answer of GET /admin/alerts. */
export interface AlertsAnswer {
  /** The most severe of those that are open first, then the newest. */
  readonly alerts: readonly AlertEntry[];
  readonly nextCursor: string | null;
  readonly counts: Readonly<Record<AlertState, number>>;
  /** Channels by which people are told, and how they fare; never an address or a secret. */
  readonly channels: readonly {
    readonly name: string;
    readonly kind: 'email' | 'slack' | 'pagerduty' | 'webhook' | 'log';
    readonly state: 'ok' | 'failing' | 'untried';
    readonly lastAtMs: number | null;
    readonly waiting: number;
    readonly error: string | null;
  }[];
}
