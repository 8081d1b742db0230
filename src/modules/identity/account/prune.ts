import type { SqlStore } from '../../../ports/sql.ts';

const BATCH = 1_000;
/** Batches of one table in one call: a call stays short, the next goes on. */
const MAX_BATCHES = 20;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long the sign-in history is kept. */
export const HISTORY_MS = 90 * DAY_MS;

/**
 * Forgets links and challenges a day after their end (their number of the last hour still counts), the history after 90
 * days, and lines of attempts on no account after an hour. Each by an index, in batches.
 * @returns how many rows went
 */
export async function pruneAccounts(sql: SqlStore, nowMs: number): Promise<number> {
  const links = await inBatches(sql, 'identity_links', 'token_hash', 'expires_at_ms < $1', nowMs - DAY_MS);
  const steps = await inBatches(
    sql,
    'identity_challenges',
    'token_hash',
    'expires_at_ms < $1',
    nowMs - HOUR_MS,
  );
  const old = await inBatches(sql, 'identity_sign_ins', 'id', 'at_ms < $1', nowMs - HISTORY_MS);
  const nobody = await inBatches(
    sql,
    'identity_sign_ins',
    'id',
    `account = '' AND at_ms < $1`,
    nowMs - HOUR_MS,
  );
  return links + steps + old + nobody;
}

/** Names and conditions are of this file alone. */
async function inBatches(
  sql: SqlStore,
  table: string,
  key: string,
  where: string,
  beforeMs: number,
): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const { affected } = await sql.query(
      `DELETE FROM rampart.${table} WHERE ${key} IN
         (SELECT ${key} FROM rampart.${table} WHERE ${where} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
      [beforeMs],
    );
    total += affected;
    if (affected < BATCH) break;
  }
  return total;
}
