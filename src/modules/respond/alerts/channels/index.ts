import type { ChannelKind } from '../channel-options.ts';
import type { Send } from './channel.ts';
import { sendMail } from './email.ts';
import { sendPagerDuty } from './pagerduty.ts';
import { sendSlack } from './slack.ts';
import { sendWebhook } from './webhook.ts';

/** A line of the log. */
const sendLog: Send = ({ subject, severity, cause, alert, about, link }, _channel, { log }) => {
  const ofAlert = alert === null ? { about } : { alert: alert.id, rule: alert.rule, count: alert.count };
  log(severity, subject, { cause, severity, ...ofAlert, ...(link === null ? {} : { link }) });
  return Promise.resolve();
};

/** How each kind of channel tells. */
export const SENDERS: Readonly<Record<ChannelKind, Send>> = {
  email: sendMail,
  slack: sendSlack,
  pagerduty: sendPagerDuty,
  webhook: sendWebhook,
  log: sendLog,
};

export { ChannelError, type ChannelPorts, type Posted } from './channel.ts';
