/** Made-up access control for building the console. The policy is answered by the module itself; the rest is kept here. */
import { createAccess, defineAccess } from '../../src/modules/access/index.ts';
import type {
  ApiKeyEntry,
  AssignmentEntry,
  ExplainAnswer,
  ReviewEntry,
  ReviewLine,
  RoleRequestEntry,
  RolesAnswer,
  ServiceEntry,
  WhoCanAnswer,
} from '../../src/server/api/access-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { accountIds, proofAsked } from './users.ts';

const DAY = 86_400_000;
const now = Date.now();
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const policy = createAccess(
  defineAccess({
    resources: {
      orders: {
        actions: ['create', 'read', 'update', 'cancel'],
        columns: { id: 'text', customer_id: 'text', status: 'text', total: 'numeric' },
      },
      payments: {
        actions: ['create', 'read', 'refund'],
        columns: { id: 'text', payer_id: 'text', amount: 'numeric' },
      },
      restaurants: { columns: { id: 'text', owner_id: 'text', open: 'boolean' } },
      menu: {
        columns: { id: 'text', restaurant_id: 'text' },
        relations: { restaurant: { resource: 'restaurants', on: { restaurant_id: 'id' } } },
      },
      profiles: { columns: { id: 'text', name: 'text' } },
      reviews: { columns: { id: 'text', author_id: 'text', stars: 'integer' } },
    },
    roles: {
      customer: {
        can: {
          'orders:create': { owner: 'customer_id' },
          'orders:read': { owner: 'customer_id' },
          'orders:cancel': { and: [{ owner: 'customer_id' }, { eq: { status: 'placed' } }] },
          'payments:create': { owner: 'payer_id' },
          'restaurants:read': true,
          'menu:read': true,
          'profiles:read': { owner: 'id' },
          'profiles:update': { owner: 'id' },
          'reviews:read': true,
          'reviews:create': { owner: 'author_id' },
        },
      },
      restaurant_owner: {
        can: {
          'restaurants:create': { owner: 'owner_id' },
          'restaurants:read': true,
          'restaurants:update': { owner: 'owner_id' },
          'menu:*': { exists: { restaurant: { owner: 'owner_id' } } },
          'profiles:read': { owner: 'id' },
          'reviews:read': true,
        },
      },
      support: {
        can: {
          'orders:read': true,
          'orders:cancel': { eq: { status: 'placed' } },
          'profiles:read': true,
          'reviews:read': true,
          'reviews:delete': true,
        },
      },
      supervisor: {
        inherits: ['support'],
        can: {
          'payments:read': true,
          'payments:refund': {
            and: [{ lte: { amount: 500 } }, { fresh: { factor: 'totp', within: '10m' } }],
          },
        },
        cannot: { 'reviews:delete': true },
      },
      auditor: { can: { 'orders:read': true, 'payments:read': true, 'reviews:read': true } },
      administrator: { can: { '*': true } },
    },
  }),
);

const separate: RolesAnswer['separate'] = [
  { roles: ['supervisor', 'auditor'], reason: 'Whoever approves refunds does not audit them.' },
];
const approval = ['administrator'];

const person = (index: number): string => `user:${accountIds()[index] ?? 'acc_unknown'}`;
const ME = person(0);

const services: Mutable<ServiceEntry>[] = [
  ['svc_warehouse', 'Warehouse sync', 'Fetches orders every five minutes.', 3, 2, null],
  ['svc_invoices', 'Invoice printer', '', 5, 1, null],
  ['svc_partner', 'Partner feed', 'Menus for a price comparison; ended in spring.', 7, 1, now - 40 * DAY],
].map(([id, name, about, responsible, keys, disabledAtMs], index) => ({
  id: id as string,
  name: name as string,
  about: about as string,
  responsible: person(responsible as number),
  createdBy: ME,
  createdAtMs: now - (30 + index * 170) * DAY,
  disabledAtMs: disabledAtMs as number | null,
  disabledBy: disabledAtMs === null ? null : ME,
  keys: keys as number,
}));

let lastId = 0;
const id = (prefix: string): string => {
  lastId += 1;
  return `${prefix}_06f1s4c8x2e4q0b7m5kz9a3t${lastId}`;
};

