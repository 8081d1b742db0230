import { newSecret } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import { affected, firstRow, toJsonText } from '../../../base/database/index.ts';
import type { FactorKind } from '../contract.ts';
import { challengeInvalid } from '../errors.ts';
import type { ChallengeRow } from '../tables/accounts.ts';
import { hashOf } from './links.ts';
import { db } from './store.ts';

const CHALLENGES = 'rampart.identity_challenges';
const HOUR_MS = 3_600_000;

/** What a half-done sign-in has proven so far. */
export interface ChallengeData {
  readonly proven: readonly FactorKind[];
  /** It was begun by a browser or by an API client, and is finished by the same. */
  readonly client: 'browser' | 'api';
}

/** A half-done sign-in. */
export interface Challenge {
  /** Names it in other tables; the token itself is kept nowhere. */
  readonly hash: string;
  readonly account: string;
  readonly data: ChallengeData;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Begins one. @returns its token */
export async function createChallenge(
  sql: SqlRunner,
  purpose: ChallengeRow['purpose'],
  account: string,
  data: ChallengeData,
  nowMs: number,
  lifeMs: number,
): Promise<string> {
  const token = newSecret();
  await sql.query(
    `INSERT INTO ${CHALLENGES} (token_hash, purpose, account, session, data, created_at_ms, expires_at_ms, used_at_ms)
     VALUES ($1, $2, $3, NULL, $4::text::jsonb, $5, $6, NULL)`,
    [hashOf(token), purpose, account, toJsonText(data), nowMs, nowMs + lifeMs],
  );
  return token;
}

/** How many second steps were begun or codes sent for an account within the last hour. */
export async function recentChallenges(sql: SqlRunner, account: string, nowMs: number): Promise<number> {
  const found = await sql.query(
    `SELECT count(*)::int AS n FROM ${CHALLENGES} WHERE account = $1 AND created_at_ms > $2`,
    [account, nowMs - HOUR_MS],
  );
  return (found.rows[0] as { n: number }).n;
}

/**
 * Looks at a half-done sign-in without using it up.
 * @throws AppError 401 CHALLENGE_INVALID when it is wrong, used or too old, or another kind of client began it
 */
export async function findChallenge(
  sql: SqlRunner,
  token: string,
  client: 'browser' | 'api',
  nowMs: number,
): Promise<Challenge> {
  const select = db
    .selectFrom(CHALLENGES)
    .selectAll()
    .where('token_hash', '=', hashOf(token))
    .where('purpose', '=', 'sign-in')
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs);
  const row = await firstRow<ChallengeRow>(sql, select);
  const data = row?.data as ChallengeData | undefined;
  if (row === undefined || data?.client !== client) throw challengeInvalid();
  return {
    hash: row.token_hash,
    account: row.account,
    data,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}

/** Uses one up; of any number of simultaneous uses exactly one wins. @throws AppError 401 CHALLENGE_INVALID */
export async function consumeChallenge(sql: SqlRunner, hash: string, nowMs: number): Promise<void> {
  const statement = db
    .updateTable(CHALLENGES)
    .set({ used_at_ms: nowMs })
    .where('token_hash', '=', hash)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs);
  if ((await affected(sql, statement)) === 0) throw challengeInvalid();
}

/** Ends every half-done sign-in of an account. */
export async function endChallenges(sql: SqlRunner, account: string, nowMs: number): Promise<void> {
  const statement = db
    .updateTable(CHALLENGES)
    .set({ used_at_ms: nowMs })
    .where('account', '=', account)
    .where('used_at_ms', 'is', null);
  await affected(sql, statement);
}
