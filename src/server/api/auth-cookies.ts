import { AuthorizationError } from '../../core/errors.ts';
import { clearCookie, cookie, type CookieOptions, readCookie } from '../../modules/browser/index.ts';
import { isEncrypted, isLocalHost } from './cookies.ts';
import type { ApiContext } from './route.ts';

/** Without the prefix that `cookie()` writes over https: `__Host-rampart`, `__Host-rampart-device`. */
const SECURE_NAMES = { session: 'rampart', device: 'rampart-device' } as const;
const LOCAL_NAMES = { session: 'rampart_session', device: 'rampart_device' } as const;
type CookieKind = keyof typeof SECURE_NAMES;

/** As long as browsers keep a cookie at all (RFC 6265bis 5.5): the device is known until its owner forgets it. */
const DEVICE_SECONDS = 400 * 86_400;
const SESSION_FORM = /^rs_[A-Za-z0-9_-]{43}$/;
/** What a cookie can hold; longer ones than we ever write are somebody else's. */
const DEVICE_FORM = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,300}$/;

function fullName(c: ApiContext, kind: CookieKind): string {
  return isEncrypted(c) ? `__Host-${SECURE_NAMES[kind]}` : LOCAL_NAMES[kind];
}

function attributes(secure: boolean): CookieOptions {
  // Lax, so that a link in a mail or another page opens the application signed in; writes never come along cross-site.
  return { prefix: secure ? 'host' : 'none', secure, sameSite: 'Lax', httpOnly: true, path: '/' };
}

function write(c: ApiContext, kind: CookieKind, value: string, maxAgeSeconds: number): string {
  const secure = isEncrypted(c);
  const name = (secure ? SECURE_NAMES : LOCAL_NAMES)[kind];
  return cookie(name, value, {
    ...attributes(secure),
    maxAgeSeconds: Math.max(0, Math.floor(maxAgeSeconds)),
  });
}

/** One value, once or repeated; with different values nobody can tell which is ours (A17), and none counts. */
function read(c: ApiContext, kind: CookieKind, form: RegExp): string | undefined {
  const value = readCookie(c.req.header('cookie'), fullName(c, kind));
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

/** The value of an account's session cookie, where there is exactly one that has its form. */
export function accountCookie(c: ApiContext): string | undefined {
  return read(c, 'session', SESSION_FORM);
}

/** The value of the device cookie, where there is exactly one. */
export function deviceCookie(c: ApiContext): string | undefined {
  return read(c, 'device', DEVICE_FORM);
}

/**
 * `set-cookie` for an account's session: HttpOnly, SameSite=Lax, Path=/, and `__Host-` with Secure over https.
 * @param maxAgeSeconds cut to the 400 days that browsers allow
 */
export function setAccountCookie(c: ApiContext, value: string, maxAgeSeconds: number): string {
  return write(c, 'session', value, Math.min(maxAgeSeconds, DEVICE_SECONDS));
}

/** `set-cookie` for the device: the same attributes, for 400 days. */
export function setDeviceCookie(c: ApiContext, value: string): string {
  return write(c, 'device', value, DEVICE_SECONDS);
}

/** `set-cookie` that takes the session cookie away. */
export function clearAccountCookie(c: ApiContext): string {
  const secure = isEncrypted(c);
  return clearCookie((secure ? SECURE_NAMES : LOCAL_NAMES).session, attributes(secure));
}

/** `set-cookie` that takes the device cookie away: only where the account itself is gone. */
export function clearDeviceCookie(c: ApiContext): string {
  const secure = isEncrypted(c);
  return clearCookie((secure ? SECURE_NAMES : LOCAL_NAMES).device, attributes(secure));
}

/**
 * To be asked before anything is done that would end in a cookie, so that no code or link is used up for nothing.
 * @throws AuthorizationError over plain http from anywhere but this machine, where everybody on the way could read it
 */
export function requireCookieWay(c: ApiContext): void {
  if (isEncrypted(c) || isLocalHost(c)) return;
  throw new AuthorizationError(
    'Signing in with a browser needs https, or http://localhost on this machine itself. Behind a proxy that ends https, name it in trustProxy.',
  );
}
