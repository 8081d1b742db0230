import type { HealthAnswer } from './api/types.ts';
import type { EventPartStatus } from './data/index.ts';

type Finding = HealthAnswer['findings'][number];

const MINUTE_MS = 60_000;
/** A partition has its indexes within seconds; an hour of events that were kept back takes some minutes. */
const LATE_MS = 30 * MINUTE_MS;
const FAILING_MS = 5 * MINUTE_MS;
/** So many times as large as it should be. */
const LARGE = 8;

/** What is to be said about the partitions of the events: pure, so that the health page and `rampart doctor` say the same. */
export function eventPartFindings(status: EventPartStatus | null, nowMs: number): readonly Finding[] {
  if (status === null) return [];
  const { failures, waiting, waitingSinceMs, openRows, openSize } = status;
  const failing = failures.filter(({ sinceMs }) => nowMs - sinceMs >= FAILING_MS);
  const findings = failing.map(({ what, sinceMs, error }): Finding => ({
    level: 'warning',
    text: `The partitions of the events are not looked after (${what}), for ${minutes(nowMs - sinceMs)}: ${error}`,
    remedy:
      'The role of DATABASE_URL must own the tables of the schema rampart, and the disk must have room.',
  }));
  const isLate = waitingSinceMs !== null && nowMs - waitingSinceMs >= LATE_MS;
  if (failing.length > 0 || (openSize < LARGE && !isLate)) return findings;
  const text = `About ${openRows.toLocaleString('en')} new events and ${waiting} partitions have no indexes yet: searches take longer.`;
  const remedy =
    'It passes after a restore or an outage. If it stays, see what holds rampart.events for long (pg_stat_activity).';
  return [...findings, { level: 'warning', text, remedy }];
}

/** How they stand, where nothing is wrong. */
export function eventPartWords(status: EventPartStatus | null, nowMs: number): string {
  if (status === null) return 'The events have no partitions';
  const { parts, openRows, endedAtMs } = status;
  const ended =
    endedAtMs === null ? 'none was ended yet' : `the last one was ended ${minutes(nowMs - endedAtMs)} ago`;
  return `${parts} ${parts === 1 ? 'partition' : 'partitions'}, about ${openRows.toLocaleString('en')} events in the open one; ${ended}`;
}

function minutes(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / MINUTE_MS));
  return whole < 120
    ? `${whole} min`
    : whole < 2_880
      ? `${Math.floor(whole / 60)} h`
      : `${Math.floor(whole / 1_440)} days`;
}
