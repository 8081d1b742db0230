/** Made-up events for building the console: a day of them, searched as the server searches. */
import { EVENTS } from '../../src/core/events.ts';
import type { HoldsAnswer } from '../../src/server/api/audit-types.ts';
import type { EventAnswer, EventEntry, EventsAnswer, EventTypesAnswer } from '../../src/server/api/types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = Date.now();
const ADA = 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6';
const GRACE = 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v7';
const SESSION = 'ses_01k9x3v8c0m2n4p6q8r0s2t4v6';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

type Given = Partial<EventEntry> & { readonly type: keyof typeof EVENTS };
/** What happens again and again. */
const STORY: readonly Given[] = [
  {
    type: 'SIGN_IN_FAILED',
    outcome: 'failure',
    actor: ADA,
    address: '192.0.2.66',
    place: 'Riga, LV',
    route: 'POST /auth/sign-in',
    userAgent: 'python-requests/2.32.3',
    details: { reason: 'password', failures: 4, remainingAttempts: 1 },
  },
  {
    type: 'REQUEST_REFUSED',
    outcome: 'refused',
    address: '203.0.113.7',
    place: 'Lyon, FR',
    route: 'POST /auth/sign-in',
    decision: 'dec_reported1',
    userAgent: 'curl/8.16.0',
    details: { guard: 'limit', code: 'AUTH_RATE_LIMIT_EXCEEDED' },
  },
  {
    type: 'BLOCK_ADDED',
    outcome: 'success',
    actor: ADA,
    subject: '192.0.2.66',
    address: '198.51.100.16',
    place: 'London, GB',
    route: 'POST /admin/blocks',
    session: SESSION,
    userAgent: FIREFOX,
    details: { minutes: 60, reason: 'Credential stuffing on POST /auth/sign-in' },
  },
  {
    type: 'SIGN_IN_SUCCEEDED',
    outcome: 'success',
    actor: GRACE,
    address: '2001:db8:5c::17',
    place: 'Arlington, US',
    route: 'POST /auth/sign-in',
    session: 'ses_01k9x3v8c0m2n4p6q8r0s2t4v8',
    userAgent: FIREFOX,
    details: { factors: 'password, totp', deviceName: 'Firefox on Linux' },
  },
  {
    type: 'LIMIT_STORE_RECOVERED',
    details: { store: 'redis', outageSeconds: 41 },
  },
  {
    type: 'LIMIT_STORE_DEGRADED',
    details: { store: 'redis', error: 'ETIMEDOUT', budgetMs: 50 },
  },
  {
    type: 'CSRF_ATTEMPT',
    outcome: 'refused',
    address: '198.51.100.31',
    place: 'Porto, PT',
    route: 'POST /orders',
    details: { origin: 'https://evil.example', site: 'cross-site' },
  },
  {
    type: 'SQL_INJECTION_ATTEMPT',
    outcome: 'refused',
    address: '203.0.113.7',
    place: 'Lyon, FR',
    route: 'GET /products',
    decision: 'dec_reported2',
    details: { field: 'q', rule: 'sql.tautology', confidence: 0.98 },
  },
  {
    type: 'USER_ROLES_CHANGED',
    outcome: 'success',
    actor: ADA,
    subject: GRACE,
    address: '198.51.100.16',
    session: SESSION,
    route: 'PATCH /admin/users/:id',
    details: { added: 'analyst', removed: null },
  },
  { type: 'SETUP_LINK_USED', actor: 'administrator', address: '127.0.0.1', outcome: 'success' },
  { type: 'JOURNAL_STALLED', details: { waiting: 18_204, error: 'disk full' } },
  {
    type: 'LIMIT_LIST_CHANGED',
    outcome: 'success',
    actor: GRACE,
    subject: '198.51.100.0/28',
    details: { list: 'allow', act: 'add' },
  },
  { type: 'CSP_VIOLATION', details: { directive: 'script-src-elem', blocked: 'https://cdn.example' } },
  { type: 'SERVER_STARTED', details: { version: '0.1.0' } },
];

