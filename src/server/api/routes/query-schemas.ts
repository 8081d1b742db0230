import { z } from 'zod';
import type { QueriesAnswer, QueryPlanAnswer, QueryPlanStep } from '../query-types.ts';

const count = z.int().min(0);
const ms = z.number().min(0);

/** Whose statements are asked for. */
export const sourceQuery = z.strictObject({
  node: z.string().min(1).max(100).optional(),
  source: z.string().min(1).max(63).optional(),
});

/** Durations of a node's statements, and the slow ones. */
export const queriesAnswer = z.object({
  node: z.string(),
  source: z.string(),
  atMs: ms,
  sinceMs: ms,
  total: count,
  failures: count,
  counted: count,
  slow: count,
  countedMs: ms,
  slowMs: ms,
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  forgotten: count,
  statements: z.array(
    z.object({
      id: z.string(),
      shape: z.string(),
      calls: count,
      failures: count,
      totalMs: ms,
      maxMs: ms,
      lastMs: ms,
      p50Ms: ms,
      p95Ms: ms,
      p99Ms: ms,
      firstAtMs: ms,
      lastAtMs: ms,
    }),
  ),
  repeated: z.array(
    z.object({ id: z.string(), shape: z.string(), place: z.string(), times: count, lastAtMs: ms }),
  ),
  sources: z.array(z.object({ node: z.string(), source: z.string(), atMs: ms, slow: count })),
}) satisfies z.ZodType<QueriesAnswer>;

const step = z.object({
  kind: z.string(),
  table: z.string().nullable(),
  index: z.string().nullable(),
  rows: z.number(),
  cost: z.number(),
  condition: z.string().nullable(),
  sortedBy: z.array(z.string()),
  get steps(): z.ZodType<readonly QueryPlanStep[]> {
    return z.array(step);
  },
});

/** How the database would run a statement. */
export const planAnswer = z.object({
  plan: step,
  suggestions: z.array(
    z.object({ table: z.string(), columns: z.array(z.string()), statement: z.string(), reason: z.string() }),
  ),
}) satisfies z.ZodType<QueryPlanAnswer>;
