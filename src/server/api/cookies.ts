import type { ApiContext } from './route.ts';
import { formatAddress, parseAddress } from '../../core/address.ts';
import { isEncryptedFor } from '../identify.ts';

/** Over https the prefix makes browsers refuse the cookie unless it is Secure, of this host alone and of path `/`. */
const SECURE_NAME = '__Host-rampart';
const LOCAL_NAME = 'rampart_session';

/** Whether the person's own connection is encrypted: seen here, or vouched for by a trusted proxy. */
export function isEncrypted(c: ApiContext): boolean {
  const context = c.env?.context;
  if (!context) return new URL(c.req.url).protocol === 'https:';
  return isEncryptedFor(context);
}

/** Whether the browser was pointed at this machine itself, where plain http leaves nothing to be overheard. */
export function isLocalHost(c: ApiContext): boolean {
  const { hostname } = new URL(c.req.url);
  return hostname === 'localhost' || hostname.endsWith('.localhost') || isLoopback(hostname);
}

/** Whether a text is a loopback address. */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text);
  if (!address) return false;
  return address.version === 4 ? address.bytes[0] === 127 : formatAddress(address) === '::1';
}

/**
 * The session's token, if the cookie is there. When it is there twice with different values nobody can tell which is
 * ours (a neighbouring subdomain may have planted one), and neither counts.
 */
export function sessionCookie(c: ApiContext): string | undefined {
  const header = c.req.header('cookie');
  if (header === undefined || header.length > 16_384) return undefined;
  const name = isEncrypted(c) ? SECURE_NAME : LOCAL_NAME;
  let found: string | undefined;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals < 0 || part.slice(0, equals).trim() !== name) continue;
    const value = part.slice(equals + 1).trim();
    if (found !== undefined && found !== value) return undefined;
    found = value;
  }
  return found !== undefined && /^[A-Za-z0-9_-]{43}$/.test(found) ? found : undefined;
}

/** `set-cookie` for a session; an empty token takes the cookie away. */
export function setSessionCookie(c: ApiContext, token: string, maxAgeSeconds: number): string {
  const secure = isEncrypted(c);
  return [
    `${secure ? SECURE_NAME : LOCAL_NAME}=${token}`,
    'Path=/',
    `Max-Age=${token === '' ? 0 : maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(secure ? ['Secure'] : []),
  ].join('; ');
}
