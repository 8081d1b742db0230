import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import type { AlertPorts } from './alerts.ts';
import type { AlertOptions } from './options.ts';
import { alertDatabase, type Node, nodeOf, occurrence } from './test-house.ts';

const sql = alertDatabase();
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0)) await one();
});

interface Got {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers each request with the next of these, and then with the last. */
async function server(...answers: readonly (number | { status: number; retryAfter: string })[]) {
  const got: Got[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answers[Math.min(got.length, answers.length - 1)] ?? 200;
      got.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      if (typeof answer === 'number') response.writeHead(answer);
      else response.writeHead(answer.status, { 'retry-after': answer.retryAfter });
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => http.close(() => resolve())));
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, got };
}

const post: AlertPorts['channels']['post'] = async (url, headers, body) => {
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return { status: response.status, retryAfter: response.headers.get('retry-after') };
};

function node(options: AlertOptions, secrets: Readonly<Record<string, string>>): Node {
  const channels = { post, secret: (name: string) => secrets[name] };
  return nodeOf(sql(), options, { channels });
}

const parsed = (got: readonly Got[]): Record<string, unknown>[] =>
  got.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
const only = async ({ alerts }: Node) => (await alerts.store.list({ limit: 1 })).alerts[0];

describe('PagerDuty', () => {
  it('has one incident triggered, acknowledged and resolved by its dedup_key', async () => {
    const { url, got } = await server(202);
    const site = node(
      { channels: { pager: { kind: 'pagerduty', secret: 'KEY', url } } },
      { KEY: 'R'.repeat(32) },
    );
    await site.happen(occurrence(site.clock.now(), { severity: 'CRITICAL' }));
    const id = (await only(site))?.id ?? '';
    for (const what of [{ kind: 'acknowledge' }, { kind: 'resolve', note: '' }] as const) {
      await sql().transaction((tx) => site.alerts.book.act(tx, id, what, 'user:ada'));
      await site.alerts.round();
    }
    const [trigger, ...rest] = parsed(got);
    expect(trigger).toMatchObject({
      routing_key: 'R'.repeat(32),
      event_action: 'trigger',
      dedup_key: `rampart:${id}`,
      client: 'Rampart',
      client_url: `https://rampart.example/console/alerts/${id}`,
      payload: {
        summary: 'Passwords are being guessed (address=203.0.113.7)',
        source: 'rampart.example',
        severity: 'critical',
        class: 'brute_force',
        timestamp: new Date(site.clock.now() - 1).toISOString(),
      },
    });
    expect(rest).toEqual([
      { routing_key: 'R'.repeat(32), event_action: 'acknowledge', dedup_key: `rampart:${id}` },
      { routing_key: 'R'.repeat(32), event_action: 'resolve', dedup_key: `rampart:${id}` },
    ]);
  });
});

describe('a webhook', () => {
  it('is signed so that the Standard Webhooks library takes it, and no other', async () => {
    const { url, got } = await server(204);
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const site = node(
      { channels: { hook: { kind: 'webhook', url: `${url}/in`, secret: 'HOOK' } } },
      { HOOK: secret },
    );
    site.clock.jump(Date.now() - site.clock.now());
    await site.happen(occurrence(site.clock.now()));
    const [{ headers, body, path }] = got as [Got];
    expect(path).toBe('/in');
    const given = headers as Record<string, string>;
    expect(new Webhook(secret).verify(body, given)).toMatchObject({
      type: 'alert.raised',
      data: { severity: 'HIGH', alert: { rule: 'brute_force', state: 'ACTIVE', count: 1 } },
    });
    expect(() => new Webhook(secret).verify(`${body} `, given)).toThrow();
    expect(() =>
      new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).verify(body, given),
    ).toThrow();
  });
});

