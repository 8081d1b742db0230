import { z } from 'zod';
import type { DecisionRecord } from '../../../../core/decision.ts';
import { ConflictError, NotFoundError, ValidationError } from '../../../../core/errors.ts';
import type { InspectionFeatures } from '../../../../modules/shield/index.ts';
import { INSPECTION } from '../../../data/index.ts';
import { audited } from '../../audit.ts';
import { type Caller, nameOf } from '../../caller.ts';
import type { ApiPorts } from '../../ports.ts';
import { type ApiContext, json, route, type Route } from '../../route.ts';
import { idOf } from '../../schemas.ts';
import type { FalseAlarm, FindingFacts, ReportsAnswer } from '../../shield-types.ts';
import { byId, TAG } from './common.ts';
import { acceptance, falseAlarm, newReport, reportsAnswer, reportState } from './schemas.ts';

/** Reports of requests that were refused and should not have been. */
export function reportRoutes(ports: ApiPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/shield/reports',
      access: 'viewer',
      tag: TAG,
      summary: 'List reported false alarms, newest first',
      query: z.strictObject({
        state: z.array(reportState).max(3).optional(),
        decision: idOf('dec').optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
        cursor: idOf('fal').optional(),
      }),
      lists: ['state'],
      answer: {
        status: 200,
        about: 'A page; pass `nextCursor` as `cursor` for the next.',
        schema: reportsAnswer,
      },
      handle: async ({ query: { state, decision, limit, cursor } }) => {
        const { falseAlarms } = ports.stores;
        const query = { limit: limit + 1, states: state, decision, before: cursor };
        const [found, counts] = await Promise.all([falseAlarms.page(query), falseAlarms.counts()]);
        const reports = found.slice(0, limit);
        const nextCursor = found.length > limit ? (reports.at(-1)?.id ?? null) : null;
        return json({ reports, nextCursor, counts } satisfies ReportsAnswer);
      },
    }),
    route({
      method: 'POST',
      path: '/admin/shield/reports',
      access: 'analyst',
      tag: TAG,
      summary: 'Report that a request was refused that should not have been',
      about:
        'Takes the id of the decision, which stands in the answer that the caller got. A decision is reported once: another report answers 200 with the first.',
      body: newReport,
      answer: { status: 201, about: 'The report.', schema: falseAlarm },
      refusals: [404, 409],
      handle: ({ c, caller, body }) => report(ports, c, caller, body),
    }),
    route({
      method: 'POST',
      path: '/admin/shield/reports/:id/dismiss',
      access: 'analyst',
      tag: TAG,
      summary: 'Say that a reported request was refused rightly',
      params: byId,
      answer: { status: 200, about: 'The report as it is now.', schema: falseAlarm },
      refusals: [404, 409],
      handle: ({ c, caller, params }) =>
        settle(ports, c, caller, params.id, { state: 'dismissed', exclusion: null }),
    }),
    route({
      method: 'POST',
      path: '/admin/shield/reports/:id/accept',
      access: 'analyst',
      tag: TAG,
      summary: 'Say that a reported request should have passed',
      about: 'Names the exclusion that was drafted for it, if there is one.',
      params: byId,
      body: acceptance,
      answer: { status: 200, about: 'The report as it is now.', schema: falseAlarm },
      refusals: [404, 409],
      handle: ({ c, caller, params, body }) =>
        settle(ports, c, caller, params.id, { state: 'accepted', exclusion: body.exclusion }),
    }),
  ];
}

async function report(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  { decision, note }: z.infer<typeof newReport>,
): Promise<Response> {
  const { falseAlarms, decisions } = ports.stores;
  const known = await falseAlarms.of(decision);
  if (known) return json(known);
  const stored = await decisions.get(decision);
  if (!stored) throw new NotFoundError('There is no decision of this id, or it is no longer kept.');
  const facts = factsOf(stored.record);
  if (facts.guard === null) {
    const message = 'Nothing refused this request, or would have.';
    throw new ValidationError('The request is not valid.', {
      details: [{ field: 'decision', code: 'NOT_REFUSED', message }],
    });
  }
  const added = await audited(ports, c, caller, 'FALSE_ALARM_REPORTED', async (sql) => {
    const given = { decision, note, reportedBy: nameOf(caller), ...facts };
    const made = await falseAlarms.add(sql, given, ports.clock.now());
    if (made === undefined) return undefined;
    const details = { id: made.id, guard: made.guard };
    return { value: made, event: { subject: decision, ...routeOf(made), details } };
  });
  if (added) {
    ports.live.change('shield');
    return json(added, 201);
  }
  // Somebody else was faster.
  return json(await falseAlarms.of(decision));
}

function routeOf({ route: name }: FalseAlarm): { readonly route?: string } {
  return name === null ? {} : { route: name };
}

/** What is copied of a decision, so that it outlives its record. */
function factsOf(record: DecisionRecord) {
  const isRefused = record.verdict === 'deny' || record.verdict === 'challenge';
  const guard = isRefused ? record.guard : (record.wouldRefuse[0] ?? null);
  return { guard, route: record.route, address: record.address, findings: findingsOf(record) };
}

function findingsOf(record: DecisionRecord): readonly FindingFacts[] {
  const step = record.steps.find((one) => one.guard === INSPECTION && one.evidence !== undefined);
  const features = step?.evidence?.features as Partial<InspectionFeatures> | undefined;
  return (features?.findings ?? []).map(({ rule, class: kind, weight, place, name }) => ({
    rule,
    class: kind,
    weight,
    place,
    name,
  }));
}

async function settle(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  id: string,
  { state, exclusion }: Pick<FalseAlarm, 'exclusion'> & { readonly state: 'accepted' | 'dismissed' },
): Promise<Response> {
  const { falseAlarms, exclusions } = ports.stores;
  const settled = await audited(ports, c, caller, 'FALSE_ALARM_SETTLED', async (sql) => {
    if (exclusion !== null && !(await exclusions.get(exclusion, sql)))
      throw new NotFoundError('There is no exclusion of this id.');
    const by = nameOf(caller);
    const done = await falseAlarms.settle(sql, id, { state, exclusion, by }, ports.clock.now());
    if (done === undefined) return undefined;
    return { value: done, event: { subject: done.decision, details: { id, state, exclusion } } };
  });
  if (!settled) {
    if ((await falseAlarms.get(id)) === undefined) throw new NotFoundError('There is no such report.');
    throw new ConflictError('The report is settled already.');
  }
  ports.live.change('shield');
  return json(settled);
}
