import type { AlertEntry, AlertsAnswer } from '../../src/server/api/alert-types.ts';
import type { EventEntry, EventsAnswer } from '../../src/server/api/event-types.ts';
import type { ResponseEntry, ResponsesAnswer } from '../../src/server/api/response-types.ts';
import type { HealthAnswer } from '../../src/server/api/types.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import type { HttpReceiver } from '../../src/server/sinks/test-receiver.ts';
import type { Sent } from './client.ts';
import type { Running } from './server.ts';
import { from } from './traffic.ts';

/** Three kinds of injection: from one address they are what `injection_classes` looks for. */
const PROBES = [
  "1' UNION SELECT name, secret FROM users --",
  '<script>alert(1)</script>',
  '; cat /etc/passwd',
];

/** Types of the events that they are. */
export const ATTEMPTS: readonly string[] = ['INJECTION_ATTEMPT', 'XSS_ATTEMPT'];

/** Variable of the key of `WATCHED`'s channel and sink. */
export const KEYS = { HOOK_KEY: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };

/** A site whose alerts are posted to a receiver on this machine, and whose detectors act. */
export function watched(hook: string, more: RampartConfig = {}): RampartConfig {
  return {
    trustProxy: ['loopback'],
    responses: { mode: 'enforce', stage: { share: 1 } },
    alerts: {
      channels: { hook: { kind: 'webhook', url: `${hook}/alerts`, secret: 'HOOK_KEY' } },
      fetch: { allowHttp: true, allowRanges: ['127.0.0.0/8'] },
    },
    ...more,
  };
}

/** An injection of one of three kinds. */
export function probe(address: string, kind: number): Sent {
  const text = encodeURIComponent(PROBES[kind % PROBES.length] as string);
  return from(address, { path: `/sample/orders?cursor=${text}` });
}

/** All three kinds from one address. @returns the decisions of the refusals */
export async function attack(server: Running, address: string): Promise<readonly string[]> {
  const told: string[] = [];
  for (let kind = 0; kind < PROBES.length; kind++) {
    const { headers } = await server.send(probe(address, kind));
    const id = headers['x-rampart-decision'];
    if (typeof id === 'string') told.push(id);
  }
  return told;
}

export const healthOf = async (server: Running): Promise<HealthAnswer> =>
  (await server.ask<HealthAnswer>('GET', '/admin/health')).body;

/** Value of a metric, with its labels as they are written; 0 where there is none. */
export async function metric(server: Running, name: string): Promise<number> {
  const { body } = await server.send({
    path: '/metrics',
    headers: { authorization: `Bearer ${server.key}` },
  });
  const line = body.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** Alerts of a rule about a group, such as an address. */
export async function alertsOf(server: Running, rule: string, group = ''): Promise<readonly AlertEntry[]> {
  const { status, body } = await server.ask<AlertsAnswer>('GET', '/admin/alerts?limit=100');
  if (status !== 200) return [];
  return body.alerts.filter((one) => one.rule === rule && (one.group ?? '').includes(group));
}

/** The newest 200 events of some types. */
export async function eventsOf(server: Running, ...types: readonly string[]): Promise<readonly EventEntry[]> {
  const query = types.map((type) => `type=${type}`).join('&');
  const { status, body } = await server.ask<EventsAnswer>('GET', `/admin/events?limit=200&${query}`);
  return status === 200 ? body.events : [];
}

/** Automatic responses to a target, whatever became of them. */
export async function responsesTo(server: Running, target: string): Promise<readonly ResponseEntry[]> {
  const { status, body } = await server.ask<ResponsesAnswer>('GET', '/admin/responses?limit=200');
  return status === 200 ? body.responses.filter((one) => one.automatic && one.target === target) : [];
}

/** What a receiver was told of alerts of a rule: the cause and the id of the message. */
export function toldOf({ arrived }: HttpReceiver, rule: string): readonly { cause: string; id: string }[] {
  return arrived.flatMap(({ path, body, headers }) => {
    if (path !== '/alerts') return [];
    const { type, data } = JSON.parse(body) as { type: string; data: { alert: { rule: string } | null } };
    return data.alert?.rule === rule ? [{ cause: type, id: String(headers['webhook-id']) }] : [];
  });
}
