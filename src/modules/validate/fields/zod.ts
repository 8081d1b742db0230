import { z } from 'zod';
import type { ReadyField } from './field.ts';

/** A ready field as a part of a schema of zod: `z.object({ email: inZod(email()) })`. */
export function inZod<T>(field: Pick<ReadyField<T>, 'read' | 'described'>): z.ZodType<T> {
  const read = (value: unknown, context: z.core.$RefinementCtx): unknown => {
    const answer = field.read(value);
    const take = (one: Awaited<typeof answer>): unknown => {
      if ('value' in one) return one.value;
      context.addIssue({ code: 'custom', message: one.message, params: { code: one.code } });
      return z.NEVER;
    };
    return answer instanceof Promise ? answer.then(take) : take(answer);
  };
  // What JSON Schema is told of it.
  const given = field.described.default === undefined ? z.unknown() : z.unknown().optional();
  return given.meta({ ...field.described }).transform(read) as unknown as z.ZodType<T>;
}
