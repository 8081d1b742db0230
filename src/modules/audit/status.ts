import type { SqlRunner } from '../../ports/sql.ts';
import type { StoredCheckpoint } from './read.ts';

const WAITING = `FROM rampart.events WHERE class = 'audit' AND audit_seq IS NULL`;

/** How the log is. */
export interface AuditStatus {
  readonly origin: string | null;
  /** Public key of this node, as `vkey`; null before the first event. */
  readonly key: string | null;
  /** Events in the log. */
  readonly size: number;
  readonly checkpoint: StoredCheckpoint | null;
  /** Events that have no place yet: at most 10,000 are counted. */
  readonly waiting: number;
  /** Time of the oldest of them, milliseconds since the epoch. */
  readonly waitingSinceMs: number | null;
  /** Why nothing is signed here; null where all is well. */
  readonly conflict: string | null;
  /** Whether another key signs checkpoints of this log: nodes that do not share theirs. */
  readonly strangers: boolean;
  /** Whether the last round failed. */
  readonly failing: boolean;
}

/** Whether an event has no place yet. */
export async function isWaiting(sql: SqlRunner): Promise<boolean> {
  const { rows } = await sql.query(`SELECT EXISTS (SELECT 1 ${WAITING}) AS waiting`);
  return rows[0]?.['waiting'] === true;
}

/** How many have none, and since when. */
export async function readWaiting(sql: SqlRunner): Promise<Pick<AuditStatus, 'waiting' | 'waitingSinceMs'>> {
  const { rows } = await sql.query(
    `SELECT count(*)::int AS waiting, min(at_ms) AS since FROM (SELECT at_ms ${WAITING} LIMIT 10000) AS few`,
  );
  const since = rows[0]?.['since'] ?? null;
  return {
    waiting: Number(rows[0]?.['waiting'] ?? 0),
    waitingSinceMs: since === null ? null : Number(since),
  };
}
