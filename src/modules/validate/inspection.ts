import type { StandardSchema } from '../../core/standard-schema.ts';
import type { Schemas } from '../../core/validation.ts';
import { type Shape, shapeOf } from './shape/shape.ts';

/** What a field holds, in the words of the request inspection's option `fields`. */
export type FieldKind = 'number' | 'uuid' | 'date' | 'email' | 'html' | 'code' | 'secret' | readonly string[];

const FORMATS = new Map<string, FieldKind>([
  ['uuid', 'uuid'],
  ['date', 'date'],
  ['date-time', 'date'],
  ['email', 'email'],
]);
const DECLARED: readonly string[] = ['html', 'code', 'secret'];
const MAX_FIELDS = 1_000;
const MAX_VALUES = 100;
const MAX_LEVELS = 16;

/**
 * What the fields of a schema hold, by path; lists leave no trace in it: `items.quantity`. Fields of free text are not
 * named: they are inspected as they are. `guard.validate(schemas, { route })` tells the inspection by itself; where there is
 * no such line, hand it to the route: `shield: { inspection: { fields: inspectionOf(Order) } }`.
 */
export function inspectionOf(schema: StandardSchema): Readonly<Record<string, FieldKind>> {
  const found = new Map<string, FieldKind>();
  const shape = shapeOf(schema);
  if (shape !== undefined) collect(shape, '', 0, found);
  return Object.fromEntries(found);
}

/** What the fields of a route's query and body hold. */
export function inspectionOfParts({
  query,
  body,
}: Pick<Schemas, 'query' | 'body'>): Readonly<Record<'query' | 'body', Readonly<Record<string, FieldKind>>>> {
  return { query: query ? inspectionOf(query) : {}, body: body ? inspectionOf(body) : {} };
}

function collect(shape: Shape, path: string, level: number, found: Map<string, FieldKind>): void {
  if (level > MAX_LEVELS || found.size >= MAX_FIELDS) return;
  const kind = kindOf(shape);
  if (kind !== undefined && path !== '') found.set(path, kind);
  if (shape.items !== undefined) collect(shape.items, path, level + 1, found);
  for (const [key, one] of shape.keys ?? [])
    collect(one, path === '' ? key : `${path}.${key}`, level + 1, found);
}

function kindOf({ holds, values, type, format }: Shape): FieldKind | undefined {
  if (holds !== undefined && DECLARED.includes(holds)) return holds as FieldKind;
  if (values !== undefined && values.length > 0 && values.length <= MAX_VALUES) return values;
  if (type === 'number' || type === 'integer') return 'number';
  return format === undefined ? undefined : FORMATS.get(format);
}
