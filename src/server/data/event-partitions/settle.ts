import { idTimeMs } from '../../../core/id.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { indexSql } from './indexes.ts';
import { isBusy, type KeeperLock, LOCK_LIMIT_MS, tryLock } from './locks.ts';
import { type EventPart, idOf, isOpen, isSettled } from './parts.ts';

/** Events that belong to an ended partition may be on their way for so long before its indexes are made, milliseconds. */
const GRACE_MS = 5_000;
const TIME = 14;

/** The oldest partition whose indexes are to be made. */
export function nextToSettle(parts: readonly EventPart[], nowMs: number): EventPart | undefined {
  return parts.find((part) => !isOpen(part) && !isSettled(part) && hasEnded(part, nowMs));
}

function hasEnded(part: EventPart, nowMs: number): boolean {
  const id = idOf(part.to);
  if (id === undefined) return false;
  const endMs = idTimeMs(id.slice(0, TIME).padEnd(TIME + 16, '0'));
  // What is no id of ours tells no time; and an end far ahead would never come.
  return !(Math.abs(endMs - nowMs) < GRACE_MS);
}

/**
 * Makes the next index of a partition, and after the last one takes its statistics. Whoever adds to it meanwhile waits.
 * @returns whether there was something to do and nobody else was at it
 */
export async function settleNext(store: SqlStore, part: EventPart): Promise<boolean> {
  const [index, ...others] = part.missing;
  if (index === undefined) return false;
  const made = await buildIndex(store, part.name, index, 'indexes');
  if (made && others.length === 0) await store.script(`ANALYZE rampart.${part.name}`);
  return made;
}

/** One index, in a transaction that may take longer than a statement. @returns false where another one was at it */
export async function buildIndex(
  store: SqlStore,
  part: string,
  index: string,
  lock: KeeperLock,
): Promise<boolean> {
  try {
    // Both cores belong to those who ask and write.
    await store.script(`BEGIN;
SET LOCAL lock_timeout = ${LOCK_LIMIT_MS};
SET LOCAL max_parallel_maintenance_workers = 0;
DO $$
BEGIN
  IF ${tryLock(lock)} THEN
    ${indexSql(part, index)};
  END IF;
END
$$;
COMMIT;`);
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
  const { rows } = await store.query('SELECT to_regclass($1) IS NOT NULL AS there', [
    `rampart.${part}_${index}`,
  ]);
  return rows[0]?.['there'] === true;
}
