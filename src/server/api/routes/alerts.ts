import { z } from 'zod';
import { AppError, ConflictError, NotFoundError, ValidationError } from '../../../core/errors.ts';
import { SEVERITIES } from '../../../core/events.ts';
import type { Alert, AlertAct, ChannelRecord } from '../../../modules/respond/index.ts';
import {
  ALERT_STATES,
  type AlertAnswer,
  type AlertEntry,
  type AlertsAnswer,
  type BulkAlertsAnswer,
} from '../alert-types.ts';
import { audited } from '../audit.ts';
import { type Caller, nameOf } from '../caller.ts';
import type { AlertsPort, ApiPorts } from '../ports.ts';
import { type ApiContext, json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import {
  alertAnswer,
  alertEntry,
  alertsAnswer,
  assignBody,
  type bulkAct,
  bulkAnswer,
  bulkBody,
  MAX_BULK,
  noteBody,
  remarkBody,
  snoozeBody,
  undoBody,
} from './alert-schemas.ts';

const TAG = 'Alerts';
const MAX_SNOOZE_MS = 30 * 86_400_000;
const byId = z.object({ id: idOf('alr') });
const NONE = 'There is no such alert.';

/** What somebody should look at, and what they do with it; none where there are no alerts. */
export function alertRoutes(ports: ApiPorts): readonly Route[] {
  const { alerts } = ports;
  return alerts === undefined
    ? []
    : [
        ...readRoutes(ports, alerts),
        ...actRoutes(ports, alerts),
        bulkRoute(ports, alerts),
        testRoute(ports, alerts),
        testStateRoute(alerts),
      ];
}

function readRoutes(ports: ApiPorts, { alerts }: AlertsPort): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/alerts',
      access: 'viewer',
      tag: TAG,
      summary: 'List alerts',
      about: 'The most severe of those that are open first, then the newest.',
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(100).default(50),
        cursor: z.string().max(60).optional(),
        state: z.array(z.enum(ALERT_STATES)).max(4).optional(),
        severity: z.array(z.enum(SEVERITIES)).max(4).optional(),
        rule: z.string().max(100).optional(),
        assignee: z.string().max(200).optional(),
        unassigned: z.literal('true').optional().meta({ description: 'Those that nobody has.' }),
        q: z
          .string()
          .max(100)
          .optional()
          .meta({ description: 'Part of the title, the sentence, the group or the rule.' }),
      }),
      lists: ['state', 'severity'],
      answer: {
        status: 200,
        about: 'A page; pass `nextCursor` as `cursor` for the next.',
        schema: alertsAnswer,
      },
      handle: async ({ query: { state, severity, q, unassigned, assignee, ...rest } }) => {
        const page = await alerts.store.list({
          ...rest,
          states: state,
          severities: severity,
          assignee: unassigned === undefined ? assignee : null,
          text: q === '' ? undefined : q,
        });
        return json({
          alerts: page.alerts.map(entryOf),
          nextCursor: page.nextCursor,
          counts: await alerts.store.counts(),
          channels: await channelsOf(alerts),
        } satisfies AlertsAnswer);
      },
    }),
    route({
      method: 'GET',
      path: '/admin/alerts/:id',
      access: 'viewer',
      tag: TAG,
      summary: 'Read an alert with its story and its events',
      params: byId,
      answer: { status: 200, about: 'Events that are no longer kept are left out.', schema: alertAnswer },
      refusals: [404],
      handle: async ({ params }) => json(await answerOf(ports, alerts, params.id)),
    }),
  ];
}

async function answerOf(ports: ApiPorts, { store }: AlertsPort['alerts'], id: string): Promise<AlertAnswer> {
  const alert = await store.get(id);
  if (alert === undefined) throw new NotFoundError(NONE);
  const events = await ports.stores.events.byIds(alert.events);
  return {
    alert: entryOf(alert),
    notes: await store.notes(id),
    recommended: alert.recommended,
    events: events.map(({ type, severity, atMs, about, address, actor, decision, id: event }) => ({
      id: event,
      type,
      severity,
      atMs,
      about,
      address,
      actor,
      decision,
    })),
    responses: await ports.stores.responses.ofAlert(id),
  };
}

