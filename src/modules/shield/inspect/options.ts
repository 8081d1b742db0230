import { MAX_HELD_BYTES } from '../../../core/body-stage.ts';
import type { Mode } from '../../../core/guard.ts';
import { OptionsError } from '../../../core/errors.ts';
import {
  custom,
  type Field,
  type Fields,
  flag,
  list,
  number,
  oneOf,
  readOptions,
  record,
} from '../../../core/options.ts';
import { ATTACK_CLASSES, type AttackClass, type FieldKind } from './types.ts';

/** What a field holds: declared, it is not inspected (types), or adds to the score without refusing alone (kinds). */
export type FieldDeclaration = FieldKind | 'number' | 'uuid' | 'date' | 'email' | readonly string[];

/** What inspection leaves out. */
export interface Exclusion {
  /** Name of a parameter, header, cookie or key (`user.note`); absent: anywhere. */
  readonly field?: string;
  /** Ids of rules (`sql.tautology`) or classes (`sql`); absent: all. */
  readonly rules?: readonly string[];
}

/** How requests are inspected. */
export interface InspectionOptions {
  /** `enforce` (default) refuses; `shadow` only records what it would have refused. */
  readonly mode?: Mode;
  /** Score from which on a request is refused, 1 to 100; default 5. */
  readonly threshold?: number;
  /** Classes that are not looked for; default none. */
  readonly off?: readonly AttackClass[];
  /** What is left out, by field and rule; at most 1,000, default none. */
  readonly exclude?: readonly Exclusion[];
  /** What fields hold, by name: `{ body: 'html', age: 'number', state: ['open', 'closed'] }`; default none. */
  readonly fields?: Readonly<Record<string, FieldDeclaration>>;
  /** Whether bodies are inspected; default true. */
  readonly bodies?: boolean;
  /** Bytes of a body (inflated) that can be inspected, 1,024 to 16,777,216; default 1,048,576. Larger ones are refused, but for files. */
  readonly maxBodyBytes?: number;
  /**
   * Bytes of memory for bodies that wait to be inspected, all requests of this process together: 1,048,576 to
   * 17,179,869,184, default 268,435,456. Beyond: 503 with `retry-after`, or unseen in shadow.
   */
  readonly maxHeldBytes?: number;
  /** Levels of a JSON body, 4 to 512; default 64. */
  readonly maxDepth?: number;
  /** Keys, strings, parameters and parts of a request, 16 to 1,000,000; default 50,000. */
  readonly maxValues?: number;
  /** Suspicious characters that detectors read per request (8 for a value at least), 16,384 to 4,194,304; default 262,144. More is refused. */
  readonly maxWork?: number;
  /** Show up to this many characters of what was found to operators, letters and digits masked, 0 to 80; default 0. */
  readonly excerpt?: number;
}

/** What differs on a route; what is absent is as everywhere. */
export type InspectionRouteOptions = Omit<InspectionOptions, 'mode' | 'excerpt' | 'maxHeldBytes'>;

/** The options with every default filled in. */
export type ResolvedInspection = Required<InspectionOptions>;

const TYPES = ['html', 'code', 'secret', 'text', 'number', 'uuid', 'date', 'email'] as const;

const exclusion = custom(
  'object with field and rules',
  (value, path) =>
    readOptions<{ field: string | undefined; rules: readonly string[] | undefined }>(path, value, {
      field: word('name of a field'),
      rules: words('ids of rules or classes'),
    }) as Exclusion,
);

function word(about: string): Field<string | undefined> {
  return custom(
    about,
    (value, path) => {
      if (value === undefined) return undefined;
      if (typeof value !== 'string' || value === '' || value.length > 200)
        throw new OptionsError(path, `expected a ${about}`);
      return value;
    },
    true,
  );
}

function words(about: string): Field<readonly string[] | undefined> {
  return custom(
    about,
    (value, path) => {
      if (value === undefined) return undefined;
      if (!Array.isArray(value) || value.length === 0 || value.some((one) => typeof one !== 'string'))
        throw new OptionsError(path, `expected a list of ${about}`);
      for (const one of value as readonly string[])
        if (!ATTACK_CLASSES.some((name) => one === name || one.startsWith(`${name}.`)))
          throw new OptionsError(path, `'${one.slice(0, 40)}' is neither a class nor a rule of one`);
      return value as readonly string[];
    },
    true,
  );
}

const declaration = custom(
  `one of ${TYPES.join(', ')}, or a list of words`,
  (value, path): FieldDeclaration => {
    if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'))
      return value;
    if (TYPES.includes(value as (typeof TYPES)[number])) return value as FieldDeclaration;
    throw new OptionsError(path, `expected one of ${TYPES.join(', ')}, or a list of words`);
  },
);

const FIELDS: Fields<ResolvedInspection> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  threshold: number({ min: 1, max: 100, default: 5, fraction: true }),
  off: list(oneOf(ATTACK_CLASSES), { default: [] }),
  exclude: list(exclusion, { atMost: 1_000, default: [] }),
  fields: record(declaration, { default: {} }),
  bodies: flag(true),
  maxBodyBytes: number({ min: 1_024, max: 16_777_216, default: 1_048_576 }),
  maxHeldBytes: number({ min: 1_048_576, max: 17_179_869_184, default: MAX_HELD_BYTES }),
  maxDepth: number({ min: 4, max: 512, default: 64 }),
  maxValues: number({ min: 16, max: 1_000_000, default: 50_000 }),
  maxWork: number({ min: 16_384, max: 4_194_304, default: 262_144 }),
  excerpt: number({ min: 0, max: 80, default: 0 }),
};

/** @throws OptionsError naming the path and the reason */
export function readInspection(given: InspectionOptions, path = 'shield.inspection'): ResolvedInspection {
  return readOptions(path, given, FIELDS);
}

/**
 * What counts on a route: the house's options with the route's own in their place; fields and exclusions add up.
 * @throws OptionsError naming the path and the reason
 */
export function routeInspection(
  house: ResolvedInspection,
  given: InspectionRouteOptions,
  path: string,
): ResolvedInspection {
  for (const key of ['mode', 'excerpt', 'maxHeldBytes'])
    if (Object.hasOwn(given, key)) throw new OptionsError(`${path}.${key}`, 'is the same on all routes');
  const own = readInspection(given, path);
  const merged: Record<string, unknown> = { ...house };
  for (const key of Object.keys(given)) merged[key] = own[key as keyof ResolvedInspection];
  return {
    ...(merged as unknown as ResolvedInspection),
    fields: { ...house.fields, ...own.fields },
    exclude: [...house.exclude, ...own.exclude],
  };
}