const assignments: Mutable<AssignmentEntry>[] = (
  [
    [person(1), 'supervisor', 'Team lead of the evening shift', 21, 160],
    [person(2), 'support', 'Joined the help desk', 3, 87],
    [person(4), 'support', 'Stands in for Grace during leave', 6, 2],
    [person(5), 'auditor', 'Yearly audit of refunds', 12, 18],
    [person(8), 'administrator', 'On call this quarter', 40, 51],
    [person(11), 'restaurant_owner', 'Contract 2026-118 with the Three Pines kitchen', 200, null],
    ['service:svc_warehouse', 'support', 'Reads orders for picking', 29, null],
    ['service:svc_invoices', 'auditor', 'Prints invoices from payments', 198, null],
  ] as const
).map(([subject, role, reason, ageDays, leftDays]) => ({
  id: id('asg'),
  subject,
  role,
  reason,
  grantedBy: role === 'administrator' ? person(3) : ME,
  grantedAtMs: now - ageDays * DAY,
  expiresAtMs: leftDays === null ? null : now + leftDays * DAY,
  endedAtMs: null,
  endedBy: null,
}));
assignments.push({
  ...(assignments[0] as AssignmentEntry),
  id: id('asg'),
  role: 'support',
  reason: 'First weeks on the help desk',
  grantedAtMs: now - 90 * DAY,
  expiresAtMs: null,
  endedAtMs: now - 21 * DAY,
  endedBy: ME,
});

const requests: Mutable<RoleRequestEntry>[] = [
  {
    id: id('arq'),
    subject: person(6),
    role: 'administrator',
    reason: 'Takes over on-call from Dennis next month',
    expiresAtMs: now + 60 * DAY,
    requestedBy: person(3),
    requestedAtMs: now - 5 * 3_600_000,
    state: 'open',
    decidedBy: null,
    decidedAtMs: null,
    note: null,
  },
];

const keyOf = (
  service: string,
  name: string,
  hint: string,
  scopes: readonly string[],
  days: readonly [age: number, left: number, used: number | null],
): Mutable<ApiKeyEntry> => ({
  id: id('key').slice(-16),
  service,
  name,
  hint,
  scopes,
  createdBy: ME,
  createdAtMs: now - days[0] * DAY,
  expiresAtMs: now + days[1] * DAY,
  lastUsedAtMs: days[2] === null ? null : now - days[2] * DAY,
  replacedBy: null,
  revokedAtMs: null,
  revokedBy: null,
});
const keys = [
  keyOf('svc_warehouse', 'production', 'rk_live_7Qm2…', ['orders:read'], [29, 61, 0.001]),
  keyOf('svc_warehouse', 'staging', 'rk_live_x01b…', ['orders:read', 'orders:cancel'], [120, 5, 33]),
  keyOf(
    'svc_invoices',
    'printer in Hall 2',
    'rk_live_Pk3d…',
    ['orders:read', 'payments:read'],
    [80, 10, 0.2],
  ),
  keyOf('svc_partner', 'feed', 'rk_live_aa8R…', ['*'], [365, -2, null]),
] as const satisfies readonly Mutable<ApiKeyEntry>[];
const allKeys: Mutable<ApiKeyEntry>[] = [...keys];
keys[1].replacedBy = keys[0].id;
keys[3].revokedAtMs = now - 40 * DAY;
keys[3].revokedBy = ME;

