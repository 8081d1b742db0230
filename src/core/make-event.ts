import { keptFields } from './event-fields.ts';
import { type EventFields, type EventKind, EVENTS, type EventType, type RampartEvent } from './events.ts';
import { newId } from './id.ts';

/** Makes an event of the catalogue: its severity, class and sentence, unless the fields say otherwise. */
export function makeEvent(type: EventType, node: string, atMs: number, fields: EventFields): RampartEvent {
  return makeEventOf(type, EVENTS[type], node, atMs, fields);
}

/** The same of any type. Texts are bounded, and a detail under the name of a secret is masked. */
export function makeEventOf(
  type: string,
  { severity, class: kept, about }: EventKind,
  node: string,
  atMs: number,
  fields: EventFields,
): RampartEvent {
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