describe('Slack', () => {
  it('gets plain text, in which nothing of a request mentions people or hides a link', async () => {
    const { url, got } = await server(200);
    const site = node(
      { channels: { chat: { kind: 'slack', secret: 'CHAT' } } },
      { CHAT: `${url}/services/T/B/x` },
    );
    await site.happen(occurrence(site.clock.now(), { title: 'Look <!channel> <http://evil|here>\n*now*' }));
    const [body] = parsed(got) as [{ text: string; blocks: { text: { type: string; text: string } }[] }];
    expect(body.text).toContain('&lt;!channel&gt;');
    expect(body.text).not.toContain('<');
    const [head, section, link] = body.blocks;
    expect(head?.text).toMatchObject({ type: 'plain_text' });
    expect(section?.text).toMatchObject({ type: 'plain_text' });
    expect(head?.text.text).not.toContain('\n');
    expect(link?.text.text).toMatch(
      /^<https:\/\/rampart\.example\/console\/alerts\/alr_\w+\|Open it on the console>$/,
    );
  });
});

describe('telling that fails', () => {
  const channels = { chat: { kind: 'slack', secret: 'CHAT' } } as const;

  it('is tried again with growing pauses, as late as the server asks, and is done once', async () => {
    const { url, got } = await server(500, { status: 429, retryAfter: '600' }, 200);
    const site = node({ channels, escalation: { atMost: 0 } }, { CHAT: url });
    await site.happen(occurrence(site.clock.now()));
    expect(got).toHaveLength(1);
    expect(await site.alerts.deliveries.channels(['chat'])).toMatchObject([
      { error: 'The server answered 500.', waiting: 1, sentAtMs: null },
    ]);
    site.clock.advance(15_000);
    await site.alerts.round();
    expect(got).toHaveLength(2);
    site.clock.advance(599_000);
    await site.alerts.round();
    expect(got).toHaveLength(2);
    site.clock.advance(1_000);
    await site.alerts.round();
    site.clock.advance(3_600_000);
    await site.alerts.round();
    expect(got).toHaveLength(3);
    expect(await site.alerts.deliveries.channels(['chat'])).toMatchObject([{ error: null, waiting: 0 }]);
  });

  it('is given up after a day with an event and a line of the story, without the address', async () => {
    const { url, got } = await server(503);
    const site = node({ channels, escalation: { atMost: 0 } }, { CHAT: `${url}/secret` });
    await site.happen(occurrence(site.clock.now()));
    for (let hour = 0; hour < 30; hour++) {
      site.clock.advance(3_700_000);
      await site.alerts.round();
    }
    expect(got.length).toBeGreaterThan(20);
    expect(site.events).toMatchObject([
      { type: 'ALERT_UNTOLD', fields: { details: { channel: 'chat', error: 'The server answered 503.' } } },
    ]);
    const notes = await site.alerts.store.notes((await only(site))?.id ?? '');
    expect(notes.at(-1)).toMatchObject({ kind: 'untold' });
    expect(JSON.stringify([notes, site.events])).not.toContain('secret');
    expect((await only(site))?.toldAtMs).toBeNull();
  });

  it('says which variable is missing, and leaves the other channels alone', async () => {
    const site = node({ channels: { ...channels, log: { kind: 'log' } } }, {});
    await site.happen(occurrence(site.clock.now()));
    expect(site.lines).toHaveLength(1);
    expect(await site.alerts.deliveries.channels(['chat'])).toMatchObject([
      { error: 'The variable CHAT is not set.' },
    ]);
  });

  it('of a test is tried once', async () => {
    const { url, got } = await server(500);
    const site = node({ channels }, { CHAT: url });
    const id = (await site.alerts.book.test('chat')) ?? '';
    await site.alerts.round();
    site.clock.advance(3_600_000);
    await site.alerts.round();
    expect(got).toHaveLength(1);
    expect(await site.alerts.deliveries.stateOf(id)).toBe('given-up');
    expect(site.events).toEqual([]);
  });
});

