import { z } from 'zod';
import { NotFoundError, ValidationError } from '../../../core/errors.ts';
import { SEVERITIES } from '../../../core/events.ts';
import { overview, readFilters } from '../../data/index.ts';
import { explainSteps, remediesOf, sentenceOf, summaryOf } from '../explain.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import {
  cspAnswer,
  decisionAnswer,
  decisionsAnswer,
  eventsAnswer,
  idOf,
  overviewAnswer,
} from '../schemas.ts';
import type { CspAnswer, DecisionAnswer, DecisionsAnswer, EventsAnswer, OverviewAnswer } from '../types.ts';
import { blockEntryOf } from './blocks.ts';

const filterList = z
  .array(z.string().max(400))
  .default([])
  .meta({ description: '`field:value`, repeatable; values of one field are alternatives.' });
const timeMs = z.coerce.number().int().min(0).max(8.64e15);
const limit = z.coerce.number().int().min(1).max(200).default(50);
/** 90 days. */
const MAX_SPAN_MS = 90 * 86_400_000;

/** What happened and why: overview, decisions, events, reports of browsers. */
export function insightRoutes(ports: ApiPorts): readonly Route[] {
  return [
    overviewRoute(ports),
    decisionsRoute(ports),
    decisionRoute(ports),
    eventsRoute(ports),
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
      const toMs = query.toMs ?? countedAtMs;
      const fromMs = query.fromMs ?? toMs - 3_600_000;
      if (fromMs >= toMs || toMs - fromMs > MAX_SPAN_MS) {
        throw new ValidationError('The request is not valid.', {
          details: [{ field: 'fromMs', code: 'SPAN', message: 'Must lie before toMs, by 90 days at most.' }],
        });
      }
      const filters = readFilters(query.filter, query.exclude);
      const found = await overview(ports.stores.sql, { fromMs, toMs, buckets: query.buckets, filters });
      const answer: OverviewAnswer = { ...found, countedAtMs, summary: summaryOf(found) };
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
      const block = ports.blocks.find(record.address);
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
      };
      return json(answer);
    },
  });
}

function eventsRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/events',
    access: 'viewer',
    tag: 'Console',
    summary: 'List events, newest first',
    query: z.strictObject({
      limit,
      before: idOf('evt').optional(),
      type: z.array(z.string().max(100)).max(20).default([]),
      severity: z.array(z.enum(SEVERITIES)).max(4).default([]),
    }),
    lists: ['type', 'severity'],
    answer: { status: 200, about: 'A page.', schema: eventsAnswer },
    handle: async ({ query }) => {
      const found = await ports.stores.events.page({
        limit: query.limit < 200 ? query.limit + 1 : query.limit,
        types: query.type,
        severities: query.severity,
        ...(query.before === undefined ? {} : { before: query.before }),
      });
      const events = found.slice(0, query.limit);
      const more = found.length > query.limit || (query.limit === 200 && found.length === 200);
      const answer: EventsAnswer = { events, nextBefore: more ? (events.at(-1)?.id ?? null) : null };
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
