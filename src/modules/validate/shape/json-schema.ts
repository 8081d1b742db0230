import type { StandardSchema } from '../../../core/standard-schema.ts';
import type { Described } from './shape.ts';

interface Describing {
  readonly jsonSchema?: {
    input(options: { target: string; libraryOptions?: Readonly<Record<string, unknown>> }): unknown;
  };
}

/** What the library of a schema says of its input as JSON Schema; undefined where it can't. */
export function jsonSchemaOf(schema: StandardSchema): Described | undefined {
  const { jsonSchema } = schema['~standard'] as Describing;
  if (typeof jsonSchema?.input !== 'function') return undefined;
  // Parts that JSON Schema has no words for are left open, by zod's option and arktype's.
  for (const libraryOptions of [{ unrepresentable: 'any' }, { fallback: openPart }]) {
    try {
      return jsonSchema.input({ target: 'draft-2020-12', libraryOptions }) as Described;
    } catch {
      // The other library's option, or a schema that can't be described at all.
    }
  }
  return undefined;
}

function openPart({ base }: { readonly base: unknown }): unknown {
  return base;
}
