import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/base/observe/index.ts';
import { type DecisionRecord, replayStep } from '../../src/core/decision.ts';
import type { Gate } from '../../src/core/gate.ts';
import { defineRampart, readConfig } from '../../src/server/config.ts';
import { buildHouse, type House } from '../../src/server/house.ts';
import { memoryCounters } from '../../src/stores/memory/counter.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import { type RunningApp, Stage, type StartApp } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { startExpressApp } from './express-app.ts';
import { startFastifyApp } from './fastify-app.ts';
import { startGenericHonoApp, startHonoApp } from './hono-app.ts';
import { startNodeApp } from './node-app.ts';
import { startWebApp } from './web-app.ts';

const FRIEND = 'https://app.example.com';
const CONFIG = defineRampart({
  limits: {
    few: { max: 2, window: '1h', by: 'ip', code: 'FEW_EXCEEDED' },
    trial: { max: 1, window: '1h', by: 'ip', mode: 'shadow' },
  },
  routes: { '/redirect': { limit: ['few', 'trial'] } },
  browser: { cors: { origins: [FRIEND] } },
  records: { passes: 1 },
});

const ADAPTERS: readonly (readonly [string, StartApp])[] = [
  ['node', startNodeApp],
  ['web', startWebApp],
  ['express', startExpressApp],
  ['fastify', startFastifyApp],
  ['hono', startHonoApp],
  ['hono (Request and Response alone)', startGenericHonoApp],
];

function composed(): { house: House; records: DecisionRecord[]; clock: ManualClock } {
  const clock = new ManualClock();
  const records: DecisionRecord[] = [];
  const counters = memoryCounters({ clock });
  const house = buildHouse(readConfig(CONFIG), {
    clock,
    timers: clock,
    node: 'n1',
    log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
    counters,
    localCounters: counters,
    sink: { write: (record) => records.push(JSON.parse(JSON.stringify(record)) as DecisionRecord) },
  });
  return { house, records, clock };
}

describe.each(ADAPTERS)('a whole house behind the %s adapter', (_name, start) => {
  const { house, records, clock } = composed();
  const stage = new Stage();
  const gate: Gate = house;
  let app: RunningApp;
  beforeAll(async () => {
    app = await start(gate, stage);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  it('gives the handler the nonce of its own Content-Security-Policy, a new one each time', async () => {
    const answers = [await call(app.port, { path: '/nonce' }), await call(app.port, { path: '/nonce' })];
    for (const { body, headers } of answers) {
      expect(body).toMatch(/^[A-Za-z0-9+/]{22}==$/);
      expect(headers['content-security-policy']).toContain(`'nonce-${body}'`);
      expect(headers['content-security-policy']).not.toMatch(/unsafe-(inline|eval)/);
    }
    expect(answers[0]?.body).not.toBe(answers[1]?.body);
  });

  it('sends the security headers on passes, refusals, redirects, errors and what is not found', async () => {
    const asks = ['/hello', '/redirect', '/throw/unknown', '/nowhere', '/empty'];
    for (const path of asks) {
      const { headers } = await call(app.port, { path });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'strict-origin-when-cross-origin',
      });
      expect(headers['strict-transport-security']).toMatch(/max-age=31536000/);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });

  it('answers a preflight of a friend, refuses that of a stranger, and lets only the friend read', async () => {
    const ask = (origin: string) => ({
      method: 'OPTIONS',
      path: '/echo',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    const friend = await call(app.port, ask(FRIEND));
    expect(friend.status).toBe(204);
    expect(friend.headers['access-control-allow-origin']).toBe(FRIEND);
    for (const origin of ['https://evil.example', 'null', `${FRIEND}.evil.example`, `${FRIEND}.`]) {
      const stranger = await call(app.port, ask(origin));
      expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
      expect(stranger.status).toBe(403);
      expect(
        (await call(app.port, { headers: { origin } })).headers['access-control-allow-origin'],
      ).toBeUndefined();
    }
    const read = await call(app.port, { headers: { origin: FRIEND } });
    expect(read.headers['access-control-allow-origin']).toBe(FRIEND);
    expect(read.headers['vary']).toMatch(/origin/i);
  });

  it('refuses forged posts and takes honest ones', async () => {
    const post = (headers: Record<string, string>) =>
      call(app.port, { method: 'POST', path: '/echo', headers, body: 'x=1' });
    const before = stage.calls;
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', cookie: 'a=1' },
      { origin: 'https://evil.example', cookie: 'a=1' },
      { origin: 'null', cookie: 'a=1' },
    ]) {
      const refused = await post(headers);
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'CSRF_REFUSED' } });
    }
    expect(stage.calls).toBe(before);
    expect((await post({})).status).toBe(200);
    expect(
      (await post({ 'sec-fetch-site': 'same-origin', origin: `http://127.0.0.1:${app.port}` })).status,
    ).toBe(200);
  });

  it('limits, tells the truth about when to come back, and records what a shadow limit would have done', async () => {
    clock.advance(7_200_000);
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await call(app.port, { path: '/redirect' }));
    expect(answers.map((answer) => answer.status)).toEqual([302, 302, 429]);
    expect(JSON.parse(answers[2]?.body ?? '')).toMatchObject({ error: { code: 'FEW_EXCEEDED' } });
    const seconds = Number(answers[2]?.headers['retry-after']);
    clock.advance((seconds - 1) * 1000);
    expect((await call(app.port, { path: '/redirect' })).status).toBe(429);
    clock.advance(1000);
    expect((await call(app.port, { path: '/redirect' })).status).toBe(302);
    const second = records.filter((record) => record.path === '/redirect' && record.verdict === 'pass')[2];
    expect(second?.wouldRefuse.length).toBe(1);
  });

  it('leaves records from which every verdict can be computed again', () => {
    const kinds = new Set<string>();
    for (const record of records) {
      for (const step of record.steps) {
        if (!step.evidence) continue;
        kinds.add(`${step.guard} ${step.verdict}`);
        expect(replayStep(step, house.deciders).kind).toBe(step.verdict);
      }
    }
    for (const kind of [
      'browser.csrf deny',
      'browser.cors answer',
      'limit:admit deny',
      'limit:admit pass',
      'browser.headers pass',
    ]) {
      expect(kinds).toContain(kind);
    }
    expect(JSON.stringify(records)).not.toMatch(/a=1|x=1/);
  });
});
