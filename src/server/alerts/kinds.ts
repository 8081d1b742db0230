import type { EventType } from '../../core/events.ts';

/** How an event that nobody detects becomes an alert. */
export interface AlertKind {
  readonly title: string;
  /** What belongs together: events about the same subject, of the same node, or all. */
  readonly group: 'subject' | 'node' | 'all';
  /** What to do. */
  readonly advice: string;
  /** Page to look at. */
  readonly page: string;
  /** Kind of which it is one alert; default its own. */
  readonly as?: EventType;
}

/** Failing things and what people must decide, by the event that says so. */
export const ALERT_KINDS = {
  BACKUP_FAILED: {
    title: 'A backup failed',
    group: 'all',
    advice: 'Look into the folder of the backups and the log.',
    page: 'health',
  },
  BACKUP_OVERDUE: {
    title: 'Backups are overdue',
    group: 'all',
    advice: 'Make one with rampart backup, and see why the server makes none.',
    page: 'health',
  },
  AUDIT_LOG_CONFLICT: {
    title: 'The audit log contradicts its checkpoints',
    group: 'all',
    advice: 'Run rampart audit verify, and keep the database as it is.',
    page: 'audit',
    as: 'AUDIT_LOG_TAMPERED',
  },
  AUDIT_LOG_TAMPERED: {
    title: 'The audit log was changed',
    group: 'all',
    advice: 'Run rampart audit verify, and keep the database as it is.',
    page: 'audit',
  },
  AUDIT_LOG_STALLED: {
    title: 'The audit log stands still',
    group: 'all',
    advice: 'See whether the database answers.',
    page: 'audit',
  },
  ACCESS_REVIEW_OVERDUE: {
    title: 'A review of access is overdue',
    group: 'subject',
    advice: 'Have the reviewer decide, or name another one.',
    page: 'access',
  },
  FEED_FAILED: {
    title: 'A feed cannot be brought up to date',
    group: 'subject',
    advice: 'rampart feeds list says why; what was there last stays in use.',
    page: 'shield',
  },
  FEED_STALE: {
    title: 'A feed is stale',
    group: 'subject',
    advice: 'rampart feeds list says since when; bring it up to date, or put a newer file in its place.',
    page: 'shield',
  },
  WATCHER_FAILED: {
    title: 'A watcher of events breaks down',
    group: 'subject',
    advice: 'Read the log of the node.',
    page: 'health',
  },
  GUARD_FAILED: {
    title: 'A guard breaks down',
    group: 'subject',
    advice: 'Read the log; requests go the way that its onError names.',
    page: 'health',
  },
  RECORDS_SHED: {
    title: 'Decisions or events were lost',
    group: 'node',
    advice: 'See whether the database and the disk keep up.',
    page: 'health',
  },
  JOURNAL_STALLED: {
    title: 'The journal stands still',
    group: 'node',
    advice: 'See whether the disk is full and the database answers.',
    page: 'health',
  },
  DETECT_EVENTS_SKIPPED: {
    title: 'Events were not looked at',
    group: 'all',
    advice: 'More events come than detectors can look at: add a node, or look at what causes them.',
    page: 'detectors',
  },
  DETECT_STORE_DEGRADED: {
    title: 'Each node detects alone',
    group: 'all',
    advice: 'See whether Redis answers.',
    page: 'health',
  },
  LIMIT_STORE_DEGRADED: {
    title: 'The store of the limits does not answer',
    group: 'all',
    advice: 'See whether Redis answers.',
    page: 'health',
  },
  UPLOAD_SCANNER_DOWN: {
    title: 'The virus scanner does not answer',
    group: 'all',
    advice: 'See whether clamd runs; files wait or are refused meanwhile.',
    page: 'uploads',
  },
  UPLOAD_FAILED: {
    title: 'A file could not be kept',
    group: 'all',
    advice: 'See whether the disk is full.',
    page: 'uploads',
  },
  SINK_FAILING: {
    title: 'A sink takes no events',
    group: 'subject',
    advice: 'rampart sinks list says why; events wait until it takes them again.',
    page: 'health',
  },
  SINK_REFUSED: {
    title: 'A sink refuses events',
    group: 'subject',
    advice: 'rampart sinks list says why; they were left out there, and are kept here.',
    page: 'health',
  },
  MAIL_FAILED: {
    title: 'Mails cannot be sent',
    group: 'all',
    advice: 'See whether the server of RAMPART_SMTP_URL answers.',
    page: 'health',
  },
  HASH_QUEUE_FULL: {
    title: 'Sign-ins are refused: too many wait',
    group: 'node',
    advice: 'Look for an attack on sign-in; else give the node more processors.',
    page: 'overview',
  },
  SERVER_UNPROTECTED: {
    title: 'A server listens without bounds on connections',
    group: 'all',
    advice: 'Call guard.protect(server) in the application.',
    page: 'health',
  },
} as const satisfies Partial<Record<EventType, AlertKind>>;

/** Detectors of what is an alert by its event alone: they add nothing to it. */
export const SAID_BY_EVENT: readonly string[] = ['audit_tampered'];

/** What an event settles: open alerts of these rules, about the same subject or node where they are grouped so. */
export const RECOVERIES = {
  BACKUP_CREATED: { rules: ['BACKUP_FAILED', 'BACKUP_OVERDUE'], text: 'A backup was made.' },
  ACCESS_REVIEW_CLOSED: { rules: ['ACCESS_REVIEW_OVERDUE'], text: 'The review was closed.' },
  FEED_UPDATED: { rules: ['FEED_FAILED', 'FEED_STALE'], text: 'The feed was brought up to date.' },
  FEED_CURRENT: { rules: ['FEED_FAILED', 'FEED_STALE'], text: 'The feed is up to date again.' },
  JOURNAL_RECOVERED: { rules: ['JOURNAL_STALLED'], text: 'The journal is written again.' },
  DETECT_STORE_RECOVERED: { rules: ['DETECT_STORE_DEGRADED'], text: 'The store answers again.' },
  SINK_RECOVERED: { rules: ['SINK_FAILING'], text: 'The sink takes events again.' },
  LIMIT_STORE_RECOVERED: { rules: ['LIMIT_STORE_DEGRADED'], text: 'The store answers again.' },
} as const satisfies Partial<
  Record<EventType, { readonly rules: readonly (keyof typeof ALERT_KINDS)[]; readonly text: string }>
>;

/** What the responders that detections recommend do. */
export const ADVICE: Readonly<Record<string, string>> = {
  look: 'Have somebody look at it.',
  block: 'Block where it comes from.',
  'require-step-up': 'Ask for a second factor again.',
  'end-sessions': 'End the sessions of the account.',
  'lock-account': 'Lock the account.',
  'tighten-limits': 'Tighten the limits for a while.',
  'raise-posture': 'Raise the posture of the shield.',
  lockdown: 'Take the system down to reading, or to administrators.',
  'freeze-payments': 'Freeze payments.',
  'disable-admins': 'Disable the access of administrators but for break-glass.',
};
