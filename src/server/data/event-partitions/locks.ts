import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';

/** Whoever uses the events waits at most this long behind a change of their partitions, milliseconds. */
export const LOCK_LIMIT_MS = 400;

/** What is done one at a time, of all nodes: changing bounds, making indexes, merging. */
export type KeeperLock = 'bounds' | 'indexes' | 'merge';

/** SQL that takes it until the transaction ends, and tells whether it was free. */
export function tryLock(lock: KeeperLock): string {
  return `pg_try_advisory_xact_lock(hashtextextended('rampart event partitions: ${lock}', 0))`;
}

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

/**
 * Runs one step in a transaction, while no other node runs one of its kind. It gives up before it is in anybody's way:
 * the wait for a lock is shorter than that after which the database looks for deadlocks.
 * @returns what `work` returned; undefined where another one was at it, or a lock was not free in time
 */
export async function step<T>(
  store: SqlStore,
  lock: KeeperLock,
  work: (tx: SqlRunner) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await store.transaction(async (tx) => {
      await tx.query(`SET LOCAL lock_timeout = ${LOCK_LIMIT_MS}`);
      const { rows } = await tx.query(`SELECT ${tryLock(lock)} AS mine`);
      return rows[0]?.['mine'] === true ? await work(tx) : undefined;
    });
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Whether a lock was not free in time: to be tried again. */
export function isBusy(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === LOCK_NOT_AVAILABLE || code === DEADLOCK;
}

/** Waits until nobody uses the events, and keeps everybody off until the transaction ends. The first lock that a step takes. */
export async function lockEvents(tx: SqlRunner): Promise<void> {
  await tx.query('LOCK TABLE ONLY rampart.events IN ACCESS EXCLUSIVE MODE');
}
