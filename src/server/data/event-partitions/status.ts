import { idTimeMs } from '../../../core/id.ts';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import { type EventPart, idOf, isOpen, isSettled, readParts } from './parts.ts';

const MEBIBYTE = 1_048_576;

/**
 * Bytes of rows from which on the open partition is ended. A server searches 40,000 rows without an index in tens of
 * milliseconds; the embedded database is slower, and nobody else gets an answer while it makes an index.
 */
export const SEAL_BYTES: Readonly<Record<SqlStore['kind'], number>> = {
  server: 20 * MEBIBYTE,
  embedded: 8 * MEBIBYTE,
};

/** How the partitions of the events stand. Times are milliseconds since the epoch. */
export interface EventPartStatus {
  readonly parts: number;
  /** Events of the open one, about. */
  readonly openRows: number;
  /** How many times as large it is as when it should have been ended. */
  readonly openSize: number;
  /** Time of the newest event before it; null where it is the first. */
  readonly endedAtMs: number | null;
  /** Ended ones that lack indexes. */
  readonly waiting: number;
  /** When the oldest of them was ended. */
  readonly waitingSinceMs: number | null;
  /** What fails, and since when. */
  readonly failures: readonly { readonly what: string; readonly sinceMs: number; readonly error: string }[];
}

/** Reads it; null where the events have no partitions. */
export async function readEventParts(
  runner: SqlRunner,
  kind: SqlStore['kind'],
): Promise<EventPartStatus | null> {
  const parts = await readParts(runner);
  const open = parts.find(isOpen);
  if (open === undefined) return null;
  const waiting = parts.filter((part) => !isOpen(part) && !isSettled(part));
  const { rows } = await runner.query('SELECT what, at_ms, error FROM rampart.event_keeping ORDER BY what');
  return {
    parts: parts.length,
    openRows: open.rows,
    openSize: open.bytes / SEAL_BYTES[kind],
    endedAtMs: timeOf(open.from),
    waiting: waiting.length,
    waitingSinceMs: waiting[0] === undefined ? null : timeOf(waiting[0].to),
    failures: rows.map((row) => ({
      what: row['what'] as string,
      sinceMs: Number(row['at_ms']),
      error: row['error'] as string,
    })),
  };
}

function timeOf(bound: EventPart['from']): number | null {
  const ms = idTimeMs((idOf(bound) ?? '').slice(0, 14).padEnd(30, '0'));
  return ms > 0 ? ms : null;
}

/** Notes that a kind of work fails, or works again. */
export async function noteFailure(
  runner: SqlRunner,
  what: string,
  failure: { readonly atMs: number; readonly error: unknown } | null,
): Promise<void> {
  if (failure === null) {
    await runner.query('DELETE FROM rampart.event_keeping WHERE what = $1', [what]);
    return;
  }
  const text = failure.error instanceof Error ? failure.error.message : String(failure.error);
  await runner.query(
    `INSERT INTO rampart.event_keeping (what, at_ms, error) VALUES ($1, $2, $3)
     ON CONFLICT (what) DO UPDATE SET error = excluded.error`,
    [what, Math.floor(failure.atMs), text.slice(0, 300)],
  );
}
