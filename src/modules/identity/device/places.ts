import { affected, rows, sqlBuilder } from '../../../base/database/index.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { Place } from '../ports.ts';
import type { DeviceTables } from '../tables/device.ts';

const db = sqlBuilder<DeviceTables>();

/** Places of one account that are remembered; the one not seen for longest is forgotten. */
const MAX_PLACES = 100;
const MAX_NAME = 100;

/** A place within bounds; an unknown city is empty. */
export function placeNames(place: Place): { readonly country: string; readonly city: string } {
  return { country: place.country.slice(0, 2), city: (place.city ?? '').slice(0, MAX_NAME) };
}

/**
 * Whether a place is new to an account: another country, or another city where both are known. Nothing is new to an
 * account of which no place is known.
 */
export async function isNewPlace(sql: SqlRunner, account: string, place: Place): Promise<boolean> {
  const { country, city } = placeNames(place);
  const found = await rows(
    sql,
    db
      .selectFrom('rampart.identity_places')
      .select(['country', 'city'])
      .where('account', '=', account)
      .limit(MAX_PLACES),
  );
  const isSame = (one: { readonly country: string; readonly city: string }): boolean =>
    one.country === country && (one.city === city || one.city === '' || city === '');
  return found.length > 0 && !found.some(isSame);
}

/** Remembers a place of a completed sign-in. */
export async function rememberPlace(
  tx: SqlRunner,
  account: string,
  place: Place,
  nowMs: number,
): Promise<void> {
  await affected(
    tx,
    db
      .insertInto('rampart.identity_places')
      .values({ account, ...placeNames(place), last_seen_at_ms: nowMs })
      .onConflict((conflict) =>
        conflict.columns(['account', 'country', 'city']).doUpdateSet({ last_seen_at_ms: nowMs }),
      ),
  );
  await tx.query(
    `DELETE FROM rampart.identity_places WHERE account = $1 AND (country, city) IN (
       SELECT country, city FROM rampart.identity_places WHERE account = $1
       ORDER BY last_seen_at_ms DESC, country, city OFFSET $2::bigint)`,
    [account, MAX_PLACES],
  );
}
