import type pg from 'pg';
import type { Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import { type ConnectionSettings, connectionConfig, type PgModule, translated } from './driver.ts';
import { channelName } from './values.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** A connection that carries nothing is asked this often whether it is still there. */
const PING_MS = 15_000;

/**
 * Hears notifications on a connection of its own, which is opened with the first channel and replaced when it is lost.
 * What was sent while it was away is not heard.
 */
export class Listener {
  readonly #pg: PgModule;
  readonly #settings: ConnectionSettings;
  readonly #timers: Timers;
  readonly #handlers = new Map<string, Set<(payload: string) => void>>();
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  #cancelTimer: (() => void) | undefined;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(driver: PgModule, settings: ConnectionSettings, timers: Timers) {
    this.#pg = driver;
    this.#settings = settings;
    this.#timers = timers;
  }

  /** @throws RampartError `DATABASE_UNAVAILABLE` when the channel cannot be listened to now */
  async listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>> {
    const quoted = channelName(channel);
    const own = (payload: string): void => handler(payload);
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers);
    handlers.add(own);
    const stop = async (): Promise<void> => {
      if (!handlers.delete(own) || handlers.size > 0 || this.#handlers.get(channel) !== handlers) return;
      this.#handlers.delete(channel);
      // A connection that fails just now forgets the channel anyway.
      const client = this.#client;
      await heldAlive(client, client?.query(`UNLISTEN ${quoted}`));
    };
    try {
      const client = await this.#connected();
      await client.query(`LISTEN ${quoted}`);
    } catch (error) {
      await stop();
      throw translated(error);
    }
    return stop;
  }

  #connected(): Promise<pg.Client> {
    if (this.#closed)
      return Promise.reject(new RampartError('DATABASE_UNAVAILABLE', 'The database was closed.'));
    if (this.#client) return Promise.resolve(this.#client);
    this.#connecting ??= this.#connect().finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  async #connect(): Promise<pg.Client> {
    this.#cancelTimer?.();
    const client = new this.#pg.Client(connectionConfig(this.#settings));
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ channel, payload }) => {
      for (const handler of this.#handlers.get(channel) ?? []) handler(payload ?? '');
    });
    try {
      await client.connect();
      for (const channel of this.#handlers.keys()) await client.query(`LISTEN ${channelName(channel)}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    if (this.#closed) {
      await client.end();
      throw new RampartError('DATABASE_UNAVAILABLE', 'The database was closed.');
    }
    // Listening alone does not keep the process alive.
    (client as pg.Client & Referable).unref();
    this.#client = client;
    this.#retryMs = FIRST_RETRY_MS;
    this.#schedulePing(client);
    return client;
  }

  #schedulePing(client: pg.Client): void {
    this.#cancelTimer = this.#timers.after(PING_MS, () => {
      client.query('SELECT 1').then(
        () => this.#client === client && this.#schedulePing(client),
        () => this.#lost(client),
      );
    });
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void client.end().catch(() => undefined);
    this.#retry();
  }

  #retry(): void {
    this.#cancelTimer?.();
    if (this.#closed || this.#handlers.size === 0) return;
    this.#cancelTimer = this.#timers.after(this.#retryMs, () => {
      this.#connected().catch(() => this.#retry());
    });
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  /** Ends the connection; handlers are not called any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#handlers.clear();
    const client = this.#client;
    this.#client = undefined;
    await heldAlive(client, client?.end());
  }
}

/** Not in the driver's types. */
interface Referable {
  ref(): void;
  unref(): void;
}

/** A process that waits for this answer and nothing else must not end before it. */
async function heldAlive(client: pg.Client | undefined, answer: Promise<unknown> | undefined): Promise<void> {
  const socket = client as (pg.Client & Referable) | undefined;
  socket?.ref();
  await answer?.catch(() => undefined);
  socket?.unref();
}
