import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, systemTimers } from '../../core/clock.ts';
import type { EventType } from '../../core/events.ts';
import type { CounterStore } from '../../ports/counter.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { openRedis, type OpenedRedis } from '../../stores/redis/client.ts';
import { redisCounters } from '../../stores/redis/counter.ts';
import { type OwnRedis, ownRedis } from '../../testing/services.ts';
import { limitPrograms } from './algorithms/programs.ts';
import { house as build, type House } from './test-house.ts';

const found = await ownRedis();
const absent = 'absent' in found;
const redis = found as OwnRedis;
const base = { window: '1h', by: 'ip', everywhere: true } as const;

describe.skipIf(absent)('with a real Redis', () => {
  let client: OpenedRedis;
  let store: CounterStore;
  let open: House[] = [];

  beforeAll(async () => {
    await redis.start();
    client = await openRedis(redis.url);
    store = redisCounters({ client, programs: limitPrograms });
    await until(() => store.ping());
  });
  afterAll(async () => {
    for (const one of open) one.limits.close();
    open = [];
    await store.close();
    client.destroy();
    await redis.remove();
  });

  /** A house on the real store; `heard` resolves when an event comes. */
  function house(
    onStoreFailure: 'local' | 'closed',
    max: number,
  ): House & { heard(type: EventType): Promise<void> } {
    const waiting: (() => void)[] = [];
    const seen: EventType[] = [];
    const made = build(
      { policies: { login: { ...base, max, onStoreFailure } }, probeEvery: '20ms' },
      { ...systemClock, ...systemTimers },
      {
        store,
        local: memoryCounters(),
        events: {
          emit(type) {
            seen.push(type);
            for (const wake of waiting.splice(0)) wake();
          },
        },
      },
    );
    open.push(made);
    return {
      ...made,
      async heard(type) {
        while (!seen.includes(type)) await new Promise<void>((resolve) => waiting.push(resolve));
      },
    };
  }

  const from = (i: number): { from: string } => ({ from: `203.0.113.${i}` });

  it('a server that hangs lets no sign-in through unlimited, keeps nobody waiting, and comes back', async () => {
    const closed = house('closed', 3);
    const local = house('local', 3);
    expect((await closed.ask(from(1))).status).toBe(200);
    expect((await local.ask(from(1))).status).toBe(200);
    redis.freeze();
    const startMs = performance.now();
    expect((await closed.ask(from(1))).status).toBe(503);
    const granted = [];
    for (let i = 0; i < 20; i++) granted.push((await local.ask(from(2))).status === 200);
    expect(granted.filter(Boolean)).toHaveLength(3);
    for (let i = 0; i < 5; i++) expect((await closed.ask(from(1))).status).toBe(503);
    // Three calls each that wait for 50 ms; all others do not wait at all.
    expect(performance.now() - startMs).toBeLessThan(2_000);
    redis.thaw();
    await Promise.all([closed.heard('LIMIT_STORE_RECOVERED'), local.heard('LIMIT_STORE_RECOVERED')]);
    expect((await closed.ask(from(3))).status).toBe(200);
  });

  it('a replica that cannot write is a store that is silent, and its ping does not bring it back', async () => {
    const one = house('closed', 3);
    const admin = createClient({ url: redis.url });
    await admin.connect();
    await admin.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    for (let i = 0; i < 5; i++) expect((await one.ask(from(4))).status).toBe(503);
    expect(one.limits.storeState().state).toBe('local');
    await admin.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await one.heard('LIMIT_STORE_RECOVERED');
    expect((await one.ask(from(4))).status).toBe(200);
    admin.destroy();
  });

  it('a server without memory for more keys refuses what it cannot count', async () => {
    const one = house('closed', 3);
    const admin = createClient({ url: redis.url });
    await admin.connect();
    await admin.sendCommand(['CONFIG', 'SET', 'maxmemory', '1']);
    for (let i = 0; i < 4; i++) expect((await one.ask(from(5))).status).toBe(503);
    await admin.sendCommand(['CONFIG', 'SET', 'maxmemory', '0']);
    await one.heard('LIMIT_STORE_RECOVERED');
    admin.destroy();
  });

  it('an emptied server counts on from nothing, scripts included', async () => {
    const one = house('closed', 2);
    const admin = createClient({ url: redis.url });
    await admin.connect();
    expect([
      (await one.ask(from(6))).status,
      (await one.ask(from(6))).status,
      (await one.ask(from(6))).status,
    ]).toEqual([200, 200, 429]);
    await admin.sendCommand(['FLUSHALL']);
    await admin.sendCommand(['SCRIPT', 'FLUSH']);
    expect([
      (await one.ask(from(6))).status,
      (await one.ask(from(6))).status,
      (await one.ask(from(6))).status,
    ]).toEqual([200, 200, 429]);
    admin.destroy();
  });

  it('a server that was killed and started again is used again', async () => {
    const one = house('local', 2);
    expect((await one.ask(from(7))).status).toBe(200);
    await redis.kill();
    const granted = [];
    for (let i = 0; i < 10; i++) granted.push((await one.ask(from(7))).status === 200);
    expect(granted.filter(Boolean)).toHaveLength(2);
    await redis.start();
    await one.heard('LIMIT_STORE_RECOVERED');
    expect((await one.ask(from(7))).status).toBe(200);
    expect(one.failures).toEqual([]);
  });
});

/** Tries until it works. */
async function until(work: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    try {
      await work();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  throw new Error('it never worked');
}
