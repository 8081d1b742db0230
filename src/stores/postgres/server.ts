import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import type pg from 'pg';
import { systemTimers, type Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import { readOptions } from '../../core/options.ts';
import type { SqlResult, SqlRunner, SqlStore, SqlValue } from '../../ports/sql.ts';
import {
  type ConnectionSettings,
  connectionConfig,
  isUnavailable,
  loadPg,
  type PgModule,
  resultOf,
  translated,
} from './driver.ts';
import { Listener } from './listener.ts';
import { serverFields, type ServerOptions } from './options.ts';
import { readTls, tlsClientOptions } from './tls.ts';
import { NamedTurns } from './turns.ts';
import { valueText } from './values.ts';

/** Live objects of a server's store. */
export interface ServerPorts {
  readonly timers?: Timers;
}

/** The connections of a pool at this moment. */
export interface PoolCounts {
  readonly open: number;
  readonly idle: number;
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number;
}

/** A server's store, with what a pool can tell of itself. */
export interface ServerSqlStore extends SqlStore {
  readonly kind: 'server';
  pool(): PoolCounts;
}

/** Every SQLSTATE is left to the caller; of the driver's own troubles only these are kept apart. */
const ABORTED = '25P02';

/**
 * Opens a pool of connections to a PostgreSQL server. Proves once that the server answers.
 * While the server is away statements reject with `DATABASE_UNAVAILABLE`; when it is back they work again.
 * @throws OptionsError; RampartError `PACKAGE_MISSING`, `DATABASE_UNAVAILABLE`
 */
export async function openServer(options: ServerOptions, ports: ServerPorts = {}): Promise<ServerSqlStore> {
  const read = readOptions('database', options, serverFields);
  const driver = await loadPg();
  const tls = readTls(read.url, read.tls);
  const settings: ConnectionSettings = {
    url: tls.url,
    ssl: tlsClientOptions(tls, read.ca),
    connectLimitMs: read.connectLimit,
    queryLimitMs: read.queryLimit,
    applicationName: read.applicationName,
  };
  const store = new ServerStore(driver, settings, read, ports.timers ?? systemTimers);
  try {
    await store.query('SELECT 1');
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

interface Limits {
  readonly max: number;
  readonly maxWaiting: number;
  readonly scriptLimit: number;
  readonly idleLimit: number;
  readonly drainLimit: number;
}

class ServerStore implements ServerSqlStore {
  readonly kind = 'server';
  readonly #pg: PgModule;
  readonly #pool: pg.Pool;
  readonly #settings: ConnectionSettings;
  readonly #limits: Limits;
  readonly #listener: Listener;
  readonly #named = new NamedTurns();
  readonly #timers: Timers;
  readonly #lent = new Set<pg.PoolClient>();
  #users = 0;
  #drained: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(driver: PgModule, settings: ConnectionSettings, limits: Limits, timers: Timers) {
    this.#pg = driver;
    this.#settings = settings;
    this.#limits = limits;
    this.#timers = timers;
    this.#listener = new Listener(driver, settings, timers);
    this.#pool = new driver.Pool({
      ...connectionConfig(settings),
      max: limits.max,
      idleTimeoutMillis: limits.idleLimit,
      allowExitOnIdle: true,
    });
    // A connection that is lost is replaced by the next statement; unheard, the event would end the process.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  pool(): PoolCounts {
    const { totalCount: open, idleCount: idle, waitingCount: waiting } = this.#pool;
    return { open, idle, waiting };
  }

  async #checkOut(): Promise<pg.PoolClient> {
    if (this.#pool.waitingCount >= this.#limits.maxWaiting) {
      throw new RampartError('DATABASE_UNAVAILABLE', 'Too many statements wait for a connection.');
    }
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw translated(error);
    }
  }

  /** Lends a connection; one that failed by itself is not taken back into the pool. */
  async #with<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (this.#closing) throw new RampartError('DATABASE_UNAVAILABLE', 'The database was closed.');
    this.#users += 1;
    try {
      return await this.#lend(work);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#drained?.();
    }
  }

  async #lend<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#checkOut();
    this.#lent.add(client);
    let broken = false;
    try {
      return await work(client);
    } catch (error) {
      broken = isUnavailable(error);
      throw translated(error);
    } finally {
      this.#lent.delete(client);
      client.release(broken);
    }
  }

  query(text: string, values: readonly SqlValue[] = []): Promise<SqlResult> {
    return this.#with(async (client) => resultOf(await client.query(single(text, values))));
  }

  transaction<T>(work: (sql: SqlRunner) => Promise<T>): Promise<T> {
    return this.#with(async (client) => {
      const state = { open: true };
      const runner: SqlRunner = {
        async query(text, values = []) {
          if (!state.open)
            throw new Error('This transaction has ended; its runner may not be used any more.');
          try {
            return resultOf(await client.query(single(text, values)));
          } catch (error) {
            throw translated(error);
          }
        },
      };
      await client.query('BEGIN');
      try {
        const result = await work(runner);
        state.open = false;
        // An error that `work` swallowed has aborted the transaction: COMMIT then answers ROLLBACK.
        if ((await client.query('COMMIT')).command !== 'COMMIT') throw aborted();
        return result;
      } catch (error) {
        state.open = false;
        await rollBack(client);
        throw error;
      }
    });
  }

  script(text: string): Promise<void> {
    return this.#with(async (client) => {
      const { scriptLimit } = this.#limits;
      await client.query(`SET statement_timeout = ${scriptLimit}`);
      try {
        const query: pg.QueryConfig & { query_timeout: number } = {
          text,
          query_timeout: scriptLimit + 5_000,
        };
        await client.query(query);
      } catch (error) {
        await rollBack(client);
        throw error;
      } finally {
        if (!isEnded(client)) await client.query(`SET statement_timeout = ${this.#settings.queryLimitMs}`);
      }
    });
  }

  withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#named.run(name, async () => {
      // Not from the pool: `work` needs the pool, and waiting holders must not be able to empty it.
      const client = new this.#pg.Client({
        ...connectionConfig(this.#settings),
        statement_timeout: 0,
        query_timeout: 0,
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('SELECT pg_advisory_lock($1::bigint)', [lockKey(name)]);
      } catch (error) {
        void client.end().catch(() => undefined);
        throw translated(error);
      }
      try {
        const result = await work();
        await proveLock(client, name);
        return result;
      } finally {
        // The server gives the lock back when its connection ends.
        await client.end().catch(() => undefined);
      }
    });
  }

  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>> {
    return this.#listener.listen(channel, handler);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#drain();
    await this.#closing;
  }

  /** What was asked for is still answered, within the limit; then its connections are cut. */
  async #drain(): Promise<void> {
    if (this.#users > 0) {
      const drained = new Promise<void>((resolve) => (this.#drained = resolve));
      const cancel = this.#timers.after(this.#limits.drainLimit, () => {
        for (const client of this.#lent) cut(client);
        this.#drained?.();
      });
      await drained;
      cancel();
    }
    await Promise.all([this.#listener.close(), this.#pool.end()]);
  }
}

/** The extended protocol takes one statement: text that was slipped in cannot add a second, with parameters or without. */
function single(text: string, values: readonly SqlValue[]): pg.QueryConfig & { queryMode: 'extended' } {
  return { text, values: values.map(valueText), queryMode: 'extended' };
}

/** Ends a connection under whoever uses it; his statement rejects with `DATABASE_UNAVAILABLE`. */
function cut(client: pg.PoolClient): void {
  (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
}

/** A connection that cannot roll back any more has lost its transaction anyway. */
async function rollBack(client: pg.PoolClient): Promise<void> {
  if (!isEnded(client)) await client.query('ROLLBACK').catch(() => undefined);
}

function isEnded(client: pg.PoolClient): boolean {
  return (client as { _queryable?: boolean })._queryable === false;
}

/** The first 64 bits of SHA-256, signed, as advisory locks want them. */
function lockKey(name: string): string {
  return createHash('sha256').update(`rampart:${name}`).digest().readBigInt64BE(0).toString();
}

/** Gives the lock back, which only works where it is still held. @throws RampartError when it was lost meanwhile */
async function proveLock(client: pg.Client, name: string): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_unlock($1::bigint)', [lockKey(name)]);
  } catch (error) {
    const message = `The lock '${name}' was lost with its connection; another process may have held it meanwhile.`;
    throw new RampartError('DATABASE_UNAVAILABLE', message, { cause: error });
  }
}

function aborted(): Error & { readonly code: string } {
  return Object.assign(new Error('The transaction was rolled back, because a statement in it had failed.'), {
    code: ABORTED,
  });
}
