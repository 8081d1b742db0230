import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import type { Actor } from '../../../modules/identity/facade.ts';
import { byId, cursor, email, factorStates, line, personName } from '../auth-schemas.ts';
import { freshActor } from '../fresh-actor.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { eventsAnswer } from './event-schemas.ts';
import type { UserAnswer, UsersAnswer, UserSummary } from '../user-types.ts';
import { type AuthPorts } from './auth/answers.ts';
import { userAnswer, userSummary } from './auth/user-view.ts';

const TAG = 'Users';
/** Ten years. */
const MAX_HOURS = 87_600;

const atMs = z.int();
const status = z.enum(['pending', 'active', 'locked', 'disabled', 'deleted']);
const role = z
  .string()
  .max(40)
  .regex(/^[A-Za-z][A-Za-z0-9:_-]*$/, 'Letters, digits, and : _ - only.')
  .meta({ example: 'viewer' });
const roles = z
  .array(role)
  .max(20)
  .transform((given) => [...new Set(given)]);
const lockBody = z.strictObject({
  reason: z.string().trim().min(1).max(500),
  hours: z
    .number()
    .positive()
    .max(MAX_HOURS)
    .optional()
    .meta({ description: 'Absent: until somebody unlocks it.' }),
});

const summary = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  status,
  roles: z.array(z.string()),
  factors: z.array(line.factor),
  createdAtMs: atMs,
  lastSignInAtMs: atMs.nullable(),
}) satisfies z.ZodType<UserSummary>;
const usersAnswer = z.object({
  users: z.array(summary),
  nextCursor: z.string().nullable(),
  total: z.int(),
}) satisfies z.ZodType<UsersAnswer>;
const oneAnswer = z.object({
  user: summary.extend({
    locale: z.string(),
    emailVerifiedAtMs: atMs.nullable(),
    passwordChangedAtMs: atMs.nullable(),
    mustReset: z.boolean(),
    lockedUntilMs: atMs.nullable(),
    lockedReason: z.string().nullable(),
    mfaEnforced: z.boolean(),
  }),
  sessions: z.array(line.session),
  devices: z.array(line.device),
  factors: z.object(factorStates),
  attempts: z.array(
    z.object({
      factor: line.factor,
      failures: z.int(),
      blockedUntilMs: atMs.nullable(),
      disabled: z.boolean(),
    }),
  ),
  history: z.array(line.signIn),
  events: eventsAnswer.shape.events,
}) satisfies z.ZodType<UserAnswer>;

type UserPorts = AuthPorts & Pick<ApiPorts, 'access'>;

/** Accounts as administrators manage them; nothing where the application has a login of its own. */
export function userRoutes(ports: ApiPorts): readonly Route[] {
  const { identity } = ports;
  if (!identity) return [];
  const known = { ...ports, identity };
  return [listRoute(known), oneRoute(known), inviteRoute(known), endSessionRoute(known), ...actRoutes(known)];
}

function listRoute({ identity }: AuthPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/users',
    access: 'viewer',
    tag: TAG,
    summary: 'List accounts, newest first',
    query: z.strictObject({
      q: z.string().trim().max(200).optional().meta({ description: 'Part of the mail address or name.' }),
      status: status.optional(),
      role: role.optional(),
      cursor: cursor.optional(),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    answer: {
      status: 200,
      about: 'A page; pass `nextCursor` as `cursor` for the next.',
      schema: usersAnswer,
    },
    handle: async ({ query }) => {
      const { q, ...rest } = query;
      const wanted = Object.fromEntries(
        Object.entries({ ...rest, q: q === '' ? undefined : q }).filter(isGiven),
      );
      const found = await identity.accounts.list({ ...wanted, limit: query.limit });
      const users = found.users.map((row) => userSummary(row, row.factors));
      return json({ users, nextCursor: found.nextCursor, total: found.total } satisfies UsersAnswer);
    },
  });
}

function isGiven(entry: [string, unknown]): boolean {
  return entry[1] !== undefined;
}

