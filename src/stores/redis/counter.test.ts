import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CounterStep } from '../../ports/counter.ts';
import { ManualClock } from '../../testing/clock.ts';
import { ownRedis, redisService } from '../../testing/services.ts';
import { counterSuite, type CounterSubject } from '../../testing/suites/counter.ts';
import { keep, sliding, tally } from '../../testing/suites/counter-programs.ts';
import { openRedis, type OpenedRedis, type RedisArgument, type RedisCommandOptions } from './client.ts';
import { redisCounters, type RedisCounterOptions, type RedisCounters } from './counter.ts';

const redis = await redisService();
const url = redis.url ?? '';
const NOW_MS = 1_795_000_123_456;
const count = (key: string, max = 5, ttlMs = 60_000): CounterStep => ({
  program: tally,
  key,
  args: [max, 1, ttlMs],
});

async function connected(): Promise<OpenedRedis> {
  const client = await openRedis(url);
  while (!client.isReady) await new Promise((resolve) => setImmediate(resolve));
  return client;
}

async function removeKeys(client: OpenedRedis, prefix: string): Promise<void> {
  const keys = (await client.sendCommand(['KEYS', `{${prefix}}*`])) as string[];
  if (keys.length > 0) await client.sendCommand(['UNLINK', ...keys]);
}

function subject(more: Partial<RedisCounterOptions>): () => Promise<CounterSubject> {
  return async () => {
    const prefix = `test${randomBytes(6).toString('hex')}`;
    const [client, second] = await Promise.all([connected(), connected()]);
    return {
      store: redisCounters({ client, prefix, programs: [tally, sliding, keep], ...more }),
      other: redisCounters({ client: second, prefix, ...more }),
      async end() {
        await removeKeys(client, prefix);
        client.destroy();
        second.destroy();
      },
    };
  };
}

counterSuite('Redis by its own clock', subject({}), { clock: 'server', absent: redis.absent });
counterSuite("Redis by the caller's clock", subject({ clock: 'caller', maxBatch: 7 }), {
  clock: 'caller',
  absent: redis.absent,
});

