import type { Duration } from '../../core/duration.ts';
import type { Severity } from '../../core/events.ts';
import type { EventField } from './fields.ts';
import type { Hours } from './hours.ts';
import type { Where } from './where.ts';

/** What is recommended when a detector has seen its pattern; names of responders, and `look`: a person should look. */
export const RECOMMENDATIONS = [
  'look',
  'block',
  'require-step-up',
  'end-sessions',
  'lock-account',
  'tighten-limits',
  'raise-posture',
  'lockdown',
  'freeze-payments',
  'disable-admins',
] as const;
export type Recommendation = (typeof RECOMMENDATIONS)[number];

/** Types of the events that detections are. */
export const DETECTION_TYPES = [
  'DETECTION',
  'BRUTE_FORCE_ATTEMPT',
  'SUSPICIOUS_ACTIVITY',
  'UNUSUAL_TRAFFIC',
  'GEO_LOCATION_ANOMALY',
] as const;
export type DetectionType = (typeof DETECTION_TYPES)[number];

/** A rule as it is written: plain data. */
export interface RuleOptions {
  /** Whether it is looked for; default true. */
  readonly enabled?: boolean;
  /** One line: what was seen. 3 to 120 characters. */
  readonly title: string;
  /**
   * In plain words with the numbers: `{count}`, `{times}` (once, twice, 3 times), `{value}`, `{threshold}`, `{distinct}`,
   * `{share}`, `{usual}`, `{window}` and `{FIELD}` of the group are filled in. At most 500 characters.
   */
  readonly description: string;
  /** Types of events, at most 50; `'*'` for all but detections. */
  readonly on: readonly string[] | '*';
  /** Which of them; one of a list must hold. Default all. */
  readonly where?: Where | readonly Where[];
  /** What is counted together: up to 4 fields; default everything. Events that lack one of them are not looked at. */
  readonly group?: EventField | readonly EventField[];
  /** How long is looked back, and the interval of a baseline: 10s to 31d. */
  readonly window: Duration;
  /** Events (or what they weigh) in the window at least, 1 to 1e12; default 1. */
  readonly count?: number;
  /** Field by whose number an event counts, such as `details.count`; those without it count 1. Default 1 each. */
  readonly weigh?: EventField;
  /** Different values of a field (or of several together) in the window at least, 2 to 90. */
  readonly distinct?: { readonly of: EventField | readonly EventField[]; readonly atLeast: number };
  /** Share of the events that fit `of` in all of the group, 0.01 to 1. `count` and `distinct` then look at those alone. */
  readonly ratio?: { readonly of: Where | readonly Where[]; readonly atLeast: number };
  /** Compares with what is usual for the group instead; goes with `weigh`, not with the three above. */
  readonly baseline?: BaselineOptions;
  /** LOW to CRITICAL. */
  readonly severity: Severity;
  /** How long a group is not told again, 1s to 31d; default the window. Meanwhile its count is updated. */
  readonly coolDown?: Duration;
  /** Type of the event that a detection is; default DETECTION. */
  readonly kind?: DetectionType;
  /** What it is known as elsewhere: `ATT&CK T1110.003`, `ASVS 6.3.1`, topics in words. At most 10. */
  readonly references?: readonly string[];
  /** What should be done about it, at most 5 of the responders' names; default `look`. */
  readonly recommended?: readonly Recommendation[];
}

/** What is unusual for a group. */
export interface BaselineOptions {
  /** Below this nothing is unusual, 0 to 1e12. */
  readonly least: number;
  /** Times the mean, 1 to 1,000; default 4. */
  readonly times?: number;
  /** Deviations above the mean, 0 to 100; default 6. */
  readonly deviations?: number;
  /** Intervals in which something happened before the baseline is trusted, 2 to 1,000; default 12. */
  readonly warmUp?: number;
  /** What is unusual before that, 0 to 1e12; default 0: nothing. */
  readonly cold?: number;
  /** Over how many intervals is learnt, 2 to 10,000; default 48. */
  readonly over?: number;
  /** Field by whose number the sum is divided: a share or a mean is then compared. Must reach `leastPer`. */
  readonly per?: EventField;
  /** What is divided by at least, 1 to 1e12; default 1. */
  readonly leastPer?: number;
  /** How long a group that does nothing is remembered, 1h to 90d; default 30d. */
  readonly remember?: Duration;
}

/** What is said about detection. */
export interface DetectOptions {
  /** Whether anything is looked for at all; default true. */
  readonly enabled?: boolean;
  /**
   * Rules by name: `false` switches a shipped one off, an object changes the members that it names or adds a rule of your
   * own (then `title`, `description`, `on`, `window` and `severity` are needed). At most 200 of your own.
   */
  readonly rules?: Readonly<Record<string, Partial<RuleOptions> | false>>;
  /** When people work here: changes of privileges at other times are told. Default 06:00-20:00 UTC, Monday to Friday. */
  readonly workingHours?: Omit<Hours, 'when'>;
  /** Roles that may do everything: somebody who becomes one is told. Default `administrator` and `admin`. */
  readonly adminRoles?: readonly string[];
  /** Groups that one node counts in the shared store within ten minutes, 100 to 1,000,000; default 50,000. More count on the node alone. */
  readonly maxGroups?: number;
  /** Events that wait to be looked at, 100 to 1,000,000; default 10,000. More are skipped, counted and told. */
  readonly maxWaiting?: number;
}
