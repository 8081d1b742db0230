import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import type { ResponseEntry, ResponsesAnswer } from '../../src/server/api/response-types.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import type { Sent } from './client.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, rampart, type Running, start, temporaryFolder } from './server.ts';
import { from } from './traffic.ts';

const postgres = await postgresService();
const redis = await ownRedis();
const CONFIG: RampartConfig<'api'> = {
  trustProxy: ['loopback'],
  identity: {},
  limits: { api: { max: 10, window: '10m', by: 'ip', adaptive: true } },
  routes: {
    '/sample/*': { limit: false },
    'POST /sample/orders': { payments: true },
    '/livez': { limit: 'api' },
  },
  responses: {
    mode: 'enforce',
    rules: { failed_logins_by_address: { responder: 'block', of: 'address', ttl: '1m' } },
  },
};

async function tokenOf(server: Running, name: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const sent: Sent = { method: 'POST', path: '/sample/sign-in', headers, body: JSON.stringify({ name }) };
  return (JSON.parse((await server.send(sent)).body) as { token: string }).token;
}

/** What a customer meets: status, and the code of a refusal. */
async function met(server: Running, sent: Sent): Promise<string> {
  const { status, body } = await server.send(sent);
  return status < 400
    ? String(status)
    : `${status} ${(JSON.parse(body) as { error: { code: string } }).error.code}`;
}

async function begin(
  server: Running,
  responder: string,
  target: string,
  minutes = 10,
): Promise<ResponseEntry> {
  const asked = await server.ask<ResponseEntry>('POST', '/admin/responses', {
    responder,
    target,
    minutes,
    reason: 'of a scenario',
  });
  expect([target, asked.status]).toEqual([target, 200]);
  if (asked.body.state !== 'waiting') return asked.body;
  const path = `/admin/responses/${asked.body.id}/break-glass`;
  const broken = await server.ask<ResponseEntry>('POST', path, { reason: 'nobody else is awake' });
  expect(broken.body.state).toBe('full');
  return broken.body;
}

const undo = (server: Running, { id }: ResponseEntry) => server.ask('POST', `/admin/responses/${id}/undo`);

afterEach(cleanUp);
afterAll(async () => {
  if (!('absent' in redis)) await redis.remove();
});

