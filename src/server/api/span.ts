import { z } from 'zod';
import { ValidationError } from '../../core/errors.ts';

const MAX_SPAN_MS = 90 * 86_400_000;

/** A moment in a query, milliseconds since the epoch. */
export const timeMs = z.coerce.number().int().min(0).max(8.64e15);

/** A span in milliseconds since the epoch, its end exclusive. */
export interface AskedSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The span that a query asks for; what it leaves out ends now, and is `defaultMs` long.
 * @throws ValidationError where it ends before it begins, or is longer than 90 days
 */
export function readSpan(
  nowMs: number,
  query: { readonly fromMs?: number | undefined; readonly toMs?: number | undefined },
  defaultMs: number,
): AskedSpan {
  const toMs = query.toMs ?? nowMs;
  const fromMs = query.fromMs ?? toMs - defaultMs;
  if (fromMs < toMs && toMs - fromMs <= MAX_SPAN_MS) return { fromMs, toMs };
  throw new ValidationError('The request is not valid.', {
    details: [{ field: 'fromMs', code: 'SPAN', message: 'Must lie before toMs, by 90 days at most.' }],
  });
}
