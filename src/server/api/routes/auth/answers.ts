import { AuthenticationError } from '../../../../core/errors.ts';
import type {
  FactorSummary,
  PasskeyView,
  SessionScope,
  SessionState,
} from '../../../../modules/identity/contract.ts';
import type {
  Granted,
  Identity,
  PasskeyQuestion,
  SecondStep,
  UserView,
} from '../../../../modules/identity/facade.ts';
import { mfaRequired, passwordResetRequired } from '../../../../modules/identity/errors.ts';
import { phoneHint } from '../../../../modules/identity/index.ts';
import type { AccountRow, SignInRow } from '../../../../modules/identity/tables/accounts.ts';
import {
  clearAccountCookie,
  clearDeviceCookie,
  setAccountCookie,
  setDeviceCookie,
} from '../../auth-cookies.ts';
import type {
  Accepted,
  AuthFactor,
  AuthUser,
  MfaRequired,
  MfaStatus,
  NewTokens,
  Passkey,
  SignedIn,
  SignInHistory,
} from '../../auth-types.ts';
import type { Caller } from '../../caller.ts';
import type { AccountPorts } from '../../ports.ts';
import { type ApiContext, empty, json, type Route } from '../../route.ts';

/** The ports of a server that keeps accounts. */
export type AuthPorts = AccountPorts & { readonly identity: Identity };

const FULL: readonly SessionScope[] = ['full'];

/**
 * The caller's session. A sign-in that lacks a step reaches only the routes that say so (A36).
 * @param scopes what the session may be for; `full` alone unless told otherwise
 * @throws AuthenticationError when no account calls; AppError 403 MFA_REQUIRED, PASSWORD_RESET_REQUIRED
 */
export function sessionOf(caller: Caller, scopes: readonly SessionScope[] = FULL): SessionState {
  if (caller.kind !== 'account') throw new AuthenticationError();
  const { session } = caller;
  if (scopes.includes(session.scope)) return session;
  throw session.scope === 'reset' ? passwordResetRequired() : mfaRequired();
}

/**
 * A route of access `partial` that is open to sessions of these scopes: others are refused before anything is read.
 * @param scopes as for `sessionOf`
 */
export function within(scopes: readonly SessionScope[], one: Route): Route {
  return {
    spec: one.spec,
    async run(c, caller) {
      sessionOf(caller, scopes);
      return one.run(c, caller);
    },
  };
}

/** What is answered whether or not anything was done (A22). */
export function accepted(): Response {
  return json({ accepted: true } satisfies Accepted, 202);
}

/** An account as its owner sees it: named fields only, whatever else the object holds. */
export function authUser(user: UserView): AuthUser {
  const { id, email, name, locale, roles, emailVerified, createdAtMs } = user;
  return { id, email, name, locale, roles, emailVerified, createdAtMs };
}

/** The same, from the account's row. */
export function authUserOfRow(row: AccountRow): AuthUser {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    locale: row.locale,
    roles: row.roles,
    emailVerified: row.email_verified_at_ms !== null,
    createdAtMs: row.created_at_ms,
  };
}

/** New tokens of an API client, in the words of auth-types.ts; nothing for a browser. */
export function newTokens(granted: Granted): NewTokens {
  const { tokens } = granted.grant;
  if (!tokens) return {};
  const { accessToken, refreshToken, expiresInSeconds } = tokens;
  return { accessToken, refreshToken, expiresIn: expiresInSeconds };
}

/**
 * An answer beside a grant: browsers get cookies and never a token in the body, where a script could read it; API clients
 * get tokens and no cookies.
 */
export function withGrant(c: ApiContext, granted: Granted, body: object, status = 200): Response {
  const { cookie } = granted.grant;
  const response = json(cookie ? body : { ...body, ...newTokens(granted) }, status);
  if (!cookie) return response;
  response.headers.append('set-cookie', setAccountCookie(c, cookie.value, cookie.maxAgeSeconds));
  if (granted.deviceCookie !== null) {
    response.headers.append('set-cookie', setDeviceCookie(c, granted.deviceCookie));
  }
  return response;
}

/** The answer to somebody who is signed in, or has new tokens. */
export function signedIn(c: ApiContext, granted: Granted): Response {
  const device = granted.grant.cookie ? null : granted.deviceCookie;
  const body: SignedIn = {
    mfaRequired: false,
    user: authUser(granted.user),
    ...(device === null ? {} : { deviceToken: device }),
    scope: granted.grant.session.scope,
  };
  return withGrant(c, granted, body);
}

/** The answer where a second step is due: no cookie and no token, only the challenge. */
export function secondStep(step: SecondStep): Response {
  const body: MfaRequired = {
    mfaRequired: true,
    challenge: step.challenge,
    factors: step.factors,
    ...(step.phoneHint === null ? {} : { phoneHint: step.phoneHint }),
    expiresAtMs: step.expiresAtMs,
  };
  return json(body);
}

/**
 * The answer to somebody whose session has ended: a browser forgets it, and what it kept of pages. No `"cookies"`: that would take the cookies of every host of the site, other applications' too, and the device cookie
 * (W3C Clear Site Data 3.2); our own session cookie goes by name.
 * @param device whether the device is forgotten too: only where the account itself is gone
 */
export function signedOut(c: ApiContext, session: SessionState, device = false): Response {
  if (session.client !== 'browser') return empty();
  const response = empty({ 'clear-site-data': '"cache", "storage"' });
  response.headers.append('set-cookie', clearAccountCookie(c));
  if (device) response.headers.append('set-cookie', clearDeviceCookie(c));
  return response;
}

/** Options of WebAuthn with the challenge to be handed back. */
export function passkeyQuestion({ challenge, options }: PasskeyQuestion): Response {
  return json({ challenge, options });
}

/** A passkey as its owner sees it. */
export function passkeyOf(view: PasskeyView): Passkey {
  const { id, name, createdAtMs, lastUsedAtMs, backedUp } = view;
  return { id, name, createdAtMs, lastUsedAtMs, backedUp };
}

/** Enrolled second factors; of the phone number only its end. */
export function factorStatesOf(summary: FactorSummary): Omit<MfaStatus, 'enforced'> {
  const { totp, sms, backupCodes, passkeys } = summary;
  return {
    totp: totp && {
      confirmedAtMs: totp.confirmedAtMs,
      lastUsedAtMs: totp.lastUsedAtMs,
      disabled: totp.disabled,
    },
    sms: sms && { phoneHint: phoneHint(sms.phone), disabled: sms.disabled },
    backupCodes: backupCodes && { left: backupCodes.left, createdAtMs: backupCodes.createdAtMs },
    passkeys: passkeys.map(passkeyOf),
  };
}

/** A line of the sign-in history. */
export function historyEntry(row: SignInRow): SignInHistory['entries'][number] {
  return {
    id: row.id,
    atMs: row.at_ms,
    outcome: row.outcome,
    factors: row.factors as readonly AuthFactor[],
    address: row.address,
    deviceName: row.device_name,
    place: row.place,
  };
}
