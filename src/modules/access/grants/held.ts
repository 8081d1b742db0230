import type { SqlRunner } from '../../../ports/sql.ts';
import { read } from './kit.ts';
import type { Loaded } from './remembered.ts';

/** A role that is assigned, with its end. */
export interface HeldRole {
  readonly role: string;
  /** Milliseconds since the epoch; null: until somebody ends it. */
  readonly expiresAtMs: number | null;
}

/** Reads what is assigned to a subject, with the version at that moment. */
export async function loadHeld(sql: SqlRunner, subject: string): Promise<Loaded<readonly HeldRole[]>> {
  const found = await read<{ version: number; role: string | null; expiresAtMs: number | null }>(
    sql,
    `SELECT s.version, a.role, a.expires_at_ms AS "expiresAtMs" FROM rampart.access_state s
     LEFT JOIN rampart.access_assignments a ON a.subject = $1 AND a.ended_at_ms IS NULL`,
    [subject],
  );
  const value = found.flatMap(({ role, expiresAtMs }) => (role === null ? [] : [{ role, expiresAtMs }]));
  return { version: found[0]?.version ?? 0, value };
}

/** The roles of these that have not run out. */
export function standing(held: readonly HeldRole[], nowMs: number): readonly string[] {
  return held
    .filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > nowMs)
    .map(({ role }) => role);
}

/** What is assigned at this moment, in a transaction. @param hold keeps it from ending until the transaction ends */
export async function heldIn(
  tx: SqlRunner,
  subject: string,
  nowMs: number,
  hold: boolean,
): Promise<readonly string[]> {
  const found = await read<{ role: string }>(
    tx,
    `SELECT role FROM rampart.access_assignments
     WHERE subject = $1 AND ended_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > $2)
     ORDER BY id${hold ? ' FOR SHARE' : ''}`,
    [subject, nowMs],
  );
  return found.map(({ role }) => role);
}
