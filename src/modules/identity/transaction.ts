import type { Clock } from '../../core/clock.ts';
import { EVENTS, type EventFields, type EventType, type RampartEvent } from '../../core/events.ts';
import { newId } from '../../core/id.ts';
import type { SqlStore } from '../../ports/sql.ts';
import type { AuditPort, IdentityPorts, IdentityTransaction } from './ports.ts';

/** Makes `IdentityPorts.transaction`: audit events are written in the act's transaction and announced after its commit. */
export function transactions(sql: SqlStore, clock: Clock, audit: AuditPort): IdentityPorts['transaction'] {
  return async (work) => {
    let written: RampartEvent[] = [];
    const value = await sql.transaction((runner) => {
      // A driver may run the work again after a conflict: only the last run counts.
      written = [];
      const tx: IdentityTransaction = {
        query: (text, values) => runner.query(text, values),
        async audit(type, fields) {
          const event = eventOf(audit.node, clock.now(), type, fields);
          await audit.write(runner, event);
          written.push(event);
        },
      };
      return work(tx);
    });
    for (const event of written) audit.announce?.(event);
    return value;
  };
}

function eventOf(node: string, atMs: number, type: EventType, fields: EventFields): RampartEvent {
  const kind = EVENTS[type];
  const { severity, ...rest } = fields;
  return {
    id: newId('evt', atMs),
    type,
    severity: severity ?? kind.severity,
    class: kind.class,
    atMs,
    node,
    about: kind.about,
    outcome: 'success',
    ...rest,
  };
}
