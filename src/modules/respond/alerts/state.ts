import { SEVERITIES, type Severity } from '../../../core/events.ts';
import type { Alert, Cause, Note, NoteKind, Occurrence, Step } from './types.ts';

/** Times by which alerts live, in milliseconds. */
export interface AlertRules {
  /** An alert that was silent for longer is told again. */
  readonly groupWithinMs: number;
  /** A resolved alert is reopened when it comes again within this time; later there is a new one. */
  readonly reopenWithinMs: number;
  /** What was found to be a false positive is not told again for this time, unless it is more severe. */
  readonly ignoreForMs: number;
  readonly escalation: {
    readonly afterMs: number;
    /** 0: never. */
    readonly atMost: number;
    readonly least: Severity;
  };
}

/** What people do with an alert. */
export type Act =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'assign'; readonly to: string | null }
  | { readonly kind: 'resolve'; readonly note: string }
  | { readonly kind: 'false-positive'; readonly note: string }
  | { readonly kind: 'reopen'; readonly note: string }
  | { readonly kind: 'snooze'; readonly untilMs: number; readonly untilCount: number | null }
  | { readonly kind: 'note'; readonly text: string }
  /** Takes back one's own last act, as long as nobody changed the alert since. */
  | { readonly kind: 'undo'; readonly seenAtMs: number; readonly before: Before };

/** What an act changed, as it stood before. */
export type Before = Pick<Alert, 'state' | 'assignee' | 'snoozedUntilMs'>;

/** For how long an act can be taken back. */
const UNDO_MS = 60_000;

/** Events that an alert names at most. */
export const MAX_EVENTS = 50;

/** Whether the first is at least as severe. */
export function atLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** Whether somebody still has to do something about it. */
export function isOpen({ state }: Pick<Alert, 'state'>): boolean {
  return state === 'ACTIVE' || state === 'INVESTIGATING';
}

/** When something has to be done about it by itself; null for never. Milliseconds since the epoch. */
export function nextAtMs({ escalatesAtMs, snoozedUntilMs }: Alert): number | null {
  if (escalatesAtMs === null || snoozedUntilMs === null) return escalatesAtMs ?? snoozedUntilMs;
  return Math.min(escalatesAtMs, snoozedUntilMs);
}

/**
 * Takes in what happened: a new alert, or the newest of the same rule and group, grown or reopened. Pure.
 * @param known the newest alert of the same rule and group, if there is one
 * @param freshId id of a new alert
 */
export function occur(
  known: Alert | undefined,
  one: Occurrence,
  rules: AlertRules,
  nowMs: number,
  freshId: string,
): Step {
  if (known === undefined) return raised(one, rules, nowMs, freshId);
  const grown = grow(known, one);
  if (isOpen(known)) return grownOpen(known, grown, one, rules, nowMs);
  const settledMs = known.settledAtMs ?? 0;
  const isFalse = known.state === 'FALSE_POSITIVE';
  if (nowMs - settledMs > (isFalse ? rules.ignoreForMs : rules.reopenWithinMs))
    return raised(one, rules, nowMs, freshId);
  const isWorse = grown.severity !== known.severity;
  // What happened before somebody settled it was settled with it.
  if (isFalse ? !isWorse : one.lastAtMs <= settledMs) return { alert: grown, notes: [], tell: null };
  const text = isWorse ? `It came again, and is ${grown.severity} now.` : 'It came again.';
  return told(reopen(grown, null, nowMs), 'reopened', rules, nowMs, [line(nowMs, null, 'reopened', text)]);
}

/** Does what is due by itself: the end of a snooze, an escalation. Pure; changes nothing that is not due. */
export function due(alert: Alert, rules: AlertRules, nowMs: number): Step {
  if (!isOpen(alert))
    return { alert: { ...alert, escalatesAtMs: null, snoozedUntilMs: null }, notes: [], tell: null };
  if (alert.snoozedUntilMs !== null) {
    if (alert.snoozedUntilMs > nowMs) return { alert, notes: [], tell: null };
    const grew = alert.count > (alert.snoozedAtCount ?? alert.count);
    const awake = unsnoozed(alert);
    if (grew) return told(awake, 'again', rules, nowMs, [line(nowMs, null, 'grew', grewText(awake))]);
    return { alert: awake, notes: [], tell: null };
  }
  if (alert.escalatesAtMs === null || alert.escalatesAtMs > nowMs) return { alert, notes: [], tell: null };
  const escalations = alert.escalations + 1;
  const { afterMs, atMost } = rules.escalation;
  return {
    alert: { ...alert, escalations, escalatesAtMs: escalations < atMost ? nowMs + afterMs : null },
    notes: [line(nowMs, null, 'escalated', `Nobody has acknowledged it (${escalations} of ${atMost}).`)],
    tell: 'escalated',
  };
}

