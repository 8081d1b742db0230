import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/clock.ts';
import type { QueryPlan, QuerySummary } from '../../../base/database/index.ts';
import type { QueryReportStore, QuerySource } from '../../data/index.ts';
import { OWN_SOURCE } from '../../query-reporter.ts';
import type { QueriesAnswer, QueryPlanAnswer } from '../query-types.ts';
import { json, route, type Route } from '../route.ts';
import { planAnswer, queriesAnswer, sourceQuery } from './query-schemas.ts';

/** What is known of the statements of this node, and what others wrote of theirs. */
export interface QueryPort {
  queries(): QuerySummary;
  /** `undefined` where there is none of that id, or it has no plan. */
  plan(id: string): Promise<QueryPlan | undefined>;
  /** Absent where nothing is shared. */
  readonly reports?: Pick<QueryReportStore, 'sources' | 'find'>;
}

/** What the routes are made of. */
export interface QueryRouteParts {
  readonly queries?: QueryPort;
  readonly clock: Clock;
  readonly facts: { readonly node: string };
}

/** Whose statements are asked for; this node's own where nothing is said. */
interface Wanted {
  readonly node?: string | undefined;
  readonly source?: string | undefined;
}

/** Slow statements and their plans; none where nothing is measured. */
export function queryRoutes({ queries, facts, clock }: QueryRouteParts): readonly Route[] {
  if (queries === undefined) return [];
  const reader = new StatementReader(queries, facts.node, clock);
  return [
    route({
      method: 'GET',
      path: '/admin/queries',
      access: 'viewer',
      tag: 'Console',
      summary: 'Read durations of statements and the slow ones',
      about:
        'Of a node since its start: of this one now, of others as they wrote last. Statements stand without their values.',
      query: sourceQuery.extend({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
      answer: { status: 200, about: 'The costliest in all first.', schema: queriesAnswer },
      refusals: [404],
      handle: async ({ query: { limit, ...wanted } }) => json(await reader.read(wanted, limit)),
    }),
    route({
      method: 'GET',
      path: '/admin/queries/:id/plan',
      access: 'analyst',
      tag: 'Console',
      summary: 'Ask how the database would run a slow statement',
      about:
        'EXPLAIN without ANALYZE: nothing is run. With the index that would help, where one would. Of other nodes the plan that they asked for themselves.',
      params: z.object({ id: z.string().regex(/^[0-9a-f]{16}$/) }),
      query: sourceQuery,
      answer: { status: 200, about: 'The plan for any values.', schema: planAnswer },
      refusals: [404],
      async handle({ params: { id }, query }) {
        const answer: QueryPlanAnswer = await reader.plan(id, query);
        return json(answer);
      },
    }),
  ];
}

class StatementReader {
  readonly #queries: QueryPort;
  readonly #node: string;
  readonly #clock: Clock;

  constructor(queries: QueryPort, node: string, clock: Clock) {
    this.#queries = queries;
    this.#node = node;
    this.#clock = clock;
  }

  async read(wanted: Wanted, limit: number): Promise<QueriesAnswer> {
    const { node, source } = this.#named(wanted);
    const own = this.#queries.queries();
    const atMs = this.#clock.now();
    const found = this.#isOwn(node, source)
      ? { atMs, report: own }
      : await this.#queries.reports?.find(node, source);
    if (found === undefined) throw new NotFoundError();
    const { statements, repeated } = found.report;
    const others = ((await this.#queries.reports?.sources()) ?? []).filter(
      (one) => !this.#isOwn(one.node, one.source),
    );
    const first: QuerySource = { node: this.#node, source: OWN_SOURCE, atMs, slow: own.slow };
    const answer = queriesAnswer.safeParse({
      ...found.report,
      node,
      source,
      atMs: found.atMs,
      statements: statements.slice(0, limit),
      repeated,
      sources: [first, ...others],
    });
    // Written by a node of another version.
    if (!answer.success) throw new NotFoundError();
    return answer.data;
  }

  async plan(id: string, wanted: Wanted): Promise<QueryPlan> {
    const { node, source } = this.#named(wanted);
    const plan = this.#isOwn(node, source)
      ? await this.#queries.plan(id)
      : (await this.#queries.reports?.find(node, source))?.report.plans[id];
    if (plan === undefined || plan === null) throw new NotFoundError();
    return plan;
  }

  #named({ node = this.#node, source = OWN_SOURCE }: Wanted): Required<{ node: string; source: string }> {
    return { node, source };
  }

  #isOwn(node: string, source: string): boolean {
    return node === this.#node && source === OWN_SOURCE;
  }
}