const lines = new Map<string, Mutable<ReviewLine>[]>();
const reviews: Mutable<ReviewEntry>[] = [];
function openReview(name: string, reviewer: string, createdAtMs: number, dueAtMs: number): ReviewEntry {
  const review: Mutable<ReviewEntry> = {
    id: id('rev'),
    name,
    reviewer,
    createdBy: ME,
    createdAtMs,
    dueAtMs,
    closedAtMs: null,
    closedBy: null,
    items: 0,
    open: 0,
  };
  const made: Mutable<ReviewLine>[] = [
    ...assignments
      .filter((one) => one.endedAtMs === null)
      .map((one) => lineOf('assignment', one.id, one.subject, one.role, null)),
    ...allKeys
      .filter((one) => one.revokedAtMs === null)
      .map((one) =>
        lineOf(
          'key',
          one.id,
          `service:${one.service}`,
          `${one.name}: ${one.scopes.join(' ')}`,
          one.lastUsedAtMs,
        ),
      ),
  ];
  lines.set(review.id, made);
  reviews.unshift(review);
  return counted(review);
}
function lineOf(
  kind: ReviewLine['kind'],
  target: string,
  subject: string,
  what: string,
  lastUsedAtMs: number | null,
): Mutable<ReviewLine> {
  return {
    kind,
    target,
    subject,
    what,
    lastUsedAtMs,
    decision: null,
    decidedBy: null,
    decidedAtMs: null,
    note: null,
  };
}
function counted(review: Mutable<ReviewEntry>): ReviewEntry {
  const all = lines.get(review.id) ?? [];
  review.items = all.length;
  review.open = all.filter((one) => one.decision === null).length;
  return review;
}
function decide(line: Mutable<ReviewLine>, decision: 'keep' | 'revoke', note: string): ReviewLine {
  return Object.assign(line, { decision, note, decidedBy: ME, decidedAtMs: Date.now() });
}
const past = openReview('Second quarter', ME, now - 150 * DAY, now - 120 * DAY) as Mutable<ReviewEntry>;
for (const line of lines.get(past.id) ?? []) decide(line, 'keep', '');
Object.assign(counted(past), { closedAtMs: now - 130 * DAY, closedBy: ME });
const third = openReview('Third quarter', ME, now - 6 * DAY, now + 8 * DAY) as Mutable<ReviewEntry>;
for (const line of (lines.get(third.id) ?? []).slice(1, 3)) decide(line, 'keep', 'Still on the team');
counted(third);
// One that is late.
counted(openReview('Contractors', ME, now - 20 * DAY, now - 3 * DAY));

/** GET /admin/roles. */
export function rolesCall({ mode }: Call): Answer {
  if (mode === 'viewer') return fail(403, 'FORBIDDEN', 'You may not do this.');
  if (mode === 'no-policy') return fail(404, 'NOT_FOUND', 'There is no such route.');
  const { roles, permissions, policyVersion } = policy.matrix();
  return ok({
    roles:
      mode === 'empty' ? [] : roles.map((one) => ({ ...one, needsApproval: approval.includes(one.role) })),
    permissions: mode === 'empty' ? [] : permissions,
    policyVersion,
    separate: mode === 'empty' ? [] : separate,
    unlisted: mode === 'empty' ? 'allow' : 'deny',
    rulesWithoutAccess: mode === 'empty' ? [] : ['GET /menu/**', 'POST /webhooks/**'],
  } satisfies RolesAnswer);
}

/** Everything below /admin/access. */
export function accessCall(call: Call): Answer {
  const { parts, method, mode, body, url } = call;
  const [, what = '', one] = parts;
  if (mode === 'viewer') return fail(403, 'FORBIDDEN', 'You may not do this.');
  if (what === 'explain') return explain(body);
  if (what === 'who-can') return whoCan(body);
  if (method === 'GET') return read(what, one, mode === 'empty', url.searchParams);
  const asked = proofAsked();
  if (asked) return asked;
  if (what === 'assignments') return writeAssignment(call);
  if (what === 'requests') return writeRequest(call);
  if (what === 'services') return writeService(call);
  if (what === 'keys') return writeKey(call);
  return writeReview(call);
}

function read(what: string, one: string | undefined, isEmpty: boolean, query: URLSearchParams): Answer {
  const page = (name: string, all: readonly unknown[]): Answer =>
    ok({ [name]: isEmpty ? [] : all, nextCursor: null });
  const is = (name: string, value: string): boolean => [null, value].includes(query.get(name));
  switch (what) {
    case 'assignments':
      return page(
        what,
        assignments
          .filter((found) => is('subject', found.subject) && is('role', found.role))
          .filter((found) => query.get('all') === 'true' || found.endedAtMs === null)
          .toSorted((a, b) => b.grantedAtMs - a.grantedAtMs),
      );
    case 'requests':
      return page(
        what,
        requests.filter((found) => is('state', found.state)),
      );
    case 'services':
      return page(what, services);
    case 'keys':
      return page(
        what,
        allKeys.filter((found) => is('service', found.service)),
      );
    default: {
      if (one === undefined) return page('reviews', reviews);
      const review = reviews.find((found) => found.id === one);
      if (!review || isEmpty) return fail(404, 'NOT_FOUND', 'There is no such review.');
      const all = lines.get(review.id) ?? [];
      const sorted = all.toSorted((a, b) => Number(a.decision !== null) - Number(b.decision !== null));
      return ok({ review, lines: sorted });
    }
  }
}

