import { resolve } from './document.ts';
import type { ApiDocument, Schema } from './document.ts';

const MAX_DEPTH = 6;

/** One line of a drawn schema. */
export interface SchemaLine {
  readonly name: string;
  readonly depth: number;
  readonly type: string;
  readonly isRequired: boolean;
  /** Bounds, choices and defaults in words. */
  readonly rules: readonly string[];
  readonly description: string;
}

/** The properties of a schema, nested ones below their parent. */
export function schemaLines(document: ApiDocument, schema: Schema, depth = 0): readonly SchemaLine[] {
  if (depth >= MAX_DEPTH) return [];
  const whole = merged(document, schema);
  const lines: SchemaLine[] = [];
  for (const [name, property] of Object.entries(whole.properties ?? {})) {
    const own = merged(document, property);
    lines.push({
      name,
      depth,
      type: typeText(document, property),
      isRequired: whole.required?.includes(name) === true,
      rules: rulesOf(own),
      description: own.description ?? '',
    });
    const inner = own.items === undefined ? own : merged(document, own.items);
    lines.push(...schemaLines(document, inner, depth + 1));
  }
  return lines;
}

/** `string`, `integer`, `Order[]`, `string or null`. */
export function typeText(document: ApiDocument, schema: Schema): string {
  const name = schema.$ref?.split('/').at(-1);
  const whole = merged(document, schema);
  const choices = whole.anyOf ?? whole.oneOf;
  if (choices) return choices.map((one) => typeText(document, one)).join(' or ');
  if (whole.type === 'array') return `${whole.items ? typeText(document, whole.items) : 'any'}[]`;
  if (name !== undefined) return name;
  if (whole.const !== undefined) return JSON.stringify(whole.const);
  const type = typeof whole.type === 'string' ? whole.type : whole.type?.join(' or ');
  const text = type ?? (whole.properties ? 'object' : 'any');
  return whole.format === undefined ? text : `${text} (${whole.format})`;
}

/** A value that fits: what the schema gives as example, else something plain of the right type. */
export function exampleOf(document: ApiDocument, schema: Schema, depth = 0): unknown {
  const whole = merged(document, schema);
  const given = whole.example ?? whole.examples?.[0] ?? whole.const ?? whole.default ?? whole.enum?.[0];
  if (given !== undefined) return given;
  if (depth >= MAX_DEPTH) return null;
  const choice = whole.anyOf?.[0] ?? whole.oneOf?.[0];
  if (choice) return exampleOf(document, choice, depth + 1);
  if (whole.properties) {
    const entries = Object.entries(whole.properties);
    return Object.fromEntries(entries.map(([name, one]) => [name, exampleOf(document, one, depth + 1)]));
  }
  const type = typeof whole.type === 'string' ? whole.type : whole.type?.[0];
  switch (type ?? 'string') {
    case 'array':
      return whole.items ? [exampleOf(document, whole.items, depth + 1)] : [];
    case 'object':
      return {};
    case 'integer':
    case 'number':
      return whole.minimum ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return whole.format === 'date-time' ? '2026-01-01T00:00:00.000Z' : 'text';
  }
}

function rulesOf(schema: Schema): readonly string[] {
  const rules: string[] = [];
  const between = (low: number | undefined, high: number | undefined, unit: string): void => {
    if (low !== undefined && high !== undefined) rules.push(`${low} to ${high}${unit}`);
    else if (low !== undefined) rules.push(`at least ${low}${unit}`);
    else if (high !== undefined) rules.push(`at most ${high}${unit}`);
  };
  between(schema.minimum, schema.maximum, '');
  between(schema.minLength, schema.maxLength, ' characters');
  between(schema.minItems, schema.maxItems, ' items');
  if (schema.enum) rules.push(`one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`);
  if (schema.pattern !== undefined) rules.push(`matches ${schema.pattern}`);
  if (schema.default !== undefined) rules.push(`default ${JSON.stringify(schema.default)}`);
  return rules;
}
export { rulesOf };

/** The schema with its reference followed and the parts of `allOf` put together. */
function merged(document: ApiDocument, schema: Schema): Schema {
  const whole = resolve(document, schema);
  if (!whole.allOf) return whole;
  return whole.allOf.reduce<Schema>(
    (sum, part) => {
      const one = merged(document, part);
      return {
        ...sum,
        ...one,
        properties: { ...sum.properties, ...one.properties },
        required: [...(sum.required ?? []), ...(one.required ?? [])],
      };
    },
    { ...whole },
  );
}
