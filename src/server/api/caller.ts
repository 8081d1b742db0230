import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError, AuthenticationError, AuthorizationError } from '../../core/errors.ts';
import { Principal } from '../../core/fact.ts';
import type { SessionState } from '../../modules/identity/contract.ts';
import { identifyAccount, SignedIn, type SignedInValue } from '../identify.ts';
import { isLoopback, sessionCookie } from './cookies.ts';
import type { AccountPorts } from './ports.ts';
import type { Access, ApiContext } from './route.ts';
import { readSampleToken, type SampleRole } from './sample-token.ts';
import { CONSOLE_ROLES, type ConsoleRole } from './user-types.ts';

/** Who calls. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'operator'; readonly name: 'operator' }
  | {
      /** Came by a set-up link. */
      readonly kind: 'administrator';
      readonly name: string;
      /** The session's token, from the cookie. */
      readonly token: string;
      readonly expiresAtMs: number;
    }
  | {
      readonly kind: 'account';
      /** Mail address. */
      readonly name: string;
      readonly session: SessionState;
      /** Highest role of the console that the account holds. */
      readonly role: ConsoleRole | null;
      /** Came with the session cookie, so that writes need the CSRF token. */
      readonly cookie: boolean;
    }
  | { readonly kind: 'customer'; readonly id: string; readonly name: string; readonly role: SampleRole }
  /** Came with an API key. */
  | { readonly kind: 'program'; readonly name: string };

const ANONYMOUS: Caller = { kind: 'anonymous' };
const CSRF_HEADER = 'x-rampart-csrf';

/** Compares without telling by its time how much was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The token that a session's writes carry: derived from the session, so that nothing more is kept. */
export function csrfTokenOf(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('rampart console csrf v1').digest('base64url');
}

/** The same for an account's session: by its id, so that it outlives a change of its cookie. */
export function csrfTokenOfAccount(secret: Uint8Array, session: string): string {
  return createHmac('sha256', secret).update(`rampart account csrf v1\0${session}`).digest('base64url');
}

/** The highest role of the console among an account's roles. */
export function consoleRoleOf(roles: readonly string[]): ConsoleRole | null {
  return CONSOLE_ROLES.findLast((role) => roles.includes(role)) ?? null;
}

/** The caller's name in the audit trail. */
export function nameOf(caller: Caller): string {
  if (caller.kind === 'account') return `user:${caller.session.account}`;
  return caller.kind === 'anonymous' ? 'anonymous' : caller.name;
}

/** The caller's address, as limits and records use it. */
export function addressOf(c: ApiContext): string {
  return c.env?.context?.client.address ?? 'unknown';
}

function bearerOf(c: ApiContext): string | undefined {
  const header = c.req.header('authorization');
  return header !== undefined && header.length <= 2_000 && /^bearer /i.test(header)
    ? header.slice(7).trim()
    : undefined;
}

/**
 * Finds out who calls and whether they may.
 * @throws AuthenticationError when nobody is signed in, AuthorizationError when they are but may not
 */
export async function admit(ports: AccountPorts, c: ApiContext, access: Access): Promise<Caller> {
  if (access === 'public') return ANONYMOUS;
  const caller = await identify(ports, c, access);
  tellCorridor(c, caller);
  if (caller.kind === 'anonymous') {
    if (access === 'metrics' && isThisMachine(c)) return caller;
    throw await nobody(ports, c);
  }
  demand(caller, access);
  if (access === 'session' || access === 'partial') return caller;
  // The corridor's guard against CSRF is all that an application has; who may use the console is told a token besides.
  if (access === 'sample' && caller.kind === 'account' && caller.role === null) return caller;
  const expected = csrfOf(ports, caller);
  if (expected !== undefined && c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    const given = c.req.header(CSRF_HEADER);
    if (given === undefined || !sameSecret(given, expected)) {
      throw new AuthorizationError(`The header ${CSRF_HEADER} does not hold this session's token.`);
    }
  }
  return caller;
}

/** The console leads people to the sign-in page, or, while nobody could sign in there, to where a link is printed. */
async function nobody(ports: AccountPorts, c: ApiContext): Promise<AuthenticationError> {
  if (c.req.path !== '/admin/session' || (await hasAdministrator(ports))) return new AuthenticationError();
  return new AuthenticationError(undefined, { details: { hasAdministrator: false } });
}

/** Whether there is an account that may administer the console. */
export async function hasAdministrator({ identity }: Pick<AccountPorts, 'identity'>): Promise<boolean> {
  if (!identity) return false;
  const { total } = await identity.accounts.list({ role: 'administrator', status: 'active', limit: 1 });
  return total > 0;
}

