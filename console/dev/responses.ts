/** Made-up responses for building the console; in the mode `quiet` they are in shadow. */
import type {
  BlastRadius,
  ResponseAnswer,
  ResponseEntry,
  ResponsesAnswer,
} from '../../src/server/api/response-types.ts';
import { RESPONSE_EVENTS } from '../../src/core/events-responses.ts';
import type { EventEntry } from '../../src/server/api/event-types.ts';
import { ADA, followedAlerts } from './alerts.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { proofAsked } from './users.ts';

const MINUTE = 60_000;
const start = Date.now();
let made = 0;

const radius = (
  share: number,
  goodTargeted: number,
  objections: BlastRadius['objections'] = [],
): BlastRadius => ({
  requests: 28_412,
  targeted: Math.round(28_412 * share),
  share,
  good: 812,
  goodTargeted,
  objections,
});
function lease(rest: Partial<ResponseEntry> & Pick<ResponseEntry, 'responder' | 'target'>): ResponseEntry {
  made += 1;
  return {
    id: `rsp_01k9x3v8c0m2n4p6q8r0s${String(made).padStart(4, '0')}`,
    how: rest.responder === 'block' ? 'deny' : null,
    state: 'full',
    reason: '212 requests of 198.51.100.86 carried injections of 4 kinds within 15 minutes.',
    startedBy: 'injection_probing',
    automatic: true,
    alert: null,
    evidence: [],
    startedAtMs: start - 12 * MINUTE,
    expiresAtMs: start + 48 * MINUTE,
    endedAtMs: null,
    endedBy: null,
    stage: 1,
    radius: radius(0.0042, 0),
    approvalsNeeded: 0,
    approvedBy: [],
    met: 38,
    canUndo: true,
    ...rest,
  };
}

const TWO = { code: 'two-people', text: 'This concerns everybody, and two people have to agree.' };
let ledger: readonly ResponseEntry[] = [
  lease({
    responder: 'lockdown',
    target: 'read-only',
    state: 'waiting',
    reason: 'Rows of customers leave the house, and nobody knows how.',
    startedBy: 'user:acc_grace',
    automatic: false,
    startedAtMs: start - 3 * MINUTE,
    expiresAtMs: start + 57 * MINUTE,
    stage: 0,
    radius: radius(1, 812, [TWO]),
    approvalsNeeded: 2,
    approvedBy: ['user:acc_grace'],
    met: null,
  }),
  lease({
    responder: 'block',
    target: '203.0.113.0/24',
    state: 'staged',
    stage: 0.05,
    reason: '1,204 sign-ins failed for 918 accounts from 203.0.113.0/24 within 10 minutes.',
    startedBy: 'credential_stuffing',
    alert: 'alr_01k9x3v8c0m2n4p6q8r0s0001',
    evidence: ['evt_01k9x3v8c0m2n4p6q8r0s2t4v6', 'evt_01k9x3v8c0m2n4p6q8r0s2t4v7'],
    radius: radius(0.021, 3),
    met: 412,
  }),
  lease({ responder: 'block', target: '198.51.100.86' }),
  lease({
    responder: 'end-sessions',
    target: 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6',
    reason: 'Signed in 7,420 km apart within 12 minutes.',
    startedBy: ADA,
    automatic: false,
    approvedBy: [ADA],
    met: 3,
    canUndo: false,
  }),
  lease({
    responder: 'raise-posture',
    target: 'elevated',
    state: 'shadow',
    stage: 0,
    startedBy: 'traffic_surge',
    reason: '4,812 requests within a minute, 6.2 times as many as usual.',
    radius: radius(1, 812),
    met: null,
    canUndo: false,
  }),
  lease({
    responder: 'tighten-limits',
    target: '2001:db8:5c::/64',
    state: 'rolled-back',
    stage: 0,
    endedAtMs: start - 90 * MINUTE,
    endedBy: 'The share of sign-ins that succeed fell from 91 % to 64 %.',
    startedBy: 'failed_logins_by_address',
    reason: '41 sign-ins failed from 2001:db8:5c::/64 within 10 minutes.',
    met: null,
    canUndo: false,
  }),
  lease({
    responder: 'freeze-payments',
    target: 'all',
    state: 'refused',
    stage: 0,
    endedAtMs: start - 400 * MINUTE,
    endedBy: 'user:acc_grace',
    automatic: false,
    startedBy: ADA,
    reason: 'Cards are being tested.',
    radius: radius(1, 812, [TWO]),
    approvalsNeeded: 2,
    approvedBy: [ADA],
    met: null,
    canUndo: false,
  }),
];

/** What was begun for an alert. */
export function responsesFor(alert: string): readonly ResponseEntry[] {
  return ledger.filter((one) => one.alert === alert);
}

/** GET and POST below /admin/responses. */
export function responsesCall({ url, parts, method, mode, body }: Call): Answer {
  const [, id, act = ''] = parts;
  if (id === 'estimate') return ok(estimated(url));
  if (method === 'GET' && id !== undefined) return answerOf(id, mode);
  if (method === 'GET') return ok(listed(url, mode));
  const isFree = act === 'undo' || act === 'refuse';
  const asked = isFree ? null : proofAsked();
  if (asked) return asked;
  if (id === undefined) return ok(begun(body));
  const found = ledger.find((one) => one.id === id);
  if (found === undefined) return fail(404, 'NOT_FOUND', 'There is no such response.');
  const changed = { ...found, ...changeOf(found, act, body) };
  ledger = ledger.map((one) => (one === found ? changed : one));
  return ok(changed);
}

