import { RampartError } from '../../core/errors.ts';

/** Attributes of a cookie; the defaults are the strictest that work for a session. */
export interface CookieOptions {
  /** `host` (default) binds it to this very host (`__Host-`), `secure` to https, `none` to nothing. */
  readonly prefix?: 'host' | 'secure' | 'none';
  /** Default '/', the only one that `__Host-` allows. */
  readonly path?: string;
  /** Also sub-domains of this one; refused with `__Host-`. */
  readonly domain?: string;
  /** Seconds until it goes; absent: when the browser closes. 0 deletes. At most 400 days, as browsers cap it. */
  readonly maxAgeSeconds?: number;
  /** Default 'Lax'. 'None' needs `secure`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Out of reach of scripts; default true. */
  readonly httpOnly?: boolean;
  /** Only over https; default true. Off only with prefix `none`. */
  readonly secure?: boolean;
  /** One jar per embedding site (CHIPS); default false. Needs `secure`. */
  readonly partitioned?: boolean;
}

const MAX_BYTES = 4096;
const MAX_AGE_SECONDS = 400 * 86_400;

/**
 * Writes a Set-Cookie value (RFC 6265bis).
 * @param name without prefix; a prefix in the name must be the one of `prefix`
 * @throws RampartError `COOKIE_INVALID` on characters that cannot stand there (nothing is encoded silently), on more than
 * 4,096 bytes of name and value, and on attributes that contradict each other
 */
export function cookie(name: string, value: string, options: CookieOptions = {}): string {
  const { path = '/', sameSite = 'Lax', httpOnly = true, secure = true, partitioned = false } = options;
  const full = prefixedName(name, options.prefix ?? 'host');
  if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value))
    fail('its value holds a character that no cookie can hold');
  if (full.length + value.length > MAX_BYTES) fail(`name and value take more than ${MAX_BYTES} bytes`);
  if (!/^\/[\x20-\x3a\x3c-\x7e]{0,1000}$/.test(path))
    fail('its path does not start with / or holds a control character or ;');
  if (!secure && (full.startsWith('__') || sameSite === 'None' || partitioned)) fail('it must be secure');
  if (full.startsWith('__Host-') && (path !== '/' || options.domain !== undefined))
    fail('__Host- allows neither a domain nor a path');
  if (!['Strict', 'Lax', 'None'].includes(sameSite)) fail('sameSite is Strict, Lax or None');
  let text = `${full}=${value}; Path=${path}`;
  if (options.domain !== undefined) {
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(options.domain) || options.domain.length > 253)
      fail('its domain is none');
    text += `; Domain=${options.domain}`;
  }
  const { maxAgeSeconds } = options;
  if (maxAgeSeconds !== undefined) {
    if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 0 || maxAgeSeconds > MAX_AGE_SECONDS)
      fail('its age is 0 to 400 days in whole seconds');
    text += `; Max-Age=${maxAgeSeconds}`;
  }
  if (secure) text += '; Secure';
  if (httpOnly) text += '; HttpOnly';
  text += `; SameSite=${sameSite}`;
  return partitioned ? `${text}; Partitioned` : text;
}

/** Writes the Set-Cookie value that deletes a cookie; name and options as it was set. */
export function clearCookie(name: string, options: CookieOptions = {}): string {
  return cookie(name, '', { ...options, maxAgeSeconds: 0 });
}

function prefixedName(name: string, prefix: 'host' | 'secure' | 'none'): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(name)) fail('its name is no token of 1 to 256 characters');
  const wanted = prefix === 'host' ? '__Host-' : prefix === 'secure' ? '__Secure-' : '';
  if (wanted !== '' && name.startsWith(wanted)) return name;
  // `__host-x` would look protected to a careless reader, and to some browsers.
  if (/^__(?:host|secure|http|host-http)-/i.test(name)) fail('its name imitates a prefix');
  return wanted + name;
}

function fail(reason: string): never {
  throw new RampartError('COOKIE_INVALID', `The cookie cannot be written: ${reason}.`);
}

/**
 * Reads a cookie from a Cookie header: exact name, case and all, so that `__host-x` is another cookie than `__Host-x`.
 * @returns `undefined` when it is not there; `null` when it is there with different values, of which a page of a
 * sub-domain may have planted one: treat it as not signed in
 */
export function readCookie(header: string | undefined, name: string): string | null | undefined {
  if (header === undefined || header.length > 65_536) return undefined;
  let found: string | undefined;
  let at = 0;
  while (at < header.length) {
    const semicolon = header.indexOf(';', at);
    const end = semicolon < 0 ? header.length : semicolon;
    const start = skipBlanks(header, at, end);
    if (
      header.startsWith(name, start) &&
      header.charCodeAt(start + name.length) === 61 &&
      start + name.length < end
    ) {
      const value = header.slice(start + name.length + 1, trimEnd(header, end, start));
      if (found !== undefined && found !== value) return null;
      found = value;
    }
    at = end + 1;
  }
  return found;
}

/** Only blanks and tabs: a parser that trims more (U+00A0, U+000B) turns other names into this one. */
function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
  return at;
}

function trimEnd(text: string, end: number, start: number): number {
  let at = end;
  while (at > start && (text.charCodeAt(at - 1) === 32 || text.charCodeAt(at - 1) === 9)) at--;
  return at;
}