function rolesOf(subject: string): readonly string[] {
  return assignments
    .filter((one) => one.subject === subject && one.endedAtMs === null)
    .map(({ role }) => role);
}
const unknownPermission = (): Answer =>
  fail(400, 'VALIDATION_ERROR', 'The request is not valid.', [
    { field: 'permission', code: 'unknown', message: 'The policy knows no such permission.' },
  ]);
type Row = Readonly<Record<string, unknown>> | undefined;

function explain(body: Call['body']): Answer {
  const subject = String(body['subject']);
  const permission = String(body['permission']);
  if (!policy.knows(permission)) return unknownPermission();
  const given = body['roles'] as readonly string[] | undefined;
  const isThere = subject.startsWith('service:') || accountIds().includes(subject.slice('user:'.length));
  if (given === undefined && !isThere)
    return fail(404, 'NOT_FOUND', 'There is no such subject, or it may not act.');
  const roles = given ?? ['customer', ...rolesOf(subject)];
  const { decidedBy, ...why } = policy.explain(
    { id: subject, kind: 'user', roles },
    permission,
    body['row'] as Row,
  );
  return ok({ subject, roles, ...why, decidedBy: decidedBy ?? null } satisfies ExplainAnswer);
}

function whoCan(body: Call['body']): Answer {
  const permission = String(body['permission']);
  if (!policy.knows(permission)) return unknownPermission();
  const holders = policy.whoCan(permission, body['row'] as Row).map((holder) => ({
    ...holder,
    assigned: assignments
      .filter((one) => one.role === holder.role && one.endedAtMs === null)
      .map(({ subject }) => subject),
  }));
  return ok({ permission, holders } satisfies WhoCanAnswer);
}

function writeAssignment({ method, parts, body }: Call): Answer {
  if (method === 'POST') return grant(body);
  const found = assignments.find((one) => one.id === parts[2]);
  if (!found) return fail(404, 'NOT_FOUND', 'There is no such assignment.');
  if (method === 'PATCH') found.expiresAtMs = body['expiresAtMs'] as number | null;
  else Object.assign(found, { endedAtMs: Date.now(), endedBy: ME });
  return ok(found);
}

function grant(body: Call['body']): Answer {
  const subject = String(body['subject']);
  const role = String(body['role']);
  const held = rolesOf(subject);
  if (subject === ME) return fail(403, 'FORBIDDEN', 'Nobody decides on roles of their own.');
  if (!subject.includes(':')) return fail(404, 'NOT_FOUND', 'There is no such subject.');
  if (held.includes(role)) return fail(409, 'CONFLICT', 'This role is held already.');
  const conflict = separate.find(({ roles }) => roles.every((one) => one === role || held.includes(one)));
  if (conflict) {
    const message = `Nobody may hold ${conflict.roles[0]} and ${conflict.roles[1]} together: ${conflict.reason}`;
    return fail(409, 'SEPARATION_OF_DUTIES', message, conflict);
  }
  const made = {
    id: id('asg'),
    subject,
    role,
    reason: String(body['reason']),
    grantedBy: ME,
    grantedAtMs: Date.now(),
    expiresAtMs: (body['expiresAtMs'] as number | undefined) ?? null,
    endedAtMs: null,
    endedBy: null,
  };
  assignments.unshift(made);
  return ok(made, 201);
}

