import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemTimers, type Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import { readOptions } from '../../core/options.ts';
import type { SqlResult, SqlRunner, SqlStore, SqlValue } from '../../ports/sql.ts';
import { type FolderLock, lockFolder } from '../file/lock.ts';
import { embeddedFields, type EmbeddedOptions } from './options.ts';
import { EmbeddedSqlError, type WorkerStart } from './protocol.ts';
import { NamedTurns, Turns } from './turns.ts';
import { channelName, valueText } from './values.ts';
import { WorkerLink } from './worker-link.ts';
import { startWorker } from './worker-start.ts';

/** Live objects of the embedded database. */
export interface EmbeddedPorts {
  readonly timers?: Timers;
}

/** Making a new database takes seconds, on a slow machine many. */
const OPEN_LIMIT_MS = 120_000;

/**
 * Opens PostgreSQL inside this process (PGlite in a worker thread), in a folder that no other process may open meanwhile.
 * Safe against a killed process, not against a power cut: the engine never calls fsync.
 * @throws OptionsError; RampartError `EMBEDDED_DATABASE_LOCKED`, `PACKAGE_MISSING`, `DATABASE_UNAVAILABLE`
 */
export async function openEmbedded(options: EmbeddedOptions, ports: EmbeddedPorts = {}): Promise<SqlStore> {
  const read = readOptions('database', options, embeddedFields);
  const timers = ports.timers ?? systemTimers;
  const settings = [
    `shared_buffers=${read.sharedBuffersMb}MB`,
    'wal_buffers=256kB',
    'max_connections=4',
    'timezone=UTC',
    'datestyle=ISO',
  ];
  const root = read.dir === ':memory:' ? undefined : resolve(read.dir);
  const lost = { handler: (): void => undefined };
  const lock = root === undefined ? undefined : await lockOf(root, () => lost.handler());
  try {
    const folder = root === undefined ? undefined : await madeFolder(root, settings, timers);
    const template = folder === undefined ? read.template : undefined;
    const start: WorkerStart = { folder, create: false, template, settings };
    const store = new EmbeddedStore(start, read, timers, lock);
    lost.handler = () => store.abandon();
    await store.open();
    return store;
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function lockOf(folder: string, onLost: () => void): Promise<FolderLock> {
  return lockFolder({ folder, code: 'EMBEDDED_DATABASE_LOCKED', what: 'The embedded database', onLost });
}

/**
 * Makes the database where there is none: beside its place and renamed into it, so that a process that is killed half
 * way leaves nothing that looks like a database; in a worker of its own, whose 600 MB go back when it ends.
 */
async function madeFolder(root: string, settings: readonly string[], timers: Timers): Promise<string> {
  const folder = join(root, 'data');
  if (existsSync(join(folder, 'PG_VERSION'))) return folder;
  const draft = join(root, 'data.new');
  rmSync(draft, { recursive: true, force: true });
  const worker = await startWorker(
    { folder: draft, create: true, template: undefined, settings },
    OPEN_LIMIT_MS,
    timers,
  );
  await worker.terminate();
  renameSync(draft, folder);
  return folder;
}

interface Limits {
  readonly queryLimit: number;
  readonly scriptLimit: number;
  readonly maxWaiting: number;
}

class EmbeddedStore implements SqlStore {
  readonly kind = 'embedded';
  readonly #link: WorkerLink;
  readonly #turns = new Turns();
  readonly #named = new NamedTurns();
  readonly #handlers = new Map<string, Set<(payload: string) => void>>();
  readonly #maxWaiting: number;
  readonly #idleMs: number;
  readonly #timers: Timers;
  readonly #lock: FolderLock | undefined;

  constructor(start: WorkerStart, limits: Limits, timers: Timers, lock: FolderLock | undefined) {
    this.#lock = lock;
    this.#maxWaiting = limits.maxWaiting;
    this.#idleMs = limits.queryLimit;
    this.#timers = timers;
    this.#link = new WorkerLink({
      start,
      queryLimitMs: limits.queryLimit,
      scriptLimitMs: limits.scriptLimit,
      openLimitMs: OPEN_LIMIT_MS,
      maxWaiting: limits.maxWaiting,
      timers,
      onNotify: (channel, payload) => this.#notify(channel, payload),
      greeting: () => [...this.#handlers.keys()].map((channel) => `LISTEN ${channelName(channel)}`),
    });
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  async query(text: string, values: readonly SqlValue[] = []): Promise<SqlResult> {
    const written = values.map(valueText);
    if (!this.#turns.open) await this.#turn();
    return this.#link.send('query', text, written);
  }

  #turn(): Promise<void> {
    if (this.#turns.waiting < this.#maxWaiting) return this.#turns.shared();
    throw new RampartError('DATABASE_UNAVAILABLE', 'Too many statements wait for the embedded database.');
  }

  async script(text: string): Promise<void> {
    await this.#turns.alone(() => this.#link.send('script', text, []));
  }

  transaction<T>(work: (sql: SqlRunner) => Promise<T>): Promise<T> {
    return this.#turns.alone(async () => {
      await this.#link.send('query', 'BEGIN', []);
      const { generation } = this.#link;
      const idle = this.#idleLimit();
      let open = true;
      const send = (text: string, values: readonly (string | null)[]) => {
        if (!open) throw new Error('This transaction has ended; its runner may not be used any more.');
        if (this.#link.generation !== generation) throw restarted();
        return idle.during(this.#link.send('query', text, values));
      };
      try {
        const runner: SqlRunner = { query: async (text, values = []) => send(text, values.map(valueText)) };
        const result = await Promise.race([work(runner), idle.over]);
        // An error that `work` swallowed has aborted the transaction: COMMIT then answers ROLLBACK.
        if ((await send('COMMIT', [])).command !== 'COMMIT') throw aborted();
        return result;
      } catch (error) {
        open = false;
        if (this.#link.generation === generation) await this.#rollBack();
        throw error;
      } finally {
        open = false;
        idle.stop();
      }
    });
  }

  /** A transaction that does nothing holds everybody up: as on a server, it is ended after the limit of a statement. */
  #idleLimit(): IdleLimit {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined);
    const arm = (): (() => void) => this.#timers.after(this.#idleMs, () => reject(idleError()));
    let cancel = arm();
    return {
      over: promise,
      stop: () => cancel(),
      async during(answer) {
        cancel();
        try {
          return await answer;
        } finally {
          cancel();
          cancel = arm();
        }
      },
    };
  }

  /** Where this fails too the engine is gone, and the transaction with it. */
  async #rollBack(): Promise<void> {
    await this.#link.send('script', 'ROLLBACK', []).catch(() => undefined);
  }

  /** Only this process can open the database, so names need to be kept apart only here. */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#named.run(name, work);
  }

  async listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>> {
    const quoted = channelName(channel);
    const own = (payload: string): void => handler(payload);
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers);
    handlers.add(own);
    await this.query(`LISTEN ${quoted}`);
    return async () => {
      if (!handlers.delete(own) || handlers.size > 0 || this.#handlers.get(channel) !== handlers) return;
      this.#handlers.delete(channel);
      await this.query(`UNLISTEN ${quoted}`);
    };
  }

  #notify(channel: string, payload: string): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(payload);
  }

  /** The folder belongs to another process now: nothing more may be written. */
  abandon(): void {
    this.#link.abandon(
      new RampartError('EMBEDDED_DATABASE_LOCKED', 'The database folder was taken over by another process.'),
    );
  }

  async close(): Promise<void> {
    await this.#turns.alone(() => this.#link.close());
    this.#lock?.release();
  }
}

interface IdleLimit {
  /** Rejects when nothing was asked for too long. */
  readonly over: Promise<never>;
  stop(): void;
  /** Time in which an answer is awaited is not idle. */
  during<T>(answer: Promise<T>): Promise<T>;
}

function idleError(): RampartError {
  return new RampartError('DATABASE_TIMEOUT', 'A transaction did nothing for too long and was rolled back.');
}

function restarted(): RampartError {
  return new RampartError(
    'DATABASE_UNAVAILABLE',
    'The database was restarted; the transaction was rolled back.',
  );
}

function aborted(): EmbeddedSqlError {
  return new EmbeddedSqlError({
    message: 'The transaction was rolled back, because a statement in it had failed.',
    code: '25P02',
  });
}
