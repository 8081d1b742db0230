import type { RequestContext } from '../../core/context.ts';
import type { RequestView } from '../../core/request.ts';
import { readCookie } from './cookies.ts';
import type { CsrfFeatures, CsrfPolicy, OriginClass } from './csrf.ts';
import { type CsrfTokens, sameText } from './csrf-token.ts';
import { isOrigin, OriginSet } from './origin.ts';
import type { ResolvedCsrf } from './options.ts';

/** What one route's check is made of. */
export interface CompiledCsrf {
  readonly policy: CsrfPolicy;
  readonly own: ReadonlySet<string>;
  /** Listed origins, or those that the route's CORS policy names. */
  trusts(origin: string): boolean;
  readonly tokens: CsrfTokens | null;
  readonly options: ResolvedCsrf;
}

/**
 * Readies the check of one route.
 * @param allows what the route's CORS policy answers about an origin; absent without CORS
 */
export function compileCsrf(
  options: ResolvedCsrf,
  tokens: CsrfTokens | null,
  cors: { readonly open: boolean; allows(origin: string): boolean } | null,
): CompiledCsrf {
  const trusted = new OriginSet(options.trustedOrigins);
  return {
    policy: {
      safeMethods: options.safeMethods,
      methodOverride: options.methodOverride,
      sameSite: options.sameSite,
      contentTypes: options.contentTypes,
      isolate: options.isolate,
      ownKnown: options.origins.length > 0,
      open: cors !== null && cors.open,
    },
    own: new Set(options.origins),
    trusts: (origin) => trusted.has(origin) || (cors !== null && !cors.open && cors.allows(origin)),
    tokens,
    options,
  };
}

/** Reads what the decision needs. Costly parts (cookies, signature) are read only where nothing else tells. */
export function readCsrfFeatures(context: RequestContext, compiled: CompiledCsrf): CsrfFeatures {
  const { request } = context;
  const site = siteOf(request.header('sec-fetch-site'));
  const origin = request.header('origin');
  const referer = site === null && origin === undefined ? request.header('referer') : undefined;
  const cookies = request.header('cookie');
  const needsToken = site === null && (origin === 'null' || (origin === undefined && cookies !== undefined));
  return {
    method: request.method,
    websocket: isWebSocket(request),
    override: overrideOf(request),
    site,
    navigate: isNavigation(request),
    origin: origin === undefined ? null : classOf(origin, context, compiled),
    referer: referer === undefined ? null : classOf(originOfUrl(referer), context, compiled),
    cookies: cookies !== undefined && cookies !== '',
    authorization: authorizationOf(request.header('authorization')),
    body: bodyOf(request),
    token: needsToken ? tokenOf(context, compiled) : 'absent',
  };
}

const SITES = new Map<string, CsrfFeatures['site']>(
  (['same-origin', 'same-site', 'cross-site', 'none'] as const).map((word) => [word, word]),
);

function siteOf(value: string | undefined): CsrfFeatures['site'] {
  return value === undefined ? null : (SITES.get(value) ?? 'other');
}

/** A frame or plug-in also navigates, but within another page. */
function isNavigation(request: RequestView): boolean {
  if (request.header('sec-fetch-mode') !== 'navigate') return false;
  const destination = request.header('sec-fetch-dest');
  return destination !== 'object' && destination !== 'embed';
}

/** Whether the request opens a WebSocket (RFC 6455; over HTTP/2 browsers say so in Sec-Fetch-Mode). */
export function isWebSocket(request: RequestView): boolean {
  const upgrade = request.header('upgrade');
  if (upgrade !== undefined && upgrade.toLowerCase().includes('websocket')) return true;
  return request.header('sec-fetch-mode') === 'websocket';
}

/** Whether something asks for another method than the request line's. */
export function overrideOf(request: RequestView): CsrfFeatures['override'] {
  const { method } = request;
  for (const name of OVERRIDE_HEADERS) {
    const value = request.header(name);
    if (value !== undefined && value.toUpperCase() !== method) return 'header';
  }
  const query = request.target.indexOf('?');
  return query >= 0 && hasMethodParameter(request.target, query + 1) ? 'query' : 'none';
}

