import { join, resolve } from 'node:path';
import { type Stage, stampEnvironment } from '../base/database/environment-stamp.ts';
import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { RampartError } from '../core/errors.ts';
import type { Bus } from '../ports/bus.ts';
import type { CounterProgram, CounterStore } from '../ports/counter.ts';
import type { Journal } from '../ports/journal.ts';
import type { SqlStore } from '../ports/sql.ts';
import type { AttachOptions } from './attach.ts';
import type { Stores } from './data/index.ts';
import type { House } from './house.ts';
import { noticedPump } from './own-pump.ts';
import { placesOf } from './place-of.ts';
import type { Pump, PumpPorts } from './pump.ts';

const MAX_SLOTS = 64;

/** Records that are kept in a database. */
export interface Kept {
  readonly pump: Pump;
  readonly sql: SqlStore;
  readonly stores: Stores;
}

/** One bus for all that is shared, closed after those who use it. */
export async function openSharedBus(
  redisUrl: string | undefined,
  sql: SqlStore | undefined,
  log: Logger,
  closers: (() => Promise<void>)[],
): Promise<Bus> {
  const { openBus } = await import('./attach-ground.ts');
  const bus = await openBus(redisUrl, sql, log);
  closers.push(() => bus.close());
  return bus;
}

/** Counters of a process, by a connection of their own. */
export async function openCounters(
  url: string | undefined,
  local: CounterStore,
  programs: readonly CounterProgram[],
  closers: (() => Promise<void>)[],
): Promise<CounterStore> {
  if (url === undefined || url === '') return local;
  const { redisCounters } = await import('../stores/redis/counter.ts');
  const counters = redisCounters({ url, programs });
  closers.push(() => counters.close());
  return counters;
}

/** Decisions and events over a journal of this process into the database that the console reads. @param house asked late */
export async function openRecords(
  url: string,
  options: AttachOptions,
  stage: Stage,
  log: Logger,
  closers: (() => Promise<void>)[],
  house: () => Pick<House, 'events' | 'shield'>,
  journalBytes?: number,
): Promise<Kept> {
  const { migrate, openServer } = await import('../stores/postgres/index.ts');
  const { createStores, migrations } = await import('./data/index.ts');
  const sql = await openServer({ url, applicationName: 'rampart application' });
  closers.push(() => sql.close());
  await migrate(sql, migrations);
  await stampEnvironment(sql, stage, systemClock.now());
  const journal = await openFreeJournal(
    resolve(options.dataDir ?? process.env['RAMPART_DATA_DIR'] ?? '.rampart'),
    journalBytes,
  );
  const stores = createStores(sql);
  const target: PumpPorts['target'] = {
    insertDecisions: async (records) =>
      void (await stores.decisions.insertMany(records, undefined, placesOf(house().shield))),
    insertEvents: async (texts) => void (await stores.events.insertTexts(texts)),
  };
  const pump = noticedPump({ journal, clock: systemClock, timers: systemTimers, target }, log, house);
  return { pump, sql, stores };
}

/** Several processes of one application share a folder: each takes the first journal that nobody holds. */
async function openFreeJournal(dataDir: string, maxBytes: number | undefined): Promise<Journal> {
  const { openJournal } = await import('../stores/file/index.ts');
  for (let slot = 1; slot <= MAX_SLOTS; slot++) {
    try {
      return await openJournal({
        dir: join(dataDir, `application-${slot}`),
        ...(maxBytes === undefined ? {} : { maxBytes }),
      });
    } catch (error) {
      if (!(error instanceof RampartError && error.code === 'JOURNAL_LOCKED')) throw error;
    }
  }
  throw new RampartError('JOURNAL_LOCKED', `${MAX_SLOTS} processes hold all journals of ${dataDir}.`);
}