function answerOf(id: string, mode: string): Answer {
  const response = mode === 'empty' ? undefined : ledger.find((one) => one.id === id);
  if (response === undefined) return fail(404, 'NOT_FOUND', 'There is no such response.');
  const { alert, evidence, state, endedAtMs, endedBy, startedBy, automatic } = response;
  const first = state === 'waiting' || state === 'refused' ? 'RESPONSE_WAITING' : 'RESPONSE_STARTED';
  const told = (type: keyof typeof RESPONSE_EVENTS, atMs: number, actor: string | null): EventEntry =>
    eventOf({
      id: `evt_${id}${type}`,
      type,
      about: RESPONSE_EVENTS[type].about,
      severity: RESPONSE_EVENTS[type].severity,
      atMs,
      actor,
      details: { id, ...(endedBy === null || type === first ? {} : { endedBy }) },
    });
  const by = automatic ? 'responses' : startedBy;
  const ends = {
    undone: 'RESPONSE_UNDONE',
    'rolled-back': 'RESPONSE_ROLLED_BACK',
    refused: 'RESPONSE_REFUSED',
  };
  const end = ends[state as keyof typeof ends] as keyof typeof RESPONSE_EVENTS | undefined;
  return ok({
    response,
    timeline: [
      told(state === 'shadow' ? 'RESPONSE_WOULD_START' : first, response.startedAtMs, by),
      ...(end === undefined || endedAtMs === null
        ? []
        : [told(end, endedAtMs, state === 'rolled-back' ? by : endedBy)]),
    ],
    evidence: evidence.map((one, at) =>
      eventOf({
        id: one,
        type: 'REQUEST_REFUSED',
        about: 'A request was refused.',
        atMs: response.startedAtMs - (at + 1) * 20_000,
        address: '203.0.113.9',
        decision: 'dec_reported1',
      }),
    ),
    alert: followedAlerts(mode).find((one) => one.alert.id === alert)?.alert ?? null,
  } satisfies ResponseAnswer);
}

function eventOf(rest: Partial<EventEntry> & Pick<EventEntry, 'id' | 'type' | 'about' | 'atMs'>): EventEntry {
  const none = { actor: null, subject: null, address: null, place: null, userAgent: null, session: null };
  const more = {
    route: null,
    decision: null,
    requestId: null,
    traceId: null,
    resolvedAtMs: null,
    resolvedBy: null,
  };
  return {
    severity: 'MEDIUM',
    class: 'audit',
    node: 'node-2',
    outcome: 'success',
    details: {},
    ...none,
    ...more,
    ...rest,
  };
}

function begun(body: Call['body']): ResponseEntry {
  const made = lease({
    responder: body['responder'] as ResponseEntry['responder'],
    target: String(body['target']),
    reason: String(body['reason']),
    startedBy: ADA,
    automatic: false,
    startedAtMs: Date.now(),
    expiresAtMs: Date.now() + Number(body['minutes']) * MINUTE,
    approvedBy: [ADA],
    met: 0,
  });
  ledger = [made, ...ledger];
  return made;
}

function changeOf(found: ResponseEntry, act: string, body: Call['body']): Partial<ResponseEntry> {
  const ended = { endedAtMs: Date.now(), endedBy: ADA, stage: 0, met: null, canUndo: false };
  if (act === 'undo') return { ...ended, state: 'undone' };
  if (act === 'refuse') return { ...ended, state: 'refused' };
  if (act === 'extend') return { expiresAtMs: found.expiresAtMs + Number(body['minutes']) * MINUTE };
  return { state: 'full', stage: 1, approvedBy: [...found.approvedBy, ADA], met: 0 };
}

function listed(url: URL, mode: string): ResponsesAnswer {
  const query = url.searchParams;
  const q = (query.get('q') ?? '').toLowerCase();
  const all =
    mode === 'empty' ? [] : mode === 'quiet' ? ledger.filter(({ state }) => state === 'shadow') : ledger;
  const responses = all
    .filter(({ state }) => !query.has('state') || query.getAll('state').includes(state))
    .filter(({ responder }) => !query.has('responder') || query.get('responder') === responder)
    .filter(({ alert }) => !query.has('alert') || query.get('alert') === alert)
    .filter(({ target, reason }) => `${target} ${reason}`.toLowerCase().includes(q));
  return {
    responses,
    nextCursor: null,
    acting: all.filter(({ state }) => state === 'full' || state === 'staged').length,
    waiting: all.filter(({ state }) => state === 'waiting').length,
    budget: { traffic: mode === 'empty' ? 0 : 0.51, accounts: mode === 'empty' ? 0 : 0.74 },
    mode: mode === 'full' || mode === 'storm' ? 'enforce' : 'shadow',
  };
}

function estimated(url: URL): object {
  const isAll = ['lockdown', 'disable-admins', 'freeze-payments'].includes(
    url.searchParams.get('responder') ?? '',
  );
  return isAll
    ? { radius: radius(1, 812, [TWO]), outcome: 'wait', approvalsNeeded: 2 }
    : { radius: radius(0.0042, 0), outcome: 'act', approvalsNeeded: 0 };
}
