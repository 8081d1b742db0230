import type { StandardSchema } from '../../../core/standard-schema.ts';
import type { Described } from './shape.ts';

/** Valibot's schemas tell their shape as plain members, and nothing by Standard Schema. */
interface Valibot {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Valibot>>;
  readonly item?: Valibot;
  readonly wrapped?: Valibot;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly Valibot[];
}

const OBJECTS: Readonly<Record<string, unknown>> = {
  object: undefined,
  strict_object: false,
  loose_object: {},
  object_with_rest: {},
};
const FORMATS: Readonly<Record<string, string>> = {
  email: 'email',
  rfc_email: 'email',
  uuid: 'uuid',
  iso_date: 'date',
  iso_date_time: 'date-time',
  iso_timestamp: 'date-time',
};
const MAX_LEVELS = 24;

/** Whether a schema is one of valibot. */
export function isValibot(schema: StandardSchema): boolean {
  return schema['~standard'].vendor === 'valibot';
}

/** What a schema of valibot says of its input. */
export function valibotSchema(schema: StandardSchema): Described {
  return described(schema as unknown as Valibot, 0);
}

function described(schema: Valibot, level: number): Described {
  // Schemas that refer to themselves do so through `lazy`, which says nothing.
  if (level > MAX_LEVELS) return {};
  const { type, entries, item, wrapped, options, pipe } = schema;
  if (wrapped !== undefined) return described(wrapped, level + 1);
  if (entries !== undefined && Object.hasOwn(OBJECTS, type)) return objectOf(type, entries, level);
  if (item !== undefined) return { type: 'array', items: described(item, level + 1) };
  if (type === 'picklist' || type === 'enum') return { enum: options ?? [] };
  if (type === 'literal') return { const: schema.literal };
  if (type === 'union' || type === 'variant')
    return { anyOf: (options ?? []).map((one) => described(one as Valibot, level + 1)) };
  if (type === 'intersect')
    return { allOf: (options ?? []).map((one) => described(one as Valibot, level + 1)) };
  const format = pipe?.map((step) => FORMATS[step.type]).find((found) => found !== undefined);
  const plain = ['string', 'number', 'boolean'].includes(type);
  return { ...(plain ? { type } : {}), ...(format === undefined ? {} : { format }) };
}

function objectOf(type: string, entries: Readonly<Record<string, Valibot>>, level: number): Described {
  const others = OBJECTS[type];
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(entries).map(([name, one]) => [name, described(one, level + 1)]),
    ),
    ...(others === undefined ? {} : { additionalProperties: others }),
  };
}
