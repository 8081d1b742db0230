import type { SqlRunner } from '../../../ports/sql.ts';
import type { AssuranceLevel, FactorKind, SessionEnd, SessionView } from '../contract.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { SessionHouse } from './house.ts';
import { lockAccount } from './rows.ts';

/** A session that ended or ran out is kept for a day, so that its end can be looked at. */
const KEEP_MS = 86_400_000;
const MAX_LISTED = 200;

/**
 * Ends these sessions of an account. Writes SESSION_REVOKED for each, but for a sign-out, which its caller writes as
 * such.
 * @returns how many of them were open
 */
export async function endSessions(
  house: SessionHouse,
  tx: IdentityTransaction,
  account: string,
  ids: readonly string[],
  why: SessionEnd,
): Promise<number> {
  if (ids.length === 0) return 0;
  const now = house.ports.clock.now();
  const { rows } = await tx.query(
    `UPDATE rampart.identity_sessions
     SET ended_at_ms = $3, ended_why = $4, expires_at_ms = LEAST(expires_at_ms, $3)
     WHERE id = ANY($1::text[]) AND account = $2 AND ended_at_ms IS NULL RETURNING id`,
    [ids, account, now, why],
  );
  for (const row of rows) {
    const id = String(row['id']);
    await house.feed.write(tx, { kind: 'session', id });
    if (why !== 'sign-out') {
      await tx.audit('SESSION_REVOKED', { subject: account, details: { session: id, why } });
    }
  }
  return rows.length;
}

/** Ends the open sessions of an account on one device, but for one. @returns how many ended */
export async function endSessionsOfDevice(
  house: SessionHouse,
  tx: IdentityTransaction,
  account: string,
  device: string,
  except: string,
): Promise<number> {
  await lockAccount(tx, account);
  const { rows } = await tx.query(
    `SELECT id FROM rampart.identity_sessions
     WHERE account = $1 AND device = $2 AND id <> $3 AND ended_at_ms IS NULL ORDER BY id`,
    [account, device, except],
  );
  const ids = rows.map((row) => String(row['id']));
  return endSessions(house, tx, account, ids, 'user');
}

/** Ends all sessions of an account but one. One event and one revocation for all of them. */
export async function endAllSessions(
  house: SessionHouse,
  tx: IdentityTransaction,
  account: string,
  why: SessionEnd,
  except?: string,
): Promise<number> {
  // A sign-in that has not committed yet is waited for, so that its session ends too.
  await lockAccount(tx, account);
  const now = house.ports.clock.now();
  const { affected } = await tx.query(
    `UPDATE rampart.identity_sessions
     SET ended_at_ms = $2, ended_why = $3, expires_at_ms = LEAST(expires_at_ms, $2)
     WHERE account = $1 AND ended_at_ms IS NULL AND id <> $4`,
    [account, now, why, except ?? ''],
  );
  if (affected === 0) return 0;
  await house.feed.write(tx, { kind: 'account', id: account });
  await tx.audit('SESSION_REVOKED', { subject: account, details: { sessions: affected, why } });
  return affected;
}

/** The open sessions of an account, newest first, at most 200. */
export async function listSessions(
  { ports, settings }: SessionHouse,
  account: string,
  current: string | null,
): Promise<readonly SessionView[]> {
  const now = ports.clock.now();
  const { rows } = await ports.sql.query(
    `SELECT id, client, device_name, address, place, aal, factors, created_at_ms, seen_at_ms, expires_at_ms
     FROM rampart.identity_sessions
     WHERE account = $1 AND ended_at_ms IS NULL AND expires_at_ms > $2
       AND seen_at_ms > CASE aal WHEN 2 THEN $3::bigint ELSE $4::bigint END
     ORDER BY id DESC LIMIT ${MAX_LISTED}`,
    [account, now, now - settings.lifetime[2].idle, now - settings.lifetime[1].idle],
  );
  return rows.map((row) => {
    const aal = row['aal'] as AssuranceLevel;
    const seenAtMs = row['seen_at_ms'] as number;
    return {
      id: row['id'] as string,
      client: row['client'] as 'browser' | 'api',
      deviceName: row['device_name'] as string,
      address: row['address'] as string,
      place: row['place'] as string | null,
      aal,
      factors: row['factors'] as FactorKind[],
      createdAtMs: row['created_at_ms'] as number,
      seenAtMs,
      expiresAtMs: Math.min(row['expires_at_ms'] as number, seenAtMs + settings.lifetime[aal].idle),
      current: row['id'] === current,
    };
  });
}

/**
 * Deletes sessions that ended or ran out more than a day ago, with their tokens, by the index of their ends.
 * @param limit most sessions of one call
 * @returns how many were deleted
 */
export async function pruneSessions(sql: SqlRunner, nowMs: number, limit: number): Promise<number> {
  const { affected } = await sql.query(
    `DELETE FROM rampart.identity_sessions WHERE id IN (
       SELECT id FROM rampart.identity_sessions WHERE expires_at_ms <= $1 ORDER BY expires_at_ms LIMIT $2)`,
    [nowMs - KEEP_MS, limit],
  );
  return affected;
}
