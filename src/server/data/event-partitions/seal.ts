import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import { firstIdAt } from '../id-range.ts';
import { lockEvents, step } from './locks.ts';
import {
  attachSql,
  boundAt,
  detachSql,
  type EventPart,
  idOf,
  isOpen,
  isSettled,
  makePart,
  nextName,
  readParts,
} from './parts.ts';

/** When the open partition is closed. */
export interface SealLimits {
  /** Bytes of rows from which on it is. */
  readonly sealBytes: number;
  /** Partitions without their indexes, at which it grows on instead. */
  readonly maxUnsettled: number;
  /** Partitions of all kinds, at which it grows on instead. */
  readonly maxParts: number;
}

/** Share of rows whose ids may lie ahead of the clock here without deciding where the partition ends. */
const AHEAD = 0.1;

/** Whether the open partition is large enough, and there are not too many others to be worked on. */
export function isDue(parts: readonly EventPart[], limits: SealLimits): boolean {
  const open = parts.find(isOpen);
  const unsettled = parts.filter((part) => !isOpen(part) && !isSettled(part));
  return (
    open !== undefined &&
    open.bytes >= limits.sealBytes &&
    unsettled.length < limits.maxUnsettled &&
    parts.length < limits.maxParts
  );
}

/**
 * Ends the open partition and begins a new one, in one transaction. Events that come late belong to the ended one: it takes
 * them as before. Where the bound lies, see `boundOf`.
 * @returns whether it was done
 */
export async function seal(store: SqlStore, limits: SealLimits, nowMs: number): Promise<boolean> {
  const done = await step(store, 'bounds', async (tx) => {
    await lockEvents(tx);
    const parts = await readParts(tx);
    const open = parts.find(isOpen);
    if (open === undefined || !isDue(parts, limits)) return false;
    const bound = await boundOf(tx, open, nowMs);
    if (bound === undefined) return false;
    const next = await nextName(tx);
    await makePart(tx, next);
    await tx.query(detachSql(open.name));
    await tx.query(
      `WITH gone AS (DELETE FROM rampart.${open.name} WHERE id >= $1 RETURNING *)
       INSERT INTO rampart.${next} SELECT * FROM gone`,
      [bound],
    );
    await tx.query(attachSql(open.name, open.from, boundAt(bound)));
    await tx.query(attachSql(next, boundAt(bound), 'MAXVALUE'));
    await tx.query(`ALTER TABLE rampart.${open.name} RESET (autovacuum_enabled)`);
    return true;
  });
  return done === true;
}

/**
 * Where the open partition ends: behind its newest event, so that a journal that is being caught up with fills the next one,
 * but not ahead of the clock. A node whose clock is fast would otherwise have all others write to a partition that is full
 * of indexes; its few events are moved.
 * @returns undefined where there is nothing to end
 */
async function boundOf(tx: SqlRunner, open: EventPart, nowMs: number): Promise<string | undefined> {
  const nowId = firstIdAt('evt', nowMs);
  const { rows } = await tx.query(
    `SELECT max(id) AS newest, count(*)::float8 AS all, count(*) FILTER (WHERE id >= $1)::float8 AS ahead
     FROM rampart.${open.name}`,
    [nowId],
  );
  const newest = rows[0]?.['newest'] as string | null;
  if (newest === null) return undefined;
  const [all, ahead] = [Number(rows[0]?.['all']), Number(rows[0]?.['ahead'])];
  const isFew = ahead > 0 && ahead <= all * AHEAD && nowId > (idOf(open.from) ?? '');
  return isFew ? nowId : `${newest}0`;
}
