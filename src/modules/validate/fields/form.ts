import type { StandardIssue, StandardResult, StandardSchema } from '../../../core/standard-schema.ts';
import { issueOf, misfit } from './field.ts';
import { type Described } from '../shape/shape.ts';
import { jsonSchemaOf } from '../shape/json-schema.ts';
import type { OutputOf } from '../../../core/standard-schema.ts';

/** A field that may be left out. */
export interface OptionalField<T> extends StandardSchema<unknown, T | undefined> {
  readonly optional: true;
}

/** Lets a field be left out. */
export function maybe<S extends StandardSchema>(schema: S): OptionalField<OutputOf<S>> {
  const { validate } = schema['~standard'];
  const props = {
    version: 1 as const,
    vendor: 'rampart',
    validate: (value: unknown) =>
      value === undefined ? { value } : (validate(value) as StandardResult<OutputOf<S>>),
    jsonSchema: { input: () => jsonSchemaOf(schema) ?? {} },
  };
  return { optional: true, '~standard': props };
}

type Fields = Readonly<Record<string, StandardSchema>>;
/** What a form gives. */
export type FormOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends OptionalField<unknown> ? never : K]: OutputOf<F[K]>;
} & { readonly [K in keyof F as F[K] extends OptionalField<unknown> ? K : never]?: OutputOf<F[K]> };

/** What is wrong with a form as a whole: issues with their path, asked once every field was read. */
export type FormCheck<F extends Fields> = (
  found: Partial<FormOf<F>>,
) => readonly StandardIssue[] | Promise<readonly StandardIssue[]>;

/**
 * An object of fields, of any library; other keys are not taken over.
 * @param also looks at fields beside each other; it is given those that fit by themselves
 */
export function form<F extends Fields>(fields: F, also?: FormCheck<F>): StandardSchema<unknown, FormOf<F>> {
  const described: Described = {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, one]) => [name, jsonSchemaOf(one) ?? {}]),
    ),
  };
  async function validate(value: unknown): Promise<StandardResult<FormOf<F>>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { issues: [wrongType('Must be an object.')] };
    const issues: StandardIssue[] = [];
    const result: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(fields)) {
      const given: unknown = Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
      const answer = await schema['~standard'].validate(given);
      if (answer.issues !== undefined) issues.push(...under(name, answer.issues));
      else if (answer.value !== undefined) result[name] = answer.value;
    }
    if (also !== undefined) issues.push(...(await also(result as Partial<FormOf<F>>)));
    return issues.length > 0 ? { issues } : { value: result as FormOf<F> };
  }
  return {
    '~standard': { version: 1, vendor: 'rampart', validate, jsonSchema: { input: () => described } } as never,
  };
}

/** A list of some length, whose items are of one schema. */
export function items<S extends StandardSchema>(
  schema: S,
  bounds: { readonly min: number; readonly max: number },
): StandardSchema<unknown, readonly OutputOf<S>[]> {
  const described: Described = { type: 'array', items: jsonSchemaOf(schema) ?? {} };
  async function validate(value: unknown): Promise<StandardResult<readonly OutputOf<S>[]>> {
    if (!Array.isArray(value)) return { issues: [wrongType('Must be a list.')] };
    if (value.length < bounds.min || value.length > bounds.max)
      return {
        issues: [issueOf(misfit('LENGTH', `Must hold ${bounds.min} to ${bounds.max} items.`))],
      };
    const issues: StandardIssue[] = [];
    const result: OutputOf<S>[] = [];
    for (const [i, one] of value.entries()) {
      const answer = await schema['~standard'].validate(one);
      if (answer.issues !== undefined) issues.push(...under(i, answer.issues));
      else result.push(answer.value);
    }
    return issues.length > 0 ? { issues } : { value: result };
  }
  return {
    '~standard': { version: 1, vendor: 'rampart', validate, jsonSchema: { input: () => described } } as never,
  };
}

function under(key: string | number, issues: readonly StandardIssue[]): readonly StandardIssue[] {
  return issues.map((one) => ({ ...one, message: one.message, path: [key, ...(one.path ?? [])] }));
}

function wrongType(message: string): StandardIssue {
  return issueOf(misfit('WRONG_TYPE', message));
}
