import type { Scalar } from './verdict.ts';

/** How much an event matters. */
export const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * `audit` events are written in the transaction of the act, or the act fails. `signal` events go through the journal;
 * when there are too many, the least severe are shed first and counted.
 */
export type EventClass = 'audit' | 'signal';

interface EventKind {
  readonly severity: Severity;
  readonly class: EventClass;
  /** What happened, for docs/events.md and the console. */
  readonly about: string;
}

/** Everything that can happen. An application adds its own through `defineEvents`. */
export const EVENTS = {
  REQUEST_REFUSED: { severity: 'LOW', class: 'signal', about: 'A guard refused a request.' },
  REQUEST_WOULD_BE_REFUSED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A guard in shadow mode would have refused a request.',
  },
  GUARD_FAILED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A guard broke down; the request went the way its onError names.',
  },
  LIMIT_STORE_DEGRADED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'The shared store of the limits does not answer; each policy does what its onStoreFailure names.',
  },
  LIMIT_STORE_RECOVERED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'The shared store of the limits answers again.',
  },
  LIMIT_KEYS_EVICTED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'More keys than the memory store may hold; the ones nearest to expiry were forgotten.',
  },
  LIMIT_RESET: { severity: 'MEDIUM', class: 'audit', about: 'An administrator reset the counter of a key.' },
  LIMIT_LIST_CHANGED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'The allow list or deny list of the limits was changed.',
  },
  BLOCK_ADDED: { severity: 'MEDIUM', class: 'audit', about: 'An address or range was blocked.' },
  BLOCK_REMOVED: { severity: 'MEDIUM', class: 'audit', about: 'A block was lifted.' },
  UNTRUSTED_FORWARD: {
    severity: 'LOW',
    class: 'signal',
    about: 'A forwarded-address header came from a peer that is not a trusted proxy, and was ignored.',
  },
  CSP_VIOLATION: {
    severity: 'LOW',
    class: 'signal',
    about: 'A browser reported a violation of the Content-Security-Policy.',
  },
  CSRF_ATTEMPT: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A state-changing request came from a foreign site.',
  },
  SETUP_LINK_USED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'A set-up link was used to sign in to the console.',
  },
  SETUP_LINK_REFUSED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A set-up link was wrong, used before, or too old.',
  },
  CONFIGURATION_CHANGE: { severity: 'MEDIUM', class: 'audit', about: 'A setting was changed.' },
  RECORDS_SHED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'More decisions or events than could be kept; the least severe were dropped and counted.',
  },
  JOURNAL_STALLED: {
    severity: 'CRITICAL',
    class: 'signal',
    about: 'The journal cannot be written or the database does not take its entries.',
  },
  JOURNAL_RECOVERED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'The journal is written and drained again.',
  },
  WATCHER_FAILED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A watcher of the event corridor broke down on an event.',
  },
  SERVER_STARTED: { severity: 'LOW', class: 'signal', about: 'A node has started.' },
  SERVER_STOPPING: { severity: 'LOW', class: 'signal', about: 'A node is draining and will stop.' },
  SYSTEM_ERROR: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A handler threw an error that nobody expected.',
  },
} as const satisfies Readonly<Record<string, EventKind>>;

/** Names of the house's own events. */
export type EventType = keyof typeof EVENTS;

/** What an emitter says beside the type. */
export interface EventFields {
  /** Who did it: a principal's id. */
  readonly actor?: string;
  /** What or whom it is about. */
  readonly subject?: string;
  /** Client address. */
  readonly address?: string;
  /** Route name of low cardinality. */
  readonly route?: string;
  /** Decision id. */
  readonly decision?: string;
  readonly outcome?: 'success' | 'failure' | 'refused';
  /** Overrides the catalogue's severity. */
  readonly severity?: Severity;
  /** Flat and small; never secrets, never bodies. */
  readonly details?: Readonly<Record<string, Scalar>>;
}

/** One thing that happened. */
export interface RampartEvent extends Omit<EventFields, 'severity'> {
  /** Time-ordered id, `evt_…`. */
  readonly id: string;
  readonly type: string;
  readonly severity: Severity;
  readonly class: EventClass;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** Node that emitted it. */
  readonly node: string;
  /** Sentence of the catalogue. */
  readonly about: string;
}

/** Where modules say what happened. Never throws and never waits. */
export interface EventSink {
  emit(type: EventType, fields?: EventFields): void;
}
