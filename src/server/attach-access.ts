import { join, resolve } from 'node:path';
import type { Logger } from '../base/observe/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import type { Bus } from '../ports/bus.ts';
import type { SqlStore } from '../ports/sql.ts';
import { openAccess, type OpenedAccess, type PreparedAccess } from './access.ts';
import { CONSOLE_ROLES } from './api/user-types.ts';
import type { AttachOptions, Kept } from './attach.ts';
import { openDataDir } from './data-dir.ts';
import { readEnvironment } from './environment.ts';
import type { House } from './house.ts';

/** What access inside an application is opened on. */
export interface AttachedAccessParts {
  readonly house: House;
  readonly log: Logger;
  readonly options: AttachOptions;
  readonly ground: Pick<Kept, 'sql' | 'stores'>;
  readonly redisUrl: string | undefined;
  /** Whether accounts are kept here. */
  readonly accounts: boolean;
  /** Called in the opposite order when the application ends. */
  readonly closers: (() => Promise<void>)[];
}

/** Opens grants inside an application. @throws OptionsError; RampartError of a store that cannot be opened */
export async function openAttachedAccess(
  prepared: PreparedAccess,
  parts: AttachedAccessParts,
): Promise<OpenedAccess> {
  const { house, log, closers, ground } = parts;
  const { production, secret } = readEnvironment(process.env, false);
  const bus = await openBus(parts.redisUrl, ground.sql, log);
  closers.push(() => bus.close());
  const opened = await openAccess(prepared, {
    node: house.node,
    sql: ground.sql,
    eventStore: ground.stores.events,
    events: house.events,
    announce: () => undefined,
    bus,
    secret: openDataDir(folderOf(parts.options), secret).secret,
    production,
    accounts: parts.accounts,
    reserved: CONSOLE_ROLES,
    clock: systemClock,
    timers: systemTimers,
    log,
  });
  closers.push(() => opened.grants.close());
  return opened;
}

function folderOf({ dataDir }: AttachOptions): string {
  return resolve(dataDir ?? process.env['RAMPART_DATA_DIR'] ?? '.rampart');
}

/** An embedded database of the application, where there is no server: what it keeps is gone from no restart. */
export async function openGround(
  options: AttachOptions,
  closers: (() => Promise<void>)[],
): Promise<Pick<Kept, 'sql' | 'stores'>> {
  const { migrate, openEmbedded } = await import('../stores/postgres/index.ts');
  const { createStores, migrations } = await import('./data/index.ts');
  const { secret } = readEnvironment(process.env, false);
  const { path } = openDataDir(folderOf(options), secret);
  // Not the folder of `rampart start`, which may run beside: one process per database.
  const sql = await openEmbedded({ dir: join(path, 'application-database') });
  closers.push(() => sql.close());
  await migrate(sql, migrations);
  return { sql, stores: createStores(sql) };
}

async function openBus(redisUrl: string | undefined, sql: SqlStore, log: Logger): Promise<Bus> {
  if (redisUrl !== undefined && redisUrl !== '') {
    const { openRedisBus } = await import('../stores/redis/bus.ts');
    try {
      return await openRedisBus({ url: redisUrl });
    } catch (error) {
      log.warn('Redis does not answer; changes of access are told over the database until the next start.', {
        error,
      });
    }
  }
  if (sql.kind === 'server') {
    const { postgresBus } = await import('../stores/postgres/index.ts');
    return postgresBus(sql);
  }
  const { memoryBus } = await import('../stores/memory/bus.ts');
  return memoryBus();
}
