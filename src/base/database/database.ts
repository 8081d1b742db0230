import { type Clock, systemClock, systemTimers, type Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import type { EventSink } from '../../core/events.ts';
import { custom, type Field, type Fields, flag, number, readOptions, text } from '../../core/options.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { explainQuery, type QueryPlan } from './plan.ts';
import { APPLICATION_ROLE, type DatabasePrincipal } from './principal.ts';
import { QueryLog, type QueryLogOptions, type QuerySummary } from './query-log.ts';
import { repeatWatch } from './repeated.ts';
import {
  type Replica,
  type ReplicaOptions,
  ReplicaSet,
  type ReplicaState,
  readPosition,
} from './replicas.ts';
import { watchHttpRequests, withMark, type WriteMark } from './request-scope.ts';
import { routeSql } from './routed.ts';
import { type PrincipalScope, principalScope, type ScopedOptions, type ScopedWork } from './scoped.ts';
import { readSensitive, type SensitivePorts, type SensitiveRead } from './sensitive.ts';
import { StatementCache } from './statement.ts';
import { watchSql } from './watched.ts';

/** How an application's database works. */
export interface DatabaseOptions {
  /** Role under which `withPrincipal` runs statements, 1 to 63 characters. Default `rampart_app`. */
  readonly role?: string;
  /** Which statements are counted and listed. */
  readonly queries?: QueryLogOptions;
  /** How replicas are chosen. */
  readonly replicas?: ReplicaOptions;
  /** Notices statements that one request repeats; for development. Default false. */
  readonly development?: boolean;
  /** In development: a statement may be asked so often in one request, 2 to 10,000. Default 10. */
  readonly maxRepeats?: number;
}

/** Live objects of a database. */
export interface DatabasePorts {
  readonly primary: SqlStore;
  readonly replicas?: readonly Replica[];
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly events?: EventSink;
  /** Writes an audit event into a transaction of the primary; `readSensitive` asks for it. */
  readonly audit?: SensitivePorts['audit'];
}

/** A database for an application: timed, with replicas, and with rows as a principal may see them. */
export interface Database extends SqlStore {
  /** The primary alone, for reads that must not be late. */
  readonly primary: SqlStore;
  /**
   * Runs `work` in a transaction under the application's role and with the principal in its settings, so that
   * row-level security decides. The principal's own writes are seen by its later reads, also on replicas.
   * @throws RampartError `DATABASE_SCOPE`; what `work` and the database throw
   */
  withPrincipal<T>(principal: DatabasePrincipal, work: ScopedWork<T>, options?: ScopedOptions): Promise<T>;
  /**
   * Reads rows that are marked as sensitive and writes down who read which of them and what for, in one transaction.
   * @param idOf names a row, by its key
   * @param principal reads as `withPrincipal` does; default with the rights of the connection
   * @throws RampartError `AUDIT_UNAVAILABLE` where nothing writes; ValidationError without a purpose; what `read` throws
   */
  readSensitive<Row>(
    act: SensitiveRead,
    read: (sql: SqlRunner) => Promise<readonly Row[]>,
    idOf: (row: Row) => string | number,
    principal?: DatabasePrincipal,
  ): Promise<readonly Row[]>;
  /** Runs `work` so that its reads see every earlier write under the same key on this node. */
  withSession<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Runs `work` so that its reads see at least `position`. @throws TypeError on what is no position */
  withPosition<T>(position: string, work: () => Promise<T>): Promise<T>;
  /** The primary's position, such as `16/B374D848`: after a write, for `withPosition` on another node. */
  position(): Promise<string>;
  /** All statements of this node since the start, and the slow ones. */
  queries(): QuerySummary;
  /** The plan of a slow statement; `undefined` where there is none of that id, or it has no plan. */
  plan(id: string): Promise<QueryPlan | undefined>;
  replicas(): readonly ReplicaState[];
}

interface ReadOptions {
  role: string;
  queries: QueryLogOptions;
  replicas: ReplicaOptions;
  development: boolean;
  maxRepeats: number;
}

/** Read by whoever uses it. */
const part = <T>(): Field<T> => custom('object', (given) => (given ?? {}) as T, true);
const fields: Fields<ReadOptions> = {
  role: text({ max: 63, default: APPLICATION_ROLE }),
  queries: part<QueryLogOptions>(),
  replicas: part<ReplicaOptions>(),
  development: flag(false),
  maxRepeats: number({ min: 2, max: 10_000, default: 10 }),
};

/** Sessions whose writes are remembered; beyond, the one that wrote first is forgotten and may read a little late. */
const MAX_SESSIONS = 50_000;

/**
 * Puts a database together: every statement timed, reads on replicas that are near enough, rows as principals may see
 * them. Closing it closes the primary and the replicas.
 * @throws OptionsError
 */
export async function createDatabase(options: DatabaseOptions, ports: DatabasePorts): Promise<Database> {
  const read = readOptions('database', options, fields);
  const clock = ports.clock ?? systemClock;
  const timers = ports.timers ?? systemTimers;
  const { events } = ports;
  const statements = new StatementCache();
  const log = new QueryLog(read.queries, {
    clock,
    onSlow: ({ id, shape, durationMs }) =>
      events?.emit('DATABASE_QUERY_SLOW', {
        subject: id,
        details: { durationMs: Math.round(durationMs), statement: shape.slice(0, 500) },
      }),
  });
  const repeated = read.development
    ? repeatWatch(read.maxRepeats, statements, {
        clock,
        notice: ({ shape, count, place }) => {
          log.noteRepeated(shape, place);
          events?.emit('DATABASE_QUERY_REPEATED', {
            details: { count, place, statement: shape.slice(0, 500) },
          });
        },
      })
    : undefined;
  const watch = { clock, log, statements, events, repeated };
  const copies = (ports.replicas ?? []).map(({ name, sql }) => ({ name, sql: watchSql(sql, watch) }));
  const primary = watchSql(ports.primary, watch);
  // Probes are asked beside the watch: they are nobody's statements.
  const set = new ReplicaSet(ports.primary, copies, read.replicas, { clock, timers, events });
  const routed = copies.length > 0 ? routeSql(primary, set, statements) : primary;
  const scope = principalScope(routed, { role: read.role }, { clock, statements });
  const needsScopes = read.development || copies.length > 0;
  const stopRequests = needsScopes ? watchHttpRequests() : undefined;
  if (copies.length > 0) await set.start();
  const sessions = new SessionMarks();
  const plain = unscoped(routed, () => scope.inside());
  const withSession = <T>(key: string, work: () => Promise<T>): Promise<T> =>
    copies.length > 0 ? withMark(sessions.of(key), work) : work();
  return {
    ...plain,
    primary: unscoped(primary, () => scope.inside()),
    withPrincipal: (principal, work, how) => withSession(principal.id, () => scope.run(principal, work, how)),
    readSensitive: async (act, read, idOf, principal) =>
      readSensitive(act, read, idOf, sensitivePorts(ports.audit, plain, scope, principal)),
    withSession,
    withPosition(position, work) {
      const needed = readPosition(position);
      if (needed === undefined)
        throw new TypeError('position: expected two hexadecimal halves, such as 16/B374D848');
      return withMark({ sample: 0, position: needed }, work);
    },
    position: () => set.position(),
    queries: () => log.summary(),
    async plan(id) {
      const statement = log.textOf(id);
      return statement === undefined ? undefined : explainQuery(ports.primary, statement);
    },
    replicas: () => set.states(),
    async close() {
      stopRequests?.();
      set.stop();
      await Promise.all([ports.primary, ...copies.map(({ sql }) => sql)].map((store) => store.close()));
    },
  };
}

/** A principal has no right to write events: that is done last, in the same transaction, by whom the connection is. */
function sensitivePorts(
  audit: DatabasePorts['audit'],
  store: SqlStore,
  scope: PrincipalScope,
  principal: DatabasePrincipal | undefined,
): SensitivePorts {
  if (audit === undefined)
    throw new RampartError(
      'AUDIT_UNAVAILABLE',
      'Nothing writes down who reads sensitive rows: open the database with { rampart: guard }, or hand createDatabase an audit port.',
    );
  if (principal === undefined) return { sql: store, audit };
  let write = (_sql: SqlRunner): Promise<void> => Promise.resolve();
  return {
    sql: { transaction: (work) => scope.run(principal, work, { after: (sql) => write(sql) }) },
    audit(_scoped, type, fields) {
      write = (sql) => audit(sql, type, fields);
      return Promise.resolve();
    },
  };
}

/** Refuses statements that would run beside the transaction of a principal, with the rights of the owner. */
function unscoped(store: SqlStore, inside: () => boolean): SqlStore {
  const outside = (): void => {
    if (inside())
      throw new RampartError(
        'DATABASE_SCOPE',
        'Inside of withPrincipal only the handed runner may be used: this statement would see the rows of everybody.',
      );
  };
  return {
    kind: store.kind,
    async query(statement, values) {
      outside();
      return store.query(statement, values);
    },
    async transaction(work) {
      outside();
      return store.transaction(work);
    },
    async script(statement) {
      outside();
      return store.script(statement);
    },
    withLock: (name, work) => store.withLock(name, work),
    listen: (channel, handler) => store.listen(channel, handler),
    close: () => store.close(),
  };
}

/** The marks of sessions, a bounded number of them. */
class SessionMarks {
  readonly #marks = new Map<string, WriteMark>();

  of(key: string): WriteMark {
    const known = this.#marks.get(key);
    // Used last, forgotten last.
    if (known !== undefined) this.#marks.delete(key);
    else if (this.#marks.size >= MAX_SESSIONS) this.#marks.delete(this.#marks.keys().next().value as string);
    const mark = known ?? { sample: 0 };
    this.#marks.set(key, mark);
    return mark;
  }
}
