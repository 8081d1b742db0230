import type { z } from 'zod';
import { ValidationError } from '../../core/errors.ts';

/** One thing that is wrong with a request: never the value itself. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  readonly code: string;
}

const MAX_ERRORS = 20;

/**
 * Checks a value.
 * @throws ValidationError listing field, message and code of at most 20 faults
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ValidationError('The request is not valid.', {
    details: result.error.issues.slice(0, MAX_ERRORS).map((issue) => fieldError(issue, where, value)),
  });
}

function fieldError(issue: z.core.$ZodIssue, where: string, value: unknown): FieldError {
  const field = issue.path.map(String).join('.') || where;
  if (issue.code === 'unrecognized_keys') {
    return { field, code: 'UNKNOWN_KEY', message: 'Holds a key that is not known here.' };
  }
  if (issue.code === 'invalid_type') {
    return issue.message.endsWith('received undefined')
      ? { field, code: 'REQUIRED', message: 'Is missing.' }
      : { field, code: 'WRONG_TYPE', message: `Must be ${issue.expected}.` };
  }
  if (issue.code === 'custom') {
    if (issue.path.length > 0 && isMissing(issue.path, value))
      return { field, code: 'REQUIRED', message: 'Is missing.' };
    return { field, code: String(issue.params?.['code'] ?? 'INVALID'), message: issue.message };
  }
  return { field, code: issue.code.toUpperCase(), message: issue.message };
}

function isMissing(path: readonly PropertyKey[], value: unknown): boolean {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return true;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at === undefined;
}

/**
 * The query as plain data. A key that is given twice where one value is meant is refused: programs on the way may
 * disagree about which of them counts.
 * @param lists keys that may be repeated
 * @throws ValidationError
 */
export function queryOf(search: URLSearchParams, lists: readonly string[]): Record<string, unknown> {
  const entries = new Map<string, string | string[]>();
  for (const [key, value] of search) {
    const known = entries.get(key);
    if (lists.includes(key)) entries.set(key, [...(Array.isArray(known) ? known : []), value].slice(0, 100));
    else if (known === undefined) entries.set(key, value);
    else {
      throw new ValidationError('The request is not valid.', {
        details: [{ field: 'query', code: 'DUPLICATE', message: 'A parameter is given more than once.' }],
      });
    }
  }
  return Object.fromEntries(entries);
}
