import type { Severity } from '../../../../core/events.ts';
import type { Cause } from '../types.ts';
import { postTo, secretOf, type Send } from './channel.ts';

const LEVELS: Readonly<Record<Severity, 'info' | 'warning' | 'error' | 'critical'>> = {
  LOW: 'info',
  MEDIUM: 'warning',
  HIGH: 'error',
  CRITICAL: 'critical',
};

/** Events API v2: one incident for each alert, named by `dedup_key`, so that a message that came twice opens no second one. */
export const sendPagerDuty: Send = async (message, channel, ports) => {
  const action = actionOf(message.cause);
  const { alert } = message;
  const body = {
    routing_key: secretOf(channel, ports),
    event_action: action,
    dedup_key: `rampart:${alert?.id ?? message.id}`,
    ...(action === 'trigger'
      ? {
          client: 'Rampart',
          ...(message.link === null ? {} : { client_url: message.link }),
          payload: {
            summary: message.subject.slice(0, 1_024),
            source: ports.source,
            severity: LEVELS[message.severity],
            timestamp: new Date(alert?.lastAtMs ?? message.atMs).toISOString(),
            ...(alert === null ? {} : { group: alert.group.slice(0, 255), class: alert.rule }),
            custom_details: {
              what: message.lines.join('\n').slice(0, 4_000),
              count: alert?.count ?? message.about,
            },
          },
        }
      : {}),
  };
  await postTo(ports, channel.url ?? '', { 'content-type': 'application/json' }, JSON.stringify(body));
};

function actionOf(cause: Cause): 'trigger' | 'acknowledge' | 'resolve' {
  if (cause === 'acknowledged') return 'acknowledge';
  return cause === 'resolved' ? 'resolve' : 'trigger';
}
