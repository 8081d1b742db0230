import { createHash, createHmac } from 'node:crypto';
import type { RampartEvent } from '../../../core/events.ts';
import { ALL_SENT, type SinkDriver, SinkError } from '../driver.ts';
import { eventData, timeOf } from '../json.ts';
import type { ReadWebhookSink } from '../options.ts';
import { postTo } from './http.ts';
import { type DriverPorts, secretOf } from './ports.ts';

/**
 * JSON, signed as Standard Webhooks 1.0 says: over id, time and body. The id is the event's own where it comes alone, else one
 * that follows from the events: a batch that is sent again has the same.
 */
export function webhookDriver(sink: ReadWebhookSink, ports: DriverPorts): SinkDriver {
  return {
    async send(events) {
      const key = keyOf(secretOf(ports, sink.secret));
      const id = idOf(events);
      const nowMs = ports.now();
      const body = JSON.stringify({
        type: 'rampart.events',
        timestamp: timeOf(nowMs),
        data: { events: events.map(eventData) },
      });
      const seconds = String(Math.floor(nowMs / 1_000));
      const mac = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${mac}`,
      };
      await postTo(ports, sink, headers, body);
      return ALL_SENT;
    },
    close: () => Promise.resolve(),
  };
}

function idOf(events: readonly RampartEvent[]): string {
  const [only] = events;
  if (only !== undefined && events.length === 1) return only.id;
  const digest = createHash('sha256').update(events.map(({ id }) => id).join(' '));
  return `batch_${digest.digest('base64url').slice(0, 26)}`;
}

/** @throws SinkError */
function keyOf(secret: string): Buffer {
  const text = secret.replace(/^whsec_/, '');
  const key = Buffer.from(text, 'base64');
  const isFit = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && key.length >= 24 && key.length <= 64;
  if (!isFit) throw new SinkError('down', 'The secret is not whsec_ and 24 to 64 bytes in base64.');
  return key;
}