/** What the CSRF header must hold; `undefined` where no cookie speaks for the caller. */
export function csrfOf(ports: AccountPorts, caller: Caller): string | undefined {
  if (caller.kind === 'administrator') return csrfTokenOf(caller.token);
  if (caller.kind === 'account' && caller.cookie)
    return csrfTokenOfAccount(ports.facts.secret, caller.session.id);
  return undefined;
}

/** Roles of the console, and what else a route asks of its caller. */
function demand(caller: Exclude<Caller, { kind: 'anonymous' }>, access: Access): void {
  if (caller.kind === 'account') {
    demandOfAccount(caller, access);
    return;
  }
  // Only accounts have what these routes are about.
  if (access === 'session' || access === 'partial') throw new AuthenticationError();
  if ((caller.kind === 'customer' || caller.kind === 'program') && access !== 'sample')
    throw new AuthorizationError();
  if (access === 'operator' && caller.kind !== 'operator') throw new AuthorizationError();
}

function demandOfAccount(caller: Extract<Caller, { kind: 'account' }>, access: Access): void {
  const { session, role } = caller;
  if (access === 'partial') return;
  if (session.scope !== 'full') {
    throw new AppError(
      session.scope === 'enrol' ? 'Enrol a second factor first.' : 'Set a new password first.',
      403,
      session.scope === 'enrol' ? 'MFA_REQUIRED' : 'PASSWORD_RESET_REQUIRED',
    );
  }
  if (access === 'session' || access === 'sample') return;
  if (access === 'operator' || role === null || CONSOLE_ROLES.indexOf(role) < levelOf(access))
    throw new AuthorizationError();
  if (session.aal < 2) {
    throw new AppError('The console needs a sign-in with a second factor.', 403, 'MFA_REQUIRED');
  }
}

function levelOf(access: Access): number {
  return access === 'admin' ? 2 : access === 'analyst' ? 1 : 0;
}

async function identify(ports: AccountPorts, c: ApiContext, access: Access): Promise<Caller> {
  const bearer = bearerOf(c);
  if (bearer !== undefined) {
    if (sameSecret(bearer, ports.facts.operatorKey)) return { kind: 'operator', name: 'operator' };
    const customer =
      access === 'sample' ? readSampleToken(ports.facts.secret, bearer, ports.clock.now()) : undefined;
    if (customer) return { kind: 'customer', ...customer };
    const known = c.env?.context?.get(Principal);
    if (known?.kind === 'service') return { kind: 'program', name: known.id };
  }
  const signedIn = await accountOf(ports, c);
  if (signedIn) {
    const { session, cookie } = signedIn;
    return { kind: 'account', name: session.email, session, cookie, role: consoleRoleOf(session.roles) };
  }
  const token = bearer === undefined ? sessionCookie(c) : undefined;
  if (token === undefined) return ANONYMOUS;
  const session = await ports.stores.sessions.find(token, ports.clock.now(), true);
  return session ? { kind: 'administrator', token, ...session } : ANONYMOUS;
}

/** The corridor has looked already; where a test calls without one, it is done here. */
async function accountOf(ports: AccountPorts, c: ApiContext): Promise<SignedInValue | undefined> {
  const context = c.env?.context;
  if (!context || !ports.identity) return undefined;
  const known = context.get(SignedIn);
  if (known !== undefined) return known ?? undefined;
  return (await identifyAccount(ports.identity.sessions, context)) ?? undefined;
}

/** Lets the decision's record say who it was. */
function tellCorridor(c: ApiContext, caller: Caller): void {
  const context = c.env?.context;
  if (!context || caller.kind === 'anonymous' || context.get(Principal)) return;
  // The principal of an account was set where it was identified.
  if (caller.kind === 'account' || caller.kind === 'program') return;
  context.set(
    Principal,
    caller.kind === 'customer'
      ? { id: caller.id, kind: 'user', roles: [caller.role] }
      : { id: `admin:${caller.name}`, kind: 'admin', roles: ['admin'] },
  );
}

/** A caller on this machine itself, and no proxy on it that speaks for somebody else. */
function isThisMachine(c: ApiContext): boolean {
  const context = c.env?.context;
  if (!context || context.client.forwarded) return false;
  const { request } = context;
  const forwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (name) => request.header(name) !== undefined,
  );
  return !forwarded && request.peer !== undefined && isLoopback(request.peer);
}
