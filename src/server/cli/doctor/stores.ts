import { mismatchWords, type Stage } from '../../../base/database/environment-stamp.ts';
import { type Finding, note, problem, warn } from './finding.ts';

/** The database. */
export interface DatabaseFacts {
  readonly configured: boolean;
  /** Why it cannot be used. */
  readonly error: string | undefined;
  /** Such as `17.2`. */
  readonly version: string | undefined;
  /** Migrations that are not applied yet. */
  readonly pending: number;
  /** Migrations that it has and this version does not know. */
  readonly unknown: number;
  /** Its clock minus ours, milliseconds. */
  readonly clockAheadMs: number;
  /** What it is marked for and what this process runs as, where both are known and differ. */
  readonly mismatch?: { readonly stamped: string; readonly stage: Stage } | undefined;
}

/** Clocks further apart than this make times of records and limits contradict each other. */
const MAX_CLOCK_GAP_MS = 1_000;
const LEAST_POSTGRES = 14;

/** Whether the database answers, is new enough, has our schema, and shares our time. */
export function databaseFindings(facts: DatabaseFacts): readonly Finding[] {
  if (!facts.configured) return [];
  if (facts.error !== undefined)
    return [
      problem(
        `The database cannot be used: ${facts.error}`,
        'Start it, mend DATABASE_URL, or leave DATABASE_URL out.',
      ),
    ];
  const findings: Finding[] = [];
  const major = Number.parseInt(facts.version ?? '', 10);
  if (major < LEAST_POSTGRES)
    findings.push(
      warn(
        `PostgreSQL ${facts.version} is older than ${LEAST_POSTGRES}, which nobody mends any more.`,
        'Upgrade it.',
      ),
    );
  if (facts.unknown > 0)
    findings.push(
      problem(
        `The database holds ${facts.unknown} migrations that this version does not know.`,
        'Run the newer version of Rampart, or restore a backup.',
      ),
    );
  if (facts.pending > 0)
    findings.push(
      note(
        `${facts.pending} migrations are not applied yet.`,
        'The next start applies them, or: rampart migrate',
      ),
    );
  if (facts.mismatch)
    findings.push(
      problem(
        mismatchWords(facts.mismatch.stamped, facts.mismatch.stage),
        'Set DATABASE_URL to the database of this environment, or NODE_ENV to what this process is.',
      ),
    );
  return [...findings, ...clockFindings('The database', facts.clockAheadMs)];
}

function clockFindings(who: string, aheadMs: number): readonly Finding[] {
  if (Math.abs(aheadMs) <= MAX_CLOCK_GAP_MS) return [];
  const gap = `${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
  return [warn(`${who}'s clock is ${gap} this machine's.`, 'Let NTP set the clocks of both.')];
}

/** Redis or Valkey. */
export interface RedisFacts {
  readonly configured: boolean;
  readonly error: string | undefined;
  readonly version: string | undefined;
  /** As in its configuration; `undefined` where it does not tell. */
  readonly maxmemoryPolicy: string | undefined;
  /** Bytes; 0 without a bound. */
  readonly maxmemoryBytes: number;
  /** Whether it writes to a disk (RDB or AOF). */
  readonly persistent: boolean | undefined;
  readonly clockAheadMs: number;
}

/** Whether Redis answers, keeps what it is given, and shares our time. */
export function redisFindings(facts: RedisFacts): readonly Finding[] {
  if (!facts.configured) return [];
  if (facts.error !== undefined)
    return [
      problem(
        `Redis cannot be used: ${facts.error}`,
        'Start it, mend REDIS_URL, or leave REDIS_URL out. Until then each node counts for itself.',
      ),
    ];
  const findings: Finding[] = [];
  if (Number.parseInt(facts.version ?? '', 10) < 6)
    findings.push(warn(`Redis ${facts.version} is older than 6.`, 'Upgrade it, or use Valkey.'));
  if (facts.maxmemoryPolicy !== undefined && facts.maxmemoryPolicy !== 'noeviction')
    findings.push(
      warn(
        `Redis may throw counters away when its memory is full (maxmemory-policy ${facts.maxmemoryPolicy}): limits would start anew.`,
        'CONFIG SET maxmemory-policy noeviction, or give Rampart a Redis of its own.',
      ),
    );
  if (facts.persistent === false)
    findings.push(
      note(
        'Redis keeps nothing on a disk: after its restart all limits start anew.',
        'CONFIG SET appendonly yes',
      ),
    );
  return [...findings, ...clockFindings('Redis', facts.clockAheadMs)];
}