function oneRoute(ports: AuthPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/users/:id',
    access: 'viewer',
    tag: TAG,
    summary: 'Read an account',
    params: byId,
    answer: {
      status: 200,
      about: 'With sessions, devices, factors, attempts and events.',
      schema: oneAnswer,
    },
    refusals: [404],
    handle: async ({ params }) => json(await userAnswer(ports, params.id)),
  });
}

/** Refuses roles that nobody may hold together, assigned ones among them. @throws AppError 409 SEPARATION_OF_DUTIES */
async function checkDuties(
  { access }: UserPorts,
  id: string | undefined,
  roles: readonly string[],
): Promise<void> {
  await access?.grants.assignments.check(id === undefined ? undefined : `user:${id}`, roles);
}

function inviteRoute(ports: UserPorts): Route {
  return route({
    method: 'POST',
    path: '/admin/users',
    access: 'admin',
    tag: TAG,
    summary: 'Invite somebody',
    about: 'Mails a link by which the owner sets a password, which nobody else ever knows.',
    body: z.strictObject({ email, name: personName.optional(), roles }),
    answer: { status: 201, about: 'The account, pending.', schema: oneAnswer },
    refusals: [409],
    handle: async ({ c, caller, body }) => {
      const actor = await freshActor(ports, c, caller);
      await checkDuties(ports, undefined, body.roles);
      const made = await ports.identity.accounts.invite(body, actor);
      return json(await userAnswer(ports, made.id), 201, { location: `/admin/users/${made.id}` });
    },
  });
}

function endSessionRoute(ports: AuthPorts): Route {
  return route({
    method: 'DELETE',
    path: '/admin/users/:id/sessions/:session',
    access: 'admin',
    tag: TAG,
    summary: 'End one session of an account',
    params: byId.extend({ session: z.string().max(100) }),
    answer: { status: 200, about: 'The account as it is now.', schema: oneAnswer },
    refusals: [404],
    handle: async ({ c, caller, params }) => {
      const actor = await freshActor(ports, c, caller);
      const ended = await ports.identity.accounts.endSessions(params.id, actor, params.session);
      if (ended === 0) throw new NotFoundError('There is no such session.');
      return json(await userAnswer(ports, params.id));
    },
  });
}

/** What is done to an account; every act answers with the account as it is now. */
function actRoutes(ports: UserPorts): readonly Route[] {
  const { accounts } = ports.identity;
  return [
    act(ports, 'lock', 'Lock an account', (id, body, actor) => accounts.lock(id, body, actor), lockBody),
    act(ports, 'unlock', 'Unlock an account', (id, _body, actor) => accounts.unlock(id, actor)),
    act(ports, 'require-reset', 'Require a new password', (id, _body, actor) =>
      accounts.requireReset(id, actor),
    ),
    act(ports, 'reset-factors', 'Remove the second factors', (id, _body, actor) =>
      accounts.resetFactors(id, actor),
    ),
    act(ports, 'end-sessions', 'End all sessions', async (id, _body, actor) => {
      await accounts.endSessions(id, actor);
      return true;
    }),
    act(
      ports,
      'roles',
      'Set the roles',
      async (id, body, actor) => {
        await checkDuties(ports, id, body.roles);
        return accounts.setRoles(id, body.roles, actor);
      },
      z.strictObject({ roles }),
    ),
  ];
}

/** @param body absent for an act that needs to be told nothing */
function act<B = undefined>(
  ports: AuthPorts,
  name: string,
  summary: string,
  work: (id: string, body: B, actor: Actor) => Promise<boolean>,
  body?: z.ZodType<B>,
): Route {
  return route({
    method: 'POST',
    path: `/admin/users/:id/${name}`,
    access: 'admin',
    tag: TAG,
    summary,
    about: 'Needs a second factor proven 10 minutes ago at most.',
    params: byId,
    ...(body === undefined ? {} : { body }),
    answer: { status: 200, about: 'The account as it is now.', schema: oneAnswer },
    refusals: [404, 409],
    handle: async ({ c, caller, params, body: given }) => {
      const done = await work(params.id, given, await freshActor(ports, c, caller));
      if (!done) throw new NotFoundError('There is no such account, or it is not in a state for this.');
      return json(await userAnswer(ports, params.id));
    },
  });
}