function writeRequest({ parts, body }: Call): Answer {
  const [, , one, act] = parts;
  if (one === undefined) {
    const made: RoleRequestEntry = {
      id: id('arq'),
      subject: String(body['subject']),
      role: String(body['role']),
      reason: String(body['reason']),
      expiresAtMs: (body['expiresAtMs'] as number | undefined) ?? null,
      requestedBy: ME,
      requestedAtMs: Date.now(),
      state: 'open',
      decidedBy: null,
      decidedAtMs: null,
      note: null,
    };
    requests.unshift(made);
    return ok(made, 201);
  }
  const found = requests.find((request) => request.id === one);
  if (found?.state !== 'open') return fail(409, 'CONFLICT', 'This request was decided.');
  if (found.requestedBy === ME) return fail(403, 'FORBIDDEN', 'Nobody decides on a request of their own.');
  const isGiven = act === 'approve';
  Object.assign(found, {
    state: isGiven ? 'approved' : 'refused',
    decidedBy: ME,
    decidedAtMs: Date.now(),
    note: body['note'],
  });
  return isGiven ? grant({ ...found, expiresAtMs: found.expiresAtMs ?? undefined }) : ok(found);
}

function writeService({ parts, body }: Call): Answer {
  const found = services.find((one) => one.id === parts[2]);
  if (found) {
    const isOff = parts[3] === 'disable';
    return ok(
      Object.assign(found, { disabledAtMs: isOff ? Date.now() : null, disabledBy: isOff ? ME : null }),
    );
  }
  const made: ServiceEntry = {
    id: id('svc'),
    name: String(body['name']),
    about: typeof body['about'] === 'string' ? body['about'] : '',
    responsible: String(body['responsible']),
    createdBy: ME,
    createdAtMs: Date.now(),
    disabledAtMs: null,
    disabledBy: null,
    keys: 0,
  };
  services.unshift(made);
  return ok(made, 201);
}

function writeKey({ method, parts, body }: Call): Answer {
  const found = allKeys.find((one) => one.id === parts[2]);
  if (method === 'DELETE') {
    if (!found) return fail(404, 'NOT_FOUND', 'There is no such API key.');
    return ok(Object.assign(found, { revokedAtMs: Date.now(), revokedBy: ME }));
  }
  const scopes = found?.scopes ?? (body['scopes'] as string[]);
  const unknown = scopes.filter((scope) => scope !== '*' && !policy.knows(scope));
  if (unknown.length > 0)
    return fail(400, 'VALIDATION_ERROR', 'The request is not valid.', [
      { field: 'scopes', code: 'unknown', message: 'A scope names nothing of the policy.' },
    ]);
  const service = found?.service ?? String(body['service']);
  const name = found?.name ?? String(body['name']);
  const made = keyOf(service, name, 'rk_live_n3wK…', scopes, [0, 90, null]);
  if (typeof body['expiresAtMs'] === 'number') made.expiresAtMs = body['expiresAtMs'];
  allKeys.unshift(made);
  if (found) {
    found.replacedBy = made.id;
    found.expiresAtMs = Date.now() + Number(body['overlapSeconds'] ?? 86_400) * 1000;
  }
  const owner = services.find((one) => one.id === service);
  if (owner) owner.keys += 1;
  return ok({ key: made, text: 'rk_live_n3wKq8Zt0VbE2xHs5mYcR7uJ4pLdA9fGwT1oN6iQkXeB' }, 201);
}

function writeReview({ parts, body }: Call): Answer {
  const [, , one, act] = parts;
  if (one === undefined)
    return ok(
      openReview(String(body['name']), String(body['reviewer']), Date.now(), Number(body['dueAtMs'])),
      201,
    );
  const review = reviews.find((found) => found.id === one);
  if (!review) return fail(404, 'NOT_FOUND', 'There is no such review.');
  if (act === 'close') {
    if (review.open > 0) return fail(409, 'CONFLICT', `${review.open} lines wait for a decision.`);
    return ok(Object.assign(review, { closedAtMs: Date.now(), closedBy: ME }));
  }
  const line = lines
    .get(one)
    ?.find((found) => found.kind === body['kind'] && found.target === body['target']);
  if (!line) return fail(404, 'NOT_FOUND', 'There is no such line.');
  if (line.decision !== null) return fail(409, 'CONFLICT', 'This line was decided.');
  if (line.subject === ME) return fail(403, 'FORBIDDEN', 'Nobody decides on access of their own.');
  decide(line, body['decision'] as 'keep' | 'revoke', typeof body['note'] === 'string' ? body['note'] : '');
  counted(review);
  return ok(line);
}
