import type { Duration } from '../../core/duration.ts';
import { duration, type Fields, number, oneOf, optional, text } from '../../core/options.ts';
import type { TlsMode } from './tls.ts';

/** Options of the embedded database. */
export interface EmbeddedOptions {
  /** Folder of the database, made when absent; `':memory:'` keeps it in memory, for tests. */
  readonly dir: string;
  /** Time that one statement may take before the engine is restarted: 100ms to 1h. Default 30s. */
  readonly queryLimit?: Duration;
  /** Time that a script (a migration) may take: 1s to 24h. Default 10m. */
  readonly scriptLimit?: Duration;
  /** Page cache, mebibytes: 1 to 1024. Default 8. */
  readonly sharedBuffersMb?: number;
  /** Statements that may wait; further ones are refused: 1 to 1,000,000. Default 10,000. */
  readonly maxWaiting?: number;
  /** With `':memory:'`: file that holds a new database, written when absent; starts in a third of the time. */
  readonly template?: string;
}

/** Readers of {@link EmbeddedOptions}. */
export const embeddedFields: Fields<{
  dir: string;
  queryLimit: number;
  scriptLimit: number;
  sharedBuffersMb: number;
  maxWaiting: number;
  template: string | undefined;
}> = {
  dir: text({ max: 4_096, about: 'folder, or :memory:' }),
  queryLimit: duration({ min: '100ms', max: '1h', default: '30s' }),
  scriptLimit: duration({ min: '1s', max: '1d', default: '10m' }),
  sharedBuffersMb: number({ min: 1, max: 1_024, default: 8 }),
  maxWaiting: number({ min: 1, max: 1_000_000, default: 10_000 }),
  template: optional(text({ max: 4_096, about: 'file' })),
};

/** Options of a PostgreSQL server. */
export interface ServerOptions {
  /** `postgres://user:password@host:port/database`. A secret: never logged. */
  readonly url: string;
  /** Connections in the pool: 1 to 1,000. Default 20. Listening and each held lock take one more. */
  readonly max?: number;
  /** Time to wait for a connection, from the pool or new: 100ms to 1m. Default 5s. */
  readonly connectLimit?: Duration;
  /** Time after which a connection that nobody uses is closed: 1s to 1h. Default 30s. */
  readonly idleLimit?: Duration;
  /** Time that running statements are given when the store closes, before they are cut: 0s to 10m. Default 10s. */
  readonly drainLimit?: Duration;
  /**
   * `verify`, `unverified` or `off`. Default: what the URL's `sslmode` says; without one `verify`, and `off` for a
   * server on this machine. Production refuses `unverified`, and `off` beyond this machine.
   */
  readonly tls?: TlsMode;
  /** Certificates (PEM) that may have signed the server's, beside `sslrootcert`; default: those that Node.js trusts. */
  readonly ca?: string;
  /** Time that one statement may take, enforced by the server: 100ms to 1h. Default 30s. */
  readonly queryLimit?: Duration;
  /** Time that a script (a migration) may take: 1s to 24h. Default 10m. */
  readonly scriptLimit?: Duration;
  /** Statements that may wait for a connection; further ones are refused: 1 to 1,000,000. Default 10,000. */
  readonly maxWaiting?: number;
  /** Name under which the server lists the connections, 1 to 60 characters. Default 'rampart'. */
  readonly applicationName?: string;
}

/** Readers of {@link ServerOptions}. */
export const serverFields: Fields<{
  url: string;
  max: number;
  connectLimit: number;
  idleLimit: number;
  drainLimit: number;
  tls: TlsMode | undefined;
  ca: string | undefined;
  queryLimit: number;
  scriptLimit: number;
  maxWaiting: number;
  applicationName: string;
}> = {
  url: text({ max: 4_096, about: 'postgres://user:password@host:port/database' }),
  max: number({ min: 1, max: 1_000, default: 20 }),
  connectLimit: duration({ min: '100ms', max: '1m', default: '5s' }),
  idleLimit: duration({ min: '1s', max: '1h', default: '30s' }),
  drainLimit: duration({ min: '0s', max: '10m', default: '10s' }),
  tls: optional(oneOf(['verify', 'unverified', 'off'] as const)),
  ca: optional(text({ max: 1_000_000, about: 'PEM' })),
  queryLimit: duration({ min: '100ms', max: '1h', default: '30s' }),
  scriptLimit: duration({ min: '1s', max: '1d', default: '10m' }),
  maxWaiting: number({ min: 1, max: 1_000_000, default: 10_000 }),
  applicationName: text({ max: 60, default: 'rampart' }),
};
