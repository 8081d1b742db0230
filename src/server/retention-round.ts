import type { Clock } from '../core/clock.ts';
import type { AuditLog } from '../modules/audit/index.ts';
import type { SqlStore } from '../ports/sql.ts';
import {
  DEFAULT_RETENTION,
  deleteExpired,
  expiryOf,
  type QueryReportStore,
  SettingStore,
  tidyTables,
} from './data/index.ts';
import type { ReadRetention } from './retention-options.ts';

const KEEP: ReadRetention = { signalsMs: DEFAULT_RETENTION.signalsMs, auditMs: null, types: {} };
/** Batches of one round; what is left over waits for the next round, so that no round lasts for ever. */
const MAX_BATCHES = 500;
const MARK = 'retention';
const DAY_MS = 86_400_000;
/** A server that has shown nothing of itself for so long keeps nothing in order any more, milliseconds. */
const SERVER_GONE_MS = 7 * DAY_MS;

/** What a round stands on. */
export interface RetentionParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  /** How long decisions are kept, milliseconds. */
  readonly keepMs: number;
  /** How long events are kept; absent: the default. */
  readonly retention?: ReadRetention | undefined;
  /** The audit log, whose events expire; absent: none here. */
  readonly audit?: Pick<AuditLog, 'expire'> | undefined;
  readonly queryReports?: Pick<QueryReportStore, 'prune'> | undefined;
  /** Asked between two batches. */
  readonly isStopped: () => boolean;
}

/** Forgets what of the records is too old. Several nodes may do so on one database: they take turns by the batch. */
export async function retentionRound(parts: RetentionParts): Promise<void> {
  const { sql, clock, keepMs, retention: { signalsMs, auditMs, types } = KEEP, audit, isStopped } = parts;
  const kept = { ...DEFAULT_RETENTION, decisionsMs: keepMs, signalsMs, types };
  await inBatches(() => deleteAlone(sql, kept, clock.now()), isStopped);
  if (audit) await inBatches(() => audit.expire(expiryOf(auditMs, types, clock.now())), isStopped);
  await parts.queryReports?.prune(clock.now());
  if (!isStopped() && sql.kind === 'embedded') await tidyTables(sql);
}

/** Repeats what deletes a bounded batch while it finds something; between two batches others use the database. */
export async function inBatches(deleteSome: () => Promise<number>, isStopped: () => boolean): Promise<void> {
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    if (isStopped() || (await deleteSome()) === 0) return;
  }
}

/** One node at a time: two that delete the same rows in another order would wait for each other. */
function deleteAlone(
  sql: SqlStore,
  kept: Parameters<typeof deleteExpired>[1],
  nowMs: number,
): Promise<number> {
  if (sql.kind === 'embedded') return deleteExpired(sql, kept, nowMs);
  return sql.transaction(async (tx) => {
    const { rows } = await tx.query(
      `SELECT pg_try_advisory_xact_lock(hashtextextended('rampart retention', 0)) AS mine`,
    );
    return rows[0]?.['mine'] === true ? deleteExpired(tx, kept, nowMs) : 0;
  });
}

/** Notes that a server keeps the records of this database in order, so that applications leave it to that server. */
export function markServer(sql: SqlStore, node: string, nowMs: number): Promise<void> {
  return new SettingStore(sql).set(sql, MARK, { serverAtMs: nowMs }, node, nowMs);
}

/**
 * A round of an application. The times of a server that uses its database go before its own, for what one of them has deleted
 * the other cannot keep: as long as there was one within the last seven days, nothing is deleted here.
 */
export async function applicationRound(parts: RetentionParts): Promise<void> {
  const mark = await new SettingStore(parts.sql).get(MARK);
  const atMs = (mark as { readonly serverAtMs?: number } | undefined)?.serverAtMs ?? -Infinity;
  if (parts.clock.now() - atMs > SERVER_GONE_MS) await retentionRound(parts);
}
