import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bus } from '../../ports/bus.ts';
import { type OwnRedis, ownRedis, redisService } from '../../testing/services.ts';
import { busSuite } from '../../testing/suites/bus.ts';
import { openRedisBus } from './bus.ts';

const service = await redisService();
const prefix = `rampart-test-${randomBytes(6).toString('hex')}:`;

describe.skipIf(service.absent !== undefined)('with a Redis server', () => {
  busSuite('redis, by address', async () => {
    const options = { url: service.url as string, prefix };
    const [here, there] = await Promise.all([openRedisBus(options), openRedisBus(options)]);
    return { here, there, remove: () => Promise.all([here.close(), there.close()]).then(() => undefined) };
  });

  busSuite('redis, by a client that is handed in', async () => {
    const { createClient } = await import('redis');
    const client = createClient({ url: service.url as string });
    await client.connect();
    const bus = await openRedisBus({ prefix }, { client });
    const remove = async (): Promise<void> => {
      await bus.close();
      // Still the caller's, and still open.
      expect(await client.ping()).toBe('PONG');
      await client.close();
    };
    return { here: bus, there: bus, remove };
  });

  it('says which server it cannot reach only by code, never with the address', async () => {
    const refused = openRedisBus({ url: 'redis://someone:secret@127.0.0.1:1' });
    await expect(refused).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    await expect(refused).rejects.not.toThrow('secret');
  });
});

const own = await ownRedis();
describe.skipIf('absent' in own)('a Redis that is killed and started again', () => {
  const redis = own as OwnRedis;
  let bus: Bus;
  beforeAll(async () => {
    await redis.start();
    bus = await openRedisBus({ url: redis.url, prefix });
  });
  afterAll(async () => {
    await bus?.close();
    await redis.remove();
  });

  it('rejects while it is away, and hears again afterwards without being told', async () => {
    const heard: string[] = [];
    await bus.subscribe('after', (message) => void heard.push(message));
    await redis.kill();
    await expect(bus.publish('after', 'lost')).rejects.toMatchObject({ code: 'BUS_UNAVAILABLE' });
    await redis.start();
    // Reconnecting takes the client's own time; each turn asks the server once.
    while (heard.length === 0) {
      await bus.publish('after', 'back').catch(() => undefined);
      await new Promise((next) => setImmediate(next));
    }
    expect(heard[0]).toBe('back');
  });
});
