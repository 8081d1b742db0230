import type { Clock } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import type { SqlResult, SqlRunner, SqlStore, SqlValue } from '../../ports/sql.ts';
import { isSuspicious } from './failures.ts';
import type { QueryLog } from './query-log.ts';
import type { RepeatWatch } from './repeated.ts';
import type { StatementCache } from './statement.ts';

/** Who looks at the statements of a store. */
export interface QueryWatch {
  readonly clock: Clock;
  readonly log: QueryLog;
  readonly statements: StatementCache;
  readonly events?: EventSink | undefined;
  /** In development: notices statements that one request asks again and again. */
  readonly repeated?: RepeatWatch | undefined;
}

const ERROR_TOLD_EVERY_MS = 10_000;
const MAX_CODES = 200;

/** The same store, with every statement timed. Transactions' statements are timed one by one, BEGIN and COMMIT not. */
export function watchSql<Store extends SqlStore>(store: Store, watch: QueryWatch): Store {
  const failures = failureReports(watch);
  const timed =
    (sql: SqlRunner) =>
    async (text: string, values?: readonly SqlValue[]): Promise<SqlResult> => {
      watch.repeated?.begin(text);
      const startedMs = watch.clock.monotonic();
      let failed = true;
      try {
        const result = await sql.query(text, values);
        failed = false;
        return result;
      } catch (error) {
        failures(error);
        throw error;
      } finally {
        const shapeOf = (one: string): string => watch.statements.read(one).shape;
        watch.log.record(text, watch.clock.monotonic() - startedMs, failed, shapeOf);
      }
    };
  const query = timed(store);
  const transaction: SqlStore['transaction'] = (work) =>
    store.transaction((sql) => work({ query: timed(sql) }));
  return new Proxy(store, {
    get(target, name) {
      if (name === 'query') return query;
      if (name === 'transaction') return transaction;
      // Methods with private state must be called on the store itself.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Tells of suspicious errors: the code and how often, never the statement, its values or the server's words. */
function failureReports({ clock, events }: QueryWatch): (error: unknown) => void {
  const told = new Map<string, { atMs: number; count: number }>();
  return (error) => {
    const code = (error as { code?: unknown } | null)?.code;
    if (typeof code !== 'string' || !isSuspicious(code)) return;
    const seen = told.get(code) ?? { atMs: Number.NEGATIVE_INFINITY, count: 0 };
    if (told.size < MAX_CODES) told.set(code, seen);
    seen.count += 1;
    if (clock.monotonic() - seen.atMs < ERROR_TOLD_EVERY_MS) return;
    events?.emit('DATABASE_ERROR', { outcome: 'failure', details: { code, count: seen.count } });
    seen.atMs = clock.monotonic();
    seen.count = 0;
  };
}
