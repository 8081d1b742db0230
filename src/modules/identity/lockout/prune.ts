import { affected, sqlBuilder } from '../../../base/database/index.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { LockoutTables } from '../tables/lockout.ts';
import { NEVER_MS } from './decide.ts';

const db = sqlBuilder<LockoutTables>();

/** Buckets that are kept at most; beyond it those go first that end first. Disabled authenticators stay in any case. */
export const MAX_BUCKETS = 1_000_000;
/** How long a ticket may come back: far longer than any verification. */
const TICKET_MS = 3_600_000;
const SLOT_MS = 10_000;

/**
 * Deletes what says nothing any more, and what is beyond the ceiling; rows that are just in use stay for the next time.
 * @param limit rows of one table that one call deletes at most
 * @returns how many rows went; call again while it is not 0
 */
export async function pruneLockout(
  sql: SqlRunner,
  nowMs: number,
  limit: number,
  ceiling = MAX_BUCKETS,
): Promise<number> {
  const surplus = await rowsBeyond(sql, ceiling, limit);
  const old = db
    .selectFrom('rampart.identity_lockout')
    .select('key')
    .where('expires_at_ms', '<=', surplus > 0 ? NEVER_MS - 1 : nowMs)
    .orderBy('expires_at_ms')
    .limit(surplus > 0 ? surplus : limit)
    .forUpdate()
    .skipLocked();
  const buckets = await affected(sql, db.deleteFrom('rampart.identity_lockout').where('key', 'in', old));
  const lost = db
    .selectFrom('rampart.identity_lockout_tickets')
    .select('ticket')
    .where('at_ms', '<=', nowMs - TICKET_MS)
    .orderBy('at_ms')
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const tickets = await affected(
    sql,
    db.deleteFrom('rampart.identity_lockout_tickets').where('ticket', 'in', lost),
  );
  const slots = await affected(
    sql,
    db.deleteFrom('rampart.identity_lockout_pressure').where('slot', '<', Math.floor(nowMs / SLOT_MS) - 60),
  );
  return buckets + tickets + slots;
}

/** How many rows there are beyond the ceiling, counted no further than `limit`. */
async function rowsBeyond(sql: SqlRunner, ceiling: number, limit: number): Promise<number> {
  const { rows } = await sql.query(
    'SELECT count(*) AS found FROM (SELECT 1 FROM rampart.identity_lockout LIMIT $1::bigint) AS looked',
    [ceiling + limit],
  );
  return Math.max(0, Number(rows[0]?.['found'] ?? 0) - ceiling);
}
