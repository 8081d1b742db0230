import type { ReadConfig } from '../../config.ts';
import type { ServerEnvironment } from '../../environment.ts';
import { eventPartFindings, eventPartWords } from '../../event-part-findings.ts';
import { reviewFindings } from '../../review-findings.ts';
import { backupFindings, backupWords } from './backups.ts';
import { type Examined, warn } from './finding.ts';
import { gatherBackups, gatherRecords, type RecordFacts } from './gather-records.ts';

/** Backups, and reviews of access whose day is over. */
export async function examineRecords(
  environment: ServerEnvironment,
  config: ReadConfig | undefined,
  isRunning: boolean,
  nowMs: number,
): Promise<readonly Examined[]> {
  if (config === undefined) return [];
  const hasAccess = config.access !== false;
  const records = await gatherRecords(environment, isRunning, hasAccess, nowMs);
  const facts = await gatherBackups(config.backup, environment.production, records?.failure);
  const backups: Examined = {
    check: 'backups',
    fine: backupWords(facts, nowMs),
    findings: backupFindings(facts, nowMs),
  };
  if (records === null) return [backups];
  const stored = [backups, ...eventChecks(records.events, nowMs), serverCheck(records.unprotected)];
  if (!hasAccess) return stored;
  const findings = reviewFindings(records.overdue, nowMs);
  return [...stored, { check: 'access reviews', fine: 'none is overdue', findings }];
}

/** Partitions of the events, where they are known. */
function eventChecks(status: RecordFacts['events'], nowMs: number): readonly Examined[] {
  if (status === undefined) return [];
  const findings = eventPartFindings(status, nowMs);
  return [{ check: 'events', fine: eventPartWords(status, nowMs), findings }];
}

/** What applications on this database said of their servers when they were started. */
export function serverCheck(found: RecordFacts['unprotected']): Examined {
  const lacks = [
    ...(found?.unbounded === true ? ['bounds no connections'] : []),
    ...(found?.unguardedUpgrades === true ? ['takes handshakes of WebSockets past the guard'] : []),
  ];
  const text = `An application that was started within a day ${lacks.join(' and ')}.`;
  const remedy = 'Call guard.protect(server) once, with the server that listens, and start it anew.';
  return {
    check: 'servers of applications',
    fine: 'none is known to lack bounds',
    findings: lacks.length === 0 ? [] : [warn(text, remedy)],
  };
}
