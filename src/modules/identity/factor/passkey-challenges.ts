import { affected, firstRow } from '../../../base/database/index.ts';
import { newSecret } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { PasskeyChallengeRow } from '../tables/factor.ts';
import { sha256Hex } from './keyed.ts';
import { db } from './query.ts';

/** How long a challenge can be answered. */
export const CHALLENGE_MS = 300_000;
/** Challenges that wait at once; anybody may ask for one, so that beyond it the oldest are forgotten. */
const MAX_WAITING = 100_000;
/** Longest text that can be a challenge of ours: 43 characters of base64url. */
const CHARACTERS = 43;

/** What a challenge is good for. */
export interface ChallengeUse {
  readonly purpose: PasskeyChallengeRow['purpose'];
  readonly account: string | null;
  /** Session or flow. */
  readonly bound: string;
}

/** Makes a challenge of 256 bits; only its hash is kept. Those that ran out are forgotten by the way. */
export async function makeChallenge(sql: SqlRunner, use: ChallengeUse, nowMs: number): Promise<string> {
  const challenge = newSecret();
  const old = db
    .selectFrom('rampart.identity_passkey_challenges')
    .select('challenge_hash')
    .orderBy('created_at_ms', 'desc')
    .offset(MAX_WAITING)
    .limit(100);
  await affected(
    sql,
    db
      .deleteFrom('rampart.identity_passkey_challenges')
      .where((where) =>
        where.or([where('created_at_ms', '<=', nowMs - CHALLENGE_MS), where('challenge_hash', 'in', old)]),
      ),
  );
  await affected(
    sql,
    db.insertInto('rampart.identity_passkey_challenges').values({
      challenge_hash: sha256Hex(challenge),
      purpose: use.purpose,
      account: use.account,
      bound_hash: sha256Hex(use.bound),
      created_at_ms: nowMs,
      expires_at_ms: nowMs + CHALLENGE_MS,
    }),
  );
  return challenge;
}

/**
 * Takes a challenge out of the table, whatever comes of it: the second of two answers finds none.
 * @returns whether it was ours, in time, and made for this
 */
export async function takeChallenge(
  tx: SqlRunner,
  challenge: string,
  use: ChallengeUse,
  nowMs: number,
): Promise<boolean> {
  if (typeof challenge !== 'string' || challenge.length !== CHARACTERS) return false;
  const row = await firstRow(
    tx,
    db
      .deleteFrom('rampart.identity_passkey_challenges')
      .where('challenge_hash', '=', sha256Hex(challenge))
      .returningAll(),
  );
  return (
    row !== undefined &&
    row.expires_at_ms > nowMs &&
    row.purpose === use.purpose &&
    row.account === use.account &&
    row.bound_hash === sha256Hex(use.bound)
  );
}
