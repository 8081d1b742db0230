import { MemoryStore as ExpressStore, type Options } from 'express-rate-limit';
import { MemoryStore as HonoStore, type Store as HonoPort } from 'hono-rate-limiter';
import { RedisStore } from 'rate-limit-redis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { createLimiter, limitPrograms } from '../../src/modules/limit/index.ts';
import type { CounterProgram, CounterStep } from '../../src/ports/counter.ts';
import { memoryCounters } from '../../src/stores/memory/counter.ts';
import { redisCounters } from '../../src/stores/redis/counter.ts';
import { bareMemory, bareRedis } from './bare.ts';

/** One way of counting requests against a limit per key and window. */
export interface LimitContender {
  /** Counts a request against the limit of each key. @returns whether all grant it */
  hit(keys: readonly string[]): boolean | Promise<boolean>;
  end(): Promise<void>;
}

/** How a contender is set up. */
export interface LimitSetup {
  readonly max: number;
  readonly windowMs: number;
  /** What its keys in Redis begin with. */
  readonly prefix: string;
  readonly redisUrl: string;
}

type Make = (setup: LimitSetup) => LimitContender | Promise<LimitContender>;

const nothing = (): Promise<void> => Promise.resolve();

/** Rampart's default: the sliding window in sevenths. Its arguments are those that the module makes of a policy. */
function slidingSteps(setup: LimitSetup, policies: number): { program: CounterProgram; args: number[] }[] {
  const [program] = limitPrograms;
  if (!program?.name.startsWith('sliding4')) throw new Error('the first program is not the sliding window');
  const args = [setup.max, Math.ceil(setup.windowMs / 7), 1, 0, 0];
  return Array.from({ length: policies }, () => ({ program, args }));
}

function steps(
  keys: readonly string[],
  shapes: readonly { program: CounterProgram; args: number[] }[],
): CounterStep[] {
  return shapes.map(({ program, args }, i) => ({ program, args, key: keys[i] as string }));
}

/** In this process, one policy. Rampart by its public door; what remains is computed when somebody asks. */
export const MEMORY: Readonly<Record<string, Make>> = {
  rampart({ max, windowMs }) {
    const limiter = createLimiter({ max, window: `${windowMs}ms` }, { store: memoryCounters() });
    return {
      hit(keys) {
        const taken = limiter.take(keys[0] as string);
        return taken instanceof Promise ? taken.then(({ allowed }) => allowed) : taken.allowed;
      },
      end: () => Promise.resolve(limiter.close()),
    };
  },
  'hono-rate-limiter'({ max, windowMs }) {
    // Asked as its middleware asks: what it answers is awaited, promise or not.
    const store: HonoPort = new HonoStore();
    store.init?.({ windowMs } as never);
    return {
      hit: async (keys) => (await store.increment(keys[0] as string)).totalHits <= max,
      end: nothing,
    };
  },
  'express-rate-limit'({ max, windowMs }) {
    const store = new ExpressStore();
    store.init({ windowMs } as Options);
    return {
      hit: async (keys) => (await store.increment(keys[0] as string)).totalHits <= max,
      end: nothing,
    };
  },
  'rate-limiter-flexible'({ max, windowMs }) {
    const limiter = new RateLimiterMemory({ points: max, duration: windowMs / 1_000 });
    return { hit: (keys) => consumed(limiter.consume(keys[0] as string)), end: nothing };
  },
  limit: ({ max, windowMs }) => bareMemory(max, windowMs),
};

/** In Redis, three policies per request. */
export const REDIS: Readonly<Record<string, Make>> = {
  async rampart(setup) {
    const client = await connected(setup.redisUrl);
    const store = redisCounters({ client, prefix: setup.prefix });
    const shapes = slidingSteps(setup, 3);
    return {
      hit: async (keys) => (await store.run(steps(keys, shapes), 0)).granted,
      end: () => removed(client, `{${setup.prefix}}`),
    };
  },
  async 'rate-limit-redis'(setup) {
    const client = await connected(setup.redisUrl);
    const stores = [0, 1, 2].map((i) => {
      const store = new RedisStore({
        sendCommand: (...args: string[]) => client.sendCommand<string>(args),
        prefix: `${setup.prefix}:${i}:`,
      });
      void store.init({ windowMs: setup.windowMs } as Options);
      return store;
    });
    return {
      async hit(keys) {
        const found = await Promise.all(stores.map((store, i) => store.increment(keys[i] as string)));
        return found.every(({ totalHits }) => totalHits <= setup.max);
      },
      end: () => removed(client, setup.prefix),
    };
  },
  async 'rate-limiter-flexible'(setup) {
    const client = await connected(setup.redisUrl);
    const limiters = [0, 1, 2].map(
      (i) =>
        new RateLimiterRedis({
          storeClient: client,
          useRedisPackage: true,
          keyPrefix: `${setup.prefix}${i}`,
          points: setup.max,
          duration: setup.windowMs / 1_000,
        }),
    );
    return {
      async hit(keys) {
        const found = await Promise.all(limiters.map((one, i) => consumed(one.consume(keys[i] as string))));
        return found.every(Boolean);
      },
      end: () => removed(client, setup.prefix),
    };
  },
  limit: ({ max, windowMs, prefix, redisUrl }) => bareRedis(redisUrl, prefix, max, windowMs),
};

function consumed(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    (refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return false;
      throw refusal;
    },
  );
}

type Client = Awaited<ReturnType<typeof connected>>;

async function connected(url: string) {
  const client = createClient({ url });
  await client.connect();
  return client;
}

async function removed(client: Client, prefix: string): Promise<void> {
  for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1_000 })) {
    if (keys.length > 0) await client.unlink(keys);
  }
  client.destroy();
}
