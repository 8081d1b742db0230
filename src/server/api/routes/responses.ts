import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import { RESPONSE_EVENTS } from '../../../core/events-responses.ts';
import {
  canUndo,
  isActing,
  type Lease,
  type Observation,
  RESPONDERS,
} from '../../../modules/respond/index.ts';
import type { Draft, ResponseActor } from '../../responses/words.ts';
import { fitsFilter } from '../../data/index.ts';
import { ownTraits } from '../block-target.ts';
import { type Caller, nameOf } from '../caller.ts';
import { freshActor } from '../fresh-actor.ts';
import type { ApiPorts, ResponsesPort } from '../ports.ts';
import {
  RESPONSE_STATES,
  type ResponseAnswer,
  type ResponseEntry,
  type ResponsesAnswer,
} from '../response-types.ts';
import { type ApiContext, json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import { alertEntry } from './alert-schemas.ts';
import { entryOf as alertEntryOf } from './alerts.ts';
import { eventEntrySchema } from './event-schemas.ts';

const TAG = 'Responses';
const MAX_MINUTES = 10_080;
const MAX_TOLD = 200;
const RESPONSE_TYPES = Object.keys(RESPONSE_EVENTS);

const atMs = z.int();
const share = z.number().min(0).max(1);
const radius = z.object({
  requests: z.number(),
  targeted: z.number(),
  share,
  good: z.int(),
  goodTargeted: z.int(),
  objections: z.array(z.object({ code: z.string(), text: z.string() })),
});
/** Schema of `ResponseEntry`. */
export const responseEntry = z.object({
  id: z.string(),
  responder: z.enum(RESPONDERS),
  target: z.string(),
  how: z.enum(['deny', 'challenge']).nullable(),
  state: z.enum(RESPONSE_STATES),
  reason: z.string(),
  startedBy: z.string(),
  automatic: z.boolean(),
  alert: z.string().nullable(),
  evidence: z.array(z.string()),
  startedAtMs: atMs,
  expiresAtMs: atMs,
  endedAtMs: atMs.nullable(),
  endedBy: z.string().nullable(),
  stage: share,
  radius: radius.nullable(),
  approvalsNeeded: z.int(),
  approvedBy: z.array(z.string()),
  met: z.int().nullable().meta({ description: 'Requests that it met so far, on all nodes.' }),
  canUndo: z.boolean(),
}) satisfies z.ZodType<ResponseEntry>;
const listAnswer = z.object({
  responses: z.array(responseEntry),
  nextCursor: z.string().nullable(),
  acting: z.int(),
  waiting: z.int(),
  budget: z.object({ traffic: share, accounts: share }),
  mode: z.enum(['enforce', 'shadow', 'off']),
}) satisfies z.ZodType<ResponsesAnswer>;
const oneAnswer = z.object({
  response: responseEntry,
  timeline: z.array(eventEntrySchema),
  evidence: z.array(eventEntrySchema),
  alert: alertEntry.nullable(),
}) satisfies z.ZodType<ResponseAnswer>;
const estimateAnswer = z.object({
  radius,
  outcome: z.enum(['act', 'wait', 'refuse', 'shadow']),
  approvalsNeeded: z.int(),
});

const responder = z.enum(RESPONDERS);
const target = z.string().trim().min(1).max(200).meta({
  description: 'Address, range, `user:ID`, `all`, `read-only`, `admins-only`, `elevated` or `attack`.',
});
const how = z.enum(['deny', 'challenge']).optional();
const minutes = z.int().min(1).max(MAX_MINUTES);
const reason = z.string().trim().min(1).max(500);
const newResponse = z.strictObject({
  responder,
  target,
  how,
  minutes,
  reason,
  alert: idOf('alr').optional().meta({ description: 'Alert that it is begun for.' }),
  dryRun: z.boolean().optional().meta({ description: 'Says whom it would touch, and does nothing.' }),
});
const byId = z.object({ id: idOf('rsp') });
type NewResponse = z.infer<typeof newResponse>;

/** Automatic responses: the ledger, and what people do about them. Nothing where there are none. */
export function responseRoutes(ports: ApiPorts): readonly Route[] {
  const { responses } = ports;
  if (responses === undefined) return [];
  return [
    listRoute(ports, responses),
    estimateRoute(responses),
    oneRoute(ports, responses),
    askRoute(ports, responses),
    actRoute(ports, responses, {
      verb: 'undo',
      access: 'analyst',
      summary: 'Undo a response, or end its waiting',
      about:
        'What concerns everybody (lockdown, closed administration, frozen payments of all) only administrators end.',
      fresh: false,
      seen: (by) => ({ kind: 'undo', by }),
    }),
    actRoute(ports, responses, {
      verb: 'refuse',
      access: 'analyst',
      summary: 'Refuse a response that waits',
      fresh: false,
      seen: (by) => ({ kind: 'refuse', by }),
    }),
    actRoute(ports, responses, {
      verb: 'approve',
      access: 'admin',
      summary: 'Agree to a response that waits',
      fresh: true,
      seen: (by) => ({ kind: 'approve', by }),
    }),
    extendRoute(ports, responses),
    breakGlassRoute(ports, responses),
  ];
}

function listRoute(ports: ApiPorts, { engine, mode, budget }: ResponsesPort): Route {
  return route({
    method: 'GET',
    path: '/admin/responses',
    access: 'viewer',
    tag: TAG,
    summary: 'List responses: what acts or waits, then the newest',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: idOf('rsp').optional(),
      state: z.array(z.enum(RESPONSE_STATES)).max(8).optional(),
      responder: responder.optional(),
      alert: idOf('alr').optional().meta({ description: 'Alert that they were begun for.' }),
      q: z
        .string()
        .max(100)
        .refine((text) => !text.includes('\0'), 'Must not hold NUL.')
        .optional()
        .meta({ description: 'Part of the target, the reason, or who began it.' }),
    }),
    lists: ['state'],
    answer: { status: 200, about: 'A page; pass `nextCursor` as `cursor` for the next.', schema: listAnswer },
    handle: async ({ query: { limit, cursor, state, q, ...rest } }) => {
      const filter = { ...rest, states: state, text: q === '' ? undefined : q };
      const { responses, sql } = ports.stores;
      const [open, past, used] = await Promise.all([
        responses.open(),
        responses.past(limit, cursor, filter),
        responses.used(sql, ports.clock.now() - budget.windowMs),
      ]);
      const standing = open.filter((one) => one.state !== 'shadow' && fitsFilter(one, filter)).toReversed();
      const shown = cursor === undefined ? [...standing, ...past] : past;
      const answer: ResponsesAnswer = {
        responses: shown.map((lease) => entryOf(lease, engine)),
        nextCursor: past.length < limit ? null : (past.at(-1)?.id ?? null),
        acting: open.filter(isActing).length,
        waiting: open.filter(({ state }) => state === 'waiting').length,
        budget: {
          traffic: usedShare(used.traffic, budget.traffic),
          accounts: usedShare(used.accounts, budget.accounts),
        },
        mode,
      };
      return json(answer);
    },
  });
}

