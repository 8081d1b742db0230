import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineRampart, type Guard, rampart } from '../../src/doors/node.ts';
import type { Bus } from '../../src/ports/bus.ts';
import { BLOCKS_CHANNEL } from '../../src/server/api/index.ts';
import { AUTO_BLOCKS_CHANNEL } from '../../src/server/attach-blocks.ts';
import { BlockStore } from '../../src/server/data/index.ts';
import { POSTURE_CHANNEL } from '../../src/server/share-traffic.ts';
import { openServer, postgresBus } from '../../src/stores/postgres/index.ts';
import { openRedisBus } from '../../src/stores/redis/bus.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { listening } from '../adapters/apps.ts';
import { send } from '../scenarios/client.ts';
import { eventually } from '../scenarios/server.ts';

const HOUR_MS = 3_600_000;
const config = defineRampart({
  trustProxy: ['loopback'],
  identify: (request) => {
    const name = request.header('x-user');
    return name === undefined ? null : { id: `user:${name}`, kind: 'user', roles: [] };
  },
  shield: { traffic: { burst: 5 }, headers: false },
});

interface App {
  readonly guard: Guard;
  readonly app: RunningApp;
}

const folder = mkdtempSync(join(tmpdir(), 'rampart-shared-blocks-'));
const running: App[] = [];
async function start(name: string, stores: { databaseUrl: string; redisUrl: string }): Promise<App> {
  const guard = await rampart(config, { dataDir: join(folder, name), ...stores });
  const app = await listening(createServer(guard((_request, response) => void response.end('hello'))));
  const one = { guard, app };
  running.push(one);
  return one;
}
async function stopAll(): Promise<void> {
  for (const { guard, app } of running.splice(0)) {
    await app.close();
    await guard.close();
  }
}
const status = async ({ app }: App, from: string, user?: string): Promise<number> => {
  const headers = { 'x-forwarded-for': from, ...(user === undefined ? {} : { 'x-user': user }) };
  return (await send(app.port, { path: '/', headers })).status;
};
const becomes = (app: App, wanted: number, from: string, user?: string): Promise<number> =>
  eventually(
    () => status(app, from, user),
    (got) => got === wanted,
    1_000,
  );
const flood = async (app: App, from: string): Promise<void> => {
  for (let i = 0; i < 8; i++) await status(app, from);
};

const postgres = await postgresService();
const redis = await ownRedis();
beforeAll(async () => {
  if (!('absent' in redis)) await redis.start();
});
afterAll(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
  if (!('absent' in redis)) await redis.remove();
});

for (const column of ['PostgreSQL', 'PostgreSQL and Redis'] as const) {
  const withRedis = column !== 'PostgreSQL';
  const absent = postgres.absent !== undefined || (withRedis && 'absent' in redis);
  describe.skipIf(absent)(`two attached applications on ${column}`, () => {
    let database: Awaited<ReturnType<typeof temporaryDatabase>>;
    let stores: { databaseUrl: string; redisUrl: string };
    let sql: Awaited<ReturnType<typeof openServer>>;
    let bus: Bus;
    let first: App;
    let second: App;
    beforeAll(async () => {
      database = await temporaryDatabase(postgres.url as string);
      const redisUrl = withRedis && !('absent' in redis) ? redis.url : '';
      stores = { databaseUrl: database.url, redisUrl };
      [first, second] = [await start(`${column} a`, stores), await start(`${column} b`, stores)];
      sql = await openServer({ url: database.url });
      bus = redisUrl === '' ? postgresBus(sql) : await openRedisBus({ url: redisUrl });
    });
    afterAll(async () => {
      await stopAll();
      await bus?.close();
      await sql?.close();
      await database?.drop();
    });

    it('A87: what one blocks for its traffic the other refuses within a second, and so does one that starts later', async () => {
      await flood(first, '203.0.113.50');
      await becomes(second, 429, '203.0.113.50');
      expect(await status(second, '203.0.113.51')).toBe(200);
      await eventually(
        async () =>
          (await sql.query("SELECT count(*)::int AS n FROM rampart.events WHERE type = 'BLOCK_ADDED'")).rows,
        (rows) => (rows[0] as { n: number } | undefined)?.n === 1,
      );
      const third = await start(`${column} c`, stores);
      expect(await status(third, '203.0.113.50')).toBe(429);
    });

    it('refuse whom an operator blocked, of every kind, and let in whom he lets in', async () => {
      const blocks = new BlockStore(sql);
      const nowMs = Date.now();
      const given = { reason: 'x', createdBy: 'ada', expiresAtMs: nowMs + HOUR_MS };
      const { id } = await sql.transaction((tx) => blocks.add(tx, { ...given, target: 'user:lea' }, nowMs));
      await bus.publish(BLOCKS_CHANNEL, 'changed');
      for (const app of [first, second]) {
        await becomes(app, 403, '198.51.100.1', 'lea');
        expect(await status(app, '198.51.100.2', 'bob')).toBe(200);
      }
      await sql.transaction((tx) => blocks.remove(tx, id, 'ada', Date.now()));
      await bus.publish(BLOCKS_CHANNEL, 'changed');
      for (const app of [first, second]) await becomes(app, 200, '198.51.100.3', 'lea');
    });

    it('share how hard they are pressed', async () => {
      await bus.publish(POSTURE_CHANNEL, JSON.stringify({ node: 'elsewhere', level: 'elevated' }));
      for (const { guard } of [first, second])
        await eventually(
          () => Promise.resolve(guard.house.shield.traffic?.posture().level),
          (level) => level === 'elevated',
          1_000,
        );
    });
  });
}

describe.skipIf('absent' in redis)('two attached applications on Redis alone', () => {
  if ('absent' in redis) return;
  let first: App;
  let second: App;
  let bus: Bus;
  beforeAll(async () => {
    const stores = { databaseUrl: '', redisUrl: redis.url };
    [first, second] = [await start('d', stores), await start('e', stores)];
    bus = await openRedisBus({ url: redis.url });
  });
  afterAll(async () => {
    await stopAll();
    await bus?.close();
  });

  it('tell each other of the clients that they block for their traffic', async () => {
    await flood(first, '203.0.113.60');
    await becomes(second, 429, '203.0.113.60');
    expect(second.guard.house.blocks.find('203.0.113.60')?.createdBy).toBe('shield.traffic');
  });

  it('act on no message that would block the machine, everybody, for ever, or nonsense', async () => {
    const whole = { node: 'elsewhere', target: '203.0.113.70', reason: 'x', ttlMs: HOUR_MS };
    for (const bad of [
      'nonsense',
      'null',
      '[]',
      { ...whole, target: '127.0.0.1' },
      { ...whole, target: '0.0.0.0/0' },
      { ...whole, target: 'country:DE' },
      { ...whole, ttlMs: null },
      { ...whole, ttlMs: -1 },
      { ...whole, ttlMs: 1e20 },
      { ...whole, reason: 'x'.repeat(3_000) },
      { ...whole, node: 7 },
    ])
      await bus.publish(AUTO_BLOCKS_CHANNEL, typeof bad === 'string' ? bad : JSON.stringify(bad));
    await bus.publish(AUTO_BLOCKS_CHANNEL, JSON.stringify({ ...whole, target: '203.0.113.71' }));
    await becomes(second, 429, '203.0.113.71');
    expect(second.guard.house.blocks.list().map(({ target }) => target)).toEqual(
      expect.not.arrayContaining(['203.0.113.70', '127.0.0.1', '0.0.0.0/0', 'country:DE']),
    );
  });
});
