import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AuthenticationError, AuthorizationError } from '../../core/errors.ts';
import { Principal } from '../../core/fact.ts';
import { isLoopback, sessionCookie } from './cookies.ts';
import type { ApiPorts } from './ports.ts';
import type { Access, ApiContext } from './route.ts';
import { readSampleToken } from './sample-token.ts';

/** Who calls. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'operator'; readonly name: 'operator' }
  | {
      readonly kind: 'administrator';
      readonly name: string;
      /** The session's token, from the cookie. */
      readonly token: string;
      readonly expiresAtMs: number;
    }
  | { readonly kind: 'customer'; readonly id: string; readonly name: string };

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

/** The caller's name in the audit trail. */
export function nameOf(caller: Caller): string {
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
export async function admit(ports: ApiPorts, c: ApiContext, access: Access): Promise<Caller> {
  if (access === 'public') return ANONYMOUS;
  const caller = await identify(ports, c, access);
  tellCorridor(c, caller);
  if (caller.kind === 'anonymous') {
    if (access === 'metrics' && isThisMachine(c)) return caller;
    throw new AuthenticationError();
  }
  if (caller.kind === 'customer' && access !== 'sample') throw new AuthorizationError();
  if (access === 'operator' && caller.kind !== 'operator') throw new AuthorizationError();
  if (caller.kind === 'administrator' && c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    const given = c.req.header(CSRF_HEADER);
    if (given === undefined || !sameSecret(given, csrfTokenOf(caller.token))) {
      throw new AuthorizationError(`The header ${CSRF_HEADER} does not hold this session's token.`);
    }
  }
  return caller;
}

async function identify(ports: ApiPorts, c: ApiContext, access: Access): Promise<Caller> {
  const bearer = bearerOf(c);
  if (bearer !== undefined) {
    if (sameSecret(bearer, ports.facts.operatorKey)) return { kind: 'operator', name: 'operator' };
    const customer =
      access === 'sample' ? readSampleToken(ports.facts.secret, bearer, ports.clock.now()) : undefined;
    return customer ? { kind: 'customer', ...customer } : ANONYMOUS;
  }
  const token = sessionCookie(c);
  if (token === undefined) return ANONYMOUS;
  const session = await ports.stores.sessions.find(token, ports.clock.now(), true);
  return session ? { kind: 'administrator', token, ...session } : ANONYMOUS;
}

/** Lets the decision's record say who it was. */
function tellCorridor(c: ApiContext, caller: Caller): void {
  const context = c.env?.context;
  if (!context || caller.kind === 'anonymous' || context.get(Principal)) return;
  context.set(
    Principal,
    caller.kind === 'customer'
      ? { id: caller.id, kind: 'user', roles: ['customer'] }
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
