import { SEVERITIES, type Severity } from '../../../core/events.ts';
import type { SqlValue } from '../../../ports/sql.ts';
import { isOpen, nextAtMs } from './state.ts';
import type { Alert, AlertRecommendation, AlertState, Cause } from './types.ts';

/** A row of an alert. */
export interface AlertRow {
  id: string;
  rule: string;
  group_key: string;
  title: string;
  description: string;
  severity: Severity;
  state: AlertState;
  /** 1 to 4 by severity while it is open, else 0: the order of lists. */
  rank: number;
  count: number;
  first_at_ms: number;
  last_at_ms: number;
  assignee: string | null;
  snoozed_until_ms: number | null;
  snoozed_until_count: number | null;
  snoozed_at_count: number | null;
  reopened: number;
  escalates_at_ms: number | null;
  escalations: number;
  told_at_ms: number | null;
  settled_at_ms: number | null;
  changed_by: string | null;
  changed_at_ms: number | null;
  recommended: readonly AlertRecommendation[];
  events: readonly string[];
  part: string | null;
  part_count: number;
  next_at_ms: number | null;
}

/** The columns of an alert, its id first. */
export const COLUMNS = [
  'id',
  'rule',
  'group_key',
  'title',
  'description',
  'severity',
  'state',
  'rank',
  'count',
  'first_at_ms',
  'last_at_ms',
  'assignee',
  'snoozed_until_ms',
  'snoozed_until_count',
  'snoozed_at_count',
  'reopened',
  'escalates_at_ms',
  'escalations',
  'told_at_ms',
  'settled_at_ms',
  'changed_by',
  'changed_at_ms',
  'recommended',
  'events',
  'part',
  'part_count',
  'next_at_ms',
] as const satisfies readonly (keyof AlertRow)[];

/** A row of a telling. */
export interface DeliveryRow {
  id: string;
  place: number;
  alert: string | null;
  channel: string;
  cause: Cause;
  severity: Severity;
  about: number;
  state: 'waiting' | 'sent' | 'given-up';
  at_ms: number;
  due_at_ms: number;
  attempts: number;
  claimed_by: string | null;
  claimed_until_ms: number | null;
  done_at_ms: number | null;
}

/** Text as PostgreSQL takes it: neither NUL nor lone surrogates, which a hostile path or header can carry. */
export function clean(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** JSON of such texts. */
function cleanJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'string' ? clean(one) : one));
}

/** The order of lists. */
export function rankOf(alert: Pick<Alert, 'state' | 'severity'>): number {
  return isOpen(alert) ? SEVERITIES.indexOf(alert.severity) + 1 : 0;
}

/** The row of an alert, times in whole milliseconds; lists as the JSON that the driver hands on. */
export function rowOf(alert: Alert): Record<keyof AlertRow, SqlValue> {
  const next = nextAtMs(alert);
  return {
    id: alert.id,
    rule: clean(alert.rule),
    group_key: clean(alert.group),
    title: clean(alert.title),
    description: clean(alert.description),
    severity: alert.severity,
    state: alert.state,
    rank: rankOf(alert),
    count: Math.floor(alert.count),
    first_at_ms: Math.floor(alert.firstAtMs),
    last_at_ms: Math.floor(alert.lastAtMs),
    assignee: alert.assignee === null ? null : clean(alert.assignee),
    snoozed_until_ms: whole(alert.snoozedUntilMs),
    snoozed_until_count: alert.snoozedUntilCount,
    snoozed_at_count: alert.snoozedAtCount,
    reopened: alert.reopened,
    escalates_at_ms: whole(alert.escalatesAtMs),
    escalations: alert.escalations,
    told_at_ms: whole(alert.toldAtMs),
    settled_at_ms: whole(alert.settledAtMs),
    changed_by: alert.changedBy,
    changed_at_ms: whole(alert.changedAtMs),
    recommended: cleanJson(alert.recommended),
    events: cleanJson(alert.events),
    part: alert.part === null ? null : clean(alert.part),
    part_count: Math.floor(alert.partCount),
    next_at_ms: whole(next),
  };
}

/** The alert of a row. */
export function alertOf(row: AlertRow): Alert {
  return {
    id: row.id,
    rule: row.rule,
    group: row.group_key,
    title: row.title,
    description: row.description,
    severity: row.severity,
    state: row.state,
    count: row.count,
    firstAtMs: row.first_at_ms,
    lastAtMs: row.last_at_ms,
    assignee: row.assignee,
    snoozedUntilMs: row.snoozed_until_ms,
    snoozedUntilCount: row.snoozed_until_count,
    snoozedAtCount: row.snoozed_at_count,
    reopened: row.reopened,
    escalatesAtMs: row.escalates_at_ms,
    escalations: row.escalations,
    toldAtMs: row.told_at_ms,
    settledAtMs: row.settled_at_ms,
    changedBy: row.changed_by,
    changedAtMs: row.changed_at_ms,
    recommended: row.recommended,
    events: row.events,
    part: row.part,
    partCount: row.part_count,
  };
}

function whole(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms);
}
