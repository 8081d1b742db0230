import { EVENTS, type EventFields, type EventType, type RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import type { Detection } from './detection.ts';
import type { DetectOptions } from './options.ts';
import { readDetectOptions } from './read-options.ts';
import { replay } from './replay.ts';

/** A Wednesday in November 2026, 11:08 UTC, on no edge of a window. */
export const START = 1_795_000_123_456;
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An event of the catalogue, or of a type that is to come. */
export function event(type: string, atMs: number, fields: EventFields = {}): RampartEvent {
  const known = Object.hasOwn(EVENTS, type) ? (type as EventType) : 'DETECTION';
  const made = makeEvent(known, 'test', atMs, fields);
  return known === type ? made : { ...made, type, about: 'To come.' };
}

/** `count` events with `everyMs` between them. */
export function several(
  type: string,
  count: number,
  everyMs: number,
  fields: (i: number) => EventFields,
  fromMs = START,
): RampartEvent[] {
  return Array.from({ length: count }, (_, i) => event(type, fromMs + i * everyMs, fields(i)));
}

/** What the rules say of events, oldest first. */
export async function detections(
  events: readonly RampartEvent[],
  options: DetectOptions = {},
): Promise<readonly Detection[]> {
  const found: Detection[] = [];
  const { rules } = readDetectOptions(options);
  await replay(
    rules.filter((rule) => rule.enabled),
    events.toSorted((a, b) => a.atMs - b.atMs),
    { store: memoryCounters({ maxKeys: 20_000 }), onDetection: (one) => found.push(one) },
  );
  return found;
}

/** Names of the rules that spoke, each once, in the order in which they did. */
export async function spoke(
  events: readonly RampartEvent[],
  options: DetectOptions = {},
): Promise<readonly string[]> {
  return [...new Set((await detections(events, options)).map((one) => one.rule))];
}