/**
 * Does what somebody asks for. Pure.
 * @returns a sentence that says why not, where the alert's state does not allow it
 */
export function act(
  alert: Alert,
  what: Act,
  by: string | null,
  rules: AlertRules,
  nowMs: number,
): Step | string {
  const changed = { ...alert, changedBy: by, changedAtMs: nowMs };
  const noted = (kind: NoteKind, text: string): readonly Note[] => [line(nowMs, by, kind, text)];
  if (what.kind === 'note') return { alert, notes: noted('note', what.text), tell: null };
  if (what.kind === 'undo') return undone(alert, what, by, rules, nowMs);
  if (what.kind === 'reopen') {
    if (isOpen(alert)) return 'It is open.';
    return told(reopen(changed, by, nowMs), 'reopened', rules, nowMs, noted('reopened', what.note));
  }
  if (what.kind === 'false-positive') {
    if (alert.state === 'FALSE_POSITIVE') return 'It is a false positive already.';
    const text = what.note === '' ? 'A false positive.' : `A false positive: ${what.note}`;
    return settled({ ...changed, state: 'FALSE_POSITIVE' }, alert, noted('resolved', text), nowMs);
  }
  if (!isOpen(alert)) return 'It is settled; reopen it first.';
  switch (what.kind) {
    case 'acknowledge':
      if (alert.state === 'INVESTIGATING') return 'Somebody has acknowledged it already.';
      return {
        alert: {
          ...changed,
          state: 'INVESTIGATING',
          assignee: alert.assignee ?? by,
          escalatesAtMs: null,
          escalations: 0,
        },
        notes: noted('acknowledged', ''),
        tell: 'acknowledged',
      };
    case 'assign':
      return {
        alert: { ...changed, assignee: what.to },
        notes: noted('assigned', what.to === null ? 'To nobody.' : `To ${what.to}.`),
        tell: null,
      };
    case 'snooze':
      return snoozed(changed, what, noted, nowMs);
    case 'resolve':
      return settled({ ...changed, state: 'RESOLVED' }, alert, noted('resolved', what.note), nowMs);
  }
}

function raised(one: Occurrence, rules: AlertRules, nowMs: number, id: string): Step {
  const fresh: Alert = {
    id,
    rule: one.rule,
    group: one.group,
    title: one.title,
    description: one.description,
    severity: one.severity,
    state: 'ACTIVE',
    count: Math.max(1, one.count),
    firstAtMs: one.firstAtMs,
    lastAtMs: Math.max(one.firstAtMs, one.lastAtMs),
    assignee: null,
    snoozedUntilMs: null,
    snoozedUntilCount: null,
    snoozedAtCount: null,
    reopened: 0,
    escalatesAtMs: null,
    escalations: 0,
    toldAtMs: null,
    settledAtMs: null,
    changedBy: null,
    changedAtMs: null,
    recommended: one.recommended,
    events: one.events.slice(-MAX_EVENTS),
    part: one.part,
    partCount: one.part === null ? 0 : one.count,
  };
  return told(fresh, 'raised', rules, nowMs, [line(nowMs, null, 'raised', one.description)]);
}

function grow(alert: Alert, one: Occurrence): Alert {
  const isSamePart = one.part !== null && one.part === alert.part;
  const added = isSamePart ? Math.max(0, one.count - alert.partCount) : Math.max(1, one.count);
  const isNewer = one.lastAtMs >= alert.lastAtMs;
  const known = new Set(alert.events);
  return {
    ...alert,
    ...(isNewer ? { title: one.title, description: one.description, recommended: one.recommended } : {}),
    severity: atLeast(one.severity, alert.severity) ? one.severity : alert.severity,
    count: alert.count + added,
    firstAtMs: Math.min(alert.firstAtMs, one.firstAtMs),
    lastAtMs: Math.max(alert.lastAtMs, one.lastAtMs),
    events: [...alert.events, ...one.events.filter((id) => !known.has(id))].slice(-MAX_EVENTS),
    part: one.part ?? alert.part,
    partCount:
      one.part === null ? alert.partCount : isSamePart ? Math.max(alert.partCount, one.count) : one.count,
  };
}

