import { createHmac } from 'node:crypto';
import { ChannelError, postTo, secretOf, type Send } from './channel.ts';

/** JSON, signed as Standard Webhooks 1.0 says: over id, time and body, so that neither can be replayed nor changed. */
export const sendWebhook: Send = async (message, channel, ports, nowMs) => {
  const key = keyOf(secretOf(channel, ports));
  const { alert } = message;
  const body = JSON.stringify({
    type: `alert.${message.cause}`,
    timestamp: new Date(message.atMs).toISOString(),
    data: {
      severity: message.severity,
      subject: message.subject,
      lines: message.lines,
      link: message.link,
      about: message.about,
      alert:
        alert === null
          ? null
          : {
              id: alert.id,
              rule: alert.rule,
              group: alert.group === '' ? null : alert.group,
              title: alert.title,
              description: alert.description,
              severity: alert.severity,
              state: alert.state,
              count: alert.count,
              firstAtMs: alert.firstAtMs,
              lastAtMs: alert.lastAtMs,
              assignee: alert.assignee,
            },
    },
  });
  const seconds = String(Math.floor(nowMs / 1_000));
  const mac = createHmac('sha256', key).update(`${message.id}.${seconds}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${mac}`,
  };
  await postTo(ports, channel.url ?? '', headers, body);
};

/** @throws ChannelError */
function keyOf(secret: string): Buffer {
  const text = secret.replace(/^whsec_/, '');
  const key = Buffer.from(text, 'base64');
  const isFit = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && key.length >= 24 && key.length <= 64;
  if (!isFit)
    throw new ChannelError('The secret is not whsec_ and 24 to 64 bytes in base64.', { isPermanent: true });
  return key;
}
