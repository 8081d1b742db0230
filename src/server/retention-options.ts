import type { Duration } from '../core/duration.ts';
import { OptionsError } from '../core/errors.ts';
import { typesNamed } from '../core/event-aliases.ts';
import { EVENTS } from '../core/events.ts';
import { custom, duration, type Field, readOptions, record } from '../core/options.ts';
import type { OwnEventKinds } from '../core/own-events.ts';

/** How long something is kept: 1d to 36500d, or `forever`. */
export type Keep = Duration | 'forever';

/** How long is kept what happened. */
export interface RetentionOptions {
  readonly events?: {
    /** Signals are deleted after this time; default 90d. */
    readonly signals?: Keep;
    /** Of audit events, who and what is destroyed after this time, while their places and proofs stand; default forever. */
    readonly audit?: Keep;
    /** Other times for single types, also the application's own: `{ REQUEST_REFUSED: '30d' }`; at most 500. */
    readonly types?: Readonly<Record<string, Keep>>;
  };
}

/** The same, read. Milliseconds; null keeps for ever. */
export interface ReadRetention {
  readonly signalsMs: number | null;
  readonly auditMs: number | null;
  readonly types: Readonly<Record<string, number | null>>;
}

const span = duration({ min: '1d', max: '36500d' });
const keep = (initial: number | null): Field<number | null> =>
  custom(
    "a span such as '90d', or 'forever'",
    (value, path) => (value === undefined ? initial : value === 'forever' ? null : span.parse(value, path)),
    true,
  );
const MAX_TYPES = 500;

/** Reads `retention`. @throws OptionsError naming the path and the reason */
export function readRetention(value: unknown, path: string): ReadRetention {
  const { events } = readOptions<{ events: unknown }>(path, value ?? {}, {
    events: custom('signals, audit, types', (given) => given ?? {}, true),
  });
  const read = readOptions<{
    signals: number | null;
    audit: number | null;
    types: Readonly<Record<string, number | null>>;
  }>(`${path}.events`, events, {
    signals: keep(90 * 86_400_000),
    audit: keep(null),
    types: record(keep(null), { default: {} }),
  });
  if (Object.keys(read.types).length > MAX_TYPES)
    throw new OptionsError(`${path}.events.types`, `expected at most ${MAX_TYPES} types`);
  return { signalsMs: read.signals, auditMs: read.audit, types: namedTypes(read.types) };
}

/** Other names stand for their types; what is named itself goes before what another name stands for. */
function namedTypes(types: ReadRetention['types']): ReadRetention['types'] {
  const named = Object.entries(types).flatMap(([name, ms]) =>
    (isType(name) ? [name] : typesNamed(name)).map((type) => [type, ms] as const),
  );
  return {
    ...Object.fromEntries(named),
    ...Object.fromEntries(Object.entries(types).filter(([name]) => isType(name))),
  };
}

/** @throws OptionsError for a type that neither the catalogue nor the application knows */
export function refuseUnknownTypes({ types }: ReadRetention, own: OwnEventKinds): void {
  for (const type of Object.keys(types))
    if (!isType(type) && !Object.hasOwn(own, type))
      throw new OptionsError(`retention.events.types.${type.slice(0, 60)}`, 'is no type of event');
}

function isType(name: string): boolean {
  return Object.hasOwn(EVENTS, name);
}
