import { OptionsError } from '../../core/errors.ts';
import type { Schemas } from '../../core/validation.ts';

/** Parts of a request, in the order in which they are read. */
export const PARTS = ['params', 'query', 'headers', 'body'] as const;
/** One of them. */
export type Part = (typeof PARTS)[number];

/** @throws OptionsError for an unknown part, or a schema that is none */
export function checkSchemas(schemas: Schemas): void {
  const given = Object.entries(schemas);
  if (given.length === 0) throw new OptionsError('validate', `expected a schema for ${PARTS.join(', ')}`);
  for (const [part, schema] of given) {
    if (!(PARTS as readonly string[]).includes(part))
      throw new OptionsError(`validate.${part}`, `unknown part; expected ${PARTS.join(', ')}`);
    const standard = (schema as { '~standard'?: { version?: unknown; validate?: unknown } } | undefined)?.[
      '~standard'
    ];
    if (standard?.version !== 1 || typeof standard.validate !== 'function')
      throw new OptionsError(
        `validate.${part}`,
        'expected a schema of zod, valibot, arktype or another library that speaks Standard Schema 1',
      );
  }
}
