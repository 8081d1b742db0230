import {
  createDatabase,
  type Database,
  type DatabaseOptions,
  type DatabasePorts,
} from '../base/database/database.ts';
import { guardSql, type SqlGuard, sqlGuard } from '../base/database/sink/index.ts';
import { OptionsError } from '../core/errors.ts';
import type { EventSink } from '../core/events.ts';
import type { SqlStore } from '../ports/sql.ts';
import { openEmbedded, openServer, readTls, type ServerOptions } from '../stores/postgres/index.ts';

// File by file: the door of the house's own database brings a builder of SQL, which is a package.
export {
  createDatabase,
  type Database,
  type DatabaseOptions,
  type DatabasePorts,
} from '../base/database/database.ts';
export { createCursors, type Cursors } from '../base/database/cursor.ts';
export { databaseFailure, withFailures } from '../base/database/failures.ts';
export {
  type CursorPage,
  cursorPage,
  type ListQuery,
  type OffsetPage,
  offsetPage,
  type OrderColumn,
} from '../base/database/page.ts';
export {
  type ListPartitions,
  managePartitions,
  type MonthlyPartitions,
  type PartitionPlan,
  type PartitionReport,
} from '../base/database/partitions.ts';
export type { QueryPlan } from '../base/database/plan.ts';
export {
  APPLICATION_ROLE,
  type DatabasePrincipal,
  PRINCIPAL_SETTINGS,
  settingSql,
} from '../base/database/principal.ts';
export type { QuerySummary, RepeatedStatement, SlowStatement } from '../base/database/query-log.ts';
export type { Replica, ReplicaOptions, ReplicaState } from '../base/database/replicas.ts';
export { asRequest } from '../base/database/request-scope.ts';
export { retryContended } from '../base/database/retry.ts';
export { readSensitive, type SensitivePorts, type SensitiveRead } from '../base/database/sensitive.ts';
export { type RoleFault, roleFaults } from '../base/database/role-check.ts';
export type { ScopedOptions } from '../base/database/scoped.ts';
export {
  guardKysely,
  guardPg,
  guardSql,
  type InputScope,
  inputScope,
  nodeSource,
  type RequestSource,
  type SqlGuard,
  sqlGuard,
  type SqlGuardOptions,
  type SqlGuardPorts,
  SqlInjectionError,
  webSource,
} from '../base/database/sink/index.ts';
export { migrate, type Migration, openEmbedded, openServer } from '../stores/postgres/index.ts';

/** Where the database is, and how it is spoken to. */
export interface OpenDatabaseOptions extends DatabaseOptions {
  /** PostgreSQL server. Absent: embedded in `dir`. */
  readonly url?: string;
  /** Folder of the embedded database. Default `.rampart/application`. */
  readonly dir?: string;
  /** Servers that replicate it, at most 20. */
  readonly replicaUrls?: readonly string[];
  /** Pool, limits and TLS of each server; `url` apart. */
  readonly server?: Omit<ServerOptions, 'url'>;
}

/** What a database needs of the Rampart inside an application. */
export interface RampartPort {
  readonly house: { readonly events: EventSink };
  readonly audit: NonNullable<DatabasePorts['audit']>;
  watchStatements(source: string, database: Pick<Database, 'queries' | 'plan'>): () => Promise<void>;
}

/** What an application's database is handed. */
export interface OpenDatabasePorts {
  readonly events?: EventSink;
  /**
   * What `await rampart(…)` gave: its events tell of slow statements, the console lists them, and `readSensitive` writes
   * into its records. For that the database is the one of the records (DATABASE_URL), or has been given their tables (`rampart migrate`).
   */
  readonly rampart?: RampartPort;
  /**
   * Refuses statements that a value of the present request has changed, before they are sent. `true` guards handlers that
   * stand behind one of the adapters.
   */
  readonly guard?: SqlGuard | true;
  /** Default: NODE_ENV is `production`. */
  readonly production?: boolean;
}

/**
 * Opens an application's database with its replicas. A replica that does not answer now stops the start: later it may
 * come and go.
 * @throws OptionsError, in production also on a connection whose certificate is not verified and that leaves this
 *   machine; RampartError `DATABASE_UNAVAILABLE`, `PACKAGE_MISSING`
 */
export async function openDatabase(
  options: OpenDatabaseOptions,
  ports: OpenDatabasePorts = {},
): Promise<Database> {
  const { url, dir = '.rampart/application', replicaUrls = [], server = {}, ...rest } = options;
  if (url === undefined && replicaUrls.length > 0)
    throw new OptionsError('database.replicaUrls', 'an embedded database has no replicas; set url');
  if (replicaUrls.length > 20) throw new OptionsError('database.replicaUrls', 'expected at most 20');
  const production = ports.production ?? process.env['NODE_ENV'] === 'production';
  const opened: SqlStore[] = [];
  const guard = ports.guard === true ? sqlGuard({}, eventsOf(ports)) : ports.guard;
  const guarded = (store: SqlStore): SqlStore => (guard === undefined ? store : guardSql(store, guard));
  const open = async (one: string, path: string): Promise<SqlStore> => {
    const tls = readTls(one, server.tls);
    if (production && tls.mode !== 'verify' && !tls.local)
      throw new OptionsError(
        path,
        `in production the server's certificate must be verified (now ${tls.mode}); use sslmode=verify-full, with sslrootcert where a private authority signed it`,
      );
    const store = await openServer({ ...server, url: one });
    opened.push(store);
    return guarded(store);
  };
  try {
    const openHere = async (): Promise<SqlStore> => {
      const store = await openEmbedded({ dir });
      opened.push(store);
      return guarded(store);
    };
    const primary = url === undefined ? await openHere() : await open(url, 'database.url');
    const replicas = [];
    for (const [i, one] of replicaUrls.entries())
      replicas.push({ name: nameOf(one, i), sql: await open(one, `database.replicaUrls[${i}]`) });
    const database = await createDatabase(rest, {
      primary,
      replicas,
      ...eventsOf(ports),
      ...(ports.rampart ? { audit: ports.rampart.audit } : {}),
    });
    const stop = ports.rampart?.watchStatements(url === undefined ? 'embedded' : nameIn(url), database);
    return {
      ...database,
      async close() {
        await stop?.();
        await database.close();
      },
    };
  } catch (error) {
    await Promise.all(opened.map((store) => store.close().catch(() => undefined)));
    throw error;
  }
}

function eventsOf({ events, rampart }: OpenDatabasePorts): { readonly events?: EventSink } {
  const sink = events ?? rampart?.house.events;
  return sink === undefined ? {} : { events: sink };
}

/** The database's own name. */
function nameIn(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname.slice(1)) || 'application';
  } catch {
    return 'application';
  }
}

/** Host and place in the list: the URL may hold a password. */
function nameOf(url: string, index: number): string {
  try {
    return `${index + 1}: ${new URL(url).host}`;
  } catch {
    return String(index + 1);
  }
}
