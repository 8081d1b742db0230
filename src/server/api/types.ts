/**
 * What the console and the HTTP API say to each other. The console imports types from this file and nothing else of
 * the server. All times are milliseconds since the epoch; all answers are JSON; errors come in the envelope
 * `{ success: false, error: { code, message, details?, decision? } }`.
 */
import type { Reason, Remedy, Scalar, VerdictKind } from '../../core/verdict.ts';
import type { Severity } from '../../core/events.ts';

export type { EventAnswer, EventEntry, EventsAnswer, EventTypesAnswer } from './event-types.ts';
export type { Reason, Remedy, Scalar, Severity, VerdictKind };

/** How traffic is stacked. `limited` is a refusal by a limit, `blocked` any other refusal. */
export const TRAFFIC_CLASSES = ['allowed', 'answered', 'challenged', 'limited', 'blocked'] as const;
export type TrafficClass = (typeof TRAFFIC_CLASSES)[number];

/** Requests per class; `wouldRefuse` counts allowed requests that a shadow guard would have refused. */
export type TrafficCounts = Readonly<Record<TrafficClass | 'wouldRefuse', number>>;

/** GET /admin/session → 200, or 401 when nobody is signed in. */
export interface SessionAnswer {
  readonly name: string;
  /** As the audit trail names this person: `user:acc_…`, or the name of a set-up link. */
  readonly actor: string;
  readonly role: 'viewer' | 'analyst' | 'administrator';
  /** `setup`: signed in with a set-up link or the operator key. */
  readonly kind: 'account' | 'setup';
  readonly email: string | null;
  /** Whether there is an administrator's account; without one the console offers to make it. */
  readonly hasAdministrator: boolean;
  /** Mails are kept in the mailbox page instead of being sent. */
  readonly mailbox: boolean;
  /** Sent back in the header `x-rampart-csrf` with every POST, PUT and DELETE. */
  readonly csrfToken: string;
  readonly expiresAtMs: number;
}
/** POST /admin/session with `{ setupToken }` signs in (sets the cookie, answers SessionAnswer); DELETE signs out (204). */
export interface SignInRequest {
  readonly setupToken: string;
}

/** Filters shared by overview and decisions. Each `filter`/`exclude` value is `field:value`, repeatable. */
export type FilterField =
  | 'address'
  | 'group'
  | 'range'
  | 'asn'
  | 'country'
  | 'route'
  | 'guard'
  | 'code'
  | 'verdict'
  | 'principal'
  | 'method'
  | 'status'
  | 'userAgent'
  | 'wouldRefuse';

/**
 * GET /admin/stats/overview?fromMs&toMs&buckets=60&filter=address:203.0.113.7&exclude=route:GET%20/health
 * Counts are weighted back to all traffic where passes are sampled.
 */
export interface OverviewAnswer {
  /** The span, widened to whole buckets: its last one may end later than now. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  /** When it was counted, by the server's clock: ticks of the stream that are later come on top. */
  readonly countedAtMs: number;
  /** One entry per bucket, oldest first, none left out. */
  readonly series: readonly (TrafficCounts & { readonly atMs: number })[];
  readonly totals: TrafficCounts;
  /** The same span right before, for comparison. */
  readonly previousTotals: TrafficCounts;
  readonly topAddresses: readonly TopEntry[];
  readonly topRoutes: readonly TopEntry[];
  readonly topGuards: readonly TopEntry[];
  readonly topPrincipals: readonly TopEntry[];
  /** Ranges (/24, /48 of IPv6), networks by number, countries (ISO 3166-1), user agents and codes of refusals. */
  readonly topRanges: readonly TopEntry[];
  readonly topNetworks: readonly TopEntry[];
  readonly topCountries: readonly TopEntry[];
  readonly topClients: readonly TopEntry[];
  readonly topCodes: readonly TopEntry[];
  /** Whether networks and countries are known: a database of places is configured. */
  readonly knowsPlaces: boolean;
  /** Lowest share of passes kept within the span, 0 to 1: `0.1` is printed as "1 : 10 sample of passes". */
  readonly sampleShare: number;
  /**
   * The lists of the busiest are made of the newest 20,000 kept decisions at most: since when. Absent when they are
   * made of the whole span.
   */
  readonly topsSinceMs?: number;
  /**
   * With filters, totals and series are counted over the newest 200,000 kept decisions at most: since when. Absent when
   * they are whole.
   */
  readonly seriesSinceMs?: number;
  /** One sentence that says what the chart shows, for screen readers. */
  readonly summary: string;
}
export interface TopEntry {
  readonly value: string;
  readonly requests: number;
  readonly refused: number;
}

