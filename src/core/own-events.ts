import { EVENT_ALIASES } from './event-aliases.ts';
import { OptionsError, RampartError } from './errors.ts';
import { EVENTS, type EventClass, type EventFields, type EventKind, SEVERITIES } from './events.ts';
import type { InputOf, StandardResult, StandardSchema } from './standard-schema.ts';
import type { Scalar } from './verdict.ts';

/** An event of an application, as it is written down. */
export interface OwnEventOptions {
  /** `audit`: written in the transaction of the act, or the act fails. `signal`: through the journal. */
  readonly class: EventClass;
  /** LOW, MEDIUM, HIGH or CRITICAL. */
  readonly severity: EventKind['severity'];
  /**
   * What happened, as a sentence, 3 to 300 characters. `{name}` stands for a detail, and is filled in where an event is shown;
   * the sentence itself is kept as it stands here, so that nothing personal gets into the audit log by it.
   */
  readonly about: string;
  /**
   * Schema of the details: flat texts, numbers and booleans; it must not wait. What it does not name is left out. Default: there
   * are none.
   */
  readonly details?: StandardSchema;
}

/** Events of an application by type. */
export type OwnEventKinds = Readonly<Record<string, OwnEventOptions>>;

/** Events of an application, read. */
export interface OwnEvents<Kinds extends OwnEventKinds = OwnEventKinds> {
  readonly kinds: Kinds;
}

/** Types of a class. */
export type OwnTypes<Kinds extends OwnEventKinds, Class extends EventClass> = {
  [Type in keyof Kinds & string]: Kinds[Type]['class'] extends Class ? Type : never;
}[keyof Kinds & string];

/** What an emitter says of a type: the fields of all events, and the details that its schema takes. */
export type OwnFields<Kind extends OwnEventOptions> = Omit<EventFields, 'details'> &
  (Kind['details'] extends StandardSchema
    ? { readonly details: InputOf<Kind['details']> }
    : { readonly details?: never });

const MAX_KINDS = 200;
const NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;
/** What the catalogue keeps for itself. */
const RESERVED = ['RAMPART_', 'AUDIT_', 'DETECTION_', 'RESPONSE_', 'SHIELD_'];
const PLACEHOLDER = /\{([A-Za-z][\w-]{0,99})\}/g;
const MAX_FILLED = 200;

/**
 * Events that only an application knows: `defineEvents({ ORDER_REFUNDED: { class: 'audit', severity: 'HIGH', about: '…' } })`.
 * They go into the configuration (`events`), and are emitted through `guard.events(…)`.
 * @throws OptionsError naming the type and the reason
 */
export function defineEvents<const Kinds extends OwnEventKinds>(kinds: Kinds): OwnEvents<Kinds> {
  const given = Object.entries(kinds);
  if (given.length > MAX_KINDS) throw new OptionsError('events', `expected at most ${MAX_KINDS} types`);
  for (const [type, kind] of given) readKind(type, kind);
  return { kinds };
}

function readKind(type: string, kind: OwnEventOptions): void {
  const path = `events.${type.slice(0, 60)}`;
  const fail = (reason: string): never => {
    throw new OptionsError(path, reason);
  };
  if (type.length < 3 || type.length > 60 || !NAME.test(type))
    fail(
      'expected a name of 3 to 60 capital letters and digits with single underscores, such as ORDER_REFUNDED',
    );
  if (Object.hasOwn(EVENTS, type)) fail('is a type of the catalogue: choose another name');
  if (Object.hasOwn(EVENT_ALIASES, type))
    fail('is another name of types of the catalogue: choose another name');
  const reserved = RESERVED.find((prefix) => type.startsWith(prefix));
  if (reserved !== undefined) fail(`names that begin with ${reserved} are the catalogue's own`);
  if (kind.class !== 'audit' && kind.class !== 'signal') fail("expected class 'audit' or 'signal'");
  if (!SEVERITIES.includes(kind.severity)) fail(`expected a severity: ${SEVERITIES.join(', ')}`);
  if (typeof kind.about !== 'string' || kind.about.length < 3 || kind.about.length > 300)
    fail('expected a sentence of 3 to 300 characters (about)');
  if (kind.details !== undefined && kind.details['~standard']?.version !== 1)
    fail('expected a schema of Standard Schema 1 (details)');
  const unknown = Object.keys(kind).find((key) => !['class', 'severity', 'about', 'details'].includes(key));
  if (unknown !== undefined) fail(`does not know '${unknown.slice(0, 60)}'`);
}

