import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import type { DecisionAnswer, DecisionsAnswer } from '../../src/server/api/types.ts';
import type { Sent } from './client.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, eventually, type Running, start } from './server.ts';
import { decisionOf, from } from './traffic.ts';

afterAll(cleanUp);

const CONFIG: RampartConfig<'api' | 'orders'> = {
  trustProxy: ['loopback'],
  limits: {
    api: { max: 3, window: '10m', by: 'ip', penalties: true },
    orders: { max: 2, window: '1m', by: 'user', algorithm: 'gcra', mode: 'shadow' },
  },
  routes: { '/sample/*': { limit: ['api', 'orders'] } },
  browser: { cors: { origins: ['https://app.example.com'] } },
  records: { passes: 1 },
};

const forged: Partial<Sent> = {
  method: 'POST',
  headers: {
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    cookie: '__Host-session=x',
    'content-type': 'text/plain',
  },
  body: '{}',
};
const preflight: Partial<Sent> = {
  method: 'OPTIONS',
  headers: { origin: 'https://app.example.com', 'access-control-request-method': 'GET' },
};

describe('a decision on record', () => {
  let server: Running;
  beforeAll(async () => {
    server = await start({ dir: await preparedFolder(), config: CONFIG });
  });

  const decision = async (id: string): Promise<DecisionAnswer> => {
    const found = await eventually(
      () => server.ask<DecisionAnswer>('GET', `/admin/decisions/${id}`),
      ({ status }) => status === 200,
    );
    return found.body;
  };
  /** The newest decision about an address. */
  const latest = async (address: string): Promise<DecisionAnswer> => {
    const page = await eventually(
      () => server.ask<DecisionsAnswer>('GET', `/admin/decisions?filter=address:${address}`),
      ({ body }) => body.decisions.length > 0,
    );
    return decision(page.body.decisions[0]?.id ?? '');
  };
  const replayed = ({ steps }: DecisionAnswer): Record<string, boolean | null> =>
    Object.fromEntries(steps.map((step) => [step.guard, step.replayed]));

  it('of a pass is computed again, guard by guard', async () => {
    expect((await server.send(from('198.51.100.1'))).status).toBe(401);
    const found = await latest('198.51.100.1');
    expect(found.verdict).toBe('pass');
    expect(replayed(found)).toMatchObject({
      'limit:admit': true,
      'limit:meter': true,
      'browser.csrf': true,
      blockList: true,
    });
    expect(Object.values(replayed(found))).not.toContain(false);
  });

  it('of a refusal by a limit is computed again, with the numbers and the wait', async () => {
    let answer = await server.send(from('198.51.100.2'));
    for (let i = 0; i < 3; i++) answer = await server.send(from('198.51.100.2'));
    expect(answer.status).toBe(429);
    const found = await decision(decisionOf(answer) ?? '');
    expect([found.verdict, found.guard, replayed(found)['limit:admit']]).toEqual([
      'deny',
      'limit:admit',
      true,
    ]);
    expect(Object.values(replayed(found))).not.toContain(false);
    expect(found.remedies).toEqual([expect.stringMatching(/^Wait \d+ (s|min)\.$/)]);
  });

  it('of a blocked address is computed again, also after the block was lifted', async () => {
    const block = { target: '203.0.113.0/24', minutes: 5, reason: 'of a test' };
    const added = await server.ask<{ id: string }>('POST', '/admin/blocks', block);
    const answer = await server.send(from('203.0.113.9'));
    expect(answer.status).toBe(403);
    await server.ask('DELETE', `/admin/blocks/${added.body.id}`);
    const found = await decision(decisionOf(answer) ?? '');
    expect([found.guard, replayed(found)]).toEqual(['blockList', { blockList: true }]);
    expect(found.sentence).toContain('203.0.113.0/24');
  });

  it('of a forged request is computed again', async () => {
    const answer = await server.send(from('198.51.100.3', forged));
    expect(answer.status).toBe(403);
    const found = await decision(decisionOf(answer) ?? '');
    expect([found.guard, found.code]).toEqual(['browser.csrf', 'CSRF_REFUSED']);
    expect(replayed(found)).toMatchObject({ 'browser.csrf': true });
    expect(Object.values(replayed(found))).not.toContain(false);
  });

  it('of a preflight is computed again, whether it was granted or not', async () => {
    const granted = await server.send(from('198.51.100.4', preflight));
    expect([granted.status, granted.headers['access-control-allow-origin']]).toEqual([
      204,
      'https://app.example.com',
    ]);
    const found = await latest('198.51.100.4');
    expect([found.verdict, replayed(found)['browser.cors']]).toEqual(['answer', true]);
    const headers = { ...preflight.headers, origin: 'https://evil.example' };
    const refused = await server.send(from('198.51.100.5', { ...preflight, headers }));
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
    expect(replayed(await latest('198.51.100.5'))['browser.cors']).toBe(true);
  });

  it('outlives the server that decided', async () => {
    const before = await latest('198.51.100.2');
    await server.stop();
    server = await start({ dir: server.dir, config: CONFIG });
    expect(await latest('198.51.100.2')).toEqual({ ...before, block: null });
  });
});
