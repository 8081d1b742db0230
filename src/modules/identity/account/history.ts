import { newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import { affected, rows } from '../../../base/database/index.ts';
import type { FactorKind } from '../contract.ts';
import type { ClientFacts } from '../request.ts';
import type { SignInRow } from '../tables/accounts.ts';
import type { Kit } from './kit.ts';
import { db } from './store.ts';

const SIGN_INS = 'rampart.identity_sign_ins';
const MAX_PAGE = 200;

/** Where the client is, as text for people; null where nobody knows. */
export function placeName(kit: Kit, facts: ClientFacts): string | null {
  const place = kit.ports.placeOf?.(facts.address);
  if (place === undefined) return null;
  return place.city === undefined ? place.country : `${place.city}, ${place.country}`;
}

/** Writes a line of the history. @param account empty where there is none: the line is written all the same */
export async function noteSignIn(
  kit: Kit,
  sql: SqlRunner,
  account: string,
  outcome: SignInRow['outcome'],
  factors: readonly FactorKind[],
  facts: ClientFacts,
): Promise<void> {
  const nowMs = kit.ports.clock.now();
  const values: SignInRow = {
    id: newId('sin', nowMs),
    account,
    at_ms: nowMs,
    outcome,
    factors,
    address: facts.address,
    device_name: kit.parts.devices.nameOf(facts),
    place: placeName(kit, facts),
  };
  await affected(sql, db.insertInto(SIGN_INS).values(values));
}

/** When and from which address an account was signed in to last; undefined where nothing is kept of it. */
export async function lastSignIn(
  sql: SqlRunner,
  account: string,
): Promise<Pick<SignInRow, 'address' | 'at_ms'> | undefined> {
  const found = await rows<Pick<SignInRow, 'address' | 'at_ms'>>(
    sql,
    db
      .selectFrom(SIGN_INS)
      .select(['address', 'at_ms'])
      .where('account', '=', account)
      .where('outcome', '=', 'signed-in')
      .orderBy('id', 'desc')
      .limit(1),
  );
  return found[0];
}

/** Lines of an account, newest first. @param limit at most 200. @param cursor `nextCursor` of the page before */
export async function signInHistory(
  sql: SqlRunner,
  account: string,
  limit: number,
  cursor?: string,
): Promise<{ readonly entries: readonly SignInRow[]; readonly nextCursor: string | null }> {
  const most = Math.min(MAX_PAGE, Math.max(1, Math.floor(limit)));
  let select = db
    .selectFrom(SIGN_INS)
    .selectAll()
    .where('account', '=', account)
    .orderBy('id', 'desc')
    .limit(most + 1);
  if (cursor !== undefined) select = select.where('id', '<', cursor.slice(0, 40));
  const found = await rows<SignInRow>(sql, select);
  const entries = found.slice(0, most);
  return { entries, nextCursor: found.length > most ? (entries.at(-1)?.id ?? null) : null };
}

/** Deletes the history of an account. */
export async function forgetHistory(sql: SqlRunner, account: string): Promise<void> {
  await affected(sql, db.deleteFrom(SIGN_INS).where('account', '=', account));
}
