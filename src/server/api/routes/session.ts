import { z } from 'zod';
import { AuthenticationError, AuthorizationError } from '../../../core/errors.ts';
import { SESSION_ABSOLUTE_MS, SETUP_LINK_MS } from '../../data/index.ts';
import { audited } from '../audit.ts';
import { addressOf, type Caller, csrfTokenOf, nameOf } from '../caller.ts';
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
      access: 'admin',
      tag: 'Session',
      summary: 'Ask who is signed in',
      answer: { status: 200, about: 'The session in force.', schema: sessionAnswer },
      handle: ({ caller }) => json(sessionOf(ports, caller)),
    }),
    route({
      method: 'DELETE',
      path: '/admin/session',
      access: 'admin',
      tag: 'Session',
      summary: 'Sign out',
      answer: { status: 204, about: 'Signed out.' },
      handle: async ({ c, caller }) => {
        if (caller.kind === 'administrator') await ports.stores.sessions.remove(caller.token);
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
  const answer: SessionAnswer = {
    name: session.name,
    csrfToken: csrfTokenOf(session.token),
    expiresAtMs: session.expiresAtMs,
  };
  return json(answer, 200, { 'set-cookie': setSessionCookie(c, session.token, SESSION_ABSOLUTE_MS / 1000) });
}

function sessionOf(ports: ApiPorts, caller: Caller): SessionAnswer {
  if (caller.kind === 'administrator') {
    return { name: caller.name, csrfToken: csrfTokenOf(caller.token), expiresAtMs: caller.expiresAtMs };
  }
  // The operator key needs no CSRF token and does not run out.
  return { name: nameOf(caller), csrfToken: '', expiresAtMs: ports.clock.now() + SESSION_ABSOLUTE_MS };
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
