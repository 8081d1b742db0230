import { OptionsError } from '../../core/errors.ts';
import type { Mode } from '../../core/guard.ts';
import {
  custom,
  duration,
  type Fields,
  flag,
  list,
  object,
  oneOf,
  optional,
  readOptions,
  text,
} from '../../core/options.ts';
import { type CorsOptions, type CorsPolicy, readCors } from './cors.ts';
import { CSP_RISKS, type CspDirectives, type CspRisk } from './csp.ts';
import { HEADER_FIELDS, type HeaderOptions, orOff, type ResolvedHeaders } from './headers.ts';
import { exactOrigin, originPattern } from './origin.ts';

/** Content-Security-Policy (Level 3). */
export interface CspOptions {
  /** `enforce` (default), or `report`: browsers only report; framing stays denied. */
  readonly mode?: 'enforce' | 'report';
  /** Replaces the defaults directive by directive; `false` leaves one out. */
  readonly directives?: CspDirectives;
  /** A fresh nonce in each response, for pages; default true. Without it the header is built once. */
  readonly nonce?: boolean;
  /** Risks that the directives may take: 'unsafe-inline', 'wildcard' …; default none. */
  readonly acceptedRisks?: readonly CspRisk[];
  /** Ask browsers to load http parts over https; default true. */
  readonly upgradeInsecureRequests?: boolean;
  /** Path or https URL that takes reports, such as '/csp-reports'; default none. At most 300 characters. */
  readonly reportPath?: string;
}

/** Protection against forged requests. */
export interface CsrfOptions {
  /** `enforce` (default) refuses; `shadow` only records. Set once, not per route. */
  readonly mode?: Mode;
  /** This site's own origins; default derived from the Host header. At most 100. */
  readonly origins?: readonly string[];
  /** Other origins that may change state, beside those of the CORS policy; default none, at most 100. */
  readonly trustedOrigins?: readonly string[];
  /** Pages of sibling domains: `refuse` (default) or `allow`. */
  readonly sameSite?: 'refuse' | 'allow';
  /** GET, HEAD and OPTIONS: `pass` (default), or `check` where one changes state. */
  readonly safeMethods?: 'pass' | 'check';
  /** X-HTTP-Method-Override and `?_method=`: `refuse` (default), or `check` as state-changing. */
  readonly methodOverride?: 'refuse' | 'check';
  /** `json` refuses bodies that a form could send (415) on JSON routes; default `any`. */
  readonly contentTypes?: 'any' | 'json';
  /** Refuse cross-site loads other than navigations, also for GET; default false. */
  readonly isolate?: boolean;
  /** Cookie whose value tokens are bound to; default '__Host-session'. */
  readonly sessionCookie?: string;
  /** Cookie that holds the token; default '__Host-csrf'. */
  readonly tokenCookie?: string;
  /** Header that must repeat it, lower case; default 'x-rampart-csrf'. */
  readonly tokenHeader?: string;
  /** Life of a token; default '24h', '1m' to '30d'. */
  readonly tokenMaxAge?: string;
}

/** What browsers are told and asked. Each part may be switched off with `false`. */
export interface BrowserOptions {
  /** Security headers; default on. */
  readonly headers?: HeaderOptions | false;
  /** Content-Security-Policy; default on. Even when off, framing is denied as `headers.frame` says. */
  readonly csp?: CspOptions | false;
  /** CORS; default off: no other site's script reads anything. */
  readonly cors?: CorsOptions | false;
  /** CSRF; default on. */
  readonly csrf?: CsrfOptions | false;
}

/** Settings of a route: merged over the module's options, part by part and key by key. */
export interface BrowserRouteOptions {
  /** Security headers that differ here, or `false` for none. */
  readonly headers?: HeaderOptions | false;
  /** Keys of the policy that differ here, or `false`: framing stays denied as `headers.frame` says. */
  readonly csp?: CspOptions | false;
  /** Keys that are left out come from the module's options; `false` for no other site. */
  readonly cors?: Partial<CorsOptions> | false;
  /** Keys of the CSRF check that differ here, or `false` for no check; the mode is the module's. */
  readonly csrf?: Omit<CsrfOptions, 'mode'> | false;
}

/** CSP options with defaults. */
export interface ResolvedCsp {
  readonly mode: 'enforce' | 'report';
  readonly directives: CspDirectives;
  readonly nonce: boolean;
  readonly acceptedRisks: readonly CspRisk[];
  readonly upgradeInsecureRequests: boolean;
  readonly reportPath: string | undefined;
}

