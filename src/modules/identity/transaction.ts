import type { Clock } from '../../core/clock.ts';
import type { RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
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
          const event = makeEvent(type, audit.node, clock.now(), { outcome: 'success', ...fields });
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
