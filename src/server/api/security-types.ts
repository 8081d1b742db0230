import type { Severity } from '../../core/events.ts';
import type { ResponsesAnswer } from './response-types.ts';

/** How the site stands, from calm to closed. */
export const POSTURE_LEVELS = ['normal', 'elevated', 'attack', 'lockdown'] as const;
/** One of `POSTURE_LEVELS`. */
export type PostureLevel = (typeof POSTURE_LEVELS)[number];

/** GET /admin/security/posture (viewer): what the strip over every page says. Times are milliseconds since the epoch. */
export interface PostureAnswer {
  readonly atMs: number;
  readonly level: PostureLevel;
  /** Since when it stands so; null where that is not known. */
  readonly sinceMs: number | null;
  /** Why, in one sentence. */
  readonly reason: string;
  /** What does not work as it should, with the sentence of its check; empty where all is well. */
  readonly troubles: readonly {
    readonly name: string;
    readonly state: 'degraded' | 'down';
    readonly text: string;
  }[];
  /** Alerts that nobody has settled; null where there are none. */
  readonly alerts: {
    readonly open: number;
    /** Of them, those that nobody looks into. */
    readonly active: number;
    readonly worst: Severity | null;
  } | null;
  /** Responses; null where there are none. */
  readonly responses: Pick<ResponsesAnswer, 'acting' | 'waiting' | 'mode'> | null;
  /** The audit log; null where none is kept. */
  readonly audit: {
    readonly checkpointAtMs: number | null;
    readonly verifiedAtMs: number | null;
    /** Whether the last verification found the log as it was signed, and nothing contradicts it; null before the first. */
    readonly ok: boolean | null;
  } | null;
  readonly backup: {
    readonly madeAtMs: number | null;
    /** The last one that failed, where none was made since. */
    readonly failedAtMs: number | null;
    readonly restoredAtMs: number | null;
  };
}

/** What attackers are after: detectors and alerts of one purpose together. */
export const ACTIVITY_KINDS = [
  'account-takeover',
  'password-guessing',
  'credential-stuffing',
  'password-spraying',
  'second-factor',
  'injection',
  'scanning',
  'scraping',
  'flood',
  'uploads',
  'privileges',
  'payments',
  'messages',
  'house',
  'other',
] as const;
/** One of `ACTIVITY_KINDS`. */
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/** GET /admin/security/activity?fromMs&toMs (viewer): suspicious activity, the worst first. */
export interface ActivityAnswer {
  readonly fromMs: number;
  readonly toMs: number;
  /** Kinds with an open alert, or with detections in the span. */
  readonly kinds: readonly ActivityEntry[];
  /** Detectors that are switched on; null where nothing looks. */
  readonly detectors: number | null;
  /** Detections of the newest 20,000 only: since when. Absent where all were counted. */
  readonly sinceMs?: number;
}

/** One kind of suspicious activity. */
export interface ActivityEntry {
  readonly kind: ActivityKind;
  readonly title: string;
  readonly severity: Severity;
  /** What happened, with numbers. */
  readonly sentence: string;
  /** Alerts that are open, and how many of them nobody has taken. */
  readonly open: number;
  readonly active: number;
  /** Detections in the span. */
  readonly detections: number;
  readonly lastAtMs: number;
  /** The worst open alert; null where none is open. */
  readonly alert: string | null;
  /** Detectors behind it. */
  readonly rules: readonly string[];
  /** Types of the events behind its detections. */
  readonly types: readonly string[];
  /** Detections in twelfths of the span, oldest first. */
  readonly series: readonly number[];
}

/** GET /admin/security/harm?fromMs&toMs&filter&exclude (viewer): what was done to people who did nothing wrong. */
export interface HarmAnswer {
  readonly fromMs: number;
  readonly toMs: number;
  /** Figures of decisions are made of the newest 50,000 records of the span: since when. Absent where all were. */
  readonly sinceMs?: number;
  readonly challenges: {
    /** Requests that were answered with a challenge. */
    readonly asked: number;
    /** Different callers (address groups) among them. */
    readonly callers: number;
    /** Of those callers, how many have solved one in the span. */
    readonly solved: number;
  };
  /** Refusals by a limit of people who were signed in. */
  readonly limited: { readonly requests: number; readonly people: number };
  /** What guards in shadow mode would have refused, of requests that were let through. */
  readonly shadow: {
    readonly requests: number;
    readonly guards: readonly { readonly name: string; readonly requests: number }[];
  };
  /** Sign-ins of the last hour of the span, and of the same hour a week before; of the whole site, whatever is filtered. */
  readonly signIns: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly now: SignInCounts;
    readonly lastWeek: SignInCounts;
  };
  /** Reports of false alarms that wait; of all time. */
  readonly openReports: number;
}

/** Sign-ins that went well and that failed. More than 100,000 of one kind are counted as so many. */
export interface SignInCounts {
  readonly ok: number;
  readonly failed: number;
}

/** GET /admin/security/identity (viewer): how people sign in; of the last 24 hours. */
export interface IdentityAnswer {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null where the application has a login of its own. */
  readonly funnel: {
    /** A first factor was right. */
    readonly first: number;
    /** Of them, a second was asked for. */
    readonly asked: number;
    /** Signed in with a second factor. */
    readonly second: number;
    /** Signed in at all. */
    readonly signedIn: number;
    /** Sign-ins that failed, at any step. */
    readonly failed: number;
  } | null;
  /** Sign-ins by what was proven: `password`, `password totp`, `passkey`. The most used first. */
  readonly factors: readonly { readonly factors: string; readonly signIns: number }[];
  readonly enrolment: {
    /** Accounts that may sign in. */
    readonly accounts: number;
    /** Of them, those with a second factor or a passkey. */
    readonly withFactor: number;
    readonly totp: number;
    readonly passkey: number;
    readonly phone: number;
    /** The same two for accounts with a role of this console. */
    readonly staff: number;
    readonly staffWithFactor: number;
  } | null;
  readonly recoveryCodesUsed: number;
  readonly newDevices: number;
  readonly newPlaces: number;
}
