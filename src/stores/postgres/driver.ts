import type pg from 'pg';
import { RampartError } from '../../core/errors.ts';
import type { SqlResult } from '../../ports/sql.ts';
import type { TlsClientOptions } from './tls.ts';
import { readerOf } from './values.ts';

/** The package `pg`, loaded when a server is configured. */
export type PgModule = typeof pg;

/** Loads `pg`. @throws RampartError `PACKAGE_MISSING` */
export async function loadPg(): Promise<PgModule> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new RampartError('PACKAGE_MISSING', 'A PostgreSQL server needs the package pg: npm install pg');
  }
}

/** How every connection is opened. */
export interface ConnectionSettings {
  /** Without parameters of TLS, which the driver would read in its own way. */
  readonly url: string;
  readonly ssl: TlsClientOptions | false;
  readonly connectLimitMs: number;
  readonly queryLimitMs: number;
  readonly applicationName: string;
}

/** What the server enforces and what the client waits beyond that, for a server that no longer answers. */
const GRACE_MS = 5_000;
const READ_AS_SENT = { getTypeParser: (typeId: number) => readerOf(typeId) };

/** Settings of one connection: sessions in UTC, ISO dates, statement limit at the server. */
export function connectionConfig(settings: ConnectionSettings): pg.ClientConfig {
  return {
    connectionString: settings.url,
    ssl: settings.ssl,
    connectionTimeoutMillis: settings.connectLimitMs,
    statement_timeout: settings.queryLimitMs,
    query_timeout: settings.queryLimitMs + GRACE_MS,
    idle_in_transaction_session_timeout: settings.queryLimitMs + GRACE_MS,
    application_name: settings.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: '-c timezone=UTC -c datestyle=ISO -c bytea_output=hex',
    types: READ_AS_SENT,
  };
}

/** A result of `pg` as the port wants it: `affected` counts changes, not rows that were read. */
export function resultOf(result: pg.QueryResult<Record<string, unknown>>): SqlResult {
  const changed = /^(?:INSERT|UPDATE|DELETE|MERGE|COPY)$/.test(result.command);
  return { rows: result.rows, affected: changed ? (result.rowCount ?? 0) : 0 };
}

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/**
 * Whether the error means that the database cannot be reached: the network, SQLSTATE class 08 (connection), 57P01–57P03
 * (shutting down, starting up), 53300 (no connection free), or a message of the driver without any code.
 */
export function isUnavailable(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (typeof code === 'string') {
    return NETWORK_CODES.has(code) || /^(?:08...|57P0[123]|53300)$/.test(code);
  }
  return /Connection terminated|connection timeout|timeout exceeded when trying to connect|Query read timeout|not queryable|connection error|Cannot use a pool after calling end/i.test(
    message,
  );
}

/** Whether no protected connection came about: no TLS there, or a certificate that does not hold. */
function isTlsRefusal(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (message === 'The server does not support SSL connections') return true;
  return (
    typeof code === 'string' && /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_)/.test(code)
  );
}

/** Our own error for a database that cannot be reached or trusted, the driver's own for all else. */
export function translated(error: unknown): unknown {
  if (isTlsRefusal(error)) {
    const { message } = error as Error;
    return new RampartError(
      'DATABASE_TLS_REFUSED',
      `No verified TLS to the database: ${message}. Name the authority with sslrootcert in the URL; in a network that is yours alone, say sslmode=disable.`,
      { cause: error },
    );
  }
  if (!isUnavailable(error)) return error;
  return new RampartError('DATABASE_UNAVAILABLE', 'The database cannot be reached.', { cause: error });
}
