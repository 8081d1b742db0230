import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { writeMmdb } from '../../src/modules/shield/place/test-mmdb.ts';
import { inParallel } from './client.ts';
import { cleanUp, eventually, type Running, start, temporaryFolder } from './server.ts';
import { from } from './traffic.ts';

const postgres = await postgresService();
const redis = await ownRedis();
const absent = postgres.absent !== undefined || 'absent' in redis;
afterAll(async () => {
  await cleanUp();
  rmSync(folder, { recursive: true });
});

const folder = mkdtempSync(join(tmpdir(), 'rampart-places-'));
writeFileSync(
  join(folder, 'places.mmdb'),
  writeMmdb({ '203.0.113.128/25': { country: { iso_code: 'ZZ' } } }),
);
const CONFIG: RampartConfig<'shared'> = {
  shield: { place: { files: [join(folder, 'places.mmdb')] } },
  trustProxy: ['loopback'],
  limits: { shared: { max: 100, window: '10m', by: 'ip', onStoreFailure: 'closed' } },
  limitStore: { storeBudget: '5s' },
  routes: { '/sample/*': { limit: 'shared' } },
};

describe.skipIf(absent)('two nodes on one Redis and one PostgreSQL', () => {
  if ('absent' in redis) return;
  let nodes: readonly [Running, Running];
  let drop: () => Promise<void>;
  beforeEach(async () => {
    await redis.start();
    const database = await temporaryDatabase(postgres.url as string);
    drop = () => database.drop();
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      RAMPART_SECRET: 'one secret of at least 32 characters',
    };
    // At the same moment: the migrations of one must not trip the other.
    nodes = await Promise.all([
      start({ dir: temporaryFolder(), config: CONFIG, env }),
      start({ dir: temporaryFolder(), config: CONFIG, env }),
    ]);
  });
  afterEach(async () => {
    await cleanUp();
    await drop();
    await redis.remove();
  });

  it('let exactly as many through together as one would, and tell each other of blocks', async () => {
    const statuses: number[] = [];
    await inParallel(400, 16, async (i) => {
      statuses.push((await (nodes[i % 2] as Running).send(from('198.51.100.1'))).status);
    });
    expect(statuses.filter((status) => status === 401)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(300);

    const [first, second] = nodes;
    const statusOn = async (node: Running): Promise<number> =>
      (await node.send(from('203.0.113.7', { path: '/livez' }))).status;
    const within = (status: number): Promise<number> =>
      eventually(
        () => statusOn(second),
        (got) => got === status,
        1_000,
      );
    const block = { target: '203.0.113.7', minutes: 5, reason: 'of a test' };
    const added = await first.ask<{ id: string }>('POST', '/admin/blocks', block);
    expect([added.status, await statusOn(first)]).toEqual([201, 403]);
    await within(403);
    expect((await first.ask('DELETE', `/admin/blocks/${added.body.id}`)).status).toBe(204);
    expect(await statusOn(first)).toBe(200);
    await within(200);
    expect((await first.ask('POST', `/admin/blocks/${added.body.id}/restore`)).status).toBe(200);
    await within(403);

    // A country and a customer of the sample, in the same way.
    const customer = await first.send({
      method: 'POST',
      path: '/sample/sign-in',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"lea"}',
    });
    const authorization = `Bearer ${(JSON.parse(customer.body) as { token: string }).token}`;
    const shapes = [
      ['country:ZZ', from('203.0.113.200', { path: '/livez' })],
      ['user:sample:lea', from('198.51.100.9', { path: '/livez', headers: { authorization } })],
    ] as const;
    for (const [target, sent] of shapes) {
      const statusNow = async (): Promise<number> => (await second.send(sent)).status;
      expect(await statusNow()).toBe(200);
      const made = await first.ask<{ id: string }>('POST', '/admin/blocks', { ...block, target });
      expect([target, made.status, (await first.send(sent)).status]).toEqual([target, 201, 403]);
      await eventually(statusNow, (got) => got === 403, 1_000);
      await first.ask('DELETE', `/admin/blocks/${made.body.id}`);
      await eventually(statusNow, (got) => got === 200, 1_000);
    }
  });
});
