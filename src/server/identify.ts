import type { RequestContext } from '../core/context.ts';
import { fact, Principal, type PrincipalValue } from '../core/fact.ts';
import { readCookie } from '../modules/browser/index.ts';
import type { Credential, Sessions, SessionState } from '../modules/identity/contract.ts';
import type { ClientFacts } from '../modules/identity/request.ts';
import { SignedIn, type SignedInValue } from '../modules/identity/signed-in.ts';
import { type DpopReplays, verifyDpopProof } from '../modules/identity/token/index.ts';
import { CONSOLE_ROLES } from './api/user-types.ts';

export { SignedIn, type SignedInValue } from '../modules/identity/signed-in.ts';

/**
 * Thumbprint (RFC 7638) of the key whose DPoP proof (RFC 9449) came with this request and was verified. A proof is good
 * once, so whoever verifies it first, the corridor, leaves the outcome here.
 */
export const DpopThumbprint = fact<string>('dpopThumbprint');

/** How proofs are verified, where sessions may be bound to keys. */
export interface DpopCheck {
  /** Base of the addresses that proofs name; never taken from the Host header. */
  readonly publicUrl: string;
  readonly replays: DpopReplays;
}

const SECURE_COOKIE = '__Host-rampart';
const LOCAL_COOKIE = 'rampart_session';
const DEVICE_COOKIES = ['__Host-rampart-device', 'rampart_device'] as const;
const ACCOUNT_COOKIE = /^rs_[A-Za-z0-9_-]{43}$/;

/**
 * What a request carries to prove an account: a bearer token of the form of a JWT, else the session cookie. The cookie
 * without a prefix counts only over plain http, where no prefix can be had.
 */
export function credentialOf(context: RequestContext): Credential | undefined {
  const { request } = context;
  const authorization = request.header('authorization');
  if (authorization !== undefined) {
    const scheme = /^(bearer|dpop) +(eyJ[^\s]*)$/i.exec(authorization.slice(0, 4_000));
    if (!scheme) return undefined;
    return { kind: scheme[1]?.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token: scheme[2] as string };
  }
  const cookies = request.header('cookie');
  if (cookies === undefined) return undefined;
  const plain = !isEncryptedFor(context);
  // Null says that it is there twice with different values: then nobody can tell which is ours.
  const secure = readCookie(cookies, SECURE_COOKIE);
  const token = secure === undefined && plain ? readCookie(cookies, LOCAL_COOKIE) : secure;
  return typeof token === 'string' && ACCOUNT_COOKIE.test(token) ? { kind: 'cookie', token } : undefined;
}

/** Whether the person's own connection is encrypted: seen here, or vouched for by a trusted proxy. */
export function isEncryptedFor({ request, client }: RequestContext): boolean {
  if (request.encrypted) return true;
  if (!client.forwarded) return false;
  // Several proxies may each have added theirs; the nearest is the one that is trusted.
  return request.header('x-forwarded-proto')?.split(',').at(-1)?.trim().toLowerCase() === 'https';
}

/** What a request carries to be known as a device, cut at 300 characters; nobody has verified it yet. */
export function deviceCookieOf({ request }: RequestContext): string | undefined {
  const cookies = request.header('cookie');
  const device =
    request.header('x-rampart-device') ??
    DEVICE_COOKIES.map((name) => readCookie(cookies, name)).find((value) => typeof value === 'string');
  return device?.slice(0, 300);
}

/** What identity looks at of a request. */
export function clientFactsOf(context: RequestContext): ClientFacts {
  const { request, client } = context;
  const device = deviceCookieOf(context);
  return {
    address: client.address,
    group: client.group,
    client: request.header('x-rampart-client')?.toLowerCase() === 'api' ? 'api' : 'browser',
    ...some('userAgent', request.header('user-agent')?.slice(0, 512)),
    ...some('language', request.header('accept-language')?.slice(0, 200)),
    ...some('platform', request.header('sec-ch-ua-platform')?.slice(0, 40)),
    ...some('timezone', request.header('x-rampart-timezone')?.slice(0, 64)),
    ...some('device', device),
    ...some('dpopThumbprint', context.get(DpopThumbprint)),
    ...some('decision', context.decisionId ?? undefined),
    route: context.plan.route.name,
  };
}

function some<K extends string>(key: K, value: string | undefined): { [name in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [name in K]?: string };
}

/**
 * Looks for an account behind the request and tells the corridor: `SignedIn`, and the principal where the sign-in is
 * whole. Waits only when the session is not in memory.
 */
export function identifyAccount(
  sessions: Pick<Sessions, 'identify'>,
  context: RequestContext,
  dpop?: DpopCheck,
): SignedInValue | null | Promise<SignedInValue | null> {
  const credential = credentialOf(context);
  if (dpop !== undefined) noteProof(context, credential, dpop);
  if (credential === undefined) return tell(context, undefined, false);
  const cookie = credential.kind === 'cookie';
  const found = sessions.identify(credential, clientFactsOf(context));
  return found instanceof Promise
    ? found.then((session) => tell(context, session, cookie))
    : tell(context, found, cookie);
}

function tell(
  context: RequestContext,
  session: SessionState | undefined,
  cookie: boolean,
): SignedInValue | null {
  const value = session === undefined ? null : { session, cookie };
  context.set(SignedIn, value);
  if (session !== undefined && session.scope === 'full') context.set(Principal, principalOf(session));
  return value;
}

/** Verifies the proof before anybody asks for it: it is good once. A wrong one leaves nothing, and a bound token fails. */
function noteProof(
  context: RequestContext,
  credential: Credential | undefined,
  { publicUrl, replays }: DpopCheck,
): void {
  const { request, nowMs } = context;
  const proof = request.header('dpop');
  if (proof === undefined) return;
  const path = request.target.split(/[?#]/, 1)[0] as string;
  const question = { proof, method: request.method, url: `${publicUrl}${path}`, nowMs };
  const verdict = verifyDpopProof(
    credential === undefined || credential.kind === 'cookie'
      ? question
      : { ...question, accessToken: credential.token },
    replays,
  );
  if (verdict.ok) context.set(DpopThumbprint, verdict.thumbprint);
}

/** The principal of the account behind a request, for a house's `identify`. */
export function principalBehind(
  sessions: Pick<Sessions, 'identify'>,
  context: RequestContext,
  dpop?: DpopCheck,
): PrincipalValue | undefined | Promise<PrincipalValue | undefined> {
  const found = identifyAccount(sessions, context, dpop);
  return found instanceof Promise ? found.then(() => context.get(Principal)) : context.get(Principal);
}

/** An account as later guards and the application see it. */
export function principalOf(session: SessionState): PrincipalValue {
  const operates = session.aal === 2 && CONSOLE_ROLES.some((role) => session.roles.includes(role));
  return {
    id: `user:${session.account}`,
    kind: operates ? 'admin' : 'user',
    roles: session.roles,
    session: session.id,
  };
}