describe('responses of a running server', () => {
  it('act over HTTP, are undone, and outlive the death of the process', async () => {
    const dir = await preparedFolder();
    let server = await start({ dir, config: CONFIG });
    const authorization = `Bearer ${await tokenOf(server, 'ada')}`;
    const order: Sent = from('198.51.100.9', {
      method: 'POST',
      path: '/sample/orders',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"items":[{"name":"Tea","quantity":1}]}',
    });
    const look: Sent = from('198.51.100.9', { headers: { authorization } });
    const stranger: Sent = from('198.51.100.10', { path: '/sample/register' });
    const both = async (): Promise<string> => `${await met(server, look)}, ${await met(server, order)}`;
    expect(await both()).toBe('200, 201');

    const cases = [
      ['block', '198.51.100.0/24', '403 BLOCKED, 403 BLOCKED'],
      ['lock-account', 'user:sample:ada', '403 ACCOUNT_LOCKED, 403 ACCOUNT_LOCKED'],
      ['require-step-up', 'user:sample:ada', '401 FRESH_AUTH_REQUIRED, 401 FRESH_AUTH_REQUIRED'],
      ['freeze-payments', 'user:sample:ada', '200, 403 PAYMENTS_FROZEN'],
      ['freeze-payments', 'all', '200, 403 PAYMENTS_FROZEN'],
      ['lockdown', 'read-only', '200, 503 LOCKDOWN'],
      ['lockdown', 'admins-only', '503 LOCKDOWN, 503 LOCKDOWN'],
    ] as const;
    for (const [responder, target, expected] of cases) {
      const lease = await begin(server, responder, target);
      expect([responder, target, await both()]).toEqual([responder, target, expected]);
      // The console and the probes stay open.
      expect((await server.ask('GET', '/admin/responses')).status).toBe(200);
      expect((await server.send({ path: '/readyz' })).status).toBe(200);
      expect((await undo(server, lease)).status).toBe(200);
      expect([responder, target, await both()]).toEqual([responder, target, '200, 201']);
    }

    const closed = await begin(server, 'disable-admins', 'all');
    const link = new URL(server.link);
    const signIn: Sent = {
      method: 'POST',
      path: '/admin/session',
      headers: { host: link.host, 'content-type': 'application/json' },
      body: JSON.stringify({ setupToken: link.hash.slice('#token='.length) }),
    };
    expect(await met(server, signIn)).toBe('403 ADMINS_DISABLED');
    await undo(server, closed);
    expect(await met(server, signIn)).toBe('200');

    const tight = await begin(server, 'tighten-limits', '198.51.100.0/24');
    const asked = from('198.51.100.11', { path: '/livez' });
    const passed: number[] = [];
    for (let i = 0; i < 6; i++) passed.push((await server.send(asked)).status);
    expect(passed).toEqual([200, 200, 200, 429, 429, 429]);
    await undo(server, tight);

    const raised = await begin(server, 'raise-posture', 'attack');
    const posture = async (): Promise<string> => {
      const { body } = await server.ask<{ posture: { level: string } | null }>('GET', '/admin/health');
      return body.posture?.level ?? 'none';
    };
    expect(await posture()).toBe('attack');
    await undo(server, raised);
    expect(await posture()).toBe('normal');

    await begin(server, 'lockdown', 'read-only');
    await server.kill();
    server = await start({ dir, config: CONFIG });
    expect(await met(server, order)).toBe('503 LOCKDOWN');
    expect((await server.send(stranger)).status).not.toBe(503);
  });

  it('begin by themselves where a detector speaks, and are listed and undone from the command line', async () => {
    const dir = await preparedFolder();
    const server = await start({ dir, config: CONFIG });
    const guess = (i: number): Sent =>
      from('203.0.113.7', {
        method: 'POST',
        path: '/auth/sign-in',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `nobody${i}@example.org`, password: 'of somebody else entirely' }),
      });
    for (let i = 0; i < 6; i++) await server.send(guess(i));
    const look = from('203.0.113.7', { path: '/sample/register' });
    await eventually(
      () => met(server, look),
      (got) => got === '403 BLOCKED',
      5_000,
    );
    expect(await met(server, from('203.0.113.8', { path: '/sample/register' }))).not.toContain('BLOCKED');
    const { body } = await server.ask<ResponsesAnswer>('GET', '/admin/responses');
    expect(body.responses[0]).toMatchObject({
      startedBy: 'failed_logins_by_address',
      automatic: true,
      state: 'full',
      target: '203.0.113.7',
    });
    const listed = await rampart(['respond', 'list'], dir);
    expect([listed.code, listed.err]).toEqual([0, '']);
    expect(listed.out).toContain('203.0.113.7');
    const undone = await rampart(['respond', 'undo', body.responses[0]?.id ?? ''], dir);
    expect([undone.code, undone.err]).toEqual([0, '']);
    expect(await met(server, look)).not.toContain('BLOCKED');
  });
});

describe.skipIf(postgres.absent !== undefined || 'absent' in redis)('responses of two nodes', () => {
  it('act on both within a second, and so does undoing', async () => {
    if ('absent' in redis) return;
    await redis.start();
    const database = await temporaryDatabase(postgres.url as string);
    try {
      const env = {
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        RAMPART_SECRET: 'one secret of at least 32 characters',
      };
      const [first, second] = await Promise.all([
        start({ dir: temporaryFolder(), config: CONFIG, env }),
        start({ dir: temporaryFolder(), config: CONFIG, env }),
      ]);
      const look = from('198.51.100.9', { path: '/sample/register' });
      const lease = await begin(first, 'block', '198.51.100.9');
      expect(await met(first, look)).toBe('403 BLOCKED');
      await eventually(
        () => met(second, look),
        (got) => got === '403 BLOCKED',
        1_000,
      );
      await undo(second, lease);
      expect(await met(second, look)).not.toContain('BLOCKED');
      await eventually(
        () => met(first, look),
        (got) => !got.includes('BLOCKED'),
        1_000,
      );
    } finally {
      await cleanUp();
      await database.drop();
    }
  });
});
