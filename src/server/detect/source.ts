import { RampartError } from '../../core/errors.ts';
import type { RampartEvent } from '../../core/events.ts';
import { migrate, openEmbedded } from '../../stores/postgres/index.ts';
import type { DetectorEventsAnswer } from '../api/detect-types.ts';
import { askServer } from '../cli/operator.ts';
import { createStores, eventsSince, MAX_EVENT_PAGE, migrations } from '../data/index.ts';
import { openDataDir } from '../data-dir.ts';
import type { ServerEnvironment } from '../environment.ts';
import { openDatabaseServer } from '../foundation.ts';

type Events = (sinceMs: number) => AsyncIterable<RampartEvent>;

/** Works with the stored events of this data folder: through the server that runs, else on the database itself. */
export async function withEvents<T>(
  environment: Pick<ServerEnvironment, 'dataDir' | 'secret' | 'databaseUrl'>,
  work: (events: Events) => Promise<T>,
): Promise<T> {
  const ask = async (query: string): Promise<readonly RampartEvent[]> =>
    (await askServer<DetectorEventsAnswer>(environment.dataDir, 'GET', `/admin/detectors/events?${query}`))
      .events;
  try {
    await ask('limit=1');
  } catch (error) {
    if (!(error instanceof RampartError && error.code === 'SERVER_NOT_RUNNING')) throw error;
    return withDatabase(environment, work);
  }
  return work((sinceMs) =>
    eventsSince(sinceMs, (from) =>
      ask('afterId' in from ? `after=${from.afterId}` : `sinceMs=${Math.floor(from.sinceMs)}`),
    ),
  );
}

async function withDatabase<T>(
  environment: Pick<ServerEnvironment, 'dataDir' | 'secret' | 'databaseUrl'>,
  work: (events: Events) => Promise<T>,
): Promise<T> {
  const sql =
    environment.databaseUrl === undefined
      ? await openEmbedded({ dir: openDataDir(environment.dataDir, environment.secret).database })
      : await openDatabaseServer(environment.databaseUrl);
  try {
    await migrate(sql, migrations);
    const { detections } = createStores(sql);
    return await work((sinceMs) => eventsSince(sinceMs, (from) => detections.events(from, MAX_EVENT_PAGE)));
  } finally {
    await sql.close();
  }
}
