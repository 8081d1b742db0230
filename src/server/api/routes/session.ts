import { z } from 'zod';
import {
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  ValidationError,
} from '../../../core/errors.ts';
import type { Identity } from '../../../modules/identity/facade.ts';
import { SESSION_ABSOLUTE_MS, SETUP_LINK_MS } from '../../data/index.ts';
import { audited } from '../audit.ts';
import { factsOf } from '../auth-facts.ts';
import { addressOf, type Caller, csrfOf, hasAdministrator, nameOf } from '../caller.ts';
import { isEncrypted, isLocalHost, sessionCookie, setSessionCookie } from '../cookies.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, empty, json, route, type Route } from '../route.ts';
import { sessionAnswer } from '../schemas.ts';
import type { SessionAnswer } from '../types.ts';

const setupLink = z.object({
  token: z.string(),
  path: z.string().meta({ description: 'Path and fragment to open in a browser.' }),
  url: z.string().nullable().meta({ description: 'The whole link, where the public address is configured.' }),
  expiresAtMs: z.int(),
});

/** Signing in and out of the console. */
export function sessionRoutes(ports: ApiPorts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/session',
      access: 'public',
      signsIn: true,
      tag: 'Session',
      summary: 'Sign in with a set-up link',
      about: 'Sets the session cookie. A link works once and for an hour.',
      body: z.strictObject({ setupToken: z.string().min(1).max(200) }),
      answer: { status: 200, about: 'Signed in.', schema: sessionAnswer },
      refusals: [401, 403],
      handle: ({ c, body }) => signIn(ports, c, body.setupToken),
    }),
    route({
      method: 'GET',
      path: '/admin/session',
      access: 'viewer',
      tag: 'Session',
      summary: 'Ask who is signed in',
      answer: { status: 200, about: 'The session in force.', schema: sessionAnswer },
      handle: async ({ caller }) => json(await sessionOf(ports, caller)),
    }),
    route({
      method: 'DELETE',
      path: '/admin/session',
      access: 'viewer',
      tag: 'Session',
      summary: 'Sign out',
      answer: { status: 204, about: 'Signed out.' },
      handle: async ({ c, caller }) => {
        if (caller.kind === 'administrator') await ports.stores.sessions.remove(caller.token);
        if (caller.kind === 'account') await ports.identity?.signOut(caller.session, factsOf(c));
        return empty({ 'set-cookie': setSessionCookie(c, '', 0) });
      },
    }),
    route({
      method: 'POST',
      path: '/admin/setup-links',
      access: 'operator',
      tag: 'Session',
      summary: 'Make a single-use sign-in link',
      body: z.strictObject({ name: z.string().trim().min(1).max(80).default('administrator') }),
      answer: { status: 201, about: 'The link.', schema: setupLink },
      handle: ({ c, caller, body }) => makeLink(ports, c, caller, body.name),
    }),
    ...(ports.identity ? [firstAdministratorRoute(ports, ports.identity)] : []),
  ];
}

async function signIn(ports: ApiPorts, c: ApiContext, setupToken: string): Promise<Response> {
  if (!isEncrypted(c) && !isLocalHost(c)) {
    throw new AuthorizationError(
      'The console is used over https, or on this machine itself under http://localhost.',
    );
  }
  const nowMs = ports.clock.now();
  const before = sessionCookie(c);
  const anonymous: Caller = { kind: 'anonymous' };
  const session = await audited(ports, c, anonymous, 'SETUP_LINK_USED', async (sql) => {
    const name = await ports.stores.setup.consume(sql, setupToken, nowMs);
    if (name === undefined) return undefined;
    // A new session for every sign-in; whoever planted the old cookie gains nothing.
    if (before !== undefined) await ports.stores.sessions.remove(before, sql);
    return {
      value: await ports.stores.sessions.create(sql, name, nowMs),
      event: { actor: name, subject: name },
    };
  });
  if (!session) {
    ports.events.emit('SETUP_LINK_REFUSED', { address: addressOf(c), outcome: 'refused' });
    throw new AuthenticationError('This link is wrong, was used before, or is too old.');
  }
  const answer = await sessionOf(ports, { kind: 'administrator', ...session });
  return json(answer, 200, { 'set-cookie': setSessionCookie(c, session.token, SESSION_ABSOLUTE_MS / 1000) });
}

async function sessionOf(ports: ApiPorts, caller: Caller): Promise<SessionAnswer> {
  const shared = {
    name: nameOf(caller),
    actor: nameOf(caller),
    csrfToken: csrfOf(ports, caller) ?? '',
    hasAdministrator: await hasAdministrator(ports),
    mailbox: ports.mailbox !== null,
  };
  if (caller.kind === 'account') {
    return {
      ...shared,
      name: caller.session.name || caller.name,
      role: caller.role ?? 'viewer',
      kind: 'account',
      email: caller.name,
      expiresAtMs: caller.session.expiresAtMs,
    };
  }
  const expiresAtMs =
    caller.kind === 'administrator'
      ? caller.expiresAtMs
      : // The operator key does not run out.
        ports.clock.now() + SESSION_ABSOLUTE_MS;
  return { ...shared, role: 'administrator', kind: 'setup', email: null, expiresAtMs };
}

/** Who came by a set-up link makes the first account; later ones are invited. */
function firstAdministratorRoute(ports: ApiPorts, identity: Identity): Route {
  return route({
    method: 'POST',
    path: '/admin/users/first',
    access: 'admin',
    tag: 'Users',
    summary: "Make the first administrator's account",
    about: 'Only while there is none. Its first sign-in has to enrol a second factor.',
    body: z.strictObject({
      email: z.string().trim().min(3).max(254),
      name: z.string().trim().min(1).max(80),
      password: z.string().min(1).max(1_024),
    }),
    answer: { status: 201, about: 'The account.', schema: z.object({ id: z.string(), email: z.string() }) },
    refusals: [409],
    handle: async ({ c, caller, body }) => {
      if (await hasAdministrator(ports))
        throw new ConflictError('There is an administrator already, who can invite others.');
      const faults = await identity.passwords.check(body.password, {
        names: [body.email, body.name],
        secondFactor: true,
      });
      if (faults.length > 0) {
        throw new ValidationError('The password is not accepted.', {
          details: faults.map((fault) => ({ field: 'password', ...fault })),
        });
      }
      const actor = { id: nameOf(caller), address: addressOf(c) };
      const made = await identity.accounts.create({ ...body, roles: ['administrator'] }, actor);
      return json({ id: made.id, email: made.email }, 201);
    },
  });
}

async function makeLink(ports: ApiPorts, c: ApiContext, caller: Caller, name: string): Promise<Response> {
  const nowMs = ports.clock.now();
  const link = await audited(ports, c, caller, 'CONFIGURATION_CHANGE', async (sql) => ({
    value: await ports.stores.setup.create(name, nowMs, SETUP_LINK_MS, sql),
    event: { subject: 'setup-link', details: { name } },
  }));
  if (!link) throw new Error('The link was not made.');
  const path = `/console/setup#token=${link.token}`;
  const url = ports.facts.publicUrl === undefined ? null : new URL(path, ports.facts.publicUrl).href;
  return json({ token: link.token, path, url, expiresAtMs: link.expiresAtMs }, 201);
}