/** GET /admin/decisions?limit=50&before=ID&fromMs&toMs&filter=…&exclude=… (newest first). */
export interface DecisionsAnswer {
  readonly decisions: readonly DecisionSummary[];
  /** Pass as `before` for the next page; null at the end. */
  readonly nextBefore: string | null;
}
export interface DecisionSummary {
  readonly id: string;
  readonly atMs: number;
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly address: string;
  readonly principal: string | null;
  readonly verdict: VerdictKind;
  readonly trafficClass: TrafficClass;
  readonly guard: string | null;
  readonly code: string | null;
  readonly status: number;
  readonly wouldRefuse: readonly string[];
  readonly durationMs: number;
  readonly weight: number;
}

/** GET /admin/decisions/:id */
export interface DecisionAnswer extends DecisionSummary {
  readonly group: string;
  readonly userAgent: string | null;
  readonly node: string;
  readonly policy: string;
  readonly steps: readonly {
    readonly guard: string;
    readonly phase: string | null;
    readonly mode: 'enforce' | 'shadow';
    readonly verdict: VerdictKind;
    /** The whole reason tree; recomputed from the evidence where the record kept none. */
    readonly reason: Reason | null;
    /** Whether computing the step again gave the same verdict; null when it holds no evidence. */
    readonly replayed: boolean | null;
  }[];
  /** One sentence: why. */
  readonly sentence: string;
  /** What would make the same request pass, in words: "Wait 40 s." Empty for a pass. */
  readonly remedies: readonly string[];
  /** Other decisions of the same address around that time. */
  readonly related: readonly DecisionSummary[];
  readonly block: BlockEntry | null;
  /** What the request could be blocked by: its address, network, country, user, session, device, as far as was seen. */
  readonly targets: readonly { readonly kind: BlockKind; readonly target: string }[];
}

/** GET /admin/limits */
export interface LimitsAnswer {
  readonly policies: readonly LimitPolicy[];
  readonly store: {
    readonly kind: 'memory' | 'redis';
    /** `shared`: as configured; `local`: the store is down and this node counts alone. */
    readonly state: 'shared' | 'local';
    readonly sinceMs: number;
    readonly nodes: number;
    readonly keys: number | null;
    readonly evicted: number;
  };
  readonly allow: readonly ListEntry[];
  readonly deny: readonly ListEntry[];
}
export interface LimitPolicy {
  readonly name: string;
  readonly algorithm: 'sliding' | 'gcra' | 'fixed' | 'log' | 'concurrency';
  /** The limit, or one per role. */
  readonly max: number | Readonly<Record<string, number>>;
  readonly windowMs: number;
  readonly by: readonly string[];
  readonly mode: 'enforce' | 'shadow';
  readonly onStoreFailure: 'local' | 'open' | 'closed';
  readonly code: string;
  /** Routes on which it acts. */
  readonly routes: readonly string[];
  /** Since the node started. */
  readonly passed: number;
  readonly refused: number;
}
export interface ListEntry {
  readonly value: string;
  readonly note: string | null;
  readonly addedBy: string;
  readonly addedAtMs: number;
}
/** GET /admin/limits/:policy/keys?search= : the busiest keys, busiest first, at most 100. */
export interface LimitKeysAnswer {
  readonly keys: readonly LimitKey[];
}
export interface LimitKey {
  readonly key: string;
  /** Used of the present window, estimated as the limiter does. */
  readonly used: number;
  readonly max: number;
  readonly remaining: number;
  readonly resetAtMs: number;
  /** Penalty level, 0 for none. */
  readonly penaltyLevel: number;
  readonly penaltyUntilMs: number | null;
}
/** GET /admin/limits/:policy/histogram : how many requests the keys made per window, over the last hour. */
export interface LimitHistogramAnswer {
  readonly policy: string;
  readonly max: number;
  readonly windowMs: number;
  /** `upTo` inclusive; the last bin is open (`upTo` null). `keys` counts key-windows. */
  readonly bins: readonly { readonly from: number; readonly upTo: number | null; readonly keys: number }[];
  /** Share of key-windows at or under the limit, 0 to 1; null without data. */
  readonly shareWithin: number | null;
  /** Smallest limit that 99 % and 99.9 % of key-windows stay under; null without data. */
  readonly p99: number | null;
  readonly p999: number | null;
}
/** POST /admin/limits/:policy/reset `{ key }` → `{ reset: boolean }`. POST /admin/limits/allow|deny `{ value, note? }`; DELETE /admin/limits/allow|deny/:value. */

