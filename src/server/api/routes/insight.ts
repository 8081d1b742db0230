import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import { overview, readFilters } from '../../data/index.ts';
import { explainSteps, remediesOf, sentenceOf, summaryOf } from '../explain.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { readSpan, timeMs } from '../span.ts';
import { cspAnswer, decisionAnswer, decisionsAnswer, idOf, overviewAnswer } from '../schemas.ts';
import type { CspAnswer, DecisionAnswer, DecisionsAnswer, OverviewAnswer } from '../types.ts';
import { targetsIn } from '../block-target.ts';
import { blockEntryOf } from './blocks.ts';
import { eventRoutes } from './events.ts';

const filterList = z
  .array(z.string().max(400))
  .default([])
  .meta({ description: '`field:value`, repeatable; values of one field are alternatives.' });
const limit = z.coerce.number().int().min(1).max(200).default(50);

/** What happened and why: overview, decisions, events, reports of browsers. */
export function insightRoutes(ports: ApiPorts): readonly Route[] {
  return [
    overviewRoute(ports),
    decisionsRoute(ports),
    decisionRoute(ports),
    ...eventRoutes(ports),
    cspRoute(ports),
  ];
}

function overviewRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/stats/overview',
    access: 'viewer',
    tag: 'Console',
    summary: 'Read totals, series and the busiest of a span',
    query: z.strictObject({
      fromMs: timeMs.optional(),
      toMs: timeMs.optional(),
      buckets: z.coerce.number().int().min(1).max(500).default(60),
      filter: filterList,
      exclude: filterList,
    }),
    lists: ['filter', 'exclude'],
    answer: { status: 200, about: 'Counts, weighted back to all traffic.', schema: overviewAnswer },
    handle: async ({ query }) => {
      const countedAtMs = ports.clock.now();
      const { fromMs, toMs } = readSpan(countedAtMs, query, 3_600_000);
      const filters = readFilters(query.filter, query.exclude);
      const found = await overview(ports.stores.sql, { fromMs, toMs, buckets: query.buckets, filters });
      const answer: OverviewAnswer = {
        ...found,
        countedAtMs,
        knowsPlaces: ports.places !== undefined,
        summary: summaryOf(found),
      };
      return json(answer);
    },
  });
}

function decisionsRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/decisions',
    access: 'viewer',
    tag: 'Console',
    summary: 'List decisions, newest first',
    query: z.strictObject({
      limit,
      before: idOf('dec').optional(),
      fromMs: timeMs.optional(),
      toMs: timeMs.optional(),
      filter: filterList,
      exclude: filterList,
    }),
    lists: ['filter', 'exclude'],
    answer: { status: 200, about: 'A page.', schema: decisionsAnswer },
    handle: async ({ query }) => {
      const { limit: wanted, before, fromMs, toMs } = query;
      const found = await ports.stores.decisions.page({
        // One more than asked for tells whether there is a next page.
        limit: wanted < 200 ? wanted + 1 : wanted,
        filters: readFilters(query.filter, query.exclude),
        ...(before === undefined ? {} : { before }),
        ...(fromMs === undefined ? {} : { fromMs }),
        ...(toMs === undefined ? {} : { toMs }),
      });
      const decisions = found.slice(0, wanted);
      const more = found.length > wanted || (wanted === 200 && found.length === 200);
      const answer: DecisionsAnswer = {
        decisions,
        nextBefore: more ? (decisions.at(-1)?.id ?? null) : null,
      };
      return json(answer);
    },
  });
}

function decisionRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/decisions/:id',
    access: 'viewer',
    tag: 'Console',
    summary: 'Explain a decision',
    about: 'Every step is computed again from its evidence.',
    params: z.object({ id: z.string().max(100) }),
    answer: { status: 200, about: 'Why it was decided so.', schema: decisionAnswer },
    refusals: [404],
    handle: async ({ params }) => {
      const stored = await ports.stores.decisions.get(params.id);
      if (!stored) throw new NotFoundError('There is no decision of this id, or it is no longer kept.');
      const { record, summary } = stored;
      const steps = explainSteps(record, ports.deciders, (guard) => ports.phaseOf(guard));
      const block =
        ports.blocks.find(record.address) ??
        (record.principal === null ? undefined : ports.blocks.findCaller({ user: record.principal }));
      const answer: DecisionAnswer = {
        ...summary,
        group: record.group,
        userAgent: record.userAgent,
        node: record.node,
        policy: record.policy,
        steps,
        sentence: sentenceOf(record, steps),
        remedies: remediesOf(record, steps),
        related: await ports.stores.decisions.related(summary),
        block: block ? blockEntryOf(block, ports) : null,
        targets: targetsIn(record),
      };
      return json(answer);
    },
  });
}

function cspRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/csp',
    access: 'viewer',
    tag: 'Console',
    summary: 'Read violations of the Content-Security-Policy by directive',
    answer: { status: 200, about: 'Groups, on this node.', schema: cspAnswer },
    handle: () => json({ groups: ports.csp.groups() } satisfies CspAnswer),
  });
}
