import type { Severity } from '../../../core/events.ts';

/** What has become of an alert. */
export const ALERT_STATES = ['ACTIVE', 'INVESTIGATING', 'RESOLVED', 'FALSE_POSITIVE'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What is worth doing about an alert. */
export interface AlertRecommendation {
  /** Name of a responder, or of a page to look at. */
  readonly do: string;
  readonly text: string;
  /** What it would be done to. */
  readonly target: string | null;
}

/** Something that happened and that somebody should know of. Times are milliseconds since the epoch. */
export interface Occurrence {
  /** Event that says so: the same event is never counted twice. */
  readonly event: string;
  /** Detector, or type of the event. */
  readonly rule: string;
  /** Whom or what it is about; empty for the whole site. One rule and one group are one alert. */
  readonly group: string;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  /** Events that it stands for. */
  readonly count: number;
  /**
   * Name of the detection that it is part of, whose `count` is told again each time that it grew: only what is new counts.
   * Null where every occurrence counts by itself.
   */
  readonly part: string | null;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Events behind it. */
  readonly events: readonly string[];
  readonly recommended: readonly AlertRecommendation[];
}

/** Something that somebody should look at. Times are milliseconds since the epoch. */
export interface Alert {
  /** `alr_…` */
  readonly id: string;
  readonly rule: string;
  /** Empty for the whole site. */
  readonly group: string;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly assignee: string | null;
  readonly snoozedUntilMs: number | null;
  /** The snooze also ends at this count. */
  readonly snoozedUntilCount: number | null;
  /** Count when it was snoozed. */
  readonly snoozedAtCount: number | null;
  readonly reopened: number;
  readonly escalatesAtMs: number | null;
  /** How often it was escalated since it was last told anew. */
  readonly escalations: number;
  /** When people were last told of it; null while nobody was. */
  readonly toldAtMs: number | null;
  /** When it was resolved or found to be a false positive. */
  readonly settledAtMs: number | null;
  /** Who changed its state or its assignee last; null for the system. */
  readonly changedBy: string | null;
  readonly changedAtMs: number | null;
  readonly recommended: readonly AlertRecommendation[];
  /** The newest events behind it, oldest first; at most 50. */
  readonly events: readonly string[];
  readonly part: string | null;
  readonly partCount: number;
}

/** Kinds of lines of an alert's story. */
export const NOTE_KINDS = [
  'note',
  'raised',
  'grew',
  'acknowledged',
  'assigned',
  'resolved',
  'reopened',
  'snoozed',
  'undone',
  'told',
  'escalated',
  'untold',
  'response',
] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

/** A line of an alert's story. */
export interface Note {
  readonly atMs: number;
  /** Null for the system. */
  readonly by: string | null;
  readonly kind: NoteKind;
  readonly text: string;
}

/** Why people are told. `digest` is about many alerts, `test` about none. */
export const CAUSES = [
  'raised',
  'reopened',
  'worse',
  'again',
  'escalated',
  'acknowledged',
  'resolved',
  'digest',
  'test',
] as const;
export type Cause = (typeof CAUSES)[number];

/** What comes of a step: the alert as it is now, its story's new lines, and why people are told, if they are. */
export interface Step {
  readonly alert: Alert;
  readonly notes: readonly Note[];
  readonly tell: Cause | null;
}
