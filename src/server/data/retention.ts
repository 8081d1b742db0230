import { type Expiry, NOT_HELD } from '../../modules/audit/index.ts';
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
  /** Other times for single types of signals. */
  readonly types?: Readonly<Record<string, number | null>>;
}

/** 14 days of decisions, 90 of counts and signals. Audit events expire in their log, so that its proofs stand. */
export const DEFAULT_RETENTION: Retention = {
  decisionsMs: 14 * 86_400_000,
  trafficMs: 90 * 86_400_000,
  signalsMs: 90 * 86_400_000,
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
  deleted += await deleteSignals(runner, expiryOf(retention.signalsMs, retention.types ?? {}, nowMs), batch);
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

/** Bounds of ids by times to keep. @param allMs of what is not named; null keeps for ever */
export function expiryOf(
  allMs: number | null,
  types: Readonly<Record<string, number | null>>,
  nowMs: number,
): Expiry {
  const before = (ms: number | null): string => (ms === null ? '' : firstIdAt('evt', nowMs - ms));
  return {
    before: before(allMs),
    types: Object.fromEntries(Object.entries(types).map(([type, ms]) => [type, before(ms)])),
  };
}

/** Types with a time of their own are looked for by themselves, so that what is kept for long is not gone through. */
async function deleteSignals(runner: SqlRunner, { before, types }: Expiry, batch: number): Promise<number> {
  const named = JSON.stringify(Object.keys(types));
  let deleted = 0;
  const remove = async (condition: string, values: readonly string[]): Promise<void> => {
    const { affected: gone } = await runner.query(
      `DELETE FROM rampart.events WHERE id IN (
         SELECT e.id FROM rampart.events AS e WHERE e.class = 'signal' AND e.id < $1 AND ${condition} AND ${NOT_HELD}
         ORDER BY e.id LIMIT ${batch})`,
      values,
    );
    deleted += gone;
  };
  if (before !== '')
    await remove('NOT (e.type IN (SELECT jsonb_array_elements_text($2::text::jsonb)))', [before, named]);
  for (const [type, until] of Object.entries(types))
    if (until !== '') await remove('e.type = $2', [until, type]);
  return deleted;
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
