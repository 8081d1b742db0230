import { readStamp, type Stage } from '../../../base/database/environment-stamp.ts';
import { systemClock } from '../../../core/clock.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { openServer } from '../../../stores/postgres/index.ts';
import { openRedis, type OpenedRedis } from '../../../stores/redis/client.ts';
import { migrations } from '../../data/index.ts';
import type { DatabaseFacts, RedisFacts } from './stores.ts';

const REDIS_LIMIT_MS = 3_000;

const NO_DATABASE: DatabaseFacts = {
  configured: false,
  error: undefined,
  version: undefined,
  pending: 0,
  unknown: 0,
  clockAheadMs: 0,
};

/** Asks the database; changes nothing in it. */
export async function gatherDatabase(url: string | undefined, stage?: Stage): Promise<DatabaseFacts> {
  if (url === undefined) return NO_DATABASE;
  let store: SqlStore | undefined;
  try {
    store = await openServer({ url, connectLimit: '3s', applicationName: 'rampart doctor' });
    return { ...NO_DATABASE, configured: true, ...(await askDatabase(store, stage)) };
  } catch (error) {
    return { ...NO_DATABASE, configured: true, error: reasonOf(error) };
  } finally {
    await store?.close();
  }
}

async function askDatabase(store: SqlStore, stage: Stage | undefined): Promise<Partial<DatabaseFacts>> {
  const beforeMs = systemClock.now();
  const { rows } = await store.query(
    `SELECT current_setting('server_version') AS version,
            (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms,
            to_regclass('rampart_migrations') IS NOT NULL AS migrated`,
  );
  // The answer was made somewhere between asking and hearing it.
  const middleMs = (beforeMs + systemClock.now()) / 2;
  const [row] = rows;
  const applied =
    row?.['migrated'] === true
      ? (await store.query('SELECT id FROM rampart_migrations WHERE set_name = $1', ['rampart'])).rows
      : [];
  const stamped = stage === undefined ? undefined : await readStamp(store);
  const known = new Set(migrations.map(({ id }) => id));
  const there = new Set(applied.map((one) => String(one['id'])));
  return {
    version: String(row?.['version']).split(' ')[0] ?? '',
    clockAheadMs: Number(row?.['now_ms']) - middleMs,
    pending: [...known].filter((id) => !there.has(id)).length,
    unknown: [...there].filter((id) => !known.has(id)).length,
    ...(stage !== undefined && stamped !== undefined && stamped !== stage
      ? { mismatch: { stamped, stage } }
      : {}),
  };
}

const NO_REDIS: RedisFacts = {
  configured: false,
  error: undefined,
  version: undefined,
  maxmemoryPolicy: undefined,
  maxmemoryBytes: 0,
  persistent: undefined,
  clockAheadMs: 0,
};

/** Asks Redis; changes nothing in it. */
export async function gatherRedis(url: string | undefined): Promise<RedisFacts> {
  if (url === undefined) return NO_REDIS;
  let client: OpenedRedis | undefined;
  try {
    client = await connected(url);
    return { ...NO_REDIS, configured: true, ...(await askRedis(client)) };
  } catch (error) {
    return { ...NO_REDIS, configured: true, error: reasonOf(error) };
  } finally {
    client?.destroy();
  }
}

/** A client whose connection stands, or the first reason why it does not. */
async function connected(url: string): Promise<OpenedRedis> {
  let failure: Error | undefined;
  const client = await openRedis(url, { onError: (error) => (failure ??= error) });
  const endMs = systemClock.monotonic() + REDIS_LIMIT_MS;
  while (client.isReady !== true) {
    if (failure !== undefined || systemClock.monotonic() > endMs) {
      client.destroy();
      throw failure ?? new Error('no answer within 3 s');
    }
    await new Promise<void>((resolve) => void setTimeout(resolve, 20));
  }
  return client;
}

async function askRedis(client: OpenedRedis): Promise<Partial<RedisFacts>> {
  const beforeMs = systemClock.now();
  const time = (await client.sendCommand(['TIME'])) as readonly unknown[];
  const middleMs = (beforeMs + systemClock.now()) / 2;
  const info = infoOf(String(await client.sendCommand(['INFO'])));
  const save = await setting(client, 'save');
  const aof = info.get('aof_enabled');
  return {
    version: info.get('valkey_version') ?? info.get('redis_version'),
    maxmemoryPolicy: info.get('maxmemory_policy'),
    maxmemoryBytes: Number(info.get('maxmemory') ?? 0),
    persistent: aof === '1' ? true : save === undefined ? undefined : save !== '',
    clockAheadMs: Number(time[0]) * 1000 + Number(time[1]) / 1000 - middleMs,
  };
}

function infoOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(':');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}

/** A setting of Redis; managed ones do not let anybody ask. */
async function setting(client: OpenedRedis, name: string): Promise<string | undefined> {
  const answer = await client.sendCommand(['CONFIG', 'GET', name]).catch(() => undefined);
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : undefined;
}

/** Why, in a few words: the driver's own where there are any. Neither driver repeats the URL. */
function reasonOf(error: unknown): string {
  for (let at: unknown = error, last = ''; ;) {
    const { message, code, cause } = (at ?? {}) as { message?: unknown; code?: unknown; cause?: unknown };
    const words =
      typeof message === 'string' && message !== '' ? message : typeof code === 'string' ? code : last;
    if (cause === undefined) return words.slice(0, 300) || 'unknown error';
    last = words;
    at = cause;
  }
}
