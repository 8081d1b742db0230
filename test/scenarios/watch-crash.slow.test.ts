import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import {
  type HttpReceiver,
  httpReceiver,
  type ReceiverAnswer,
} from '../../src/server/sinks/test-receiver.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { openRelay, type Relay } from './relay.ts';
import { cleanUp, eventually, type Running, start, temporaryFolder } from './server.ts';
import { eventIds, from, unknownTo } from './traffic.ts';
import { alertsOf, attack, ATTEMPTS, eventsOf, KEYS, metric, responsesTo, toldOf, watched } from './watch.ts';

const postgres = await postgresService();
const TAKEN = { status: 204 } as const;
const never = (): Promise<ReceiverAnswer> => new Promise(() => undefined);
/** A busy machine, and the minute for which a dead node is still believed to be at it. */
const LONG_MS = 180_000;

afterAll(cleanUp);

describe.skipIf(postgres.absent !== undefined)('a node that is killed', { timeout: 420_000 }, () => {
  let relay: Relay;
  let hook: HttpReceiver;
  let env: Readonly<Record<string, string>>;
  let drop: () => Promise<void>;
  beforeEach(async () => {
    const database = await temporaryDatabase(postgres.url as string);
    drop = () => database.drop();
    const url = new URL(database.url);
    relay = await openRelay(url.hostname, Number(url.port));
    url.host = `127.0.0.1:${relay.port}`;
    env = { DATABASE_URL: url.href, ...KEYS };
    hook = await httpReceiver(() => TAKEN);
  });
  afterEach(async () => {
    await cleanUp();
    await hook.close();
    await relay.close();
    await drop();
  });

  const began = (more: RampartConfig = {}, dir = temporaryFolder()): Promise<Running> =>
    start({ dir, config: watched(hook.url, more), env });

  it('between what it saw and the alert: the alert is there once after the start, told, and answered', async () => {
    const address = '203.0.113.9';
    let server = await began();
    // Nothing reaches the database any more: what is seen stays in the journal.
    relay.cut();
    const refused = await attack(server, address);
    expect(refused).toHaveLength(3);
    await eventually(
      () => metric(server, 'rampart_detections_total{detector="injection_classes"}'),
      (count) => count === 1,
      60_000,
    );
    await server.kill();
    expect(toldOf(hook, 'injection_classes')).toEqual([]);
    relay.mend();
    server = await began({}, server.dir);
    await eventually(
      () => alertsOf(server, 'injection_classes', address),
      (alerts) => alerts.length === 1,
      LONG_MS,
    );
    await expect.poll(() => toldOf(hook, 'injection_classes').length, { timeout: LONG_MS }).toBe(1);
    await eventually(
      () => responsesTo(server, address),
      (found) => found.some(({ state }) => state === 'full'),
      LONG_MS,
    );
    const met = await server.send(from(address, { path: '/sample/register' }));
    expect([met.status, met.body]).toEqual([403, expect.stringContaining('"BLOCKED"')]);
    expect(await unknownTo(server, refused)).toEqual([]);
    expect(await eventsOf(server, ...ATTEMPTS)).toHaveLength(3);
    expect(await alertsOf(server, 'injection_classes')).toHaveLength(1);
    expect(await responsesTo(server, address)).toHaveLength(1);
    expect(toldOf(hook, 'injection_classes')).toHaveLength(1);
  });

  it('between the alert and its telling: it is told after the start, under the same id', async () => {
    const address = '203.0.113.10';
    hook.answer = never;
    let server = await began();
    await attack(server, address);
    await expect.poll(() => toldOf(hook, 'injection_classes').length, { timeout: LONG_MS }).toBe(1);
    await server.kill();
    hook.answer = () => TAKEN;
    server = await began({}, server.dir);
    await expect.poll(() => toldOf(hook, 'injection_classes').length, { timeout: LONG_MS }).toBe(2);
    const told = toldOf(hook, 'injection_classes');
    expect(told.map(({ cause }) => cause)).toEqual(['alert.raised', 'alert.raised']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    await eventually(
      () => metric(server, 'rampart_alert_deliveries_waiting{channel="hook"}'),
      (waiting) => waiting === 0,
      LONG_MS,
    );
    expect(await alertsOf(server, 'injection_classes')).toHaveLength(1);
  });

  it('in the middle of what it sends on: the receiver has every event all the same', async () => {
    const fetch = { allowHttp: true, allowRanges: ['127.0.0.0/8'] };
    const siem = {
      kind: 'webhook',
      url: `${hook.url}/events`,
      secret: 'HOOK_KEY',
      fetch,
      atOnce: 10,
    } as const;
    const taken = new Set<string>();
    let batches = 0;
    let isAlive = true;
    hook.answer = ({ path, body }) => {
      if (path !== '/events') return TAKEN;
      // The third batch arrives, and its answer never does.
      if (++batches >= 3 && isAlive) return never();
      const { data } = JSON.parse(body) as { data: { events: { id: string }[] } };
      for (const { id } of data.events) taken.add(id);
      return TAKEN;
    };
    let server = await began({ sinks: { siem } });
    for (let i = 0; i < 20; i++) await attack(server, `198.51.100.${i}`);
    await expect.poll(() => batches, { timeout: LONG_MS }).toBe(3);
    const before = new Set(taken);
    await server.kill();
    isAlive = false;
    server = await began({ sinks: { siem } }, server.dir);
    const attempts = await eventually(
      () => eventsOf(server, ...ATTEMPTS),
      (found) => found.length === 60,
      LONG_MS,
    );
    expect(attempts.filter(({ id }) => !before.has(id)).length).toBeGreaterThan(0);
    // Those of the start come before a sink is known for the first time.
    const missing = async (): Promise<readonly string[]> => {
      const told = (await eventIds(server)).filter((id) => id >= (attempts.at(-1)?.id as string));
      return told.filter((id) => !taken.has(id));
    };
    await eventually(missing, (ids) => ids.length === 0, LONG_MS);
  });
});

describe.skipIf(postgres.absent !== undefined)(
  'a receiver that does not answer',
  { timeout: 420_000 },
  () => {
    it('holds up neither the other sinks nor the memory, and gets everything once it does', async () => {
      const database = await temporaryDatabase(postgres.url as string);
      const hook = await httpReceiver(() => TAKEN);
      try {
        const taken: Readonly<Record<'slow' | 'fast', Set<string>>> = { slow: new Set(), fast: new Set() };
        let isSlow = true;
        hook.answer = ({ path, body }) => {
          const name = path === '/slow' ? 'slow' : 'fast';
          if (path === '/alerts') return TAKEN;
          if (name === 'slow' && isSlow) return never();
          const { data } = JSON.parse(body) as { data: { events: { id: string; type: string }[] } };
          for (const { id, type } of data.events) if (ATTEMPTS.includes(type)) taken[name].add(id);
          return TAKEN;
        };
        const fetch = { allowHttp: true, allowRanges: ['127.0.0.0/8'] };
        const sink = (name: string) =>
          ({ kind: 'webhook', url: `${hook.url}/${name}`, secret: 'HOOK_KEY', fetch }) as const;
        const config = watched(hook.url, {
          responses: { mode: 'off' },
          sinks: { slow: sink('slow'), fast: sink('fast') },
        });
        const server = await start({
          dir: temporaryFolder(),
          config,
          env: { DATABASE_URL: database.url, ...KEYS },
        });
        for (let i = 0; i < 100; i++) await attack(server, `198.51.101.${i}`);
        const bytes = server.rss();
        for (let i = 0; i < 400; i++) await attack(server, `198.51.${102 + (i >> 8)}.${i & 255}`);
        await expect.poll(() => taken.fast.size, { timeout: LONG_MS }).toBe(1_500);
        expect(taken.slow.size).toBe(0);
        // Five times as much waits for it now; it waits in the database.
        expect(server.rss() - bytes).toBeLessThan(150 * 2 ** 20);
        isSlow = false;
        expect((await server.ask('POST', '/admin/sinks/slow/retry')).status).toBeLessThan(300);
        await expect.poll(() => taken.slow.size, { timeout: LONG_MS }).toBe(1_500);
      } finally {
        await cleanUp();
        await hook.close();
        await database.drop();
      }
    });
  },
);
