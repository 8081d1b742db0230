import { hostname } from 'node:os';
import {
  QueryLog,
  type QueryLogOptions,
  type SlowNotice,
  StatementCache,
  watchSql,
} from '../base/database/index.ts';
import { type Stage, stampEnvironment } from '../base/database/environment-stamp.ts';
import type { Logger } from '../base/observe/index.ts';
import { type Clock, systemClock, systemTimers, type Timers } from '../core/clock.ts';
import { RampartError } from '../core/errors.ts';
import { newId } from '../core/id.ts';
import { detectPrograms } from '../modules/detect/index.ts';
import { limitPrograms } from '../modules/limit/index.ts';
import type { Bus } from '../ports/bus.ts';
import type { CounterStore } from '../ports/counter.ts';
import type { Journal } from '../ports/journal.ts';
import type { SqlStore } from '../ports/sql.ts';
import { type LineFile, openJournal, openLines } from '../stores/file/index.ts';
import { memoryBus } from '../stores/memory/bus.ts';
import { type MemoryCounters, memoryCounters } from '../stores/memory/counter.ts';
import { migrate, openEmbedded, openServer, postgresBus } from '../stores/postgres/index.ts';
import { openRedisBus } from '../stores/redis/bus.ts';
import { redisCounters } from '../stores/redis/counter.ts';
import { createStores, migrations, type Stores } from './data/index.ts';
import { type DataDir, openDataDir } from './data-dir.ts';

/** Which stores a node stands on. */
export interface FoundationOptions {
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** PostgreSQL server; embedded in the data folder when absent. */
  readonly databaseUrl: string | undefined;
  /** Redis; memory of this process when absent. */
  readonly redisUrl: string | undefined;
  /** Secret that all nodes share; the data folder's own when absent. */
  readonly secret?: string | undefined;
  /** What the database must be marked for; absent: not looked at. */
  readonly stage?: Stage | undefined;
  /** Bytes of the journal at most; default 1 GiB. */
  readonly journalBytes?: number;
}

/** Everything that outlives a request, opened and ready. */
export interface Foundation {
  readonly node: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly dataDir: DataDir;
  readonly sql: SqlStore;
  /** Durations of this node's statements, and the slow ones. */
  readonly queries: QueryLog;
  /** Told of slow statements, once a minute for each shape. */
  readonly slow: { tell: ((notice: SlowNotice) => void) | null };
  readonly stores: Stores;
  readonly journal: Journal;
  /** Checkpoints of the audit log, outside of the database. */
  readonly checkpoints: LineFile;
  readonly bus: Bus;
  readonly counters: CounterStore;
  /** The same store by a connection of its own: no request waits for what detection counts. */
  readonly detectCounters: CounterStore;
  readonly localCounters: MemoryCounters;
  /** Ids of the migrations that were applied now. */
  readonly migrated: readonly string[];
  /** Closes in the opposite order; goes on past what fails. */
  close(): Promise<void>;
}

/**
 * Opens the stores, in order; what was opened is closed again when a later one fails.
 * @throws RampartError of the store that cannot be opened
 */
export async function openFoundation(
  options: FoundationOptions,
  log: Logger,
  slow: QueryLogOptions = {},
): Promise<Foundation> {
  const closers: { name: string; close: () => Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const { name, close } of closers.toReversed()) {
      await close().catch((error: unknown) =>
        log.warn('A store did not close cleanly.', { store: name, error }),
      );
    }
  };
  const keep = <T extends { close(): Promise<void> }>(name: string, store: T): T => {
    closers.push({ name, close: () => store.close() });
    return store;
  };
  try {
    const dataDir = openDataDir(options.dataDir, options.secret);
    const clock = systemClock;
    const bound = options.journalBytes === undefined ? {} : { maxBytes: options.journalBytes };
    const journal = keep('journal', await openJournal({ dir: dataDir.journal, ...bound }));
    const checkpoints = keep('checkpoints', await openLines(dataDir.checkpoints, 'audit'));
    const opened = keep(
      'database',
      options.databaseUrl === undefined
        ? await openEmbedded({ dir: dataDir.database })
        : await openDatabaseServer(options.databaseUrl),
    );
    const migrated = await migrate(opened, migrations);
    if (options.stage !== undefined) await stampEnvironment(opened, options.stage, clock.now());
    const told: Foundation['slow'] = { tell: null };
    const queries = queryLog(slow, clock, log, told);
    const sql = watchSql(opened, { clock, log: queries, statements: new StatementCache() });
    const bus = keep('bus', await openBus(options, sql, log));
    const localCounters = keep('counters of this process', memoryCounters({ clock }));
    const counters =
      options.redisUrl === undefined
        ? localCounters
        : keep(
            'Redis',
            redisCounters({ url: options.redisUrl, programs: limitPrograms, onError: quiet(log) }),
          );
    const detectCounters =
      options.redisUrl === undefined
        ? localCounters
        : keep(
            'Redis for detection',
            redisCounters({ url: options.redisUrl, programs: detectPrograms, onError: () => undefined }),
          );
    return {
      node: `${hostname().slice(0, 40)}-${newId('n', clock.now()).slice(-6)}`,
      clock,
      timers: systemTimers,
      dataDir,
      sql,
      queries,
      slow: told,
      stores: createStores(sql),
      journal,
      checkpoints,
      bus,
      counters,
      detectCounters,
      localCounters,
      migrated,
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/**
 * Opens a PostgreSQL server; when it does not answer, the error says what to do.
 * @throws RampartError; OptionsError
 */
export async function openDatabaseServer(url: string): Promise<SqlStore> {
  try {
    return await openServer({ url });
  } catch (error) {
    if (!(error instanceof RampartError && error.code === 'DATABASE_UNAVAILABLE')) throw error;
    // The address only: the URL may hold a password.
    const { host } = new URL(url);
    throw new RampartError(
      error.code,
      `The database at ${host} does not answer. Start it, mend DATABASE_URL, or leave DATABASE_URL out to use the embedded one.`,
      { cause: error },
    );
  }
}

/** Changes are told over Redis where there is one, else over the database that the nodes share. */
async function openBus(options: FoundationOptions, sql: SqlStore, log: Logger): Promise<Bus> {
  if (options.redisUrl !== undefined) {
    try {
      return await openRedisBus({ url: options.redisUrl });
    } catch (error) {
      log.warn('Redis does not answer; changes are told over the database until the next start.', { error });
    }
  }
  return options.databaseUrl === undefined ? memoryBus() : postgresBus(sql);
}

/** A slow statement is one line a minute; its shape holds no value. */
function queryLog(bounds: QueryLogOptions, clock: Clock, log: Logger, told: Foundation['slow']): QueryLog {
  const onSlow = (notice: SlowNotice): void => {
    const { id, shape, durationMs } = notice;
    told.tell?.(notice);
    log.warn('A statement was slow.', {
      id,
      durationMs: Math.round(durationMs),
      statement: shape.slice(0, 500),
    });
  };
  return new QueryLog(bounds, { clock, onSlow });
}

/** A server that is down says so at every attempt to connect: one line a minute is enough. */
function quiet(log: Logger): (error: Error) => void {
  let nextMs = 0;
  return (error) => {
    const now = systemClock.monotonic();
    if (now < nextMs) return;
    nextMs = now + 60_000;
    log.warn('Redis does not answer.', { error: error.message });
  };
}
