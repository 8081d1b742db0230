import type { EventEntry } from '../../../../src/server/api/types.ts';
import { valueName, valueText } from '../../format/value.ts';
import type { Zone } from '../../format/time.ts';
import type { EventField } from '../../state/event-search.ts';

/** A value of an event: its name, how it reads, and the filter that finds its like. */
export interface EventFact {
  readonly name: string;
  readonly text: string;
  /** Absent where events cannot be searched by it. */
  readonly field?: EventField;
  /** What is searched for; the text where absent. */
  readonly value?: string;
}

const SHORT = ['actor', 'subject', 'address', 'route'] as const;

/** What a line of the list tells of an event beside its sentence. */
export function lineFacts(event: EventEntry, zone: Zone, hasNode: boolean): readonly EventFact[] {
  const known = SHORT.flatMap((name) => {
    const value = event[name];
    return value === null ? [] : [{ name, text: value, field: name }];
  });
  return [...known, ...detailFacts(event, zone), ...(hasNode ? [{ name: 'node', text: event.node }] : [])];
}

/** The details of an event, in the words and units of a reader. */
export function detailFacts({ details, route }: EventEntry, zone: Zone): readonly EventFact[] {
  return (
    Object.entries(details)
      // A route without places to fill in says the path already.
      .filter(([name, value]) => name !== 'path' || route?.endsWith(` ${String(value)}`) !== true)
      .map(([name, value]) => ({ name: valueName(name), text: valueText(name, value, zone) }))
  );
}

/** Who did it and whom it was about, as far as is known. */
export function whoFacts(event: EventEntry): readonly EventFact[] {
  return present([
    ['Actor', event.actor, 'actor'],
    ['Subject', event.subject, 'subject'],
    ['Session', event.session, 'session'],
  ]);
}

/** Where it came from and by which way it went. */
export function whereFacts(event: EventEntry): readonly EventFact[] {
  return present([
    ['Address', event.address, 'address'],
    ['Place', event.place],
    ['Client', event.userAgent],
    ['Route', event.route, 'route'],
    ['Request', event.requestId, 'request'],
    ['Trace', event.traceId, 'trace'],
    ['Decision', event.decision, 'decision'],
    ['Node', event.node],
  ]);
}

function present(
  given: readonly (readonly [name: string, value: string | null | undefined, field?: EventField])[],
): readonly EventFact[] {
  return given.flatMap(([name, text, field]) =>
    text === null || text === undefined || text === '' ? [] : [{ name, text, ...(field && { field }) }],
  );
}

/** The account that a principal stands for; null where it is none. */
export function accountOf(principal: string | null): string | null {
  return /^(?:user:)?(acc_\w+)$/.exec(principal ?? '')?.[1] ?? null;
}
