import type { AttackClass, PostureView } from '../../modules/shield/index.ts';

/*
 * Routes, all under /admin/shield; `viewer` reads, `analyst` acts, what loosens protection needs an administrator whose
 * second factor is fresh:
 *
 *   GET    (itself)                ?fromMs&toMs&buckets=60       ShieldAnswer; the last day where nothing is said
 *   GET    /reports                ?state (repeatable)&decision&limit&cursor   ReportsAnswer
 *   POST   /reports                { decision, note? }           FalseAlarm; 201, or 200 where it was reported already
 *   POST   /reports/:id/dismiss                                  FalseAlarm; 409 where it is settled already
 *   POST   /reports/:id/accept     { exclusion?: id | null }     FalseAlarm; the same
 *   GET    /exclusions                                           ExclusionsAnswer
 *   POST   /exclusions             { route, field, rules, reason }             ShieldExclusion, 201
 *   PATCH  /exclusions/:id         the same, whole               ShieldExclusion; a draft alone, forgets its replay
 *   POST   /exclusions/:id/replay  ?days=7 (1 to 90)             ShieldExclusion with `replay`; a draft alone
 *   POST   /exclusions/:id/publish { confirm?: wouldPass }       ShieldExclusion; administrator, fresh; 409 without a replay
 *   POST   /exclusions/:id/withdraw                              ShieldExclusion; a live one alone
 *   POST   /exclusions/:id/restore                               ShieldExclusion; within an hour of the withdrawal, as publish
 *   DELETE /exclusions/:id                                       204; a draft alone
 *
 * The live stream tells of changes of reports and exclusions as `shield`.
 */

/** What inspection saw of one class in a span. */
export interface ClassFigures {
  readonly class: AttackClass;
  /** Requests that were refused, and that would have been in shadow. */
  readonly refused: number;
  readonly wouldRefuse: number;
  /** Requests in which something of the class was found, but the score stayed below the threshold. */
  readonly below: number;
}

/** A rule that was found in refused requests, or in those below the threshold. */
export interface RuleFigures {
  readonly rule: string;
  readonly class: AttackClass;
  /** Requests that were refused, or would have been in shadow. */
  readonly refused: number;
  readonly below: number;
  /** Route and field where it was found most often. */
  readonly route: string | null;
  readonly place: string | null;
  readonly field: string | null;
}

/** Answer of GET /admin/shield. */
export interface ShieldAnswer {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  /** How hard the site is pressed now, since when, and how often everybody may ask; null where patterns are off. */
  readonly posture: PostureView | null;
  /** What of the shield is on, and whether it refuses or only records. */
  readonly parts: readonly { readonly name: string; readonly mode: 'enforce' | 'shadow' | 'off' }[];
  /** Score from which on a request is refused; null where inspection is off. */
  readonly threshold: number | null;
  /** Requests that inspection refused or would have refused, by class, oldest bucket first. */
  readonly series: readonly {
    readonly atMs: number;
    readonly counts: Readonly<Partial<Record<AttackClass, number>>>;
  }[];
  /** Busiest first. */
  readonly classes: readonly ClassFigures[];
  /** Busiest first, at most 20. */
  readonly rules: readonly RuleFigures[];
  /** Why the shield refused at all: the guard's name and its requests, busiest first. */
  readonly guards: readonly {
    readonly name: string;
    readonly refused: number;
    readonly challenged: number;
  }[];
  /** Challenges of this node since its start; null where they are off. */
  readonly challenges: { readonly shown: number; readonly solved: number; readonly refused: number } | null;
  /** Reports that wait for somebody. */
  readonly openReports: number;
  /** The figures are made of the newest records of the span: since when; absent when of all. */
  readonly sinceMs?: number;
}

/** What became of a report. */
export const REPORT_STATES = ['open', 'accepted', 'dismissed'] as const;
/** One of `REPORT_STATES`. */
export type ReportState = (typeof REPORT_STATES)[number];

/** Somebody says that a request was refused that should not have been. */
export interface FalseAlarm {
  readonly id: string;
  readonly decision: string;
  readonly state: ReportState;
  readonly note: string;
  readonly reportedBy: string;
  readonly atMs: number;
  /** Copied from the decision, so that they outlive its record: guard that refused, or would have; route; address. */
  readonly guard: string | null;
  readonly route: string | null;
  readonly address: string | null;
  /** What inspection saw; empty where another guard refused. */
  readonly findings: readonly FindingFacts[];
  readonly settledBy: string | null;
  readonly settledAtMs: number | null;
  /** Exclusion that was drafted for it. */
  readonly exclusion: string | null;
}

/** What a rule saw, and where; never the value. */
export interface FindingFacts {
  readonly rule: string;
  readonly class: AttackClass;
  readonly weight: number;
  readonly place: string;
  readonly name: string;
}

/** Answer of GET /admin/shield/reports. */
export interface ReportsAnswer {
  readonly reports: readonly FalseAlarm[];
  readonly nextCursor: string | null;
  readonly counts: Readonly<Record<ReportState, number>>;
}

/** A draft acts on nothing; a live one on every node within a second; a withdrawn one is kept for the record. */
export const EXCLUSION_STATES = ['draft', 'live', 'withdrawn'] as const;
/** One of `EXCLUSION_STATES`. */
export type ExclusionState = (typeof EXCLUSION_STATES)[number];

/** What inspection leaves out, beside what the configuration says. */
export interface ShieldExclusion {
  readonly id: string;
  readonly state: ExclusionState;
  /**
   * Pattern of a route as in the configuration (`POST /articles`, `/files/*`): whatever fits it, also where a more specific
   * rule stands; `*`: what no rule names; null: everywhere.
   */
  readonly route: string | null;
  /** Name of a parameter, header, cookie or key; null: any. */
  readonly field: string | null;
  /** Ids of rules or classes; never empty. */
  readonly rules: readonly string[];
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly changedBy: string | null;
  readonly changedAtMs: number | null;
  /** What the last replay of it said; null before the first one. */
  readonly replay: ExclusionReplay | null;
}

/** What would have become of recorded decisions. */
export interface ExclusionReplay {
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Decisions that inspection refused, or would have, and how many of them were looked at again. */
  readonly refused: number;
  readonly replayed: number;
  /**
   * Those that would pass: at most so many, since a refused request was not read to its end and more might have been found
   * in it.
   */
  readonly wouldPass: number;
  /** Of those, how many were reported as false alarms. */
  readonly reported: number;
  /** Callers among those that would pass who were refused for something else, too: likely attackers. */
  readonly suspicious: number;
  /** Newest first, at most 20. */
  readonly samples: readonly {
    readonly decision: string;
    readonly atMs: number;
    readonly route: string;
    readonly address: string;
    /** Rules that remain. */
    readonly left: readonly string[];
    readonly reported: boolean;
    readonly suspicious: boolean;
  }[];
}

/** Answer of GET /admin/shield/exclusions. */
export interface ExclusionsAnswer {
  /** Drafts first, then live ones, then withdrawn ones; newest first. */
  readonly exclusions: readonly ShieldExclusion[];
  /** What the configuration leaves out by itself, for all routes and for single ones. */
  readonly configured: readonly {
    readonly route: string | null;
    readonly field: string | null;
    readonly rules: readonly string[] | null;
  }[];
}
