import { RampartError } from '../../core/errors.ts';

/** One argument of a Redis command. */
export type RedisArgument = string | Buffer;

/** What Rampart needs of a Redis client: node-redis 5 and 6 fit as they are; anything else with a few lines around it. */
export interface RedisClient {
  /**
   * Sends one command, in the order of the calls, and answers with the raw reply. With `RAW_REPLY` as options bulk
   * strings come back as `Buffer`.
   */
  sendCommand(args: readonly RedisArgument[], options?: RedisCommandOptions): Promise<unknown>;
  /** False while there is no connection. A client that does not tell is taken to be connected. */
  readonly isReady?: boolean;
}

/** Options of one command, as node-redis writes them. */
export interface RedisCommandOptions {
  /** By type byte of the protocol: which class a reply becomes. */
  readonly typeMapping?: { readonly 36?: BufferConstructor };
}

/** Bulk strings (type byte `$`) as Buffers. */
export const RAW_REPLY: RedisCommandOptions = { typeMapping: { 36: Buffer } };

/** A client that was opened here and must be closed here. */
export interface OpenedRedis extends RedisClient {
  /** Drops the connection and rejects what waits. */
  destroy(): void;
}

/** How a client is opened. */
export interface OpenRedisOptions {
  /** Hears of connection errors; without a connection commands are refused at once, so that nothing else is needed. */
  readonly onError?: (error: Error) => void;
  /** The most commands that may wait for an answer. Default 10,000. */
  readonly maxWaiting?: number;
}

/** Longest pause between two attempts to connect, milliseconds. */
const LONGEST_PAUSE_MS = 2_000;

/**
 * Opens a node-redis client that never queues while it is disconnected and reconnects for ever. Resolves before the
 * connection stands: `isReady` tells when it does.
 * @param url `redis://` or `rediss://`, with user and password where there are some
 * @throws RampartError `RAMPART_REDIS_MISSING` when the package `redis` is not installed
 */
export async function openRedis(url: string, options: OpenRedisOptions = {}): Promise<OpenedRedis> {
  const { createClient } = await import('redis').catch((cause: unknown) => {
    throw new RampartError('RAMPART_REDIS_MISSING', "Redis needs the package 'redis': npm install redis@6", {
      cause,
    });
  });
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: options.maxWaiting ?? 10_000,
    socket: {
      connectTimeout: LONGEST_PAUSE_MS,
      reconnectStrategy: (retries) => Math.min(LONGEST_PAUSE_MS, 25 * 2 ** Math.min(retries, 10)),
    },
  });
  client.on('error', (error: Error) => options.onError?.(error));
  client.connect().catch((error: unknown) => options.onError?.(error as Error));
  return client;
}