/** What nothing is known of. */
export const UNKNOWN_OF_EVENT = {
  actor: null,
  subject: null,
  address: null,
  place: null,
  userAgent: null,
  session: null,
  route: null,
  decision: null,
  requestId: null,
  traceId: null,
  outcome: null,
  details: {},
  resolvedAtMs: null,
  resolvedBy: null,
} as const satisfies Partial<EventEntry>;

const idAt = (atMs: number, index: number): string =>
  `evt_${atMs.toString(36).padStart(10, '0')}${index.toString(36).padStart(4, '0')}000000000000`;
const hex = (index: number): string => (index * 2_654_435_761 + 97).toString(16).padStart(8, '7').slice(0, 8);

function eventAt(index: number, atMs: number): EventEntry {
  const { type, ...rest } = STORY[index % STORY.length] as Given;
  const { severity, class: kind, about } = EVENTS[type];
  const hasRequest = rest.route !== undefined;
  return {
    id: idAt(atMs, index),
    type,
    severity,
    about,
    class: kind,
    atMs,
    node: `node-${1 + (index % 3)}`,
    ...UNKNOWN_OF_EVENT,
    requestId: hasRequest ? `req_${hex(index)}${hex(index + 7)}` : null,
    traceId: hasRequest ? `${hex(index)}${hex(index + 1)}${hex(index + 2)}${hex(index + 3)}` : null,
    resolvedAtMs: index % 9 === 1 ? atMs + 12 * MINUTE : null,
    resolvedBy: index % 9 === 1 ? GRACE : null,
    ...rest,
  };
}

/** Newest first. */
const events: EventEntry[] = Array.from({ length: 420 }, (_, index) =>
  eventAt(index, now - index * index * 900 - index * 47_000),
);

/** Now and then something happens while somebody looks. */
function grow(): void {
  const last = events[0]?.atMs ?? 0;
  const nowMs = Date.now();
  if (nowMs - last > 6000 && nowMs - now > 4000) events.unshift(eventAt(events.length, nowMs));
}

const HOLDS: HoldsAnswer['holds'][number][] = [
  {
    id: 'hld_01k9x3v8c0m2n4p6q8r0s2t4v6',
    holder: 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6',
    type: null,
    fromMs: null,
    toMs: null,
    reason: 'Case 4711: the customer disputes three orders.',
    placedBy: ADA,
    placedAtMs: now - 9 * 24 * HOUR,
    liftedBy: null,
    liftedAtMs: null,
  },
];

function placed({ holder = null, type = null, fromMs = null, toMs = null, reason }: Call['body']): Answer {
  if (holder === null && type === null && fromMs === null && toMs === null)
    return fail(
      400,
      'VALIDATION_ERROR',
      'Say whose events, which type or which time: a hold on everything is none.',
    );
  const [id, placedAtMs] = [`hld_${HOLDS.length}`, Date.now()];
  const rest = { placedBy: ADA, placedAtMs, liftedBy: null, liftedAtMs: null };
  const hold = { id, holder, type, fromMs, toMs, reason, ...rest } as (typeof HOLDS)[number];
  HOLDS.unshift(hold);
  return ok(hold, 201);
}

function lifted(id: string): Answer {
  const at = HOLDS.findIndex((one) => one.id === id);
  const hold = HOLDS[at];
  if (hold === undefined) return fail(404, 'NOT_FOUND', 'There is no such legal hold.');
  HOLDS[at] = { ...hold, liftedBy: ADA, liftedAtMs: Date.now() };
  return ok(HOLDS[at]);
}