async function channelsOf({ options, deliveries }: AlertsPort['alerts']): Promise<AlertsAnswer['channels']> {
  const records = await deliveries.channels(options.channels.map(({ name }) => name));
  return options.channels.map(({ name, kind }, i) => {
    const { sentAtMs, failedAtMs, error, waiting } = records[i] as ChannelRecord;
    const lastAtMs = Math.max(sentAtMs ?? 0, failedAtMs ?? 0);
    const state = error !== null ? 'failing' : sentAtMs === null ? 'untried' : 'ok';
    return { name, kind, state, lastAtMs: lastAtMs === 0 ? null : lastAtMs, waiting, error };
  });
}

/** An alert as the console shows it. */
export function entryOf(alert: Alert): AlertEntry {
  const { id, rule, title, description, severity, state, group, count, firstAtMs, lastAtMs } = alert;
  const { assignee, snoozedUntilMs, reopened, escalatesAtMs, changedBy, changedAtMs } = alert;
  return {
    id,
    rule,
    title,
    description,
    severity,
    state,
    group: group === '' ? null : group,
    count,
    firstAtMs,
    lastAtMs,
    assignee,
    snoozedUntilMs,
    reopened,
    escalatesAtMs,
    changedBy,
    changedAtMs,
  };
}

function actRoutes(ports: ApiPorts, port: AlertsPort): readonly Route[] {
  const acted = <B>(
    name: string,
    summary: string,
    body: z.ZodType<B>,
    actOf: (body: B, caller: Caller) => AlertAct,
    about?: string,
  ): Route =>
    route({
      method: 'POST',
      path: `/admin/alerts/:id/${name}`,
      access: 'analyst',
      tag: TAG,
      summary,
      ...(about === undefined ? {} : { about }),
      params: byId,
      body,
      answer: { status: 200, about: 'The alert as it is now.', schema: alertEntry },
      refusals: [404, 409],
      handle: ({ c, caller, params, body: given }) =>
        act(ports, port, c, caller, params.id, actOf(given, caller)),
    });
  return [
    acted('acknowledge', 'Say that somebody is at it', z.strictObject({}), () => ({ kind: 'acknowledge' })),
    acted('assign', 'Give it to somebody', assignBody, ({ to }) => ({ kind: 'assign', to })),
    acted('resolve', 'Settle it', noteBody, ({ note }) => ({ kind: 'resolve', note })),
    acted('false-positive', 'Say that it was none', noteBody, ({ note }) => ({
      kind: 'false-positive',
      note,
    })),
    acted('reopen', 'Open it again', noteBody, ({ note }) => ({ kind: 'reopen', note })),
    acted('note', 'Add a remark', remarkBody, ({ text }) => ({ kind: 'note', text })),
    acted(
      'undo',
      'Take back one’s own last act',
      undoBody,
      ({ changedAtMs, ...before }) => ({ kind: 'undo', seenAtMs: changedAtMs, before }),
      'Within a minute, and only while nobody else has changed the alert.',
    ),
    acted(
      'snooze',
      'Have it be quiet for a while',
      snoozeBody,
      (body) => snoozeAct(body, ports.clock.now()),
      'When it goes on meanwhile, people are told at the end. It ends at once when the alert becomes CRITICAL.',
    ),
  ];
}

/** @throws ValidationError for more than 30 days */
export function snoozeAct({ untilMs, untilCount }: z.infer<typeof snoozeBody>, nowMs: number): AlertAct {
  if (untilMs - nowMs > MAX_SNOOZE_MS) throw tooLong();
  return { kind: 'snooze', untilMs, untilCount: untilCount ?? null };
}

function tooLong(): ValidationError {
  const message = 'Must lie at most 30 days ahead.';
  return new ValidationError('The request is not valid.', {
    details: [{ field: 'untilMs', code: 'SPAN', message }],
  });
}

async function act(
  ports: ApiPorts,
  port: AlertsPort,
  c: ApiContext,
  caller: Caller,
  id: string,
  what: AlertAct,
): Promise<Response> {
  const alert = await changed(ports, port, { c, caller }, id, what);
  port.alerts.kick();
  port.changed();
  return json(entryOf(alert) satisfies AlertEntry);
}

/**
 * Does one act with its audit event; tell `kick` and `changed` afterwards.
 * @throws NotFoundError, ConflictError where its state does not allow it
 */