describe.skipIf(redis.absent !== undefined)('counters in a real Redis', () => {
  const prefix = `test${randomBytes(6).toString('hex')}`;
  let client: OpenedRedis;
  beforeAll(async () => {
    client = await connected();
  });
  afterAll(async () => {
    await removeKeys(client, prefix);
    client.destroy();
  });

  it('loads its script again where Redis has forgotten it', async () => {
    const sent: string[] = [];
    const spy = {
      sendCommand: (args: readonly RedisArgument[], options?: RedisCommandOptions) => {
        sent.push(String(args[0]));
        return client.sendCommand(args, options);
      },
    };
    const lua = { ...tally.lua, peek: `-- ${prefix}\n${tally.lua.peek}` };
    const unknown = { program: { ...tally, lua }, key: 'k', args: [9, 1, 60_000] };
    const store = redisCounters({ client: spy, prefix });
    expect((await store.run([unknown], NOW_MS)).granted).toBe(true);
    await store.run([unknown], NOW_MS);
    expect(sent).toEqual(['EVALSHA', 'EVAL', 'EVALSHA']);
  });

  it('gives rows the life that their program says, under keys of one hash tag', async () => {
    const store = redisCounters({ client, prefix });
    await store.run([count('lives', 5, 60_000)], NOW_MS);
    const left = Number(await client.sendCommand(['PTTL', `{${prefix}}:c:suite-tally.v1:lives`]));
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  it("decides by Redis' time, whatever the caller believes", async () => {
    const store = redisCounters({ client, prefix });
    const { atMs } = await store.run([count('time')], 5);
    const [seconds] = (await client.sendCommand(['TIME'])) as string[];
    expect(Math.abs(atMs - Number(seconds) * 1_000)).toBeLessThan(5_000);
  });

  it('forgets nodes that were not heard of for 30 seconds', async () => {
    const store = redisCounters({ client, prefix });
    await store.nodeCount('here');
    const [seconds] = (await client.sendCommand(['TIME'])) as string[];
    const nodes = `{${prefix}}:nodes`;
    await client.sendCommand(['ZADD', nodes, String((Number(seconds) - 31) * 1_000), 'gone']);
    expect(await store.nodeCount('here')).toBe(1);
    await client.sendCommand(['ZADD', nodes, String((Number(seconds) - 20) * 1_000), 'other']);
    expect(await store.nodeCount('here')).toBe(2);
  });

  it('rejects the calls of a batch whose script fails, and writes nothing', async () => {
    const broken = { ...keep, name: 'broken.v1', lua: { peek: 'return true', commit: "error('no')" } };
    const store = redisCounters({ client, prefix });
    const step = { program: broken, key: 'k', args: [] };
    await expect(store.run([count('not-written'), step], NOW_MS)).rejects.toThrow('no');
    expect(await store.read([{ program: tally, key: 'not-written' }])).toEqual([undefined]);
  });

  it('opens and closes its own connection when it is given a URL', async () => {
    const store = redisCounters({ url, prefix });
    await expect(store.run([count('k')], NOW_MS)).rejects.toMatchObject({ code: 'RAMPART_REDIS_OFFLINE' });
    await expect
      .poll(() =>
        store.ping().then(
          () => 'pong',
          () => 'down',
        ),
      )
      .toBe('pong');
    expect((await store.run([count('own')], NOW_MS)).granted).toBe(true);
    await store.close();
    await expect(store.run([count('own')], NOW_MS)).rejects.toMatchObject({ code: 'RAMPART_REDIS_OFFLINE' });
  });
});

const own = await ownRedis();

describe.skipIf('absent' in own)('counters in a Redis that fails', () => {
  const server = own as Exclude<typeof own, { absent: string }>;
  const outcomeOf = (store: RedisCounters): Promise<string> => outcome(store.run([count('k')], NOW_MS));
  let store: RedisCounters;
  beforeAll(async () => {
    await server.start();
    store = redisCounters({ url: server.url, timeout: '50ms' });
    await vi.waitFor(() => store.ping(), { timeout: 30_000 });
  });
  afterAll(async () => {
    await store.close();
    await server.remove();
  });

  it('gives up while it is silent, and goes on when it speaks again', async () => {
    server.freeze();
    expect(await outcomeOf(store)).toBe('RAMPART_REDIS_TIMEOUT');
    server.thaw();
    await expect.poll(() => outcomeOf(store)).toBe('answered');
  });

  it('refuses at once while it is gone, and finds it again with an empty script cache', async () => {
    await server.kill();
    await expect.poll(() => outcomeOf(store)).toBe('RAMPART_REDIS_OFFLINE');
    await server.start();
    await expect.poll(() => outcomeOf(store), { timeout: 30_000 }).toBe('answered');
  });
});

interface Sent {
  readonly args: readonly RedisArgument[];
  answer(reply: unknown): void;
  fail(error: Error): void;
}

/** A client that answers when the test says so. */
function double(): {
  sent: Sent[];
  client: { isReady: boolean; sendCommand(a: readonly RedisArgument[]): Promise<unknown> };
} {
  const sent: Sent[] = [];
  return {
    sent,
    client: {
      isReady: true,
      sendCommand: (args) =>
        new Promise((resolve, reject) => {
          sent.push({ args, answer: resolve, fail: reject });
        }),
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const outcome = (promise: unknown): Promise<string> =>
  Promise.resolve(promise).then(
    () => 'answered',
    (error: Error & { code?: string }) => error.code ?? error.message,
  );
const packed = (...numbers: number[]): Buffer => Buffer.from(Float64Array.from(numbers).buffer);

describe('counters over a Redis client', () => {
  it('sends the calls of one turn as one command that names each row once', async () => {
    const { client, sent } = double();
    const store = redisCounters({ client, prefix: 'p' });
    const calls = ['a', 'b', 'a'].map((key) => store.run([count(key)], NOW_MS));
    await turn();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.args.slice(2, -1)).toEqual(['2', '{p}:c:suite-tally.v1:a', '{p}:c:suite-tally.v1:b']);
    sent[0]?.answer(packed(1, 9, 0, 1, 9, 0, 0, 9, 4));
    expect((await Promise.all(calls)).map(({ granted, atMs, rows }) => [granted, atMs, rows[0]])).toEqual([
      [true, 9, 0],
      [true, 9, 0],
      [false, 9, 4],
    ]);
  });

  it('cuts a large turn into batches', async () => {
    const { client, sent } = double();
    const store = redisCounters({ client, maxBatch: 10 });
    for (let i = 0; i < 25; i++) void outcome(store.run([count(`k${i}`)], NOW_MS));
    await turn();
    expect(sent.map(({ args }) => args[2])).toEqual(['10', '10', '5']);
  });

  it('refuses a call at once while there is no connection', async () => {
    const { client, sent } = double();
    client.isReady = false;
    const store = redisCounters({ client });
    expect(await outcome(store.run([count('k')], NOW_MS))).toBe('RAMPART_REDIS_OFFLINE');
    expect(await outcome(store.ping())).toBe('RAMPART_REDIS_OFFLINE');
    expect(sent).toEqual([]);
  });

  it('gives up a call that is not answered in time, and keeps counting it until Redis answers', async () => {
    const clock = new ManualClock();
    const { client, sent } = double();
    const store = redisCounters({ client, timers: clock, timeout: '100ms', maxWaiting: 1 });
    const call = outcome(store.run([count('k')], NOW_MS));
    await turn();
    clock.advance(100);
    expect(await call).toBe('RAMPART_REDIS_TIMEOUT');
    expect(await outcome(store.run([count('k')], NOW_MS))).toBe('RAMPART_REDIS_BUSY');
    sent[0]?.answer(packed(1, 9, 0));
    await turn();
    const next = outcome(store.run([count('k')], NOW_MS));
    await turn();
    sent[1]?.answer(packed(1, 9, 0));
    expect(await next).toBe('answered');
    await turn();
    expect(clock.pending).toBe(0);
  });

  it('gives up a ping that is not answered in time', async () => {
    const clock = new ManualClock();
    const store = redisCounters({ client: double().client, timers: clock });
    const ping = outcome(store.ping());
    await turn();
    clock.advance(1_000);
    expect(await ping).toBe('RAMPART_REDIS_TIMEOUT');
  });

  it.each(['READONLY You', 'OOM command', 'LOADING Redis', 'BUSY Redis', 'MOVED 1'])(
    'rejects on the answer %s',
    async (message) => {
      const { client, sent } = double();
      const store = redisCounters({ client });
      const calls = ['a', 'b'].map((key) => outcome(store.run([count(key)], NOW_MS)));
      await turn();
      sent[0]?.fail(new Error(message));
      expect(await Promise.all(calls)).toEqual([message, message]);
      expect(sent).toHaveLength(1);
    },
  );

  it.each([null, 'OK', packed(1), packed(1, 2, 3, 4), Buffer.from('odd')])(
    'rejects on an answer that the script cannot have given (%s)',
    async (reply) => {
      const { client, sent } = double();
      const call = outcome(redisCounters({ client }).run([count('k')], NOW_MS));
      await turn();
      sent[0]?.answer(reply);
      expect(await call).toMatch(/^the counter/);
    },
  );

  it('rejects calls whose program breaks down before they are sent', async () => {
    const broken = {
      ...tally,
      ttlMs: () => {
        throw new Error('no time to live');
      },
    };
    const { client } = double();
    const call = redisCounters({ client }).run([{ program: broken, key: 'k', args: [] }], NOW_MS);
    expect(await outcome(call)).toBe('no time to live');
  });

  it('refuses a call that is too large for one script', async () => {
    const { client } = double();
    const steps = Array.from({ length: 40 }, (_, i) => ({
      program: { ...keep, name: 'wide.v1', columns: 128 },
      key: `k${i}`,
      args: [],
    }));
    expect(await outcome(redisCounters({ client }).run(steps, NOW_MS))).toBe('RAMPART_COUNTER_SIZE');
  });

  it('refuses nonsense at the door', () => {
    const { client } = double();
    expect(() => redisCounters({})).toThrow("give either 'client' or 'url'");
    expect(() => redisCounters({ client, url: 'redis://x' })).toThrow("give either 'client' or 'url'");
    expect(() => redisCounters({ url: 'http://x' })).toThrow('counters.url');
    expect(() => redisCounters({ client, prefix: '{a}' })).toThrow('counters.prefix');
    expect(() => redisCounters({ client: {} as never })).toThrow('expected a Redis client');
  });
});