/**
 * Several definitions as one.
 * @throws OptionsError where two of them name the same type, or one is none
 */
export function readOwnEvents(
  given: OwnEvents | readonly OwnEvents[] | undefined,
  path: string,
): OwnEventKinds {
  const all: Record<string, OwnEventOptions> = {};
  for (const one of given === undefined ? [] : Array.isArray(given) ? given : [given as OwnEvents]) {
    const { kinds } = one as Partial<OwnEvents>;
    if (kinds === undefined || typeof kinds !== 'object')
      throw new OptionsError(path, 'expected what defineEvents gives');
    for (const [type, kind] of Object.entries(defineEvents(kinds).kinds)) {
      if (Object.hasOwn(all, type)) throw new OptionsError(`${path}.${type}`, 'is defined twice');
      all[type] = kind;
    }
  }
  if (Object.keys(all).length > MAX_KINDS)
    throw new OptionsError(path, `expected at most ${MAX_KINDS} types`);
  return all;
}

/**
 * Details as the schema gives them: flat, without what it does not name. Where they do not fit, a signal loses what does not, and
 * says how many; an audit event is refused, so that its act fails.
 * @throws RampartError `EVENT_DETAILS_INVALID`, of audit events alone
 */
export function ownDetails(
  type: string,
  { class: kept, details: schema }: OwnEventOptions,
  given: unknown,
): Readonly<Record<string, Scalar>> {
  if (schema === undefined) return {};
  const result = validated(schema, given ?? {});
  if (result.issues === undefined) return scalarsOf(result.value);
  const names = result.issues.map(({ path }) => {
    const first = path?.[0];
    return String(typeof first === 'object' ? first.key : (first ?? ''));
  });
  if (kept === 'audit')
    throw new RampartError(
      'EVENT_DETAILS_INVALID',
      `The details of ${type} do not fit its schema: ${[...new Set(names)].join(', ').slice(0, 200) || 'all of them'}.`,
    );
  const wrong = new Set(names);
  // Once more without what is wrong: what is then missing, or wrong as a whole, costs all of them.
  const rest = Object.fromEntries(
    Object.entries(Object(given) as object).filter(([name]) => !wrong.has(name)),
  );
  const again = validated(schema, rest);
  return { ...(again.issues === undefined ? scalarsOf(again.value) : {}), detailsLeftOut: wrong.size };
}

function validated(schema: StandardSchema, value: unknown): StandardResult<unknown> {
  try {
    const result = schema['~standard'].validate(value);
    if (!(result instanceof Promise)) return result;
    // Nobody waits for an event; what the schema finds in the end is nobody's.
    result.catch(() => undefined);
  } catch {
    // A schema that throws has said that the value does not fit.
  }
  return { issues: [{ message: 'it cannot be checked' }] };
}

function scalarsOf(value: unknown): Readonly<Record<string, Scalar>> {
  const entries = Object.entries(Object(value) as Readonly<Record<string, unknown>>);
  return Object.fromEntries(
    entries.filter(
      (entry): entry is [string, Scalar] =>
        entry[1] === null ||
        ['string', 'boolean'].includes(typeof entry[1]) ||
        (typeof entry[1] === 'number' && Number.isFinite(entry[1])),
    ),
  );
}

/** The sentence of an event with its details filled in; a detail that is not there is `…`. */
export function filledAbout(about: string, details: Readonly<Record<string, Scalar>> | undefined): string {
  if (!about.includes('{')) return about;
  return about.replaceAll(PLACEHOLDER, (_whole, name: string) => {
    const value = details !== undefined && Object.hasOwn(details, name) ? details[name] : undefined;
    if (value === undefined || value === null) return '…';
    const text = String(value)
      .toWellFormed()
      .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
    return text.length > MAX_FILLED ? `${text.slice(0, MAX_FILLED).toWellFormed()}…` : text;
  });
}
