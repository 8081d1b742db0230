import { OptionsError } from '../../core/errors.ts';
import {
  custom,
  duration,
  type Field,
  type Fields,
  flag,
  list,
  object,
  oneOf,
  record,
  text,
} from '../../core/options.ts';
import { exactOrigin } from './origin.ts';

/** HTTP Strict Transport Security (RFC 6797). */
export interface HstsOptions {
  /** How long browsers keep to https; default '365d', at least '0s' (which makes them forget), at most '3650d'. */
  readonly maxAge?: string;
  /** Also for every sub-domain; default true. */
  readonly includeSubDomains?: boolean;
  /** Asks for the browsers' built-in list, which is hard to leave; default false. Needs sub-domains and a year. */
  readonly preload?: boolean;
  /**
   * Send it on requests that came over TLS only, as RFC 6797 7.2 has it; default false. Browsers ignore it over plain http
   * (8.1), and behind a proxy that ends TLS the server cannot always tell, so the default sends it always.
   */
  readonly onlyOverTls?: boolean;
}

/** Response headers; each may be replaced or switched off with `false`. */
export interface HeaderOptions {
  /** Strict-Transport-Security; default one year with sub-domains. */
  readonly hsts?: HstsOptions | false;
  /** X-Content-Type-Options: nosniff; default true. */
  readonly contentTypeOptions?: boolean;
  /** X-Frame-Options, and `frame-ancestors` where the policy names none; default 'deny'. */
  readonly frame?: 'deny' | 'sameorigin' | false;
  /** Referrer-Policy; default 'strict-origin-when-cross-origin'. Weaker values are not offered. */
  readonly referrerPolicy?: ReferrerPolicy | false;
  /** Permissions-Policy: origins per feature, merged over the defaults (all off); `[]` is off, `['self']` own pages. */
  readonly permissionsPolicy?: Readonly<Record<string, readonly string[]>> | false;
  /** Cross-Origin-Opener-Policy; default 'same-origin'. */
  readonly crossOriginOpenerPolicy?:
    'same-origin' | 'same-origin-allow-popups' | 'noopener-allow-popups' | false;
  /** Cross-Origin-Embedder-Policy; default 'require-corp'. */
  readonly crossOriginEmbedderPolicy?: 'require-corp' | 'credentialless' | false;
  /** Cross-Origin-Resource-Policy; default 'same-origin'. */
  readonly crossOriginResourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin' | false;
  /** Origin-Agent-Cluster: ?1; default true. */
  readonly originAgentCluster?: boolean;
  /** X-DNS-Prefetch-Control: off; default true. */
  readonly noDnsPrefetch?: boolean;
  /** X-Permitted-Cross-Domain-Policies: none; default true. */
  readonly noCrossDomainPolicies?: boolean;
  /** X-Download-Options: noopen; default true. */
  readonly downloadNoOpen?: boolean;
  /** X-XSS-Protection: 0, which switches off a filter that could be abused; default true. */
  readonly xssFilterOff?: boolean;
  /** Headers taken away from every response; default x-powered-by and server; at most 50. */
  readonly remove?: readonly string[];
}

const REFERRER_POLICIES = [
  'no-referrer',
  'same-origin',
  'strict-origin',
  'strict-origin-when-cross-origin',
] as const;
/** Policies that never send a path to another site. */
export type ReferrerPolicy = (typeof REFERRER_POLICIES)[number];

/** Features that are off unless a policy says otherwise. */
export const PERMISSIONS_OFF = [
  'accelerometer',
  'bluetooth',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
  'xr-spatial-tracking',
] as const;

/** `HeaderOptions` with defaults filled in. */
export interface ResolvedHeaders {
  readonly hsts:
    | false
    | {
        readonly maxAge: number;
        readonly includeSubDomains: boolean;
        readonly preload: boolean;
        readonly onlyOverTls: boolean;
      };
  readonly contentTypeOptions: boolean;
  readonly frame: 'deny' | 'sameorigin' | false;
  readonly referrerPolicy: ReferrerPolicy | false;
  readonly permissionsPolicy: Readonly<Record<string, readonly string[]>> | false;
  readonly crossOriginOpenerPolicy: string | false;
  readonly crossOriginEmbedderPolicy: string | false;
  readonly crossOriginResourcePolicy: string | false;
  readonly originAgentCluster: boolean;
  readonly noDnsPrefetch: boolean;
  readonly noCrossDomainPolicies: boolean;
  readonly downloadNoOpen: boolean;
  readonly xssFilterOff: boolean;
  readonly remove: readonly string[];
}

/** A field that `false` switches off. */
export function orOff<T>(field: Field<T>): Field<T | false> {
  return {
    about: `${field.about}; false switches it off`,
    optional: true,
    parse: (value, path) => (value === false ? false : field.parse(value, path)),
  };
}

