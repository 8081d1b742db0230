import { toJsonText } from '../../base/database/index.ts';
import { formatAddress, parseAddress } from '../../core/address.ts';
import type { RampartEvent } from '../../core/events.ts';
import { filledAbout } from '../../core/own-events.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { EventEntry } from '../api/types.ts';
import type { EventsTable } from './tables.ts';

/** Column and type of everything that is written with an event; what becomes of it later has columns beside. */
const COLUMNS = {
  id: 'text',
  type: 'text',
  severity: 'text',
  class: 'text',
  at_ms: 'bigint',
  node: 'text',
  about: 'text',
  actor: 'text',
  subject: 'text',
  address: 'text',
  ip: 'inet',
  route: 'text',
  decision: 'text',
  outcome: 'text',
  session: 'text',
  user_agent: 'text',
  place: 'text',
  request: 'text',
  trace: 'text',
  details: 'jsonb',
} as const satisfies Partial<Record<keyof EventsTable, string>>;

const NAMES = Object.keys(COLUMNS).join(', ');
const INSERT = `INSERT INTO rampart.events (${NAMES}) SELECT ${NAMES}
FROM jsonb_to_recordset($1::text::jsonb) AS given (${Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ')})
ON CONFLICT (id) DO NOTHING`;

/** Inserts events in one statement; those that are there already are left alone. @returns how many were new */
export async function insertEvents(runner: SqlRunner, events: readonly RampartEvent[]): Promise<number> {
  return (await runner.query(INSERT, [toJsonText(events.map(rowOf))])).affected;
}

function rowOf(event: RampartEvent): Readonly<Record<keyof typeof COLUMNS, unknown>> {
  const ip = event.address === undefined ? undefined : parseAddress(event.address);
  return {
    id: event.id,
    type: event.type,
    severity: event.severity,
    class: event.class,
    at_ms: Math.floor(event.atMs),
    node: event.node,
    about: event.about,
    actor: event.actor ?? null,
    subject: event.subject ?? null,
    address: event.address ?? null,
    ip: ip ? formatAddress(ip) : null,
    route: event.route ?? null,
    decision: event.decision ?? null,
    outcome: event.outcome ?? null,
    session: event.session ?? null,
    user_agent: event.userAgent ?? null,
    place: event.place ?? null,
    request: event.requestId ?? null,
    trace: event.traceId ?? null,
    details: event.details ?? {},
  };
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