/** What a block may be about. */
export const BLOCK_KINDS = ['address', 'range', 'asn', 'country', 'user', 'session', 'device'] as const;
export type BlockKind = (typeof BLOCK_KINDS)[number];

/** GET /admin/blocks */
export interface BlocksAnswer {
  readonly blocks: readonly BlockEntry[];
}
/** POST /admin/blocks `{ target, minutes: number | null, reason }` → BlockEntry; DELETE /admin/blocks/:id → 204; POST /admin/blocks/:id/restore → BlockEntry (undo of a delete). */
export interface BlockEntry {
  readonly id: string;
  /** What it is about. */
  readonly kind: BlockKind;
  /** Canonical: `203.0.113.0/24`, `asn:64500`, `country:DE`, `user:42`, `session:ses_…`, `device:dev_…`. */
  readonly target: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** null for ever. */
  readonly expiresAtMs: number | null;
  /** Requests refused by it since this node started. */
  readonly hits: number;
}
/** POST /admin/blocks/preview `{ target }`: whom it would have hit in the last 24 hours. */
export interface BlockPreview {
  readonly kind: BlockKind;
  readonly target: string;
  readonly requests: number;
  readonly passed: number;
  readonly principals: number;
  /** From when on records were counted: 24 hours ago, or later where there were too many. */
  readonly sinceMs: number;
  /** Why it is refused (own address, own account, loopback, too wide), or null. */
  readonly refused: string | null;
  /** What the numbers do not say: that nobody of this name is known, for instance; or null. */
  readonly note: string | null;
}

/** GET /admin/health */
export interface HealthAnswer {
  readonly state: 'ok' | 'degraded' | 'down';
  readonly version: string;
  readonly node: string;
  readonly nodeVersion: string;
  readonly startedAtMs: number;
  readonly checks: readonly {
    readonly name: string;
    readonly state: 'ok' | 'degraded' | 'down';
    /** One sentence: what is so, and what to do. */
    readonly text: string;
    readonly latencyMs: number | null;
    readonly checkedAtMs: number;
  }[];
  readonly runtime: {
    readonly memoryMb: number;
    readonly heapMb: number;
    readonly eventLoopP99Ms: number;
    readonly cpuPercent: number;
  };
  readonly journal: { readonly waiting: number; readonly bytes: number; readonly shed: number };
  /** How hard the site is pressed; null where patterns of traffic are not looked at. */
  readonly posture: {
    readonly level: 'normal' | 'elevated' | 'attack';
    readonly sinceMs: number;
    /** Nodes that are pressed. */
    readonly nodes: number;
    /** Requests per second of this node, smoothed over ten seconds. */
    readonly rate: number;
    /** What is usual; null while that is learnt. */
    readonly usual: number | null;
    /** From which rate on this node is pressed; null while that is learnt, or is not looked at. */
    readonly bound: number | null;
  } | null;
  /** Findings of the start-up checks and of `rampart doctor`. */
  readonly findings: readonly {
    readonly level: 'info' | 'warning' | 'error';
    readonly text: string;
    readonly remedy: string;
  }[];
}

/** GET /admin/csp : reports grouped by directive. */
export interface CspAnswer {
  readonly groups: readonly {
    readonly directive: string;
    readonly blocked: string;
    readonly count: number;
    readonly lastAtMs: number;
  }[];
}

/**
 * GET /admin/stream (server-sent events). `event: tick` once a second with TickMessage; `event: decision` with
 * DecisionSummary for each refusal and a sample of passes, at most 20 a second; `event: notice` with EventEntry for
 * events of severity MEDIUM and above; `event: change` with `{ what }` when blocks, limits, health or alerts changed.
 */
export interface TickMessage {
  readonly atMs: number;
  /** All traffic of this node during the last second, not sampled. */
  readonly counts: TrafficCounts;
  /** Decisions left out of the stream during that second. */
  readonly skipped: number;
}
export interface ChangeMessage {
  readonly what: 'blocks' | 'limits' | 'shield' | 'alerts' | 'responses' | 'health';
}