function usedShare(used: number, of: number): number {
  return of === 0 ? 1 : Math.min(1, used / of);
}

function estimateRoute({ engine }: ResponsesPort): Route {
  return route({
    method: 'GET',
    path: '/admin/responses/estimate',
    access: 'analyst',
    tag: TAG,
    summary: 'See whom a response would touch',
    query: z.strictObject({ responder, target, how }),
    answer: { status: 200, about: 'By the decisions of the last 24 hours.', schema: estimateAnswer },
    handle: async ({ c, caller, query }) => {
      const draft = draftOf({ ...query, minutes: 60, reason: 'estimate' }, caller);
      return json(await estimated(engine, draft, actorOf(c, caller)));
    },
  });
}

function oneRoute(ports: ApiPorts, { engine }: ResponsesPort): Route {
  return route({
    method: 'GET',
    path: '/admin/responses/:id',
    access: 'viewer',
    tag: TAG,
    summary: 'Read a response with what happened to it and what is behind it',
    params: byId,
    answer: { status: 200, about: 'Events that are no longer kept are left out.', schema: oneAnswer },
    refusals: [404],
    handle: async ({ params: { id } }) => {
      const { responses, events } = ports.stores;
      const lease = await responses.get(id);
      if (lease === undefined) throw new NotFoundError('There is no such response.');
      const span = { fromMs: lease.startedAtMs, toMs: (lease.endedAtMs ?? ports.clock.now()) + 1_000 };
      const [told, evidence, alert] = await Promise.all([
        events.search({ ...span, types: RESPONSE_TYPES, subject: lease.target, limit: MAX_TOLD }),
        events.byIds(lease.evidence),
        lease.alert === null ? undefined : ports.alerts?.alerts.store.get(lease.alert),
      ]);
      return json({
        response: entryOf(lease, engine),
        // Of one target there may have been others in that time.
        timeline: told.events.filter(({ details }) => details['id'] === id).toReversed(),
        evidence,
        alert: alert === undefined ? null : alertEntryOf(alert),
      } satisfies ResponseAnswer);
    },
  });
}

async function estimated(engine: ResponsesPort['engine'], draft: Draft, actor: ResponseActor) {
  const { radius: touched, outcome, approvalsNeeded, objections } = await engine.preview(draft, actor);
  return { radius: { ...touched, objections }, outcome, approvalsNeeded };
}

