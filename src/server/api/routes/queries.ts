import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import type { QueryPlan, QuerySummary } from '../../../base/database/index.ts';
import type { QueriesAnswer, QueryPlanAnswer, QueryPlanStep } from '../query-types.ts';
import { json, route, type Route } from '../route.ts';

/** What is known of the statements of this node. */
export interface QueryPort {
  summary(): QuerySummary;
  /** `undefined` where there is none of that id, or it has no plan. */
  plan(id: string): Promise<QueryPlan | undefined>;
}

const count = z.int().min(0);
const ms = z.number().min(0);
const queriesAnswer = z.object({
  node: z.string(),
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
      firstAtMs: ms,
      lastAtMs: ms,
    }),
  ),
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
const planAnswer = z.object({
  plan: step,
  suggestions: z.array(
    z.object({ table: z.string(), columns: z.array(z.string()), statement: z.string(), reason: z.string() }),
  ),
}) satisfies z.ZodType<QueryPlanAnswer>;

/** Slow statements and their plans; none where nothing is measured. */
export function queryRoutes({
  queries,
  facts,
}: {
  readonly queries?: QueryPort;
  readonly facts: { readonly node: string };
}): readonly Route[] {
  if (queries === undefined) return [];
  return [
    route({
      method: 'GET',
      path: '/admin/queries',
      access: 'viewer',
      tag: 'Console',
      summary: 'Read durations of statements and the slow ones',
      about: 'Of this node since its start. Statements stand without their values.',
      query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
      answer: { status: 200, about: 'The costliest in all first.', schema: queriesAnswer },
      handle({ query: { limit } }) {
        const summary = queries.summary();
        const answer: QueriesAnswer = {
          ...summary,
          node: facts.node,
          statements: summary.statements.slice(0, limit),
        };
        return json(answer);
      },
    }),
    route({
      method: 'GET',
      path: '/admin/queries/:id/plan',
      access: 'analyst',
      tag: 'Console',
      summary: 'Ask how the database would run a slow statement',
      about: 'EXPLAIN without ANALYZE: nothing is run. With the index that would help, where one would.',
      params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }),
      answer: { status: 200, about: 'The plan for any values.', schema: planAnswer },
      refusals: [404],
      async handle({ params: { id } }) {
        const plan = await queries.plan(id);
        if (plan === undefined) throw new NotFoundError();
        const answer: QueryPlanAnswer = plan;
        return json(answer);
      },
    }),
  ];
}
