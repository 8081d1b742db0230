import type { OutputOf, StandardSchema } from '../../core/standard-schema.ts';
import type { ValidateOptions } from '../../core/validation.ts';
import { type FieldFault, refusedAll } from './fault.ts';
import { faultsOf } from './issues.ts';
import { stripped, unknownKeys } from './shape/keys.ts';
import { type Shape, shapeOf } from './shape/shape.ts';

const MAX_FAULTS = 20;

/** A part of what came, and what it has to fit. */
export interface Station {
  /** Names it in errors. */
  readonly part: string;
  readonly schema: StandardSchema;
  readonly shape: Shape | undefined;
}

/** What a schema made of a value, or what is wrong with it. */
export type Judged = { readonly value: unknown } | { readonly faults: readonly FieldFault[] };

/** Holds a value against its schema. Keys that it does not name are treated as `unknown` says. */
export async function judge(
  { part, schema, shape }: Station,
  value: unknown,
  unknown: NonNullable<ValidateOptions['unknown']>,
): Promise<Judged> {
  const given = unknown === 'strip' ? stripped(value, shape) : value;
  const strange = unknown === 'refuse' ? unknownKeys(given, shape, part) : [];
  const answer = schema['~standard'].validate(given);
  const result = answer instanceof Promise ? await answer : answer;
  const wrong = result.issues === undefined ? [] : faultsOf(result.issues, { value: given, shape, part });
  // A schema that is strict itself has named some of them already.
  const isNamed = ({ field, code }: FieldFault): boolean =>
    wrong.some((one) => one.field === field && one.code === code);
  const faults = [...strange.filter((one) => !isNamed(one)), ...wrong];
  return result.issues === undefined && faults.length === 0
    ? { value: result.value }
    : { faults: faults.slice(0, MAX_FAULTS) };
}

/** How a value is checked that came by another way than a request: a message, a file, a body that was read already. */
export interface CheckerOptions {
  /** Names the value in errors where the whole of it is meant; default `body`. */
  readonly part?: string;
  /** Keys that the schema does not name; default `strip`. */
  readonly unknown?: ValidateOptions['unknown'];
}

/**
 * Prepares the check of one value. What it gives rejects with ValidationError, whose details list field, code and message
 * of at most 20 faults and never the value. Bounds are not its matter: `parseJson` and `checkValue` have them.
 */
export function checker<S extends StandardSchema>(
  schema: S,
  { part = 'body', unknown = 'strip' }: CheckerOptions = {},
): (value: unknown) => Promise<OutputOf<S>> {
  const station: Station = { part, schema, shape: shapeOf(schema) };
  return async (value) => {
    const judged = await judge(station, value, unknown);
    if ('faults' in judged) throw refusedAll(judged.faults);
    return judged.value;
  };
}