/** CSRF options with defaults. */
export interface ResolvedCsrf {
  readonly mode: Mode;
  readonly origins: readonly string[];
  readonly trustedOrigins: readonly string[];
  readonly sameSite: 'refuse' | 'allow';
  readonly safeMethods: 'pass' | 'check';
  readonly methodOverride: 'refuse' | 'check';
  readonly contentTypes: 'any' | 'json';
  readonly isolate: boolean;
  readonly sessionCookie: string;
  readonly tokenCookie: string;
  readonly tokenHeader: string;
  /** Milliseconds. */
  readonly tokenMaxAge: number;
}

/** All options with defaults. */
export interface ResolvedBrowser {
  readonly headers: ResolvedHeaders | false;
  readonly csp: ResolvedCsp | false;
  readonly cors: CorsPolicy | false;
  readonly csrf: ResolvedCsrf | false;
}

const directives = custom(
  'directives with their sources',
  (value, path): CspDirectives => {
    if (value === undefined) return {};
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new OptionsError(path, "expected an object such as { 'img-src': [\"'self'\"] }");
    return value; // Names and sources are checked where the policy is built, which knows the other options.
  },
  true,
);

const CSP: Fields<ResolvedCsp> = {
  mode: oneOf(['enforce', 'report'], 'enforce'),
  directives,
  nonce: flag(true),
  acceptedRisks: list(oneOf(CSP_RISKS), { default: [] }),
  upgradeInsecureRequests: flag(true),
  reportPath: optional(
    text({
      max: 300,
      pattern: /^(?:\/|https:\/\/)[A-Za-z0-9._~:/?=&%-]+$/,
      about: "path such as '/csp-reports', or https URL",
    }),
  ),
};

const cookieName = (fallback: string) =>
  text({ max: 256, pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, default: fallback, about: 'cookie name' });

const CSRF: Fields<ResolvedCsrf> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  origins: list(exactOrigin, { atMost: 100, default: [] }),
  trustedOrigins: list(originPattern, { atMost: 100, default: [] }),
  sameSite: oneOf(['refuse', 'allow'], 'refuse'),
  safeMethods: oneOf(['pass', 'check'], 'pass'),
  methodOverride: oneOf(['refuse', 'check'], 'refuse'),
  contentTypes: oneOf(['any', 'json'], 'any'),
  isolate: flag(false),
  sessionCookie: cookieName('__Host-session'),
  tokenCookie: cookieName('__Host-csrf'),
  tokenHeader: text({
    max: 100,
    pattern: /^[a-z0-9-]+$/,
    default: 'x-rampart-csrf',
    about: 'header name in lower case',
  }),
  tokenMaxAge: duration({ min: '1m', max: '30d', default: '24h' }),
};

const FIELDS: Fields<ResolvedBrowser> = {
  headers: orOff(object(HEADER_FIELDS, {})),
  csp: orOff(object(CSP, {})),
  cors: custom(
    'CORS options, or false (default)',
    (value, path) => (value === undefined || value === false ? false : readCors(path, value)),
    true,
  ),
  csrf: orOff(object(CSRF, {})),
};

/** @throws OptionsError naming the path and the reason */
export function readBrowserOptions(path: string, given: unknown): ResolvedBrowser {
  return readOptions(path, given, FIELDS);
}

const PARTS = ['headers', 'csp', 'cors', 'csrf'] as const;

/**
 * Lays a route's settings over the module's options.
 * @throws OptionsError on an unknown part, or a `csrf.mode` (a guard has one mode)
 */
export function mergeRoute(path: string, base: BrowserOptions, route: unknown): Record<string, unknown> {
  if (typeof route !== 'object' || route === null || Array.isArray(route))
    throw new OptionsError(path, 'expected an object, or false');
  const given = route as Record<string, unknown>;
  const merged: Record<string, unknown> = { ...base, ...given };
  for (const part of PARTS) {
    const own = given[part];
    const under = base[part];
    if (typeof own !== 'object' || own === null) continue;
    if (part === 'csrf' && 'mode' in own)
      throw new OptionsError(`${path}.csrf.mode`, 'is set once for all routes');
    merged[part] = { ...(typeof under === 'object' ? under : {}), ...own };
  }
  return merged;
}