describe('people', () => {
  const mail = { kind: 'email', to: ['ops@example.com', 'two@example.com'], least: 'MEDIUM' } as const;

  it('sleep in quiet hours, but for what is critical, even when it has become so', async () => {
    const quietHours = { from: '00:00', to: '23:59' };
    const site = nodeOf(sql(), { channels: { mail, log: { kind: 'log' } }, quietHours });
    await site.happen(occurrence(site.clock.now()));
    expect(site.mails).toEqual([]);
    expect(site.lines).toHaveLength(1);
    await site.happen(occurrence(site.clock.now(), { severity: 'CRITICAL' }));
    expect(site.mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['ops@example.com', '[CRITICAL] Worse: Passwords are being guessed (address=203.0.113.7)'],
      ['two@example.com', '[CRITICAL] Worse: Passwords are being guessed (address=203.0.113.7)'],
    ]);
    await site.happen(occurrence(site.clock.now(), { group: 'other' }));
    site.clock.advance(86_400_000);
    await site.alerts.round();
    site.clock.advance(60_000);
    await site.alerts.round();
    expect(site.mails.some(({ subject }) => subject.includes('(other)'))).toBe(false);
  });

  it('are not told of what was settled while they slept', async () => {
    const site = nodeOf(sql(), { channels: { mail }, quietHours: { from: '00:00', to: '23:59' } });
    await site.happen(occurrence(site.clock.now()));
    const id = (await only(site))?.id ?? '';
    await sql().transaction((tx) => site.alerts.book.act(tx, id, { kind: 'resolve', note: '' }, 'user:ada'));
    expect(await site.alerts.deliveries.channels(['mail'])).toMatchObject([{ waiting: 0 }]);
  });

  it('are told by each channel only what is severe enough for it, and of escalations where the options say', async () => {
    const channels = { mail: { ...mail, least: 'CRITICAL' }, log: { kind: 'log' } } as const;
    const site = nodeOf(sql(), { channels, escalation: { after: '10m', atMost: 1, channels: ['mail'] } });
    await site.happen(
      occurrence(site.clock.now()),
      occurrence(site.clock.now(), { group: 'b', severity: 'CRITICAL' }),
    );
    expect([site.mails.length, site.lines.length]).toEqual([2, 2]);
    site.clock.advance(600_000);
    await site.alerts.round();
    expect([site.mails.length, site.lines.length]).toEqual([4, 2]);
  });

  it('read mails whose HTML holds nothing of a request as HTML', async () => {
    const site = nodeOf(sql(), { channels: { mail } });
    await site.happen(occurrence(site.clock.now(), { description: '<img src=x onerror=alert(1)>' }));
    expect(site.mails[0]?.html).toContain('&lt;img src=x');
    expect(site.mails[0]?.html).not.toContain('<img');
  });
});

describe('a node that dies with a telling', () => {
  it('leaves it to another one, and does not end it afterwards', async () => {
    const site = nodeOf(sql());
    await site.alerts.book.take(occurrence(site.clock.now()));
    const nowMs = site.clock.now();
    const dead = await site.alerts.deliveries.claim('dead', ['log'], nowMs, nowMs + 45_000, 10);
    expect(dead).toHaveLength(1);
    await site.alerts.round();
    expect(site.lines).toEqual([]);
    site.clock.advance(45_000);
    await site.alerts.round();
    expect(site.lines).toHaveLength(1);
    expect(await site.alerts.deliveries.end(dead[0]?.id ?? '', 'dead', 'sent', nowMs)).toBe(false);
  });
});

describe('a channel whose receiver does not answer', () => {
  it('holds up no other, neither the first alert nor the next', async () => {
    const answer = Promise.withResolvers<{ status: number; retryAfter: null }>();
    let asked = 0;
    const hook = { kind: 'webhook', url: 'https://hook.example/', secret: 'HOOK' } as const;
    const site = nodeOf(
      sql(),
      { channels: { hook, log: { kind: 'log' } } },
      {
        channels: {
          post: () => {
            asked += 1;
            return answer.promise;
          },
          secret: () => `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
        },
      },
    );
    for (const group of ['address=203.0.113.7', 'address=203.0.113.8']) {
      site.alerts.take([{ kind: 'occurrence', one: occurrence(site.clock.now(), { group }) }]);
      const lines = group.endsWith('7') ? 1 : 2;
      await expect.poll(() => site.lines.length).toBe(lines);
      await expect.poll(() => asked).toBe(1);
    }
    answer.resolve({ status: 202, retryAfter: null });
    await site.alerts.round();
    expect([asked, site.lines.length]).toEqual([2, 2]);
    await site.alerts.close();
  });
});
