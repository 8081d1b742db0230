import { resolve } from 'node:path';
import { RampartError } from '../../../core/errors.ts';
import { OVERDUE_REVIEWS, type OverdueReview } from '../../../modules/access/grants/index.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import { openServer } from '../../../stores/postgres/index.ts';
import type { ReviewsAnswer } from '../../api/access-types.ts';
import type { EventsAnswer } from '../../api/types.ts';
import { type EventPartStatus, readEventParts } from '../../data/index.ts';
import { listBackups, timeOf } from '../../backup/files.ts';
import type { ReadBackupOptions } from '../../backup/options.ts';
import type { ServerEnvironment } from '../../environment.ts';
import { MAX_OVERDUE } from '../../review-findings.ts';
import { askServer } from '../operator.ts';
import type { BackupFacts } from './backups.ts';

/** What the records say that somebody must act upon. */
export interface RecordFacts {
  /** The longest overdue first, one more than are named. */
  readonly overdue: readonly OverdueReview[];
  readonly failure: BackupFacts['failure'];
  /** What applications lack that were started within a day; undefined for nothing. */
  readonly unprotected?: UnprotectedServer | undefined;
  /** Partitions of the events; absent where they are not known here. */
  readonly events?: EventPartStatus | null;
}

/** Details of `SERVER_UNPROTECTED`. */
export interface UnprotectedServer {
  readonly unbounded: boolean;
  readonly unguardedUpgrades: boolean;
}

const DAY_MS = 86_400_000;
const NOTHING: RecordFacts = { overdue: [], failure: undefined };
const MOST = MAX_OVERDUE + 1;

/**
 * Asks the database of a server, or the server that runs on an embedded one; null where neither answers.
 * @param hasAccess whether the configuration has a policy
 */
export async function gatherRecords(
  { databaseUrl, dataDir }: ServerEnvironment,
  isRunning: boolean,
  hasAccess: boolean,
  nowMs: number,
): Promise<RecordFacts | null> {
  try {
    if (databaseUrl !== undefined) return await fromDatabase(databaseUrl, nowMs);
    return isRunning ? await fromServer(dataDir, hasAccess, nowMs) : null;
  } catch (error) {
    // What is away is told by its own check.
    if (error instanceof RampartError) return null;
    throw error;
  }
}

async function fromDatabase(url: string, nowMs: number): Promise<RecordFacts> {
  const sql = await openServer({ url, max: 1, connectLimit: '3s', applicationName: 'rampart doctor' });
  try {
    if (!(await isThere(sql, 'rampart.access_reviews')) || !(await isThere(sql, 'rampart.events')))
      return NOTHING;
    const overdue = (await sql.query(OVERDUE_REVIEWS, [nowMs, MOST])).rows as readonly unknown[];
    const { rows } = await sql.query(
      `SELECT type, at_ms AS "atMs", details FROM rampart.events
       WHERE type IN ('BACKUP_FAILED', 'BACKUP_CREATED') ORDER BY id DESC LIMIT 1`,
    );
    const [last] = rows as readonly unknown[] as readonly LastBackup[];
    const found = await sql.query(
      `SELECT details FROM rampart.events WHERE type = 'SERVER_UNPROTECTED' AND at_ms > $1 ORDER BY id DESC LIMIT 1`,
      [nowMs - DAY_MS],
    );
    return {
      overdue: overdue as readonly OverdueReview[],
      failure: failureOf(last),
      unprotected: found.rows[0]?.['details'] as UnprotectedServer | undefined,
      ...((await isThere(sql, 'rampart.event_keeping')) && { events: await readEventParts(sql, 'server') }),
    };
  } finally {
    await sql.close();
  }
}

async function isThere(sql: SqlRunner, table: string): Promise<boolean> {
  const { rows } = await sql.query('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  return rows[0]?.['there'] === true;
}

async function fromServer(dataDir: string, hasAccess: boolean, nowMs: number): Promise<RecordFacts> {
  const reviews = hasAccess
    ? (await askServer<ReviewsAnswer>(dataDir, 'GET', '/admin/access/reviews?limit=100')).reviews
    : [];
  const { events } = await askServer<EventsAnswer>(
    dataDir,
    'GET',
    '/admin/events?type=BACKUP_FAILED&type=BACKUP_CREATED&limit=1',
  );
  const overdue = reviews
    .filter(({ closedAtMs, dueAtMs }) => closedAtMs === null && dueAtMs <= nowMs)
    .toSorted((a, b) => a.dueAtMs - b.dueAtMs);
  return { overdue: overdue.slice(0, MOST), failure: failureOf(events[0]) };
}

interface LastBackup {
  readonly type: string;
  readonly atMs: number;
  readonly details: Readonly<Record<string, unknown>>;
}

function failureOf(last: LastBackup | undefined): BackupFacts['failure'] {
  if (last?.type !== 'BACKUP_FAILED') return undefined;
  const error = last.details['error'];
  return { atMs: last.atMs, error: typeof error === 'string' ? error.slice(0, 200) : 'no reason on record' };
}

/** Looks into the folder of the backups; opens none of them. */
export async function gatherBackups(
  options: ReadBackupOptions | undefined,
  production: boolean,
  failure: BackupFacts['failure'],
): Promise<BackupFacts> {
  if (options === undefined) return { production, failure };
  const folder = resolve(options.to);
  const schedule = { folder, everyMs: options.every, newestAtMs: undefined, unreadable: undefined };
  try {
    const [newest] = await listBackups(folder);
    const newestAtMs = newest === undefined ? undefined : timeOf(newest);
    return { production, failure, schedule: { ...schedule, newestAtMs } };
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'unknown error';
    const unreadable = code === 'ENOENT' ? undefined : code;
    return { production, failure, schedule: { ...schedule, unreadable } };
  }
}
