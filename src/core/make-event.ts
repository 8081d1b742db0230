import { keptFields } from './event-fields.ts';
import { EVENTS, type EventFields, type EventType, type RampartEvent } from './events.ts';
import { newId } from './id.ts';

/**
 * Makes an event of the catalogue: its severity, class and sentence, unless the fields say otherwise. Texts are bounded, and
 * a detail under the name of a secret is masked.
 */
export function makeEvent(type: EventType, node: string, atMs: number, fields: EventFields): RampartEvent {
  const { severity, class: kept, about } = EVENTS[type];
  return {
    id: newId('evt', atMs),
    type,
    class: kept,
    atMs,
    node,
    about,
    ...keptFields(fields),
    severity: fields.severity ?? severity,
  };
}