const HSTS = object<Exclude<ResolvedHeaders['hsts'], false>>(
  {
    maxAge: duration({ min: '0s', max: '3650d', default: '365d' }),
    includeSubDomains: flag(true),
    preload: flag(false),
    onlyOverTls: flag(false),
  },
  {},
);

const hsts: Field<ResolvedHeaders['hsts']> = orOff({
  about: HSTS.about,
  parse(value, path) {
    const found = HSTS.parse(value, path);
    if (found.preload && (!found.includeSubDomains || found.maxAge < 31_536_000_000))
      throw new OptionsError(
        `${path}.preload`,
        'the preload list takes only a year or more, with sub-domains',
      );
    return found;
  },
});

const allowOrigin = custom("'self', '*' or an origin", (value, path) =>
  value === 'self' || value === '*' ? value : exactOrigin.parse(value, path),
);

/** Readers of the header options. */
export const HEADER_FIELDS: Fields<ResolvedHeaders> = {
  hsts,
  contentTypeOptions: flag(true),
  frame: orOff(oneOf(['deny', 'sameorigin'], 'deny')),
  referrerPolicy: orOff(oneOf(REFERRER_POLICIES, 'strict-origin-when-cross-origin')),
  permissionsPolicy: orOff(record(list(allowOrigin, { atMost: 50 }), { default: {} })),
  crossOriginOpenerPolicy: orOff(
    oneOf(['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups'], 'same-origin'),
  ),
  crossOriginEmbedderPolicy: orOff(oneOf(['require-corp', 'credentialless'], 'require-corp')),
  crossOriginResourcePolicy: orOff(oneOf(['same-origin', 'same-site', 'cross-origin'], 'same-origin')),
  originAgentCluster: flag(true),
  noDnsPrefetch: flag(true),
  noCrossDomainPolicies: flag(true),
  downloadNoOpen: flag(true),
  xssFilterOff: flag(true),
  remove: list(text({ max: 100, pattern: /^[a-z0-9-]+$/, about: 'header name in lower case' }), {
    atMost: 50,
    default: ['x-powered-by', 'server'],
  }),
};

/** Writes Strict-Transport-Security. */
export function hstsValue(options: Exclude<ResolvedHeaders['hsts'], false>): string {
  return [
    `max-age=${Math.floor(options.maxAge / 1000)}`,
    ...(options.includeSubDomains ? ['includeSubDomains'] : []),
    ...(options.preload ? ['preload'] : []),
  ].join('; ');
}

function permissionsValue(path: string, given: Readonly<Record<string, readonly string[]>>): string {
  const merged: Record<string, readonly string[]> = Object.fromEntries(
    PERMISSIONS_OFF.map((name) => [name, []]),
  );
  for (const [name, origins] of Object.entries(given)) {
    if (!/^[a-z][a-z0-9-]{0,60}$/.test(name))
      throw new OptionsError(`${path}.${name.slice(0, 60)}`, 'is not a feature name');
    merged[name] = origins;
  }
  return Object.entries(merged)
    .map(
      ([name, origins]) =>
        `${name}=${origins.includes('*') ? '*' : `(${origins.map((one) => (one === 'self' ? one : `"${one}"`)).join(' ')})`}`,
    )
    .join(', ');
}

/**
 * The headers as one flat list of names and values, Content-Security-Policy apart.
 * @param path for errors
 */
export function buildHeaders(path: string, options: ResolvedHeaders): readonly string[] {
  const flat: string[] = [];
  const set = (name: string, value: string | false): void => {
    if (value !== false) flat.push(name, value);
  };
  set('strict-transport-security', options.hsts && !options.hsts.onlyOverTls && hstsValue(options.hsts));
  set('x-content-type-options', options.contentTypeOptions && 'nosniff');
  set('x-frame-options', options.frame && options.frame.toUpperCase());
  set('referrer-policy', options.referrerPolicy);
  set(
    'permissions-policy',
    options.permissionsPolicy && permissionsValue(`${path}.permissionsPolicy`, options.permissionsPolicy),
  );
  set('cross-origin-opener-policy', options.crossOriginOpenerPolicy);
  set('cross-origin-embedder-policy', options.crossOriginEmbedderPolicy);
  set('cross-origin-resource-policy', options.crossOriginResourcePolicy);
  set('origin-agent-cluster', options.originAgentCluster && '?1');
  set('x-dns-prefetch-control', options.noDnsPrefetch && 'off');
  set('x-permitted-cross-domain-policies', options.noCrossDomainPolicies && 'none');
  set('x-download-options', options.downloadNoOpen && 'noopen');
  set('x-xss-protection', options.xssFilterOff && '0');
  return flat;
}
