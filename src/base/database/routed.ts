import type { SqlResult, SqlRunner, SqlStore, SqlValue } from '../../ports/sql.ts';
import type { Lent, ReplicaSet } from './replicas.ts';
import type { StatementCache } from './statement.ts';

/** A store whose reads may be answered by replicas. */
export interface RoutedStore extends SqlStore {
  /**
   * A transaction that only reads, on a replica where one may answer the caller. Runs `work` again only where none of
   * it had begun.
   */
  readTransaction<T>(work: (sql: SqlRunner) => Promise<T>): Promise<T>;
}

/** Texts that a replica refused as writes, at most. */
const MAX_REFUSED = 1_000;

/**
 * Sends reads to replicas, and everything else to the primary. A replica that is gone costs the reader nothing but time:
 * the next one answers, in the end the primary. What must be read at the primary is asked there, or in a transaction.
 */
export function routeSql(primary: SqlStore, replicas: ReplicaSet, statements: StatementCache): RoutedStore {
  const refused = new Set<string>();
  const changed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      // Also when it failed: it may have happened.
      replicas.wrote();
    }
  };
  const fromReplica = async (text: string, values: readonly SqlValue[]): Promise<SqlResult | undefined> => {
    const tried = new Set<string>();
    for (let lent = replicas.reader(tried); lent; lent = replicas.reader(tried)) {
      tried.add(lent.name);
      try {
        return await lent.run((sql) => sql.query(text, values));
      } catch (error) {
        if (!mayGoOn(error, lent)) throw error;
        if (codeOf(error) === READ_ONLY) {
          if (refused.size >= MAX_REFUSED) refused.clear();
          refused.add(text);
          return undefined;
        }
      }
    }
    return undefined;
  };
  return {
    kind: primary.kind,
    async query(text, values = []) {
      if (!statements.read(text).readOnly || refused.has(text)) return changed(primary.query(text, values));
      return (await fromReplica(text, values)) ?? primary.query(text, values);
    },
    transaction: (work) => changed(primary.transaction(work)),
    async readTransaction(work) {
      const tried = new Set<string>();
      for (let lent = replicas.reader(tried); lent; lent = replicas.reader(tried)) {
        tried.add(lent.name);
        const state = { begun: false };
        try {
          return await lent.run((sql) =>
            sql.transaction((runner) => {
              state.begun = true;
              return work(runner);
            }),
          );
        } catch (error) {
          if (state.begun || !mayGoOn(error, lent)) throw error;
        }
      }
      return primary.transaction(work);
    },
    script: (text) => changed(primary.script(text)),
    withLock: (name, work) => primary.withLock(name, work),
    listen: (channel, handler) => primary.listen(channel, handler),
    close: () => primary.close(),
  };
}

const READ_ONLY = '25006';

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

/**
 * Whether another server may answer instead: this one is gone, it refused what turned out to be a write, or its replay
 * had to cancel the read (40001 on a standby is nothing that a read could cause by itself).
 */
function mayGoOn(error: unknown, lent: Lent): boolean {
  const code = codeOf(error);
  if (code === 'DATABASE_UNAVAILABLE') lent.lost();
  return code === 'DATABASE_UNAVAILABLE' || code === READ_ONLY || code === '40001';
}