function askRoute(ports: ApiPorts, { engine }: ResponsesPort): Route {
  return route({
    method: 'POST',
    path: '/admin/responses',
    access: 'admin',
    tag: TAG,
    summary: 'Begin a response',
    about:
      'Acts on every node within a second, or waits for a second person where it exceeds the budget or concerns everybody. Asking counts as the first approval. With `dryRun` it answers what the estimate would.',
    body: newResponse,
    answer: {
      status: 200,
      about: 'The response, or the estimate.',
      schema: z.union([responseEntry, estimateAnswer]),
    },
    refusals: [409],
    handle: async ({ c, caller, body }) => {
      const draft = draftOf(body, caller);
      const actor = actorOf(c, caller);
      if (body.dryRun === true) return json(await estimated(engine, draft, actor));
      await freshActor(ports, c, caller);
      return json(entryOf(await engine.ask(draft, actor), engine));
    },
  });
}

interface ActSpec {
  readonly verb: 'undo' | 'refuse' | 'approve';
  readonly access: 'analyst' | 'admin';
  readonly summary: string;
  readonly about?: string;
  /** Needs a second factor that was proven lately. */
  readonly fresh: boolean;
  readonly seen: (by: string) => Observation;
}

function actRoute(ports: ApiPorts, { engine }: ResponsesPort, spec: ActSpec): Route {
  return route({
    method: 'POST',
    path: `/admin/responses/:id/${spec.verb}`,
    access: spec.access,
    tag: TAG,
    summary: spec.summary,
    ...(spec.about === undefined ? {} : { about: spec.about }),
    params: byId,
    answer: { status: 200, about: 'The response as it is then.', schema: responseEntry },
    refusals: [404, 409],
    handle: async ({ c, caller, params }) => {
      if (spec.fresh) await freshActor(ports, c, caller);
      const actor = actorOf(c, caller);
      return json(entryOf(await engine.act(params.id, spec.seen(actor.name), actor), engine));
    },
  });
}

function extendRoute(ports: ApiPorts, { engine }: ResponsesPort): Route {
  return route({
    method: 'POST',
    path: '/admin/responses/:id/extend',
    access: 'admin',
    tag: TAG,
    summary: 'Have a response act for longer',
    about: 'At most 30 days in all.',
    params: byId,
    body: z.strictObject({ minutes }),
    answer: { status: 200, about: 'The response with its new end.', schema: responseEntry },
    refusals: [404, 409],
    handle: async ({ c, caller, params, body }) => {
      await freshActor(ports, c, caller);
      const seen: Observation = { kind: 'extend', byMs: body.minutes * 60_000 };
      return json(entryOf(await engine.act(params.id, seen, actorOf(c, caller)), engine));
    },
  });
}

function breakGlassRoute(ports: ApiPorts, { engine }: ResponsesPort): Route {
  return route({
    method: 'POST',
    path: '/admin/responses/:id/break-glass',
    access: 'admin',
    tag: TAG,
    summary: 'Have a response act without the second person',
    about: 'Written down as CRITICAL, with the reason.',
    params: byId,
    body: z.strictObject({ reason: z.string().trim().min(10).max(500) }),
    answer: { status: 200, about: 'The response as it is then.', schema: responseEntry },
    refusals: [404, 409],
    handle: async ({ c, caller, params, body }) => {
      await freshActor(ports, c, caller);
      const actor = actorOf(c, caller);
      const lease = await engine.act(params.id, { kind: 'break-glass', by: actor.name }, actor, body);
      return json(entryOf(lease, engine));
    },
  });
}

function actorOf(c: ApiContext, caller: Caller): ResponseActor {
  const { addresses = [] } = ownTraits(c, caller);
  const [address] = addresses;
  return {
    name: nameOf(caller),
    ...(address === undefined ? {} : { address }),
    ...(caller.kind === 'account' ? { user: caller.session.account } : {}),
    isLesser: caller.kind === 'account' && caller.role !== 'administrator',
  };
}

function draftOf(given: Omit<NewResponse, 'dryRun'>, caller: Caller): Draft {
  return {
    responder: given.responder,
    target: given.target,
    how: given.how ?? 'deny',
    reason: given.reason,
    startedBy: nameOf(caller),
    automatic: false,
    evidence: [],
    ttlMs: given.minutes * 60_000,
    ...(given.alert === undefined ? {} : { alert: given.alert }),
  };
}

/** A lease as the console shows it. */
export function entryOf(lease: Lease, { book }: Pick<ResponsesPort['engine'], 'book'>): ResponseEntry {
  const {
    radius: touched,
    objections,
    how,
    ttlMs: _ttl,
    stagedAtMs: _staged,
    actedAtMs: _acted,
    ...rest
  } = lease;
  return {
    ...rest,
    how: lease.responder === 'block' ? how : null,
    radius: { ...touched, objections },
    met: isActing(lease) ? book.met(lease.id) : null,
    canUndo: canUndo(lease),
  };
}
