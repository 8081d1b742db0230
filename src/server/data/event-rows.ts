import type { RampartEvent } from '../../core/events.ts';
import { filledAbout } from '../../core/own-events.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { EventEntry } from '../api/types.ts';
import type { EventsTable } from './tables.ts';

/** Name in the text of an event, and type, of each column that is written with it; what becomes of it later has others. */
const COLUMNS = {
  id: ['id', 'text'],
  type: ['type', 'text'],
  severity: ['severity', 'text'],
  class: ['class', 'text'],
  at_ms: ['atMs', 'bigint'],
  node: ['node', 'text'],
  about: ['about', 'text'],
  actor: ['actor', 'text'],
  subject: ['subject', 'text'],
  address: ['address', 'text'],
  ip: ['ip', 'inet'],
  route: ['route', 'text'],
  decision: ['decision', 'text'],
  outcome: ['outcome', 'text'],
  session: ['session', 'text'],
  user_agent: ['userAgent', 'text'],
  place: ['place', 'text'],
  request: ['requestId', 'text'],
  trace: ['traceId', 'text'],
  details: ['details', 'jsonb'],
} as const satisfies Partial<Record<keyof EventsTable, readonly [keyof RampartEvent | 'ip', string]>>;

const GIVEN = Object.values(COLUMNS);
// As json, not jsonb: each value is read straight out of the text, instead of out of a tree that was built for it.
const INSERT = `INSERT INTO rampart.events (${Object.keys(COLUMNS).join(', ')})
SELECT ${GIVEN.map(([name]) => (name === 'details' ? `coalesce(details, '{}')` : `"${name}"`)).join(', ')}
FROM json_to_recordset($1::text::json) AS given (${GIVEN.map(([name, type]) => `"${name}" ${type}`).join(', ')})
ON CONFLICT (id) DO NOTHING`;

/**
 * Inserts events in one statement; those that are there already are left alone.
 * @param texts what `eventText` made of each
 * @returns how many were new
 */
export async function insertEvents(runner: SqlRunner, texts: readonly string[]): Promise<number> {
  return (await runner.query(INSERT, [`[${texts.join(',')}]`])).affected;
}

/** A row as the console shows it. */
export function entryOf(row: EventsTable): EventEntry {
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    class: row.class,
    atMs: row.at_ms,
    node: row.node,
    about: filledAbout(row.about, row.details),
    outcome: row.outcome,
    actor: row.actor,
    subject: row.subject,
    address: row.address,
    place: row.place,
    userAgent: row.user_agent,
    session: row.session,
    route: row.route,
    decision: row.decision,
    requestId: row.request,
    traceId: row.trace,
    details: row.details,
    resolvedAtMs: row.resolved_at_ms,
    resolvedBy: row.resolved_by,
  };
}

/** An event as the console shows it. */
export function eventEntry(event: RampartEvent): EventEntry {
  return {
    id: event.id,
    type: event.type,
    severity: event.severity,
    class: event.class,
    atMs: event.atMs,
    node: event.node,
    about: filledAbout(event.about, event.details),
    outcome: event.outcome ?? null,
    actor: event.actor ?? null,
    subject: event.subject ?? null,
    address: event.address ?? null,
    place: event.place ?? null,
    userAgent: event.userAgent ?? null,
    session: event.session ?? null,
    route: event.route ?? null,
    decision: event.decision ?? null,
    requestId: event.requestId ?? null,
    traceId: event.traceId ?? null,
    details: event.details ?? {},
    resolvedAtMs: null,
    resolvedBy: null,
  };
}
