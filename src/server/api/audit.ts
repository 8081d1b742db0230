import { withPlace } from '../../core/event-corridor.ts';
import { requestFields } from '../../core/event-fields.ts';
import type { EventFields, EventType, RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { placeName } from '../place-of.ts';
import { addressOf, type Caller, nameOf } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import type { ApiContext } from './route.ts';

/**
 * Does an act and writes its audit event in one transaction: neither is without the other. Tells those who watch once
 * it is certain.
 * @param work does the act; what it says about the event is written with it, and `undefined` means nothing happened
 */
export async function audited<T>(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  type: EventType,
  work: (sql: SqlRunner) => Promise<{ readonly value: T; readonly event: EventFields } | undefined>,
): Promise<T | undefined> {
  let event: RampartEvent | undefined;
  const value = await ports.stores.sql.transaction(async (sql) => {
    const done = await work(sql);
    if (!done) return undefined;
    event = eventOf(ports, c, caller, type, done.event);
    await ports.stores.events.write(sql, event);
    return done.value;
  });
  if (event) {
    ports.live.notice(event);
    ports.detector?.take(event);
  }
  return value;
}

/** An audit event for a transaction that somebody else runs. */
export interface AuditNote {
  /** Writes it in the transaction of the act. */
  readonly write: (sql: SqlRunner) => Promise<void>;
  /** Tells those who watch, once the act is certain. */
  readonly tell: () => void;
}

/** Prepares an audit event. */
export function auditNote(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  type: EventType,
  fields: EventFields,
): AuditNote {
  const event = eventOf(ports, c, caller, type, fields);
  return {
    write: (sql) => ports.stores.events.write(sql, event),
    tell() {
      ports.live.notice(event);
      ports.detector?.take(event);
    },
  };
}

function eventOf(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  type: EventType,
  fields: EventFields,
): RampartEvent {
  const { route: _route, ...ofRequest } = c.env?.context ? requestFields(c.env.context) : {};
  const told: EventFields = {
    ...ofRequest,
    actor: nameOf(caller),
    address: addressOf(c),
    ...(caller.kind === 'account' ? { session: caller.session.id } : {}),
    outcome: 'success',
    ...fields,
  };
  const withPlaces = withPlace(told, (address) => placeName(ports.places, address));
  return makeEvent(type, ports.facts.node, ports.clock.now(), withPlaces);
}
