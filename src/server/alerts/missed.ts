import type { Clock } from '../../core/clock.ts';
import type { AlertInput } from '../../modules/respond/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { eventOfRow } from '../data/detections.ts';
import { firstIdAt } from '../data/id-range.ts';
import { ALERT_TYPES, inputsOf } from './inputs.ts';

const HOUR_MS = 3_600_000;
/** How far back it is looked at the start: what a node left in its journal comes into the database only then. */
const FIRST_MS = 24 * HOUR_MS;
const AT_ONCE = 500;

const MISSED = `SELECT e.* FROM rampart.events e
WHERE e.type = ANY($1) AND e.id > $2
  AND NOT EXISTS (SELECT 1 FROM rampart.alert_seen s WHERE s.event = e.id)
ORDER BY e.id LIMIT $3`;

/** Finds events in the database that were never brought to the alerts: of crashes, of full queues, of acts. */
export function missedEvents(sql: SqlRunner, clock: Clock): () => Promise<readonly AlertInput[]> {
  let backMs = FIRST_MS;
  return async () => {
    const found = await sql.query(MISSED, [
      [...ALERT_TYPES],
      firstIdAt('evt', clock.now() - backMs),
      AT_ONCE,
    ]);
    if (found.rows.length < AT_ONCE) backMs = HOUR_MS;
    return found.rows.flatMap((row) => inputsOf(eventOfRow(row)));
  };
}