/** GET /admin/events and what lies below it. */
export function eventCall({ parts, url, method, mode, body }: Call): Answer {
  const id = parts[1];
  const all = mode === 'empty' ? [] : events;
  if (id === undefined) return ok(page(all, url.searchParams));
  if (id === 'types') return ok(types());
  if (id === 'holds' && method === 'POST') return parts[2] === undefined ? placed(body) : lifted(parts[2]);
  if (id === 'holds') return ok({ holds: mode === 'empty' ? [] : HOLDS } satisfies HoldsAnswer);
  const found = all.find((one) => one.id === id);
  if (found === undefined) return fail(404, 'EVENT_NOT_FOUND', 'There is no such event.');
  if (method === 'GET') return ok(answerOf(found));
  const resolved = parts[2] === 'resolve';
  const changed: EventEntry = {
    ...found,
    resolvedAtMs: resolved ? Date.now() : null,
    resolvedBy: resolved ? ADA : null,
  };
  events[events.indexOf(found)] = changed;
  return ok(changed);
}

function page(all: readonly EventEntry[], query: URLSearchParams): EventsAnswer {
  if (!query.has('before')) grow();
  const found = all.filter((one) => matches(one, query));
  const before = query.get('before');
  const start = before === null ? 0 : found.findIndex(({ id }) => id === before) + 1;
  const limit = Number(query.get('limit') ?? 50);
  const list = found.slice(start, start + limit);
  return { events: list, nextBefore: start + limit < found.length ? (list.at(-1)?.id ?? null) : null };
}

function matches(event: EventEntry, query: URLSearchParams): boolean {
  const one = (name: string): string | null => query.get(name);
  const isOf = (name: string, value: string | null): boolean => one(name) === null || one(name) === value;
  const within = (values: readonly string[], value: string): boolean =>
    values.length === 0 || values.includes(value);
  const words = (one('text') ?? '').toLowerCase().split(/\s+/);
  const text = `${event.about} ${JSON.stringify(event.details)}`.toLowerCase();
  return (
    within(query.getAll('type'), event.type) &&
    within(query.getAll('severity'), event.severity) &&
    isOf('class', event.class) &&
    isOf('outcome', event.outcome) &&
    isOf('actor', event.actor) &&
    isOf('subject', event.subject) &&
    (isOf('address', event.address) || event.address?.startsWith(prefixOf(one('address') ?? '')) === true) &&
    isOf('route', event.route) &&
    isOf('session', event.session) &&
    isOf('request', event.requestId) &&
    isOf('trace', event.traceId) &&
    isOf('decision', event.decision) &&
    isOf('resolved', String(event.resolvedAtMs !== null)) &&
    words.every((word) => text.includes(word)) &&
    event.atMs >= Number(one('from') ?? 0) &&
    event.atMs < Number(one('to') ?? Infinity)
  );
}

/** Of a range as people write them, what its addresses begin with. */
function prefixOf(range: string): string {
  return /^(\d+\.\d+\.\d+\.)0\/24$/.exec(range)?.[1] ?? '(none)';
}

function answerOf(event: EventEntry): EventAnswer {
  const near = (pick: (one: EventEntry) => string | null): readonly EventEntry[] => {
    const value = pick(event);
    if (value === null) return [];
    return events
      .filter((one) => one.id !== event.id && pick(one) === value && Math.abs(one.atMs - event.atMs) < HOUR)
      .slice(0, 20);
  };
  const alike = events.filter(
    (one) =>
      one.type === event.type && one.actor === event.actor && Math.abs(one.atMs - event.atMs) < 24 * HOUR,
  );
  return {
    event,
    related: {
      request: near((one) => one.decision ?? one.requestId),
      session: near((one) => one.session),
      actor: near((one) => one.actor),
      address: near((one) => one.address),
    },
    similar: { count: alike.length, by: event.actor === null ? 'type' : 'actor' },
  };
}

function types(): EventTypesAnswer {
  return {
    types: Object.entries(EVENTS).map(([type, { about, severity, class: kind }]) => ({
      type,
      about,
      severity,
      class: kind,
      own: false,
      aliases: [],
      lastDay: events.filter((one) => one.type === type && one.atMs > now - 24 * HOUR).length,
    })),
  };
}