const OVERRIDE_HEADERS = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const;

/** Looks for a parameter `_method`, in any case and encoding, also as `_method[]`. One pass over the query. */
function hasMethodParameter(target: string, from: number): boolean {
  for (let at = from; at < target.length;) {
    const next = target.indexOf('&', at);
    const end = next < 0 ? target.length : next;
    const first = target.charCodeAt(at);
    // `_`, or encoded; 21 characters are the longest way to write the name.
    if (
      (first === 95 || first === 37) &&
      /^_method(?:[=[]|$)/.test(decodeName(target.slice(at, Math.min(end, at + 40))))
    )
      return true;
    at = end + 1;
  }
  return false;
}

function decodeName(text: string): string {
  return text
    .replace(/%([0-7][0-9a-f])/gi, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .toLowerCase();
}

function authorizationOf(value: string | undefined): CsrfFeatures['authorization'] {
  if (value === undefined) return 'none';
  return /^(?:bearer|dpop) /i.test(value) ? 'token' : 'ambient';
}

/** What a form of any site can send: urlencoded, multipart, text/plain, or no type at all (a Blob without one). */
function bodyOf(request: RequestView): CsrfFeatures['body'] {
  const type = request.header('content-type');
  if (type === undefined || type.trim() === '') {
    const length = request.header('content-length');
    const empty =
      (length === undefined || length === '0') && request.header('transfer-encoding') === undefined;
    return empty ? 'none' : 'simple';
  }
  const semicolon = type.indexOf(';');
  const essence = (semicolon < 0 ? type : type.slice(0, semicolon)).trim().toLowerCase();
  if (essence === 'application/json' || (essence.startsWith('application/') && essence.endsWith('+json')))
    return 'json';
  return SIMPLE_TYPES.has(essence) ? 'simple' : 'other';
}

const SIMPLE_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);

function originOfUrl(url: string): string {
  const slash = url.indexOf('/', url.indexOf('://') + 3);
  return slash < 0 ? url : url.slice(0, slash);
}

function classOf(origin: string, context: RequestContext, compiled: CompiledCsrf): OriginClass {
  if (origin === 'null') return 'null';
  const own = compiled.own.size > 0 ? compiled.own.has(origin) : isHost(origin, context);
  if (own) return 'own';
  return isOrigin(origin) && compiled.trusts(origin) ? 'trusted' : 'foreign';
}

/**
 * Whether the origin is the host that the request was sent to. No page can choose the Host header of its visitors, so
 * that it may be compared with; what it cannot tell from is DNS rebinding, against which `origins` helps. The scheme
 * must be https where this hop is encrypted; behind a proxy that ends TLS either may be true.
 * X-Forwarded-Host counts only when a trusted proxy named the client.
 */
function isHost(origin: string, context: RequestContext): boolean {
  const { request, client } = context;
  if (sameHost(origin, request.header('host'), request.encrypted)) return true;
  return client.forwarded && sameHost(origin, request.header('x-forwarded-host'), false);
}

function sameHost(origin: string, host: string | undefined, encrypted: boolean): boolean {
  if (host === undefined || host === '') return false;
  const https = origin.startsWith('https://');
  if (!https && (encrypted || !origin.startsWith('http://'))) return false;
  const start = https ? 8 : 7;
  const standard = https ? ':443' : ':80';
  const bare = host.endsWith(standard) ? host.slice(0, -standard.length) : host;
  return origin.length === start + bare.length && origin.endsWith(bare.toLowerCase());
}

function tokenOf(context: RequestContext, compiled: CompiledCsrf): CsrfFeatures['token'] {
  const { tokens, options } = compiled;
  const given = context.request.header(options.tokenHeader);
  if (given === undefined || tokens === null) return 'absent';
  const header = context.request.header('cookie');
  const planted = readCookie(header, options.tokenCookie);
  const session = readCookie(header, options.sessionCookie);
  if (typeof planted !== 'string' || session === null || !sameText(planted, given)) return 'invalid';
  return tokens.verify(given, session ?? '', context.nowMs) ? 'valid' : 'invalid';
}
