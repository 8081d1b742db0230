import type { Clock } from '../core/clock.ts';
import { RampartError } from '../core/errors.ts';
import {
  type EventFields,
  type EventKind,
  EVENTS,
  type EventType,
  type RampartEvent,
} from '../core/events.ts';
import { makeEventOf } from '../core/make-event.ts';
import type { SqlRunner } from '../ports/sql.ts';

/** Writes an audit event into a running transaction: neither it nor the act is without the other. */
export type AuditWriter = (sql: SqlRunner, type: EventType, fields: EventFields) => Promise<void>;

/** The same of a type that is not in the catalogue. */
export type OwnAuditWriter = (
  sql: SqlRunner,
  type: string,
  kind: EventKind,
  fields: EventFields,
) => Promise<void>;

/** Codes of PostgreSQL for a schema, table or column that is not there. */
const ABSENT: ReadonlySet<unknown> = new Set(['3F000', '42P01', '42703']);

/**
 * Writes into the events of the database that the transaction runs on. What it gives throws RampartError
 * `AUDIT_UNAVAILABLE` where that database has no such table.
 * @param written told of each event in the transaction that it was written in, which is the application's and may still fail
 */
export function auditWriter(
  node: string,
  clock: Clock,
  written: (sql: SqlRunner, event: RampartEvent) => Promise<void> = () => Promise.resolve(),
): AuditWriter {
  const write = ownAuditWriter(node, clock, written);
  return (sql, type, fields) => write(sql, type, EVENTS[type], fields);
}

/** The same for types that are not in the catalogue. */
export function ownAuditWriter(
  node: string,
  clock: Clock,
  written: (sql: SqlRunner, event: RampartEvent) => Promise<void> = () => Promise.resolve(),
): OwnAuditWriter {
  return async (sql, type, kind, fields) => {
    // Loaded where it is wanted: it brings a package along.
    const { EventStore } = await import('./data/events.ts');
    const event = makeEventOf(type, kind, node, clock.now(), { outcome: 'success', ...fields });
    try {
      await new EventStore(sql).write(sql, event);
      await written(sql, event);
    } catch (error) {
      if (!ABSENT.has((error as { code?: unknown }).code)) throw error;
      throw new RampartError(
        'AUDIT_UNAVAILABLE',
        'This database has no tables of Rampart, so that nothing can be written down in its transactions. Use the database of DATABASE_URL, or bring the tables there: rampart migrate.',
        { cause: error },
      );
    }
  };
}