function grownOpen(known: Alert, grown: Alert, one: Occurrence, rules: AlertRules, nowMs: number): Step {
  const isWorse = grown.severity !== known.severity;
  const worse = (from: Alert): Step =>
    told(from, 'worse', rules, nowMs, [line(nowMs, null, 'grew', `It is ${grown.severity} now.`)]);
  const again = (from: Alert): Step =>
    told(from, 'again', rules, nowMs, [line(nowMs, null, 'grew', grewText(grown))]);
  if (known.snoozedUntilMs !== null && known.snoozedUntilMs > nowMs) {
    if (isWorse && grown.severity === 'CRITICAL') return worse(unsnoozed(grown));
    const isEnough = known.snoozedUntilCount !== null && grown.count >= known.snoozedUntilCount;
    return isEnough ? again(unsnoozed(grown)) : { alert: grown, notes: [], tell: null };
  }
  if (isWorse) return worse(grown);
  if (one.lastAtMs - known.lastAtMs >= rules.groupWithinMs) return again(grown);
  return { alert: grown, notes: [], tell: null };
}

/** Whoever is told is waited for, unless somebody is at it. */
function told(
  alert: Alert,
  tell: Cause,
  { escalation }: AlertRules,
  nowMs: number,
  notes: readonly Note[],
): Step {
  const waits =
    alert.state === 'ACTIVE' && escalation.atMost > 0 && atLeast(alert.severity, escalation.least);
  return {
    alert: { ...alert, escalations: 0, escalatesAtMs: waits ? nowMs + escalation.afterMs : null },
    notes,
    tell,
  };
}

function reopen(alert: Alert, by: string | null, nowMs: number): Alert {
  return {
    ...unsnoozed(alert),
    state: 'ACTIVE',
    reopened: alert.reopened + 1,
    settledAtMs: null,
    changedBy: by,
    changedAtMs: nowMs,
  };
}

function settled(next: Alert, before: Alert, notes: readonly Note[], nowMs: number): Step {
  const alert = { ...unsnoozed(next), settledAtMs: nowMs, escalatesAtMs: null, escalations: 0 };
  return { alert, notes, tell: isOpen(before) ? 'resolved' : null };
}

function undone(
  alert: Alert,
  { seenAtMs, before }: Extract<Act, { kind: 'undo' }>,
  by: string | null,
  rules: AlertRules,
  nowMs: number,
): Step | string {
  const { changedBy, changedAtMs } = alert;
  if (changedAtMs === null || changedBy !== by || Math.floor(changedAtMs) !== seenAtMs)
    return 'It was changed since.';
  if (nowMs - changedAtMs > UNDO_MS) return 'It is too long ago to be taken back.';
  const { state, assignee, snoozedUntilMs } = before;
  const [wasOpen, opens] = [isOpen(alert), isOpen(before)];
  const next: Alert = {
    ...unsnoozed(alert),
    state,
    assignee,
    reopened: wasOpen && !opens ? Math.max(0, alert.reopened - 1) : alert.reopened,
    settledAtMs: opens ? null : (alert.settledAtMs ?? nowMs),
    changedBy: by,
    changedAtMs: nowMs,
  };
  const notes = [line(nowMs, by, 'undone', '')];
  if (!opens)
    return {
      alert: { ...next, escalatesAtMs: null, escalations: 0 },
      notes,
      tell: wasOpen ? 'resolved' : null,
    };
  const open = told(next, 'reopened', rules, nowMs, notes);
  // Who was told that it is over has to hear that it is not; of all else nobody was told.
  const tell = wasOpen ? null : open.tell;
  if (snoozedUntilMs === null || snoozedUntilMs <= nowMs) return { ...open, tell };
  const asleep = { snoozedUntilMs, snoozedAtCount: alert.count, escalatesAtMs: null };
  return { ...open, alert: { ...open.alert, ...asleep }, tell };
}

function unsnoozed(alert: Alert): Alert {
  return { ...alert, snoozedUntilMs: null, snoozedUntilCount: null, snoozedAtCount: null };
}

function snoozed(
  alert: Alert,
  { untilMs, untilCount }: Extract<Act, { kind: 'snooze' }>,
  noted: (kind: NoteKind, text: string) => readonly Note[],
  nowMs: number,
): Step | string {
  if (untilMs <= nowMs) return 'This time has passed.';
  if (untilCount !== null && untilCount <= alert.count) return 'It has happened as often already.';
  const orCount = untilCount === null ? '' : `, or until it has happened ${untilCount} times`;
  return {
    alert: {
      ...alert,
      snoozedUntilMs: untilMs,
      snoozedUntilCount: untilCount,
      snoozedAtCount: alert.count,
      escalatesAtMs: null,
      escalations: 0,
    },
    notes: noted('snoozed', `Until ${new Date(untilMs).toISOString().slice(0, 16)}Z${orCount}.`),
    tell: null,
  };
}

function grewText({ count }: Alert): string {
  return `It goes on: ${count} events by now.`;
}

function line(atMs: number, by: string | null, kind: NoteKind, text: string): Note {
  return { atMs, by, kind, text };
}
