import { z } from 'zod';
import type { StandardSchema } from '../../../../core/standard-schema.ts';
import type { SampleRow, SampleValues } from '../../../data/index.ts';
import type { SampleField, SampleResource } from './resources.ts';

/** A request's fields. */
export type Given = Readonly<Record<string, unknown>>;

/** Columns whose texts are numbers. */
const NUMERIC: ReadonlySet<string> = new Set(['price', 'amount', 'revenue', 'latitude', 'longitude']);

/** Schemas of a resource's requests and answers. */
export interface RowSchemas {
  readonly create: z.ZodType<Given> | StandardSchema<unknown, Given>;
  readonly change: z.ZodType<Given>;
  readonly query: z.ZodType<Given & { readonly limit: number; readonly cursor?: string | undefined }>;
  readonly row: z.ZodType;
}

/** Makes the schemas of a resource, once. */
export function schemasOf({ fields, owner, of, form }: SampleResource): RowSchemas {
  const shape = (of: (field: SampleField, name: string) => z.ZodType | undefined): z.ZodRawShape =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, field]) => {
        const schema = of(field, name);
        return schema ? [[name, schema]] : [];
      }),
    );
  const key = z.string().min(1).max(100);
  return {
    create:
      form?.schema ??
      z.strictObject(
        shape(({ schema, otherwise }, name) =>
          name === owner ? schema.optional() : otherwise === undefined ? schema : schema.default(otherwise),
        ),
      ),
    change: z
      .strictObject(shape(({ schema, changes }) => (changes === false ? undefined : schema.optional())))
      .refine((given) => Object.values(given).some((one) => one !== undefined), {
        message: 'Name what is to change.',
        params: { code: 'EMPTY' },
      }),
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: key.optional(),
      ...(of ? { [of.field]: key.optional() } : {}),
    }),
    row: z.object({
      id: z.string(),
      ...shape(({ schema, hidden }) => (hidden ? schema.optional() : schema)),
    }),
  };
}

/** Column of a field: `restaurantId` is `restaurant_id`. */
export const columnOf = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const fieldOf = (column: string): string =>
  column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Columns with their values, of what a request names. */
export function valuesOf(given: Given): SampleValues {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [columnOf(field), value as SampleValues[string]]),
  );
}

/** A row as an answer holds it. */
export function shownRow(row: SampleRow): Given {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      fieldOf(column),
      NUMERIC.has(column) && typeof value === 'string' ? Number(value) : value,
    ]),
  );
}
