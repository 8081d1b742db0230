import type { Decider } from '../../core/decide.ts';
import { OptionsError } from '../../core/errors.ts';
import { answer, deny, pass, type Reason, type Refusal, type Reply } from '../../core/verdict.ts';
import { custom, duration, type Fields, flag, list, readOptions, text } from '../../core/options.ts';
import { isLoopbackOrigin, isOrigin, originPattern, OriginSet } from './origin.ts';

/** Cross-Origin Resource Sharing (Fetch standard): which other sites' scripts may read answers. */
export interface CorsOptions {
  /** `'*'` for everybody (no credentials), `'ask'` for the port `allowOrigin`, or origins; at most 1,000. */
  readonly origins: '*' | 'ask' | readonly string[];
  /** Cookies and answers to them; default false. Refused with `'*'` and with http origins. */
  readonly credentials?: boolean;
  /** Methods that a preflight grants; default GET, HEAD, POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[];
  /** Request headers that a preflight grants; default content-type and authorization. */
  readonly allowedHeaders?: readonly string[];
  /** Response headers that scripts may read; default those of the house (limits, retry-after, decision). */
  readonly exposedHeaders?: readonly string[];
  /** How long browsers keep a preflight's answer; default '1h', at most '24h' (Chromium stops at '2h'). */
  readonly maxAge?: string;
  /** Grant requests from public pages into a private network; default false. */
  readonly privateNetwork?: boolean;
}

/** The options with defaults filled in: plain data, kept as the state of decisions. */
export interface CorsPolicy {
  readonly origins: '*' | 'ask' | readonly string[];
  readonly credentials: boolean;
  readonly methods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  /** Milliseconds. */
  readonly maxAge: number;
  readonly privateNetwork: boolean;
}

/** Says whether an origin may read answers of a route. Never asked about `null`. Must be quick and must not throw. */
export type AllowOrigin = (origin: string, route: string) => boolean;

const origins = custom("'*', 'ask' or a list of origins", (value, path): CorsPolicy['origins'] => {
  if (value === '*' || value === 'ask') return value;
  if (value instanceof RegExp || typeof value === 'function')
    throw new OptionsError(path, "write the origins out, or 'ask' and hand in the port allowOrigin");
  return list(originPattern, { atMost: 1_000 }).parse(value, path);
});

const HOUSE_HEADERS = [
  'x-rampart-decision',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
];
const headerName = text({ max: 100, pattern: /^[a-z0-9-]+$|^\*$/i, about: 'header name' });

const FIELDS: Fields<CorsPolicy> = {
  origins,
  credentials: flag(false),
  methods: list(text({ max: 20, pattern: /^[A-Z]+$/, about: 'method in upper case' }), {
    atMost: 20,
    default: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  }),
  allowedHeaders: list(headerName, { atMost: 100, default: ['content-type', 'authorization'] }),
  exposedHeaders: list(headerName, { atMost: 100, default: HOUSE_HEADERS }),
  maxAge: duration({ min: '0s', max: '24h', default: '1h' }),
  privateNetwork: flag(false),
};

/** @throws OptionsError on nonsense, and on combinations that would let any site act as the user */
export function readCors(path: string, given: unknown): CorsPolicy {
  const policy = readOptions(path, given, FIELDS);
  if (!policy.credentials) return policy;
  if (policy.origins === '*')
    throw new OptionsError(`${path}.credentials`, "cannot stand beside origins '*'");
  for (const name of ['allowedHeaders', 'exposedHeaders'] as const)
    if (policy[name].includes('*'))
      throw new OptionsError(`${path}.${name}`, "'*' means nothing beside credentials");
  if (typeof policy.origins === 'object') {
    policy.origins.forEach((origin, i) => {
      if (origin.startsWith('http:') && !isLoopbackOrigin(origin))
        throw new OptionsError(
          `${path}.origins[${i}]`,
          'anybody on the way can speak as an http origin: no credentials',
        );
    });
  }
  return policy;
}

/** What CORS looks at. */
export interface CorsFeatures {
  /** As sent, cut at 300 characters; null where the request has none. */
  readonly origin: string | null;
  /** Whether it asks for leave (OPTIONS with Access-Control-Request-Method). */
  readonly preflight: boolean;
  /** What the port answered; null where it was not asked. */
  readonly asked: boolean | null;
  /** The preflight comes from a public page and goes into a private network. */
  readonly privateNetwork: boolean;
}

const FOREIGN: Refusal = {
  status: 403,
  code: 'CORS_REFUSED',
  message: 'This origin may not call this address.',
  headers: ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
};

