import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import type { SqlGuard } from './guard.ts';

/** A store or runner whose statements are looked at before they are sent. Scripts are the code's own and pass. */
export function guardSql(sql: SqlStore, guard: SqlGuard): SqlStore;
export function guardSql(sql: SqlRunner, guard: SqlGuard): SqlRunner;
export function guardSql(sql: SqlStore | SqlRunner, guard: SqlGuard): SqlStore | SqlRunner {
  const query: SqlRunner['query'] = async (text, values) => {
    guard.check(text);
    return sql.query(text, values);
  };
  if (!('transaction' in sql)) return { query };
  return {
    kind: sql.kind,
    query,
    transaction: (work) => sql.transaction((runner) => work(guardSql(runner, guard))),
    script: (text) => sql.script(text),
    withLock: (name, work) => sql.withLock(name, work),
    listen: (channel, handler) => sql.listen(channel, handler),
    close: () => sql.close(),
  };
}

/** What is used of a `pg` Pool, Client, or anything that queries like them. */
export interface PgLike {
  // The overloads of `pg` agree in nothing more.
  query(...args: never[]): unknown;
}

/**
 * A `pg` Pool or Client whose statements are looked at before they are sent, those of its checked-out clients too.
 * A refusal rejects, or reaches the callback where one was given.
 */
export function guardPg<T extends PgLike>(client: T, guard: SqlGuard): T {
  return new Proxy(client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (property === 'query') return guardedQuery(target, guard);
      if (property === 'connect') return guardedConnect(target, value as Method, guard);
      return value.bind(target) as unknown;
    },
  });
}

type Method = (...args: unknown[]) => unknown;
type Callback = (error: unknown, ...rest: unknown[]) => void;

function guardedQuery(target: PgLike, guard: SqlGuard): Method {
  return (...args) => {
    const text = textOf(args[0]);
    try {
      if (text !== undefined) guard.check(text);
    } catch (error) {
      const callback = args.find((argument) => typeof argument === 'function');
      if (callback === undefined) return Promise.reject(error);
      process.nextTick(callback, error);
      return undefined;
    }
    return (target.query as Method).apply(target, args);
  };
}

/** Of a text, a configuration, or a cursor or stream, which carry their text inside. */
function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null) return undefined;
  const { text, cursor } = query as { text?: unknown; cursor?: unknown };
  return typeof text === 'string' ? text : cursor === undefined ? undefined : textOf(cursor);
}

/** A pool hands out clients; a client hands out nothing. */
function guardedConnect(target: PgLike, connect: Method, guard: SqlGuard): Method {
  return (...args) => {
    const [callback] = args as [Callback | undefined];
    if (typeof callback === 'function') {
      return connect.call(target, (error: unknown, client: unknown, ...rest: unknown[]) =>
        callback(error, isPgLike(client) ? guardPg(client, guard) : client, ...rest),
      );
    }
    const waiting = connect.call(target) as Promise<unknown>;
    return waiting.then((client) => (isPgLike(client) ? guardPg(client, guard) : client));
  };
}

function isPgLike(client: unknown): client is PgLike {
  return typeof client === 'object' && client !== null && 'query' in client;
}

/** A Kysely dialect whose statements are looked at before they are sent. */
export function guardKysely(dialect: Dialect, guard: SqlGuard): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createDriver: () => guardDriver(dialect.createDriver(), guard),
  };
}

function guardDriver(driver: Driver, guard: SqlGuard): Driver {
  return new Proxy(driver, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (property === 'acquireConnection') {
        return async () => guardConnection(await target.acquireConnection(), guard);
      }
      // The driver knows its connections by identity: it must be given back its own.
      return (...args: unknown[]) => (value as Method).apply(target, args.map(ownOf));
    },
  });
}

const OWN = Symbol('own connection');

function ownOf(argument: unknown): unknown {
  const own = typeof argument === 'object' && argument !== null && (argument as { [OWN]?: unknown })[OWN];
  return own || argument;
}

function guardConnection(connection: DatabaseConnection, guard: SqlGuard): DatabaseConnection {
  return new Proxy(connection, {
    get(target, property) {
      if (property === OWN) return target;
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      if (property !== 'executeQuery' && property !== 'streamQuery') return value.bind(target) as unknown;
      return (query: { readonly sql: string }, ...rest: unknown[]) => {
        guard.check(query.sql);
        return (value as Method).call(target, query, ...rest);
      };
    },
  });
}
