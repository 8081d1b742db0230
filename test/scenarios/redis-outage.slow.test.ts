import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HealthAnswer } from '../../src/server/api/types.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import { ownRedis } from '../../src/testing/services.ts';
import type { Answer, Sent } from './client.ts';
import { cleanUp, eventually, type Running, start, temporaryFolder } from './server.ts';
import { from } from './traffic.ts';

const redis = await ownRedis();
afterAll(cleanUp);

const CONFIG: RampartConfig<'api' | 'auth'> = {
  trustProxy: ['loopback'],
  limits: {
    api: { max: 10, window: '10m', by: 'ip' },
    auth: { max: 1_000_000, window: '10m', by: 'ip', onStoreFailure: 'closed' },
  },
  // A busy machine may keep a node waiting for longer than the 50 ms of the default while all is well.
  limitStore: { probeEvery: '200ms', storeBudget: '500ms' },
  routes: { '/sample/orders': { limit: 'api' }, 'POST /sample/sign-in': { limit: 'auth' } },
};
const signIn: Partial<Sent> = {
  method: 'POST',
  path: '/sample/sign-in',
  headers: { 'content-type': 'application/json' },
  body: '{"name":"ada"}',
};

/** An answer that nobody may get, whatever happens to Redis. */
function isWrong(signing: boolean, { status, body }: Answer): boolean {
  if (signing) return status !== 200 && !(status === 503 && body.includes('"LIMIT_STORE_UNAVAILABLE"'));
  return status !== 401 && status !== 429;
}

/** Requests without a pause until `end`: two lanes on the limit that counts here, one on the one that is closed. */
function load(server: Running): { readonly wrong: unknown[]; count: () => number; end(): Promise<unknown> } {
  const state = { going: true };
  let sent = 0;
  const wrong: unknown[] = [];
  const lane = async (number: number): Promise<void> => {
    for (let i = 0; state.going; i++) {
      const signing = number === 0;
      try {
        const answer = await server.send(from(`198.51.${number}.${i % 250}`, signing ? signIn : {}));
        if (isWrong(signing, answer)) wrong.push([answer.status, answer.body]);
      } catch (error) {
        wrong.push(error);
      }
      sent++;
    }
  };
  const lanes = [0, 1, 2].map(lane);
  return {
    wrong,
    count: () => sent,
    end() {
      state.going = false;
      return Promise.all(lanes);
    },
  };
}

/** How many of 30 requests of one new address are let through. */
async function letThrough(server: Running, address: string): Promise<number> {
  let passed = 0;
  for (let i = 0; i < 30; i++) if ((await server.send(from(address))).status === 401) passed++;
  return passed;
}

const limitsCheck = async (server: Running): Promise<string | undefined> => {
  const { body } = await server.ask<HealthAnswer>('GET', '/admin/health');
  return body.checks.find(({ name }) => name === 'limits')?.state;
};
const isLimits = (server: Running, state: string): Promise<unknown> =>
  eventually(
    () => limitsCheck(server),
    (got) => got === state,
    20_000,
  );
const switches = async (server: Running): Promise<Record<string, number>> => {
  const { body } = await server.ask<{ events: { type: string }[] }>(
    'GET',
    '/admin/events?limit=200&type=LIMIT_STORE_DEGRADED&type=LIMIT_STORE_RECOVERED',
  );
  const counts: Record<string, number> = {};
  for (const { type } of body.events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

describe.skipIf('absent' in redis)('a node whose Redis fails under load', () => {
  if ('absent' in redis) return;
  let server: Running;
  beforeEach(async () => {
    await redis.start();
    server = await start({ dir: temporaryFolder(), config: CONFIG, env: { REDIS_URL: redis.url } });
  });
  afterEach(async () => {
    await cleanUp();
    await redis.kill();
  });

  afterAll(() => redis.remove());

  /** Breaks Redis and mends it under load; what must hold meanwhile is the same however it broke. */
  const outage = async (breakIt: () => unknown, mendIt: () => unknown): Promise<void> => {
    const traffic = load(server);
    expect(await letThrough(server, '192.0.2.1')).toBe(10);
    expect((await server.send(from('192.0.2.1', signIn))).status).toBe(200);
    await breakIt();
    await isLimits(server, 'degraded');
    const before = traffic.count();
    expect(await letThrough(server, '192.0.2.2')).toBe(10);
    expect((await server.send(from('192.0.2.2', signIn))).status).toBe(503);
    expect((await server.send({ path: '/readyz' })).status).toBe(200);
    expect(traffic.count()).toBeGreaterThan(before);
    expect(await switches(server)).toEqual({ LIMIT_STORE_DEGRADED: 1 });
    await mendIt();
    await isLimits(server, 'ok');
    await eventually(
      () => switches(server),
      (counts) => counts['LIMIT_STORE_RECOVERED'] === 1,
    );
    expect((await server.send(from('192.0.2.3', signIn))).status).toBe(200);
    expect(await letThrough(server, '192.0.2.3')).toBe(10);
    await traffic.end();
    expect(traffic.wrong).toEqual([]);
    expect(await switches(server)).toEqual({ LIMIT_STORE_DEGRADED: 1, LIMIT_STORE_RECOVERED: 1 });
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  };

  it('keeps limiting while it is dead, and shares again when it is back', () =>
    outage(
      () => redis.kill(),
      () => redis.start(),
    ));

  it('keeps limiting while it is connected but silent, and shares again when it answers', () =>
    outage(
      () => redis.freeze(),
      () => redis.thaw(),
    ));

  it('starts while Redis is away, and counts there once it comes', async () => {
    await server.stop();
    await redis.kill();
    server = await start({ dir: server.dir, config: CONFIG, env: { REDIS_URL: redis.url } });
    expect(await letThrough(server, '192.0.2.4')).toBe(10);
    expect((await server.send(from('192.0.2.4', signIn))).status).toBe(503);
    await redis.start();
    await isLimits(server, 'ok');
    await eventually(
      async () => (await server.send(from('192.0.2.5', signIn))).status,
      (status) => status === 200,
    );
  });
});
