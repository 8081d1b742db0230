import { affected, sqlBuilder } from '../../../base/database/index.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { DeviceTables } from '../tables/device.ts';

const db = sqlBuilder<DeviceTables>();

/** No browser keeps a cookie for longer (RFC 6265bis), and no longer is a removed device remembered as removed. */
const KEPT_MS = 400 * 86_400_000;

/**
 * Deletes devices and places that were not seen for 400 days.
 * @param limit rows of one table that one call deletes at most
 * @returns how many rows went; call again while it is not 0
 */
export async function pruneDevices(sql: SqlRunner, nowMs: number, limit: number): Promise<number> {
  const devices = db
    .selectFrom('rampart.identity_devices')
    .select(['id', 'account'])
    .where('last_seen_at_ms', '<', nowMs - KEPT_MS)
    .orderBy('last_seen_at_ms')
    .limit(limit);
  const places = db
    .selectFrom('rampart.identity_places')
    .select(['account', 'country', 'city'])
    .where('last_seen_at_ms', '<', nowMs - KEPT_MS)
    .orderBy('last_seen_at_ms')
    .limit(limit);
  const gone = await affected(
    sql,
    db
      .deleteFrom('rampart.identity_devices')
      .where((eb) => eb(eb.refTuple('id', 'account'), 'in', devices.$asTuple('id', 'account'))),
  );
  return (
    gone +
    (await affected(
      sql,
      db
        .deleteFrom('rampart.identity_places')
        .where((eb) =>
          eb(eb.refTuple('account', 'country', 'city'), 'in', places.$asTuple('account', 'country', 'city')),
        ),
    ))
  );
}
