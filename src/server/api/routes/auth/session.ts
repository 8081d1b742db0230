import { z } from 'zod';
import { AuthenticationError, NotFoundError } from '../../../../core/errors.ts';
import type { SessionScope, SessionState } from '../../../../modules/identity/contract.ts';
import { sessionEnded } from '../../../../modules/identity/errors.ts';
import { accountCookie, requireCookieWay } from '../../auth-cookies.ts';
import { factsOf, isApiClient } from '../../auth-facts.ts';
import { answer, byId, cursor, request } from '../../auth-schemas.ts';
import type { DeviceList, Ended, SessionInfo, SessionList, SignInHistory } from '../../auth-types.ts';
import { readJson } from '../../body.ts';
import { consoleRoleOf } from '../../caller.ts';
import { type ApiContext, empty, json, route, type Route } from '../../route.ts';
import { check } from '../../validate.ts';
import {
  type AuthPorts,
  authUserOfRow,
  historyEntry,
  sessionOf,
  signedIn,
  signedOut,
  within,
} from './answers.ts';

const TAG = 'Session of an account';
/** Whoever is signed in at all may ask so, and sign out. */
const ANY: readonly SessionScope[] = ['full', 'enrol', 'reset'];
/** Lines of the history on a page. */
const PAGE = 50;

/** The session in force, what belongs to the account, and the ends of both. */
export function accountSessionRoutes(ports: AuthPorts): readonly Route[] {
  return [...currentRoutes(ports), ...sessionListRoutes(ports), ...recordRoutes(ports)];
}

function currentRoutes(ports: AuthPorts): readonly Route[] {
  const { identity } = ports;
  return [
    route({
      method: 'POST',
      path: '/auth/refresh',
      access: 'public',
      tag: TAG,
      summary: 'Exchange a refresh token or session cookie for the next one',
      about:
        'API clients send `{ "refreshToken": … }`; browsers send no body. A refresh token that is used twice ends the session.',
      rawBody: ['application/json'],
      optionalBody: request.refresh,
      answer: { status: 200, about: 'New tokens, or a new cookie.', schema: answer.signedIn },
      refusals: [400, 401, 403, 415],
      handle: ({ c }) => refresh(ports, c),
    }),
    within(
      ANY,
      route({
        method: 'GET',
        path: '/auth/session',
        access: 'partial',
        tag: TAG,
        summary: 'Ask who is signed in',
        answer: { status: 200, about: 'The session in force.', schema: answer.session },
        handle: async ({ caller }) => json(await sessionInfo(ports, sessionOf(caller, ANY))),
      }),
    ),
    within(
      ANY,
      route({
        method: 'POST',
        path: '/auth/sign-out',
        access: 'partial',
        tag: TAG,
        summary: 'Sign out',
        about:
          'Ends the session at once. The device stays known, so that its owner is not taken for a stranger.',
        answer: { status: 204, about: 'Signed out.' },
        handle: async ({ c, caller }) => {
          const session = sessionOf(caller, ANY);
          await identity.signOut(session, factsOf(c, { session }));
          return signedOut(c, session);
        },
      }),
    ),
  ];
}

/** The cookie is exchanged for a cookie and the token for a token, so that no script can turn the one into the other. */
async function refresh({ identity }: AuthPorts, c: ApiContext): Promise<Response> {
  // Whatever says that it is a body must be JSON; a browser that sends none has no type to name.
  const isBare = c.req.header('content-type') === undefined || c.req.header('content-length') === '0';
  const given = isBare ? {} : check(request.refresh, await readJson(c.req.raw), 'body');
  if (given.refreshToken !== undefined) {
    return signedIn(c, await identity.refresh(given.refreshToken, { ...factsOf(c), client: 'api' }));
  }
  if (isApiClient(c)) throw new AuthenticationError('Send the refresh token.');
  requireCookieWay(c);
  const cookie = accountCookie(c);
  if (cookie === undefined) throw sessionEnded();
  return signedIn(c, await identity.refresh(cookie, factsOf(c)));
}

async function sessionInfo({ identity }: AuthPorts, session: SessionState): Promise<SessionInfo> {
  const row = await identity.accounts.get(session.account);
  if (!row) throw sessionEnded();
  return {
    user: authUserOfRow(row),
    session: {
      id: session.id,
      scope: session.scope,
      aal: session.aal,
      factors: session.factors,
      freshAtMs: Math.max(0, ...Object.values(session.provenAtMs)),
      createdAtMs: session.createdAtMs,
      expiresAtMs: session.expiresAtMs,
      client: session.client,
    },
    mfaEnforced: identity.accounts.mfaEnforced(row.roles),
    console: session.scope === 'full' && consoleRoleOf(row.roles) !== null,
  };
}

function sessionListRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/auth/sessions',
      access: 'session',
      tag: TAG,
      summary: 'List where the account is signed in',
      answer: { status: 200, about: 'Newest first, at most 200.', schema: answer.sessions },
      handle: async ({ caller }) => {
        const { account, id } = sessionOf(caller);
        const sessions = await identity.sessions.list(account, id);
        return json({ sessions } satisfies SessionList);
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions/:id',
      access: 'session',
      tag: TAG,
      summary: 'End a session',
      params: byId,
      answer: { status: 204, about: 'Ended, on every node within a second.' },
      refusals: [404],
      handle: async ({ c, caller, params }) => {
        const session = sessionOf(caller);
        const ended = await identity.endSession(session, params.id, factsOf(c, { session }));
        if (!ended) throw new NotFoundError('There is no such session.');
        return params.id === session.id ? signedOut(c, session) : empty();
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/sessions',
      access: 'session',
      tag: TAG,
      summary: 'End all sessions but this one',
      answer: { status: 200, about: 'How many ended.', schema: answer.ended },
      handle: async ({ c, caller }) => {
        const session = sessionOf(caller);
        const ended = await identity.endOtherSessions(session, factsOf(c, { session }));
        return json({ ended } satisfies Ended);
      },
    }),
  ];
}

function recordRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/auth/devices',
      access: 'session',
      tag: TAG,
      summary: 'List the devices on which somebody has signed in',
      answer: { status: 200, about: 'Last seen first.', schema: answer.devices },
      handle: async ({ caller }) => {
        const { account, device } = sessionOf(caller);
        const found = await identity.devices.list(account);
        const devices = found.map((one) => ({ ...one, current: one.id === device }));
        return json({ devices } satisfies DeviceList);
      },
    }),
    route({
      method: 'DELETE',
      path: '/auth/devices/:id',
      access: 'session',
      tag: TAG,
      summary: 'Forget a device',
      about: 'Its sessions end, but for the one that asks, and its next sign-in is that of a stranger.',
      params: byId,
      answer: { status: 204, about: 'Forgotten.' },
      refusals: [404],
      handle: async ({ c, caller, params }) => {
        const session = sessionOf(caller);
        const removed = await identity.removeDevice(session, params.id, factsOf(c, { session }));
        if (!removed) throw new NotFoundError('There is no such device.');
        return empty();
      },
    }),
    route({
      method: 'GET',
      path: '/auth/history',
      access: 'session',
      tag: TAG,
      summary: 'Read the sign-in history',
      query: z.strictObject({ cursor: cursor.optional() }),
      answer: { status: 200, about: 'Newest first.', schema: answer.history },
      handle: async ({ caller, query }) => {
        const found = await identity.accounts.history(sessionOf(caller).account, PAGE, query.cursor);
        const { entries, nextCursor } = found;
        return json({ entries: entries.map(historyEntry), nextCursor } satisfies SignInHistory);
      },
    }),
  ];
}
