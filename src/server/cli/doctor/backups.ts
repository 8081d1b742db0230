import { type Finding, note, problem, warn } from './finding.ts';

/** What is known of backups. */
export interface BackupFacts {
  readonly production: boolean;
  /** Absent: the configuration has no `backup`. */
  readonly schedule?: {
    readonly folder: string;
    readonly everyMs: number;
    readonly newestAtMs: number | undefined;
    /** Why the folder cannot be read, where it is there. */
    readonly unreadable: string | undefined;
  };
  /** The newest failure on record, unless a backup was made after it. */
  readonly failure: { readonly atMs: number; readonly error: string } | undefined;
}

const HOUR_MS = 3_600_000;
/** As the schedule of the server: half of the time between two. */
const GRACE = 1.5;

/** Whether there would be something to put back. */
export function backupFindings(facts: BackupFacts, nowMs: number): readonly Finding[] {
  const { schedule, production, failure } = facts;
  if (schedule === undefined) {
    const say = production ? warn : note;
    return [
      say(
        'No backups are made.',
        'Set backup in rampart.config.ts (rampart backup --make-key FILE makes the keys), or have rampart backup run regularly.',
      ),
    ];
  }
  const findings: Finding[] = [];
  const { folder, everyMs, newestAtMs, unreadable } = schedule;
  if (unreadable !== undefined)
    findings.push(
      problem(
        `The folder of the backups ${folder} cannot be read (${unreadable}).`,
        'Give the server the right to it, or name another one in backup.to.',
      ),
    );
  else if (newestAtMs === undefined)
    findings.push(
      warn(
        `There is no backup in ${folder} yet.`,
        'A server makes its first a minute after its start; rampart backup makes one now.',
      ),
    );
  else if (nowMs - newestAtMs > everyMs * GRACE)
    findings.push(
      problem(
        `The newest backup is ${ageWords(nowMs - newestAtMs)} old; the configuration wants one every ${ageWords(everyMs)}.`,
        'Make one with rampart backup, and see in the log why the server makes none.',
      ),
    );
  if (failure !== undefined && failure.atMs > (newestAtMs ?? 0))
    findings.push(
      problem(
        `The last backup failed ${ageWords(nowMs - failure.atMs)} ago: ${failure.error}`,
        `Look into the folder ${folder} and the log; it is tried again every ten minutes.`,
      ),
    );
  return findings;
}

/** What is so, where nothing is wrong. */
export function backupWords({ schedule }: BackupFacts, nowMs: number): string {
  if (schedule?.newestAtMs === undefined) return 'none';
  return `the newest is ${ageWords(nowMs - schedule.newestAtMs)} old, in ${schedule.folder}`;
}

function ageWords(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 1 ? 'less than 1 h' : hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
