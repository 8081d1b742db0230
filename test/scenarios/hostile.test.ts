import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecisionAnswer, HealthAnswer } from '../../src/server/api/types.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import { type Answer, keptConnections, type RawAnswer, type Sent, sendRaw } from './client.ts';
import {
  HOSTILE_BODIES,
  HOSTILE_BYTES,
  HOSTILE_PARAMETERS,
  HOSTILE_QUERIES,
  type Operation,
  operationsOf,
} from './hostile.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, type Running, start } from './server.ts';

afterAll(cleanUp);

const CONFIG: RampartConfig = { trustProxy: ['loopback'], records: { passes: 0 } };

interface Envelope {
  readonly success: false;
  readonly error: { readonly code: string; readonly message: string; readonly decision?: string };
}

/** The envelope of a refusal, or what is wrong with the answer. */
function envelopeOf({ status, body }: { status: number; body: string }): Envelope | string {
  if (status < 400 || status > 499) return `status ${status}: ${body.slice(0, 200)}`;
  try {
    const envelope = JSON.parse(body) as Envelope;
    return /^[A-Z_]+$/.test(envelope.error.code) ? envelope : `no code: ${body.slice(0, 200)}`;
  } catch {
    return `no envelope: ${status} ${body.slice(0, 200)}`;
  }
}

describe('hostile input on every route', () => {
  let server: Running;
  let operations: readonly Operation[];
  let token: string;
  const agent = keptConnections(4);
  const decisions = new Set<string>();
  beforeAll(async () => {
    server = await start({ dir: await preparedFolder(), config: CONFIG });
    operations = operationsOf(JSON.parse((await server.send({ path: '/openapi.json' })).body) as never);
    const headers = { 'content-type': 'application/json' };
    const sent: Sent = { method: 'POST', path: '/sample/sign-in', headers, body: '{"name":"ada"}' };
    token = (JSON.parse((await server.send(sent)).body) as { token: string }).token;
  });
  afterAll(() => agent.destroy());

  /** Sends as nobody, as a customer and as the operator; the stream of the operator never ends, so it is left out. */
  const asEach = async (
    operation: Operation,
    sent: Sent,
    judge: (answer: Answer) => string | undefined,
  ): Promise<readonly string[]> => {
    const wrong: string[] = [];
    for (const key of [undefined, token, server.key]) {
      if (operation.path === '/admin/stream' && key === server.key && sent.method === 'GET') continue;
      const headers = { ...sent.headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
      const answer = await server.send({ ...sent, headers, agent });
      const decision = answer.headers['x-rampart-decision'];
      if (typeof decision === 'string') decisions.add(decision);
      const fault = judge(answer);
      if (fault !== undefined) wrong.push(`${sent.method} ${sent.path.slice(0, 60)}: ${fault}`);
    }
    return wrong;
  };
  const mustRefuse = (answer: Answer): string | undefined => {
    const envelope = envelopeOf(answer);
    return typeof envelope === 'string' ? envelope : undefined;
  };
  /** Where a route may ignore what it was sent, it must still answer, and in the envelope when it refuses. */
  const mayIgnore = (answer: Answer): string | undefined =>
    answer.status >= 200 && answer.status < 400 ? undefined : mustRefuse(answer);

  it('covers every route of the description', () => {
    expect(operations.length).toBeGreaterThan(30);
    expect(operations.filter(({ takesBody }) => takesBody).length).toBeGreaterThan(8);
  });

  it.each(Object.entries(HOSTILE_BODIES))('refuses a body that is %s', async (_name, hostile) => {
    const wrong: string[] = [];
    for (const operation of operations.filter(({ takesBody }) => takesBody)) {
      // Browsers' reports are taken as they come, and change nothing.
      const judge = operation.path === '/csp-reports' ? mayIgnore : mustRefuse;
      const { method, path } = operation;
      wrong.push(...(await asEach(operation, { ...hostile, method, path }, judge)));
    }
    expect(wrong).toEqual([]);
  });

  it('answers hostile queries and paths without a breakdown', async () => {
    const wrong: string[] = [];
    for (const operation of operations) {
      const { method, path } = operation;
      for (const query of HOSTILE_QUERIES)
        wrong.push(...(await asEach(operation, { method, path: `${path}?${query}` }, mayIgnore)));
      if (!path.includes('/x')) continue;
      for (const parameter of HOSTILE_PARAMETERS) {
        const sent = { method, path: path.replace('/x', `/${parameter}`) };
        wrong.push(...(await asEach(operation, sent, mayIgnore)));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('refuses methods that a route does not know, and lists the others to whom it may', async () => {
    const wrong: string[] = [];
    for (const operation of operations) {
      for (const method of ['PUT', 'PROPFIND', 'TRACE'])
        wrong.push(...(await asEach(operation, { method, path: operation.path }, mustRefuse)));
    }
    expect(wrong).toEqual([]);
    const put = await server.send({ method: 'PUT', path: '/livez' });
    expect([put.status, put.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it.each(Object.entries(HOSTILE_BYTES))('refuses %s, in the envelope', async (_name, bytes) => {
    for (const target of ['/livez', '/sample/orders', '/admin/events']) {
      const answer: RawAnswer = await sendRaw(
        server.port,
        Buffer.from(bytes.replace('{target}', target), 'latin1'),
      );
      const envelope = envelopeOf(answer);
      expect(envelope, answer.head).toBeTypeOf('object');
      const { decision } = (envelope as Envelope).error;
      const header = /^x-rampart-decision: (\S+)$/im.exec(answer.head)?.[1];
      expect(decision).toBe(header);
      if (decision !== undefined) decisions.add(decision);
    }
  });

  it('leaves a decision of what never became a request', async () => {
    // Fifty are recorded a second, and the tests before have sent more.
    const id = await eventually(
      async () =>
        (JSON.parse((await sendRaw(server.port, 'nonsense\r\n\r\n')).body) as Envelope).error.decision,
      (decision) => decision !== undefined,
    );
    const found = await eventually(
      () => server.ask<DecisionAnswer>('GET', `/admin/decisions/${id}`),
      ({ status }) => status === 200,
    );
    expect(found.body).toMatchObject({
      verdict: 'deny',
      guard: 'http',
      code: 'INVALID_REQUEST',
      status: 400,
      method: '-',
      route: '(unreadable)',
      address: '127.0.0.1',
      trafficClass: 'blocked',
    });
    expect(found.body.remedies).not.toEqual([]);
  });

  it('was recorded wherever an answer named a decision, and broke nothing', async () => {
    expect(decisions.size).toBeGreaterThan(20);
    // Thousands are refused; some of every kind are looked up.
    const step = Math.ceil(decisions.size / 300);
    for (const [at, id] of [...decisions].entries()) {
      if (at % step !== 0) continue;
      await eventually(
        () => server.ask('GET', `/admin/decisions/${id}`),
        ({ status }) => status === 200,
      );
    }
    const { body } = await server.ask<HealthAnswer>('GET', '/admin/health');
    expect(body.state).toBe('ok');
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await server.ask('GET', '/admin/events?type=SYSTEM_ERROR')).body).toMatchObject({ events: [] });
  });

  it('stops like any other server', async () => {
    agent.destroy();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });
});
