import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpReceiver, httpReceiver } from '../../src/server/sinks/test-receiver.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { cleanUp, eventually, type Running, start, temporaryFolder } from './server.ts';
import { from } from './traffic.ts';
import {
  alertsOf,
  attack,
  eventsOf,
  healthOf,
  KEYS,
  metric,
  probe,
  responsesTo,
  toldOf,
  watched,
} from './watch.ts';

const postgres = await postgresService();
const redis = await ownRedis();
const LONG_MS = 120_000;
const SHARED = 'rampart_detect_store_shared';

afterAll(async () => {
  await cleanUp();
  if (!('absent' in redis)) await redis.remove();
});

describe.skipIf(postgres.absent !== undefined || 'absent' in redis)(
  'two nodes behind one Redis',
  { timeout: 420_000 },
  () => {
    if ('absent' in redis) return;
    let nodes: readonly [Running, Running];
    let hook: HttpReceiver;
    let drop: () => Promise<void>;
    beforeEach(async () => {
      await redis.start();
      hook = await httpReceiver(() => ({ status: 204 }));
      const database = await temporaryDatabase(postgres.url as string);
      drop = () => database.drop();
      const env = {
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        RAMPART_SECRET: 'one secret of at least 32 characters',
        ...KEYS,
      };
      const config = watched(hook.url);
      nodes = await Promise.all([
        start({ dir: temporaryFolder(), config, env }),
        start({ dir: temporaryFolder(), config, env }),
      ]);
    });
    afterEach(async () => {
      await cleanUp();
      await hook.close();
      await drop();
      await redis.kill();
    });

    const isBlocked = async (node: Running, address: string): Promise<boolean> =>
      (await node.send(from(address, { path: '/sample/register' }))).body.includes('"BLOCKED"');
    const blockedBy = (node: Running, address: string): Promise<unknown> =>
      eventually(
        () => isBlocked(node, address),
        (blocked) => blocked,
        LONG_MS,
      );
    /** One kind of injection on the first node, the others on the second: neither sees enough alone. */
    const split = async (address: string): Promise<void> => {
      for (const kind of [0, 1, 2]) await nodes[kind === 0 ? 0 : 1].send(probe(address, kind));
    };

    it('see an attack that is spread over both as one: one alert, one response, told once', async () => {
      const [first, second] = nodes;
      await split('203.0.113.30');
      for (const node of nodes) await blockedBy(node, '203.0.113.30');
      // And one of several addresses, each of them once.
      for (const [i, address] of ['198.51.100.1', '203.0.113.1', '192.0.2.1', '198.18.0.1'].entries())
        await nodes[(i % 2) as 0 | 1].send(probe(address, 0));
      await eventually(
        () => alertsOf(first, 'coordinated_attack'),
        (alerts) => alerts.length > 0,
        LONG_MS,
      );
      await eventually(
        () => responsesTo(second, 'elevated'),
        (found) => found.length > 0,
        LONG_MS,
      );
      for (const [rule, target] of [
        ['injection_classes', '203.0.113.30'],
        ['coordinated_attack', 'elevated'],
      ] as const) {
        await expect.poll(() => toldOf(hook, rule).length, { timeout: LONG_MS }).toBeGreaterThan(0);
        expect([rule, (await alertsOf(second, rule)).length]).toEqual([rule, 1]);
        expect([rule, (await responsesTo(first, target)).length]).toEqual([rule, 1]);
        expect([rule, toldOf(hook, rule).length]).toEqual([rule, 1]);
      }
    });

    it('see each its own part while Redis is away, say so, and see as one again once it is back', async () => {
      const [first, second] = nodes;
      await redis.kill();
      await attack(first, '203.0.113.31');
      await blockedBy(first, '203.0.113.31');
      await second.send(probe('203.0.113.32', 0));
      for (const node of nodes) {
        await eventually(
          () => metric(node, SHARED),
          (shared) => shared === 0,
          LONG_MS,
        );
        const { findings } = await healthOf(node);
        expect(findings.map(({ text }) => text).join()).toContain('store of the detectors does not answer');
      }
      await eventually(
        () => alertsOf(first, 'injection_classes', '203.0.113.31'),
        (alerts) => alerts.length === 1,
        LONG_MS,
      );
      const [seen] = await eventsOf(first, 'DETECTION');
      expect(seen?.details['countedBy']).toBe('local');

      await redis.start();
      let i = 0;
      for (const node of nodes)
        await eventually(
          async () => {
            // It is asked again by an event that comes along.
            await node.send(probe(`198.51.100.${i++ % 250}`, 0));
            return metric(node, SHARED);
          },
          (shared) => shared === 1,
          LONG_MS,
        );
      await split('203.0.113.33');
      for (const node of nodes) await blockedBy(node, '203.0.113.33');
      await eventually(
        () => alertsOf(second, 'injection_classes', '203.0.113.33'),
        (alerts) => alerts.length === 1,
        LONG_MS,
      );
      const switches = await eventually(
        () => eventsOf(first, 'DETECT_STORE_DEGRADED', 'DETECT_STORE_RECOVERED'),
        (events) => events.length >= 4,
        LONG_MS,
      );
      expect(switches.map(({ type, node }) => `${node} ${type}`).toSorted()).toEqual(
        [...new Set(switches.map(({ node }) => node))]
          .flatMap((node) => [`${node} DETECT_STORE_DEGRADED`, `${node} DETECT_STORE_RECOVERED`])
          .toSorted(),
      );
    });
  },
);
