import { OptionsError } from '../../core/errors.ts';
import type { RouteInfo } from '../../core/guard.ts';
import { type AllowOrigin, compileCors, type CompiledCors } from './cors.ts';
import { type CompiledCsp, compileCsp, REPORT_GROUP } from './csp.ts';
import { type CompiledCsrf, compileCsrf } from './csrf-features.ts';
import { csrfTokens } from './csrf-token.ts';
import { buildHeaders, hstsValue } from './headers.ts';
import { type BrowserOptions, mergeRoute, readBrowserOptions, type ResolvedBrowser } from './options.ts';

/** What a route's policies are compiled with. */
export interface CompilePorts {
  readonly csrfKeys?: readonly Uint8Array[];
  readonly allowOrigin?: AllowOrigin;
}

/** Everything of one route, built once. */
export interface CompiledBrowser {
  /** Headers of every response: flat names and values. */
  readonly headers: readonly string[];
  readonly removes: readonly string[];
  /** Policy that wants a nonce, and the header that it goes into; null where the static header is all. */
  readonly csp: { readonly header: string; readonly compiled: CompiledCsp } | null;
  /** Value to be set over TLS only. */
  readonly hstsOverTls: string | null;
  readonly cors: CompiledCors | null;
  readonly csrf: CompiledCsrf | null;
}

/** Compiles each route once, at start: a mistake in a route's settings is refused there, with its path. */
export class BrowserRoutes {
  readonly #base: BrowserOptions;
  readonly #ports: CompilePorts;
  readonly #default: CompiledBrowser;
  readonly #routes = new WeakMap<RouteInfo, CompiledBrowser | null>();

  /** @throws OptionsError */
  constructor(base: BrowserOptions, ports: CompilePorts) {
    this.#base = base;
    this.#ports = ports;
    this.#default = compile('browser', readBrowserOptions('browser', base), '*', ports);
  }

  /** What applies to a route; null where `browser: false` switches everything off. @throws OptionsError */
  of(route: RouteInfo): CompiledBrowser | null {
    const given = route.settings['browser'];
    if (given === undefined) return this.#default;
    let found = this.#routes.get(route);
    if (found === undefined) {
      found = given === false ? null : this.#compile(route, given);
      this.#routes.set(route, found);
    }
    return found;
  }

  #compile(route: RouteInfo, given: unknown): CompiledBrowser {
    const path = `routes['${route.name}'].browser`;
    return compile(
      path,
      readBrowserOptions(path, mergeRoute(path, this.#base, given)),
      route.name,
      this.#ports,
    );
  }
}

function compile(
  path: string,
  options: ResolvedBrowser,
  route: string,
  ports: CompilePorts,
): CompiledBrowser {
  const { headers, csrf } = options;
  const csp = compilePolicy(path, options);
  const cors =
    options.cors === false ? null : compileCors(`${path}.cors`, options.cors, route, ports.allowOrigin);
  const keys = ports.csrfKeys;
  return {
    headers: [
      ...(headers === false ? [] : buildHeaders(`${path}.headers`, headers)),
      ...csp.headers,
      ...(cors?.staticHeaders ?? []),
    ],
    removes: headers === false ? [] : headers.remove,
    csp: csp.dynamic,
    hstsOverTls:
      headers !== false && headers.hsts !== false && headers.hsts.onlyOverTls
        ? hstsValue(headers.hsts)
        : null,
    cors,
    csrf:
      csrf === false
        ? null
        : compileCsrf(
            csrf,
            keys === undefined ? null : csrfTokens(keys, csrf.tokenMaxAge),
            cors && { open: cors.policy.origins === '*', allows: (origin) => cors.allows(origin) },
          ),
  };
}

const ENFORCED = 'content-security-policy';
const REPORTED = 'content-security-policy-report-only';

/**
 * The static header holds the policy without a nonce: it stands on responses that an earlier guard gave, and the one
 * with a nonce replaces it on all others. A report-only policy leaves framing to a small enforced one.
 */
function compilePolicy(
  path: string,
  options: ResolvedBrowser,
): { readonly headers: readonly string[]; readonly dynamic: CompiledBrowser['csp'] } {
  const frame = options.headers === false ? 'deny' : options.headers.frame;
  const frameAncestors =
    frame === false ? undefined : frame === 'deny' ? ("'none'" as const) : ("'self'" as const);
  const framing = frameAncestors === undefined ? [] : [ENFORCED, `frame-ancestors ${frameAncestors}`];
  const { csp } = options;
  if (csp === false) return { headers: framing, dynamic: null };
  const report = csp.mode === 'report';
  if (report && csp.reportPath === undefined)
    throw new OptionsError(
      `${path}.csp.reportPath`,
      'a policy that only reports needs a path that takes the reports',
    );
  const compiled = compileCsp(`${path}.csp`, { ...csp, reportOnly: report, frameAncestors });
  const header = report ? REPORTED : ENFORCED;
  return {
    headers: [
      ...(report ? framing : []),
      header,
      compiled.withoutNonce,
      ...(csp.reportPath === undefined ? [] : ['reporting-endpoints', `${REPORT_GROUP}="${csp.reportPath}"`]),
    ],
    dynamic: compiled.segments.length > 1 ? { header, compiled } : null,
  };
}
