import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { bufferedSink, accessLog, createLogger, type Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { DecisionRecord, RecordSink } from '../core/decision.ts';
import { RampartError } from '../core/errors.ts';
import { newId } from '../core/id.ts';
import type { CounterStore } from '../ports/counter.ts';
import { freshAuthGuard, freshAuthPorts } from '../modules/identity/fresh-auth.ts';
import type { Journal } from '../ports/journal.ts';
import type { SqlStore } from '../ports/sql.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import type { OpenedAccess, PreparedAccess } from './access.ts';
import type { AttachedAccounts } from './account-app.ts';
import { isAccountPath } from './account-paths.ts';
import { type RampartConfig, type ReadConfig, readConfig } from './config.ts';
import type { Stores } from './data/index.ts';
import { buildHouse, type House, type HousePorts } from './house.ts';
import { Pump } from './pump.ts';

/** Where an application's Rampart keeps things; what is left out comes from the environment. */
export interface AttachOptions {
  /** PostgreSQL server that `rampart start` uses too, so that the console shows this application; default DATABASE_URL. */
  readonly databaseUrl?: string | undefined;
  /** Redis or Valkey that all nodes share; default REDIS_URL. */
  readonly redisUrl?: string | undefined;
  /** Folder of the journal, with `databaseUrl`, and of accounts without it; default RAMPART_DATA_DIR, else .rampart. */
  readonly dataDir?: string;
  /** Default: JSON lines of level warn and above to standard error. */
  readonly log?: Logger;
  /** Where access lines go; default nowhere, since most applications have their own. */
  readonly accessLog?: { write(line: string): void };
}

/** A Rampart inside an application. */
export interface Attached {
  readonly house: House;
  /** The newest decisions of this process, newest first; at most 1,000. */
  recent(): readonly DecisionRecord[];
  /** Accounts, where the configuration has `identity`; else null. */
  readonly accounts: AttachedAccounts | null;
  /** Policy and grants, where the configuration has `access`; else null. */
  readonly access: OpenedAccess | null;
  /** Writes everything down and gives back connections and timers. */
  close(): Promise<void>;
}

const RECENT = 1_000;
const MAX_SLOTS = 64;

/**
 * Composes a Rampart for an application. Limits are counted in this process, or in Redis where REDIS_URL is set; decisions
 * are kept in this process, or in PostgreSQL where DATABASE_URL is set.
 * @throws OptionsError naming the path and the reason; RampartError of a store that cannot be opened
 */
export async function attach(given: RampartConfig, options: AttachOptions = {}): Promise<Attached> {
  const config = readConfig(given);
  const log =
    options.log ??
    createLogger({ level: 'warn', sink: { write: (line) => void process.stderr.write(line) } });
  const redisUrl = options.redisUrl ?? process.env['REDIS_URL'];
  const databaseUrl = options.databaseUrl ?? process.env['DATABASE_URL'];
  const closers: (() => Promise<void>)[] = [];
  const localCounters = memoryCounters({ clock: systemClock });
  const counters = await openCounters(redisUrl, localCounters, closers);
  const kept =
    databaseUrl === undefined || databaseUrl === ''
      ? undefined
      : await openRecords(databaseUrl, options, log, closers);
  const recent: DecisionRecord[] = [];
  const sink: RecordSink = {
    write(record) {
      recent.push(record);
      if (recent.length > 2 * RECENT) recent.splice(0, RECENT);
      kept?.pump.write(record);
    },
  };
  const buffer =
    options.accessLog &&
    bufferedSink({
      write: (block) => options.accessLog?.write(block),
      after: (ms, task) => systemTimers.after(ms, task),
    });
  let accounts: AttachedAccounts | null = null;
  let access: OpenedAccess | null = null;
  const policy = await preparePolicy(config, () => (access as OpenedAccess).grants);
  const house = buildHouse(config, {
    node: `${hostname().slice(0, 40)}-${newId('n', Date.now()).slice(-6)}`,
    log,
    counters,
    localCounters,
    sink,
    watchers: kept ? [kept.pump.watcher] : [],
    finishers: buffer ? [accessLog(buffer)] : [],
    identify: (context) => accounts?.principal(context),
    ...(policy === null ? {} : { access: policy.house }),
    guards:
      config.identity === false
        ? []
        : [freshAuthGuard(freshAuthPorts(() => (accounts as AttachedAccounts).identity))],
  });
  let ground: Pick<Kept, 'sql' | 'stores'> | undefined = kept;
  if (policy !== null) {
    const { openAttachedAccess } = await import('./attach-access.ts');
    const { openGround } = await import('./attach-ground.ts');
    ground ??= await openGround(options, closers);
    const accounts = config.identity !== false;
    access = await openAttachedAccess(policy.prepared, {
      house,
      log,
      options,
      ground,
      redisUrl,
      accounts,
      closers,
    });
  }
  if (config.identity !== false) {
    // Loaded where they are wanted: they bring packages along.
    const { openAttachedAccounts } = await import('./attach-accounts.ts');
    accounts = await openAttachedAccounts(config.identity, {
      house,
      log,
      options,
      kept: ground,
      redisUrl,
      closers,
    });
  }
  return {
    house,
    accounts,
    access,
    recent: () => recent.slice(-RECENT).toReversed(),
    async close() {
      await house.close();
      await kept?.pump.close();
      buffer?.flush();
      for (const close of closers.toReversed()) await close();
    },
  };
}

/** Reads the policy, where there is one; loaded only then. */
async function preparePolicy(
  config: ReadConfig,
  grants: () => OpenedAccess['grants'],
): Promise<{
  readonly prepared: PreparedAccess;
  readonly house: NonNullable<HousePorts['access']>;
} | null> {
  if (config.access === false) return null;
  const { houseAccess, prepareAccess } = await import('./access.ts');
  const prepared = prepareAccess(config.access, config.rules);
  return { prepared, house: houseAccess(prepared, grants, ({ path }) => isAccountPath(path)) };
}

/** Records that are kept in a database. */
export interface Kept {
  readonly pump: Pump;
  readonly sql: SqlStore;
  readonly stores: Stores;
}

async function openCounters(
  url: string | undefined,
  local: CounterStore,
  closers: (() => Promise<void>)[],
): Promise<CounterStore> {
  if (url === undefined || url === '') return local;
  const { redisCounters } = await import('../stores/redis/counter.ts');
  const { limitPrograms } = await import('../modules/limit/index.ts');
  const counters = redisCounters({ url, programs: limitPrograms });
  closers.push(() => counters.close());
  return counters;
}

/** Decisions and events over a journal of this process into the database that the console reads. */
async function openRecords(
  url: string,
  options: AttachOptions,
  log: Logger,
  closers: (() => Promise<void>)[],
): Promise<Kept> {
  const { migrate, openServer } = await import('../stores/postgres/index.ts');
  const { createStores, migrations } = await import('./data/index.ts');
  const journal = await openFreeJournal(
    resolve(options.dataDir ?? process.env['RAMPART_DATA_DIR'] ?? '.rampart'),
  );
  const sql = await openServer({ url, applicationName: 'rampart application' });
  closers.push(() => sql.close());
  await migrate(sql, migrations);
  const stores = createStores(sql);
  const pump = new Pump({
    journal,
    clock: systemClock,
    timers: systemTimers,
    target: {
      insertDecisions: async (records) => void (await stores.decisions.insertMany(records)),
      insertEvents: async (events) => void (await stores.events.insertMany(events)),
    },
    onStalled: (error) =>
      log.error('Records wait: the journal or the database does not take them.', { error }),
    onRecovered: () => log.info('Records are taken again.'),
  });
  return { pump, sql, stores };
}

/** Several processes of one application share a folder: each takes the first journal that nobody holds. */
async function openFreeJournal(dataDir: string): Promise<Journal> {
  const { openJournal } = await import('../stores/file/index.ts');
  for (let slot = 1; slot <= MAX_SLOTS; slot++) {
    try {
      return await openJournal({ dir: join(dataDir, `application-${slot}`) });
    } catch (error) {
      if (!(error instanceof RampartError && error.code === 'JOURNAL_LOCKED')) throw error;
    }
  }
  throw new RampartError('JOURNAL_LOCKED', `${MAX_SLOTS} processes hold all journals of ${dataDir}.`);
}
