import type { AlertEntry, AlertState } from '../../api/alerts.ts';
import { duration } from '../../format/time.ts';

/** What is done with an alert. All of it can be taken back but a note. */
export type TriageAct =
  | { readonly kind: 'take' | 'investigate' | 'resolve' | 'false-positive' | 'reopen' }
  | { readonly kind: 'assign'; readonly to: string | null }
  | { readonly kind: 'snooze'; readonly forMs: number };

/** One call of the API. */
export interface Step {
  readonly name: string;
  readonly body: object;
}

export const STATE_LABEL: Readonly<Record<AlertState, string>> = {
  ACTIVE: 'Active',
  INVESTIGATING: 'Investigating',
  RESOLVED: 'Resolved',
  FALSE_POSITIVE: 'False positive',
};

/** Whether somebody still has to do something about it. */
export function isOpen({ state }: Pick<AlertEntry, 'state'>): boolean {
  return state === 'ACTIVE' || state === 'INVESTIGATING';
}

/** The calls that an act comes to; none where nothing would change. */
export function stepsOf(alert: AlertEntry, act: TriageAct, me: string, nowMs: number): readonly Step[] {
  const { state, assignee } = alert;
  if (act.kind === 'reopen') return isOpen(alert) ? [] : [{ name: 'reopen', body: {} }];
  if (act.kind === 'false-positive')
    return state === 'FALSE_POSITIVE' ? [] : [{ name: 'false-positive', body: {} }];
  if (!isOpen(alert)) return [];
  const acknowledge: readonly Step[] = state === 'ACTIVE' ? [{ name: 'acknowledge', body: {} }] : [];
  switch (act.kind) {
    case 'take': {
      // Who acknowledges what nobody has, has it.
      const isMine = assignee === me || (assignee === null && state === 'ACTIVE');
      return [...acknowledge, ...(isMine ? [] : [{ name: 'assign', body: { to: me } }])];
    }
    case 'investigate':
      return acknowledge;
    case 'resolve':
      return [{ name: 'resolve', body: {} }];
    case 'assign':
      return assignee === act.to ? [] : [{ name: 'assign', body: { to: act.to } }];
    case 'snooze':
      return [{ name: 'snooze', body: { untilMs: nowMs + act.forMs } }];
  }
}

/** The alert as it will be when the server has done it: shown at once. */
export function applied(alert: AlertEntry, act: TriageAct, me: string, nowMs: number): AlertEntry {
  const changed = { ...alert, changedBy: me, changedAtMs: nowMs };
  switch (act.kind) {
    case 'take':
      return { ...changed, state: 'INVESTIGATING', assignee: me, escalatesAtMs: null };
    case 'investigate':
      return { ...changed, state: 'INVESTIGATING', assignee: alert.assignee ?? me, escalatesAtMs: null };
    case 'resolve':
      return { ...changed, state: 'RESOLVED', snoozedUntilMs: null, escalatesAtMs: null };
    case 'false-positive':
      return { ...changed, state: 'FALSE_POSITIVE', snoozedUntilMs: null, escalatesAtMs: null };
    case 'reopen':
      return { ...changed, state: 'ACTIVE', reopened: alert.reopened + 1 };
    case 'assign':
      return { ...changed, assignee: act.to };
    case 'snooze':
      return { ...changed, snoozedUntilMs: nowMs + act.forMs, escalatesAtMs: null };
  }
}

/** What was done, after the alert's title or their number. */
export function doneWords(act: TriageAct): string {
  switch (act.kind) {
    case 'take':
      return 'taken';
    case 'investigate':
      return 'being investigated';
    case 'resolve':
      return 'resolved';
    case 'false-positive':
      return 'marked as a false positive';
    case 'reopen':
      return 'open again';
    case 'assign':
      return act.to === null ? 'given up' : 'assigned';
    case 'snooze':
      return `snoozed for ${duration(act.forMs, 1)}`;
  }
}

/** Values of a group such as `network=203.0.113.7 account=acc_1`, by their fields. */
export function groupFields(group: string): readonly (readonly [field: string, value: string])[] {
  const parts = [...group.matchAll(/(?:^| )([A-Za-z][\w.]*)=(.*?)(?= [A-Za-z][\w.]*=|$)/g)];
  return parts.length === 0
    ? [['subject', group]]
    : parts.map(([, field = '', value = '']) => [field, value] as const);
}
