import { afterAll, expect, it } from 'vitest';
import { httpReceiver } from '../../src/server/sinks/test-receiver.ts';
import { ownRedis, postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { inParallel } from './client.ts';
import { openRelay } from './relay.ts';
import { cleanUp, eventually, type Running, start, temporaryFolder } from './server.ts';
import { from, unknownTo } from './traffic.ts';
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
const LONG_MS = 180_000;
/** After five seconds it is told that records wait. */
const STALLED_MS = 8_000;

afterAll(async () => {
  await cleanUp();
  if (!('absent' in redis)) await redis.remove();
});

const isBlocked = async (server: Running, address: string): Promise<boolean> =>
  (await server.send(from(address, { path: '/sample/register' }))).body.includes('"BLOCKED"');

it.skipIf(postgres.absent !== undefined || 'absent' in redis)(
  'an attack while PostgreSQL is away is seen, written down, told and answered once it is back; what was dropped is counted',
  { timeout: 600_000 },
  async () => {
    if ('absent' in redis) return;
    await redis.start();
    const database = await temporaryDatabase(postgres.url as string);
    const url = new URL(database.url);
    const relay = await openRelay(url.hostname, Number(url.port));
    url.host = `127.0.0.1:${relay.port}`;
    const hook = await httpReceiver(() => ({ status: 204 }));
    try {
      const server = await start({
        dir: temporaryFolder(),
        config: watched(hook.url, { records: { journalMib: 1 } }),
        env: { DATABASE_URL: url.href, REDIS_URL: redis.url, ...KEYS },
      });
      await attack(server, '203.0.113.20');
      await eventually(
        () => isBlocked(server, '203.0.113.20'),
        (blocked) => blocked,
        LONG_MS,
      );

      relay.cut();
      const cutMs = performance.now();
      await eventually(
        () => healthOf(server),
        ({ state }) => state === 'down',
        LONG_MS,
      );
      const told = await attack(server, '203.0.113.21');
      await eventually(
        () => metric(server, 'rampart_detections_total{detector="injection_classes"}'),
        (count) => count === 2,
        LONG_MS,
      );
      // A response is written before it acts: it waits, and what acts already goes on.
      await eventually(
        () => metric(server, 'rampart_response_detections_waiting'),
        (waiting) => waiting > 0,
        LONG_MS,
      );
      expect(await isBlocked(server, '203.0.113.21')).toBe(false);
      expect(await isBlocked(server, '203.0.113.20')).toBe(true);

      // More than the journal may hold, and for longer than a database that is merely started anew.
      await eventually(
        async () => {
          await inParallel(200, 4, (i) => server.send(probe(`198.18.${i % 250}.7`, 0)));
          return (await healthOf(server)).journal.shed;
        },
        (shed) => shed > 0 && performance.now() - cutMs > STALLED_MS,
        LONG_MS,
      );
      expect(await metric(server, 'rampart_records_shed_total')).toBeGreaterThan(0);
      expect((await server.send({ path: '/readyz' })).status).toBe(200);

      relay.mend();
      await eventually(
        () => healthOf(server),
        (health) =>
          health.journal.waiting === 0 &&
          health.checks.some(({ name, state }) => name === 'database' && state === 'ok'),
        LONG_MS,
      );
      await eventually(
        () => isBlocked(server, '203.0.113.21'),
        (blocked) => blocked,
        LONG_MS,
      );
      for (const address of ['203.0.113.20', '203.0.113.21']) {
        await eventually(
          () => alertsOf(server, 'injection_classes', address),
          (alerts) => alerts.length === 1,
          LONG_MS,
        );
        expect(await responsesTo(server, address)).toHaveLength(1);
      }
      await expect.poll(() => toldOf(hook, 'injection_classes').length, { timeout: LONG_MS }).toBe(2);
      // What came while there was room is there, and what came later is counted.
      expect(await unknownTo(server, told)).toEqual([]);
      const seen = (await eventsOf(server, 'DETECTION')).filter(
        ({ details }) => details['rule'] === 'injection_classes',
      );
      expect(seen.map(({ details }) => details['countedBy'])).toEqual(['shared', 'shared']);
      await eventually(
        async () => {
          const events = await eventsOf(server, 'RECORDS_SHED');
          const counted = events.reduce((sum, { details }) => sum + Number(details['count']), 0);
          return [counted, (await healthOf(server)).journal.shed] as const;
        },
        ([counted, shed]) => counted > 0 && counted === shed,
        LONG_MS,
      );
      await eventually(
        () => eventsOf(server, 'JOURNAL_STALLED', 'JOURNAL_RECOVERED'),
        (events) => new Set(events.map(({ type }) => type)).size === 2,
        LONG_MS,
      );
      expect((await alertsOf(server, 'RECORDS_SHED')).length).toBeGreaterThan(0);
    } finally {
      await cleanUp();
      await hook.close();
      await relay.close();
      await database.drop();
    }
  },
);
