import { EVENTS, type EventFields, type EventType, type RampartEvent } from '../../core/events.ts';
import { newId } from '../../core/id.ts';
import type { SqlRunner } from '../../ports/sql.ts';
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
  if (event) ports.live.notice(event);
  return value;
}

function eventOf(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  type: EventType,
  fields: EventFields,
): RampartEvent {
  const kind = EVENTS[type];
  const atMs = ports.clock.now();
  const { severity, ...rest } = fields;
  const decision = c.env?.context?.decisionId;
  return {
    id: newId('evt', atMs),
    type,
    severity: severity ?? kind.severity,
    class: kind.class,
    atMs,
    node: ports.facts.node,
    about: kind.about,
    actor: nameOf(caller),
    address: addressOf(c),
    outcome: 'success',
    ...(typeof decision === 'string' ? { decision } : {}),
    ...rest,
  };
}
