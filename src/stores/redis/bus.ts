import type * as Redis from 'redis';
import { RampartError } from '../../core/errors.ts';
import { duration, type Fields, readOptions, text } from '../../core/options.ts';
import type { Duration } from '../../core/duration.ts';
import type { Bus } from '../../ports/bus.ts';

/** What the bus needs of a connected client: node-redis has it. */
export interface RedisPublisher {
  publish(channel: string, message: string): Promise<unknown>;
  /** A client with the same settings, not yet connected: a subscribed connection can do nothing else. */
  duplicate(): RedisSubscriber;
}

/** What the bus needs of the connection on which it hears. It must subscribe again by itself when it was lost. */
export interface RedisSubscriber {
  on(event: 'error', handler: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  subscribe(channel: string, handler: (message: string) => void): Promise<unknown>;
  unsubscribe(channel: string, handler: (message: string) => void): Promise<unknown>;
  destroy(): unknown;
}

/** Options of the Redis bus. */
export interface RedisBusOptions {
  /** Put before every channel's name, 0 to 60 characters. Default 'rampart:'. */
  readonly prefix?: string;
  /** Where Redis is, when no client is handed in: `redis://user:password@host:port/0`. A secret: never logged. */
  readonly url?: string;
  /** Time to wait for a connection, with `url`: 100ms to 1m. Default 3s. */
  readonly connectLimit?: Duration;
}

const fields: Fields<{ prefix: string; url: string; connectLimit: number }> = {
  prefix: text({ min: 0, max: 60, default: 'rampart:' }),
  url: text({ max: 4_096, default: 'redis://127.0.0.1:6379', about: 'redis://user:password@host:port/0' }),
  connectLimit: duration({ min: '100ms', max: '1m', default: '3s' }),
};

/** Live objects of the bus. */
export interface RedisBusPorts {
  /** A connected node-redis client, which stays the caller's. */
  readonly client?: RedisPublisher;
}

const MAX_BYTES = 4_000;
const RETRY_MS = 2_000;

/**
 * Opens a bus over Redis publish and subscribe. Subscriptions come back by themselves after Redis was restarted; what was
 * sent meanwhile is not heard.
 * @throws OptionsError; RampartError `PACKAGE_MISSING`, `BUS_UNAVAILABLE`; (publish) `BUS_MESSAGE_TOO_LARGE`
 */
export async function openRedisBus(options: RedisBusOptions = {}, ports: RedisBusPorts = {}): Promise<Bus> {
  const read = readOptions('bus', options, fields);
  const own = ports.client ? undefined : await ownClient(read.url, read.connectLimit);
  const publisher = (ports.client ?? own) as RedisPublisher;
  const subscriber = publisher.duplicate();
  subscriber.on('error', () => undefined);
  try {
    await subscriber.connect();
  } catch (error) {
    own?.destroy();
    throw unavailable(error);
  }
  return new RedisBus(publisher, subscriber, own, read.prefix);
}

class RedisBus implements Bus {
  readonly kind = 'redis';
  readonly #publisher: RedisPublisher;
  readonly #subscriber: RedisSubscriber;
  readonly #own: OwnClient | undefined;
  readonly #prefix: string;
  #closed = false;

  constructor(
    publisher: RedisPublisher,
    subscriber: RedisSubscriber,
    own: OwnClient | undefined,
    prefix: string,
  ) {
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#own = own;
    this.#prefix = prefix;
  }

  async publish(channel: string, message: string): Promise<void> {
    const name = this.#name(channel);
    if (Buffer.byteLength(message) > MAX_BYTES) {
      throw new RampartError('BUS_MESSAGE_TOO_LARGE', `A message has at most ${MAX_BYTES} bytes.`);
    }
    try {
      await this.#publisher.publish(name, message);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async subscribe(channel: string, handler: (message: string) => void): Promise<() => Promise<void>> {
    const name = this.#name(channel);
    let stopped = false;
    const own = (message: string): void => {
      if (!stopped && !this.#closed) handler(message);
    };
    try {
      await this.#subscriber.subscribe(name, own);
    } catch (error) {
      throw unavailable(error);
    }
    return async () => {
      if (stopped || this.#closed) return;
      stopped = true;
      // Where the connection is away just now, nothing is heard either way.
      await this.#subscriber.unsubscribe(name, own).catch(() => undefined);
    };
  }

  #name(channel: string): string {
    if (this.#closed) throw new RampartError('BUS_CLOSED', 'The bus was closed.');
    if (!/^[A-Za-z0-9_.:-]{1,63}$/.test(channel)) {
      throw new TypeError('a channel has 1 to 63 letters, digits, _ . : or -');
    }
    return this.#prefix + channel;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#subscriber.destroy();
    this.#own?.destroy();
  }
}

interface OwnClient extends RedisPublisher {
  destroy(): unknown;
}

/** Rejects while Redis is away instead of keeping messages, which would be stale when they arrived. */
async function ownClient(url: string, connectLimitMs: number): Promise<OwnClient> {
  const redis = await loadRedis();
  const client = redis.createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 10_000,
    socket: {
      connectTimeout: connectLimitMs,
      reconnectStrategy: (retries) => Math.min(RETRY_MS, 50 * 2 ** Math.min(retries, 6)),
    },
  });
  client.on('error', () => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  // With a strategy that never gives up, `connect` never rejects: the first error does.
  client.once('error', reject);
  try {
    await Promise.race([client.connect(), promise]);
  } catch (error) {
    client.destroy();
    throw unavailable(error);
  }
  return {
    publish: (channel, message) => client.publish(channel, message),
    duplicate: () => client.duplicate(),
    destroy: () => client.destroy(),
  };
}

async function loadRedis(): Promise<typeof Redis> {
  try {
    return await import('redis');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new RampartError('PACKAGE_MISSING', 'The Redis bus needs the package redis: npm install redis');
  }
}

function unavailable(cause: unknown): RampartError {
  return new RampartError('BUS_UNAVAILABLE', 'Redis cannot be reached.', { cause });
}
