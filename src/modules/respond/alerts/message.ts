import type { Severity } from '../../../core/events.ts';
import type { Delivery } from './deliveries.ts';
import type { Alert } from './types.ts';

/** What people are told, before a channel gives it its form. Plain text: values of requests are in it. */
export interface Message {
  /** Name of the telling: the same at every try. */
  readonly id: string;
  readonly cause: Delivery['cause'];
  readonly severity: Severity;
  /** One line. */
  readonly subject: string;
  readonly lines: readonly string[];
  /** Page of the alert on the console; null where nobody knows its address. */
  readonly link: string | null;
  readonly atMs: number;
  /** Null for digests and tests. */
  readonly alert: Alert | null;
  /** Of a digest. */
  readonly about: number;
}

const WORDS: Readonly<Record<Delivery['cause'], string>> = {
  raised: '',
  reopened: 'Again: ',
  worse: 'Worse: ',
  again: 'Goes on: ',
  escalated: 'Not acknowledged: ',
  acknowledged: 'Acknowledged: ',
  resolved: 'Settled: ',
  digest: '',
  test: '',
};

/**
 * Puts a telling into words.
 * @param alert what it is about, as it is now
 * @param worst of a digest: open alerts, the most severe first
 * @param publicUrl where the console is
 */
export function messageOf(
  delivery: Delivery,
  alert: Alert | undefined,
  worst: readonly Alert[],
  publicUrl: string | undefined,
): Message {
  const page = publicUrl === undefined ? null : `${publicUrl}/console/alerts`;
  const base = { id: delivery.id, cause: delivery.cause, atMs: delivery.atMs, about: delivery.about };
  if (delivery.cause === 'test')
    return {
      ...base,
      severity: 'LOW',
      subject: 'Test of the alerts',
      lines: ['This is a test. Alerts arrive here.'],
      link: page,
      alert: null,
    };
  if (delivery.cause === 'digest' || alert === undefined)
    return {
      ...base,
      severity: worst[0]?.severity ?? delivery.severity,
      subject: `${delivery.about} more alerts`,
      lines: [
        'So many alerts came at once that they are told together. The most severe that are open:',
        ...worst.map(({ severity, title, group }) => `${severity}: ${oneLine(title)}${about(group)}`),
      ],
      link: page,
      alert: null,
    };
  return {
    ...base,
    severity: alert.severity,
    subject: `${WORDS[delivery.cause]}${oneLine(alert.title)}${about(alert.group)}`.slice(0, 250),
    lines: [
      alert.description,
      `${alert.count} event${alert.count === 1 ? '' : 's'}, first ${date(alert.firstAtMs)}, last ${date(alert.lastAtMs)}`,
      ...(alert.assignee === null ? [] : [`Assigned to ${alert.assignee}`]),
      ...alert.recommended.map(({ text }) => `Recommended: ${text}`),
    ],
    link: page === null ? null : `${page}/${alert.id}`,
    alert,
  };
}

function about(group: string): string {
  return group === '' ? '' : ` (${oneLine(group)})`;
}

/** Nothing of a request starts a new line, or turns letters round. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

function date(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
