import { ACCESS_EVENTS } from './events-access.ts';
import { SHIELD_EVENTS } from './events-shield.ts';
import { AUDIT_EVENTS } from './events-audit.ts';
import { ALERT_EVENTS } from './events-alerts.ts';
import { DETECT_EVENTS } from './events-detect.ts';
import { RESPONSE_EVENTS } from './events-responses.ts';
import { SINK_EVENTS } from './events-sinks.ts';
import { UPLOAD_EVENTS } from './events-upload.ts';
import type { Scalar } from './verdict.ts';

/** How much an event matters. */
export const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * `audit` events are written in the transaction of the act, or the act fails. `signal` events go through the journal;
 * when there are too many, the least severe are shed first and counted.
 */
export type EventClass = 'audit' | 'signal';

/** What is said of a type of event. */
export interface EventKind {
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
  SQL_INJECTION_ATTEMPT: {
    severity: 'CRITICAL',
    class: 'signal',
    about: 'A value of a request would have changed the structure of an SQL statement.',
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
  SIGNED_UP: {
    severity: 'LOW',
    class: 'audit',
    about: 'Somebody has verified a mail address and has an account now.',
  },
  SIGN_UP_REQUESTED: { severity: 'LOW', class: 'signal', about: 'Somebody asked for an account.' },
  EMAIL_CHANGED: { severity: 'HIGH', class: 'audit', about: 'The mail address of an account was changed.' },
  PROFILE_CHANGED: { severity: 'LOW', class: 'audit', about: 'Name or language of an account was changed.' },
  SIGN_IN_SUCCEEDED: { severity: 'LOW', class: 'signal', about: 'Somebody signed in.' },
  SECOND_STEP_ASKED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A first factor was right, and a second one was asked for.',
  },
  SIGN_IN_FAILED: { severity: 'MEDIUM', class: 'signal', about: 'A sign-in was refused.' },
  SIGNED_OUT: { severity: 'LOW', class: 'audit', about: 'Somebody signed out.' },
  PASSWORD_CHANGED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'The owner changed the password of an account.',
  },
  PASSWORD_RESET_REQUESTED: {
    severity: 'LOW',
    class: 'signal',
    about: 'Somebody asked for a link to set a new password.',
  },
  PASSWORD_RESET: {
    severity: 'HIGH',
    class: 'audit',
    about: 'A password was set anew through a mailed link.',
  },
  PASSWORD_DISABLED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A password was tried wrongly too often and no longer signs in until it is set anew.',
  },
  SESSION_REVOKED: { severity: 'MEDIUM', class: 'audit', about: 'A session was ended before its time.' },
  REFRESH_REUSE: {
    severity: 'CRITICAL',
    class: 'signal',
    about: 'A refresh token was used twice: it was stolen, and its session has ended.',
  },
  TOKEN_REFUSED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'An access token was not ours, not for us, or no longer good.',
  },
  TOKEN_ALG_FORBIDDEN: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A token named an algorithm that is never accepted.',
  },
  DPOP_REFUSED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A token that is bound to a key came without a proof of that key.',
  },
  DEVICE_MISMATCH: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A session was used from something that is not the device it was opened on.',
  },
  NEW_DEVICE: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'Somebody signed in on a device that is new to the account.',
  },
  NEW_PLACE: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'Somebody signed in from a place that is new to the account.',
  },
  ACCOUNT_DELAYED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'Too many failures: further attempts on an account have to wait.',
  },
  ACCOUNT_LOCKED: { severity: 'HIGH', class: 'audit', about: 'An account was locked.' },
  ACCOUNT_UNLOCKED: { severity: 'MEDIUM', class: 'audit', about: 'An account was unlocked.' },
  CREDENTIAL_STUFFING: {
    severity: 'HIGH',
    class: 'signal',
    about: 'One address, or many together, tries passwords on many accounts.',
  },
  PASSWORD_SPRAY: { severity: 'HIGH', class: 'signal', about: 'One password is tried on many accounts.' },
  MFA_ENABLED: { severity: 'MEDIUM', class: 'audit', about: 'A second factor was enabled.' },
  MFA_DISABLED: { severity: 'HIGH', class: 'audit', about: 'A second factor was removed.' },
  MFA_FACTOR_DISABLED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A second factor was tried wrongly too often and no longer counts until it is enrolled anew.',
  },
  MFA_FATIGUE: {
    severity: 'HIGH',
    class: 'signal',
    about: 'Second steps are asked for again and again on one account.',
  },
  TOTP_SUCCESS: { severity: 'LOW', class: 'signal', about: 'A code of an authenticator app was right.' },
  TOTP_FAILED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A code of an authenticator app was wrong, used before, or too old.',
  },
  BACKUP_CODE_USED: { severity: 'HIGH', class: 'audit', about: 'A backup code was used up.' },
  BACKUP_CODE_FAILED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A backup code was wrong or used before.',
  },
  BACKUP_CODES_MADE: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'New backup codes were made; older ones ended.',
  },
  SMS_SENT: { severity: 'LOW', class: 'signal', about: 'A code was sent by SMS.' },
  SMS_SUCCESS: { severity: 'LOW', class: 'signal', about: 'A code from an SMS was right.' },
  SMS_FAILED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A code from an SMS was wrong, or could not be sent.',
  },
  SMS_EXPIRED: { severity: 'LOW', class: 'signal', about: 'A code from an SMS came too late.' },
  SMS_PUMPING: {
    severity: 'HIGH',
    class: 'signal',
    about: 'SMS are asked for in a pattern of toll fraud; sending has been stopped there.',
  },
  EMAIL_CODE_SENT: { severity: 'LOW', class: 'signal', about: 'A code was sent by mail.' },
  EMAIL_CODE_FAILED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A code from a mail was wrong or too late.',
  },
  PASSKEY_ADDED: { severity: 'MEDIUM', class: 'audit', about: 'A passkey was registered.' },
  PASSKEY_USED: { severity: 'LOW', class: 'signal', about: 'A passkey was used.' },
  PASSKEY_FAILED: { severity: 'MEDIUM', class: 'signal', about: 'An answer of a passkey was refused.' },
  PASSKEY_REMOVED: { severity: 'HIGH', class: 'audit', about: 'A passkey was removed.' },
  PASSKEY_COUNTER_REGRESSION: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A passkey counted backwards: it may have been copied.',
  },
  STEP_UP_SUCCEEDED: {
    severity: 'LOW',
    class: 'signal',
    about: 'Somebody proved a factor again for a sensitive act.',
  },
  STEP_UP_FAILED: { severity: 'MEDIUM', class: 'signal', about: 'A proof for a sensitive act was refused.' },
  USER_CREATED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'An administrator created or invited an account.',
  },
  USER_ROLES_CHANGED: { severity: 'HIGH', class: 'audit', about: 'The roles of an account were changed.' },
  USER_RESET_REQUIRED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'An administrator requires a new password of an account.',
  },
  USER_FACTORS_RESET: {
    severity: 'HIGH',
    class: 'audit',
    about: 'An administrator removed the second factors of an account.',
  },
  ACCOUNT_DELETED: { severity: 'HIGH', class: 'audit', about: 'An account was deleted.' },
  ...ACCESS_EVENTS,
  ...SHIELD_EVENTS,
  ...AUDIT_EVENTS,
  ...UPLOAD_EVENTS,
  ...DETECT_EVENTS,
  ...ALERT_EVENTS,
  ...RESPONSE_EVENTS,
  ...SINK_EVENTS,
  MAIL_FAILED: { severity: 'HIGH', class: 'signal', about: 'A mail could not be sent.' },
  HASH_QUEUE_FULL: {
    severity: 'HIGH',
    class: 'signal',
    about: 'More passwords wait to be checked than the queue holds; sign-ins are refused for a moment.',
  },
  BACKUP_CREATED: { severity: 'LOW', class: 'signal', about: 'A backup of the database was made.' },
  BACKUP_FAILED: { severity: 'HIGH', class: 'signal', about: 'A backup could not be made.' },
  BACKUP_OVERDUE: {
    severity: 'HIGH',
    class: 'signal',
    about: 'There is no backup as new as the configuration wants.',
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
  KEY_ADDED: { severity: 'HIGH', class: 'audit', about: 'A key was added; it seals once all nodes know it.' },
  KEY_ROTATED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'Everything that older keys had sealed was sealed anew by the newest one.',
  },
  KEY_REWRAPPED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'A key was wrapped anew by another wrapping key or key service; what it sealed stays as it is.',
  },
  KEY_RETIRED: { severity: 'HIGH', class: 'audit', about: 'A key was retired: it opens nothing any more.' },
  KEY_RESTORED: { severity: 'HIGH', class: 'audit', about: 'A retired key was taken back into use.' },
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

/** How it ended. */
export const EVENT_OUTCOMES = ['success', 'failure', 'refused'] as const;
export type EventOutcome = (typeof EVENT_OUTCOMES)[number];

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
  readonly outcome?: EventOutcome;
  /** Session in which it happened. */
  readonly session?: string;
  /** What the client calls itself; 300 characters at most, without control characters. */
  readonly userAgent?: string;
  /** Where the address is, as a text for people: `Hamburg, Germany`. */
  readonly place?: string;
  /** Id of the request, as the client or a proxy sent it in `x-request-id`. */
  readonly requestId?: string;
  /** Trace of which the request is a part: 32 hexadecimal digits (W3C Trace Context). */
  readonly traceId?: string;
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
