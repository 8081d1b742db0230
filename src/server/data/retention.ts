import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { firstIdAt } from './id-range.ts';
import { SAMPLE_TABLES } from './sample-tables.ts';
import { affected, db } from './query.ts';
import { SUM_WIDTHS_MS } from './traffic-tables.ts';

/** How long records are kept. Milliseconds; `null` keeps for ever. */
export interface Retention {
  readonly decisionsMs: number | null;
  readonly trafficMs: number | null;
  readonly signalsMs: number | null;
  /** Audit events; they are the record of who did what. */
  readonly auditMs: number | null;
}

/** 14 days of decisions, 90 of counts and signals, audit events for ever. */
export const DEFAULT_RETENTION: Retention = {
  decisionsMs: 14 * 86_400_000,
  trafficMs: 90 * 86_400_000,
  signalsMs: 90 * 86_400_000,
  auditMs: null,
};

/** Rows that one call deletes of one table at most. */
const BATCH = 2_000;

/**
 * Deletes a bounded batch of what is too old.
 * @returns how many rows went; call again while it is not 0, with a pause in which others get their turn
 */
export async function deleteExpired(
  runner: SqlRunner,
  retention: Retention,
  nowMs: number,
  batch = BATCH,
): Promise<number> {
  let deleted = 0;
  if (retention.decisionsMs !== null) {
    const surplus = db
      .selectFrom('rampart.decisions')
      .select('id')
      .where('id', '<', firstIdAt('dec', nowMs - retention.decisionsMs))
      .orderBy('id')
      .limit(batch);
    deleted += await affected(runner, db.deleteFrom('rampart.decisions').where('id', 'in', surplus));
  }
  for (const [kind, lifeMs] of [
    ['signal', retention.signalsMs],
    ['audit', retention.auditMs],
  ] as const) {
    if (lifeMs === null) continue;
    const surplus = db
      .selectFrom('rampart.events')
      .select('id')
      .where('id', '<', firstIdAt('evt', nowMs - lifeMs))
      .where('class', '=', kind)
      .orderBy('id')
      .limit(batch);
    deleted += await affected(runner, db.deleteFrom('rampart.events').where('id', 'in', surplus));
  }
  if (retention.trafficMs !== null) {
    deleted += await deleteSums(runner, nowMs - retention.trafficMs, batch);
    const surplus = db
      .selectFrom('rampart.traffic')
      .select(['bucket_ms', 'node', 'route'])
      .where('bucket_ms', '<', nowMs - retention.trafficMs)
      .orderBy('bucket_ms')
      .limit(batch);
    deleted += await affected(
      runner,
      db
        .deleteFrom('rampart.traffic')
        .where((eb) =>
          eb(eb.refTuple('bucket_ms', 'node', 'route'), 'in', surplus.$asTuple('bucket_ms', 'node', 'route')),
        ),
    );
  }
  return deleted;
}

/** Sums of which every bucket is too old. */
async function deleteSums(runner: SqlRunner, beforeMs: number, batch: number): Promise<number> {
  const { affected: sums } = await runner.query(
    `DELETE FROM rampart.traffic_sums WHERE (width_ms, bucket_ms, node, route) IN (
       SELECT s.width_ms, s.bucket_ms, s.node, s.route
       FROM unnest($1::bigint[]) AS asked (width_ms) JOIN rampart.traffic_sums AS s
         ON s.width_ms = asked.width_ms AND s.bucket_ms <= $2::bigint - asked.width_ms LIMIT $3)`,
    [[...SUM_WIDTHS_MS], beforeMs, batch],
  );
  return sums;
}

/** Tables whose rows come and go; the others change too little to need it. */
const BUSY_TABLES = [
  'decisions',
  'traffic',
  'traffic_sums',
  'events',
  'sample_orders',
  'uploads',
  ...Object.keys(SAMPLE_TABLES).map((table) => `sample_${table}`),
  'query_reports',
  'console_sessions',
  'identity_accounts',
  'identity_challenges',
  'identity_code_sends',
  'identity_codes',
  'identity_devices',
  'identity_links',
  'identity_lockout',
  'identity_lockout_pressure',
  'identity_lockout_tickets',
  'identity_mailbox',
  'identity_passkey_challenges',
  'identity_revocations',
  'identity_sessions',
  'identity_sign_ins',
  'identity_tokens',
];

/**
 * Takes the statistics by which the database plans its queries and frees the room of deleted rows. A server does both by
 * itself; the embedded database has nobody else to do it, and without it slows down as it fills. To be called a minute
 * after the start and every hour: about half a second per 100,000 rows, during which the database answers nobody else.
 */
export async function tidyTables(store: SqlStore): Promise<void> {
  if (store.kind === 'server') return;
  for (const table of BUSY_TABLES) {
    await store.query(`VACUUM (ANALYZE) rampart.${table}`);
  }
}
