import { join, resolve } from 'node:path';
import { stampEnvironment } from '../base/database/environment-stamp.ts';
import type { Logger } from '../base/observe/index.ts';
import { systemClock } from '../core/clock.ts';
import type { Bus } from '../ports/bus.ts';
import type { SqlStore } from '../ports/sql.ts';
import type { AttachOptions } from './attach.ts';
import type { Kept } from './attach-stores.ts';
import { type DataDir, openDataDir } from './data-dir.ts';
import { readEnvironment } from './environment.ts';

/** The data folder of an application, with its secret. */
export function applicationFolder({ dataDir }: AttachOptions): DataDir {
  const { secret } = readEnvironment(process.env, false);
  return openDataDir(resolve(dataDir ?? process.env['RAMPART_DATA_DIR'] ?? '.rampart'), secret);
}

/** An embedded database of the application, where there is no server. */
export async function openGround(
  options: AttachOptions,
  closers: (() => Promise<void>)[],
): Promise<Pick<Kept, 'sql' | 'stores'>> {
  const { migrate, openEmbedded } = await import('../stores/postgres/index.ts');
  const { createStores, migrations } = await import('./data/index.ts');
  const { path } = applicationFolder(options);
  // Not the folder of `rampart start`, which may run beside: one process per database.
  const sql = await openEmbedded({ dir: join(path, 'application-database') });
  closers.push(() => sql.close());
  await migrate(sql, migrations);
  await stampEnvironment(sql, readEnvironment(process.env, false).stage, systemClock.now());
  return { sql, stores: createStores(sql) };
}

/** Changes are told over Redis where there is one that answers, else over the database that the nodes share, else to nobody. */
export async function openBus(
  redisUrl: string | undefined,
  sql: SqlStore | undefined,
  log: Logger,
): Promise<Bus> {
  if (redisUrl !== undefined && redisUrl !== '') {
    const { openRedisBus } = await import('../stores/redis/bus.ts');
    try {
      return await openRedisBus({ url: redisUrl });
    } catch (error) {
      log.warn(
        sql === undefined
          ? 'Redis does not answer; other nodes are told nothing until the next start.'
          : 'Redis does not answer; changes are told over the database until the next start.',
        { error },
      );
    }
  }
  if (sql?.kind === 'server') {
    const { postgresBus } = await import('../stores/postgres/index.ts');
    return postgresBus(sql);
  }
  const { memoryBus } = await import('../stores/memory/bus.ts');
  return memoryBus();
}
