import type { RampartEvent, Severity } from '../../core/events.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { EventEntry } from '../api/types.ts';
import { insertInChunks, type InsertCount } from './insert.ts';
import { toJsonText } from '../../base/database/index.ts';
import { db, rows } from './query.ts';
import type { EventsTable } from './tables.ts';

/** A page of events to look up. */
export interface EventQuery {
  /** 1 to 200. */
  readonly limit: number;
  /** Only events older than this id. */
  readonly before?: string;
  /** Any of these; all when empty. */
  readonly types?: readonly string[];
  /** Any of these; all when empty. */
  readonly severities?: readonly Severity[];
}

const INSERT = `
INSERT INTO rampart.events
  (id, type, severity, class, at_ms, node, about, actor, subject, address, route, decision, outcome, details)
SELECT id, type, severity, class, at_ms, node, about, actor, subject, address, route, decision, outcome, details
FROM jsonb_to_recordset($1::text::jsonb) AS given (
  id text, type text, severity text, class text, at_ms bigint, node text, about text, actor text, subject text,
  address text, route text, decision text, outcome text, details jsonb)
ON CONFLICT (id) DO NOTHING`;

/** Everything that happened. */
export class EventStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Inserts events; those that are there already are left alone. */
  insertMany(events: readonly RampartEvent[], runner: SqlRunner = this.#sql): Promise<InsertCount> {
    return insertInChunks(events, (chunk) => insertEvents(runner, chunk));
  }

  /**
   * Writes an audit event within the transaction of its act: when it cannot be written, the act fails too.
   * @param runner the transaction's runner
   */
  async write(runner: SqlRunner, event: RampartEvent): Promise<void> {
    await insertEvents(runner, [event]);
  }

  /** Newest first. */
  async page(query: EventQuery): Promise<readonly EventEntry[]> {
    let select = db
      .selectFrom('rampart.events')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(Math.min(200, Math.max(1, query.limit)));
    if (query.before !== undefined) select = select.where('id', '<', query.before);
    if (query.types?.length) select = select.where('type', 'in', query.types);
    if (query.severities?.length) select = select.where('severity', 'in', query.severities);
    return (await rows(this.#sql, select)).map(entryOf);
  }
}

async function insertEvents(runner: SqlRunner, events: readonly RampartEvent[]): Promise<number> {
  const given = events.map((event) => ({
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
    route: event.route ?? null,
    decision: event.decision ?? null,
    outcome: event.outcome ?? null,
    details: event.details ?? {},
  }));
  return (await runner.query(INSERT, [toJsonText(given)])).affected;
}

function entryOf(row: EventsTable): EventEntry {
  return {
    id: row.id,
    type: row.type,
    severity: row.severity,
    atMs: row.at_ms,
    node: row.node,
    about: row.about,
    actor: row.actor,
    subject: row.subject,
    address: row.address,
    route: row.route,
    decision: row.decision,
    details: row.details,
  };
}

/** An event as the console shows it. */
export function eventEntry(event: RampartEvent): EventEntry {
  return {
    id: event.id,
    type: event.type,
    severity: event.severity,
    atMs: event.atMs,
    node: event.node,
    about: event.about,
    actor: event.actor ?? null,
    subject: event.subject ?? null,
    address: event.address ?? null,
    route: event.route ?? null,
    decision: event.decision ?? null,
    details: event.details ?? {},
  };
}