/** Answers preflights: a grant with fixed lists, or a refusal without any Access-Control header. */
export const corsDecider: Decider<CorsFeatures, CorsPolicy> = {
  name: 'browser.cors',
  version: 1,
  decide(features, policy) {
    const { origin } = features;
    if (origin === null) return pass({ code: 'cors.none', text: 'The request names no origin.' });
    const allowed = originAllowed(features, policy);
    const reason: Reason = {
      code: allowed ? 'cors.allowed' : 'cors.foreign_origin',
      text: `The origin ${shownOrigin(origin)} is ${allowed ? '' : 'not '}allowed.`,
      values: { origin: shownOrigin(origin), credentials: policy.credentials, asked: features.asked },
      ...(allowed
        ? {}
        : {
            remedy: { do: 'ask', whom: 'an administrator of this site', what: 'to list the origin' } as const,
          }),
    };
    if (!features.preflight) return pass(reason);
    if (!allowed) return deny(FOREIGN, reason);
    const grant = features.privateNetwork && policy.privateNetwork;
    return answer(preflightReply(policy, origin, grant), {
      code: 'cors.preflight',
      text: 'A preflight was answered.',
      values: { privateNetwork: grant },
      because: [reason],
    });
  },
};

function originAllowed(features: CorsFeatures, policy: CorsPolicy): boolean {
  const origin = features.origin as string;
  if (policy.origins === '*') return true;
  if (policy.origins === 'ask') return features.asked === true;
  return setOf(policy.origins).has(origin);
}

const sets = new WeakMap<readonly string[], OriginSet>();
/** Built once per configured list. */
function setOf(list: readonly string[]): OriginSet {
  let set = sets.get(list);
  if (!set) sets.set(list, (set = new OriginSet(list)));
  return set;
}

function shownOrigin(origin: string): string {
  return isOrigin(origin) || origin === 'null' ? origin : '(unreadable)';
}

function preflightReply(policy: CorsPolicy, origin: string, privateNetwork: boolean): Reply {
  const headers = [
    'access-control-allow-origin',
    policy.origins === '*' ? '*' : origin,
    'access-control-allow-methods',
    policy.methods.join(', '),
    'access-control-allow-headers',
    policy.allowedHeaders.join(', '),
    'access-control-max-age',
    String(Math.floor(policy.maxAge / 1000)),
    'vary',
    'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    'content-length',
    '0',
  ];
  if (policy.credentials) headers.push('access-control-allow-credentials', 'true');
  if (privateNetwork) headers.push('access-control-allow-private-network', 'true');
  return { status: 204, headers, body: null };
}

/** A policy ready for requests of one route. */
export interface CompiledCors {
  readonly policy: CorsPolicy;
  /** Whether scripts of that origin may read the route's answers. */
  allows(origin: string): boolean;
  /** Answer of the port, or null when the policy does not ask it. */
  ask(origin: string): boolean | null;
  /** On every response of the route, whoever asked. */
  readonly staticHeaders: readonly string[];
  readonly exposed: string;
}

/**
 * Readies a policy.
 * @throws OptionsError when the port is missing, or says yes to everybody although credentials are on
 */
export function compileCors(
  path: string,
  policy: CorsPolicy,
  route: string,
  allowOrigin: AllowOrigin | undefined,
): CompiledCors {
  const asks = policy.origins === 'ask';
  if (asks && !allowOrigin) throw new OptionsError(`${path}.origins`, "'ask' needs the port allowOrigin");
  if (asks && policy.credentials && PROBES.some((probe) => allowOrigin?.(probe, route)))
    throw new OptionsError(
      `${path}.credentials`,
      'the port allowOrigin says yes to origins that nobody owns: it would reflect any site',
    );
  const ask = (origin: string): boolean | null =>
    asks && origin !== 'null' && isOrigin(origin) ? allowOrigin?.(origin, route) === true : null;
  const exposed = policy.exposedHeaders.join(', ');
  const any = policy.origins === '*';
  return {
    policy,
    ask,
    allows: (origin) => any || (asks ? ask(origin) === true : setOf(policy.origins).has(origin)),
    staticHeaders: any
      ? [
          'access-control-allow-origin',
          '*',
          ...(exposed === '' ? [] : ['access-control-expose-headers', exposed]),
        ]
      : ['vary', 'Origin'],
    exposed,
  };
}

/** Names that cannot be registered (RFC 6761): a predicate that accepts one accepts anything. */
const PROBES = ['https://rampart-probe.invalid', 'https://evil.example', 'http://rampart-probe.invalid:8443'];