export async function changed(
  ports: ApiPorts,
  { alerts }: AlertsPort,
  { c, caller }: { readonly c: ApiContext; readonly caller: Caller },
  id: string,
  what: AlertAct,
): Promise<Alert> {
  const alert = await audited(ports, c, caller, 'ALERT_CHANGED', async (sql) => {
    const done = await alerts.book.act(sql, id, what, nameOf(caller));
    if (done === undefined) return undefined;
    if (typeof done === 'string') throw new ConflictError(done);
    const to = what.kind === 'assign' ? { to: what.to } : {};
    const { rule, state } = done;
    return { value: done, event: { subject: id, details: { act: what.kind, rule, state, ...to } } };
  });
  if (alert === undefined) throw new NotFoundError(NONE);
  return alert;
}

function bulkRoute(ports: ApiPorts, port: AlertsPort): Route {
  return route({
    method: 'POST',
    path: '/admin/alerts/bulk',
    access: 'analyst',
    tag: TAG,
    summary: 'Triage several alerts in one call',
    about: `Up to ${MAX_BULK} alerts, each with its acts in order; what is refused for one leaves the others as they are. \`undo\` of each takes the call back.`,
    body: bulkBody,
    answer: { status: 200, about: 'What came of each, in the order asked for.', schema: bulkAnswer },
    handle: async ({ c, caller, body: { items } }) => {
      const nowMs = ports.clock.now();
      // What no state would allow is refused before anything is done.
      const wanted = items.map(({ id, acts }) => ({ id, acts: acts.map((one) => bulkActOf(one, nowMs)) }));
      const results: BulkAlertsAnswer['results'][number][] = [];
      for (const { id, acts } of wanted) results.push(await bulkResult(ports, port, { c, caller }, id, acts));
      port.alerts.kick();
      port.changed();
      return json({ results } satisfies BulkAlertsAnswer);
    },
  });
}

async function bulkResult(
  ports: ApiPorts,
  port: AlertsPort,
  by: { readonly c: ApiContext; readonly caller: Caller },
  id: string,
  acts: readonly AlertAct[],
): Promise<BulkAlertsAnswer['results'][number]> {
  try {
    let alert: Alert | undefined;
    for (const one of acts) alert = await changed(ports, port, by, id, one);
    return { id, alert: alert === undefined ? null : entryOf(alert), error: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { status, code, message } = error;
    return { id, alert: null, error: { status, code, message } };
  }
}

function bulkActOf(given: z.infer<typeof bulkAct>, nowMs: number): AlertAct {
  switch (given.act) {
    case 'acknowledge':
      return { kind: 'acknowledge' };
    case 'assign':
      return { kind: 'assign', to: given.to };
    case 'snooze':
      return snoozeAct(given, nowMs);
    case 'undo': {
      const { changedAtMs, state, assignee, snoozedUntilMs } = given;
      return { kind: 'undo', seenAtMs: changedAtMs, before: { state, assignee, snoozedUntilMs } };
    }
    case 'resolve':
    case 'false-positive':
    case 'reopen':
      return { kind: given.act, note: given.note };
  }
}

function testRoute(ports: ApiPorts, { alerts }: AlertsPort): Route {
  return route({
    method: 'POST',
    path: '/admin/alert-channels/:name/test',
    access: 'admin',
    tag: TAG,
    summary: 'Have a channel told a test message',
    about: 'It is tried once; the channel’s state in the list of alerts says what came of it.',
    params: z.object({ name: z.string().max(40) }),
    body: z.strictObject({}),
    answer: { status: 202, about: 'It waits to be told.', schema: z.object({ delivery: z.string() }) },
    refusals: [404],
    handle: async ({ c, caller, params }) => {
      const delivery = await audited(ports, c, caller, 'ALERT_TESTED', async (sql) => {
        const id = await alerts.book.test(params.name, sql);
        return id === undefined ? undefined : { value: id, event: { subject: params.name } };
      });
      if (delivery === undefined) throw new NotFoundError('There is no such channel.');
      alerts.kick();
      return json({ delivery }, 202);
    },
  });
}

function testStateRoute({ alerts }: AlertsPort): Route {
  return route({
    method: 'GET',
    path: '/admin/alert-tests/:id',
    access: 'viewer',
    tag: TAG,
    summary: 'Read what came of a test message',
    params: z.object({ id: idOf('tell') }),
    answer: {
      status: 200,
      about: '`waiting`, `sent` or `given-up`.',
      schema: z.object({ state: z.enum(['waiting', 'sent', 'given-up']) }),
    },
    refusals: [404],
    handle: async ({ params }) => {
      const state = await alerts.deliveries.stateOf(params.id);
      if (state === undefined) throw new NotFoundError('There is no such telling.');
      return json({ state });
    },
  });
}
