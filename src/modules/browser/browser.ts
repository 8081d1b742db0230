import type { RequestContext } from '../../core/context.ts';
import type { Decider } from '../../core/decide.ts';
import { requestFields } from '../../core/event-fields.ts';
import type { EventSink } from '../../core/events.ts';
import { CspNonce, fact } from '../../core/fact.ts';
import type { Guard, Mode, RouteInfo } from '../../core/guard.ts';
import { newNonce } from '../../core/id.ts';
import { pass, PASS, type Verdict } from '../../core/verdict.ts';
import { BrowserRoutes, type CompilePorts } from './compile.ts';
import { type CompiledCors, corsDecider, type CorsFeatures } from './cors.ts';
import { cspWithNonce } from './csp.ts';
import { changesState, csrfDecider, type CsrfFeatures, type CsrfPolicy } from './csrf.ts';
import { type CompiledCsrf, isWebSocket, overrideOf, readCsrfFeatures } from './csrf-features.ts';
import { isOrigin } from './origin.ts';
import type { BrowserOptions } from './options.ts';

/** What the guards stand on. */
export interface BrowserPorts extends CompilePorts {
  /** Takes CSRF_ATTEMPT. */
  readonly events: EventSink;
  /** Keys of the CSRF tokens, at least 32 bytes each; the first signs. Without them no token is accepted. */
  readonly csrfKeys?: readonly Uint8Array[];
}

/**
 * The guards of the browser module: headers and CORS (admit), CSRF (screen). Hand them to the corridor right after the
 * block list, so that later refusals can be read by allowed origins. A route says `browser: false` or its own options.
 * @throws OptionsError naming the path and the reason; for routes when the corridor is compiled
 */
export function browser(options: BrowserOptions, ports: BrowserPorts): Guard[] {
  const routes = new BrowserRoutes(options, ports);
  const mode = (typeof options.csrf === 'object' ? options.csrf.mode : undefined) ?? 'enforce';
  return [headersGuard(routes), corsGuard(routes), csrfGuard(routes, ports.events, mode)];
}

/** The headers guard refuses nothing; its decider only tells what it did. */
export const headersDecider: Decider<{ readonly nonce: boolean }, null> = {
  name: 'browser.headers',
  version: 1,
  decide: ({ nonce }) =>
    pass({
      code: 'headers.set',
      text: `Security headers were set${nonce ? ', with a nonce' : ''}.`,
      values: { nonce },
    }),
};

function headersGuard(routes: BrowserRoutes): Guard {
  return {
    name: 'browser.headers',
    phase: 'admit',
    mode: 'enforce',
    onError: 'deny',
    decider: headersDecider,
    appliesTo: (route) => routes.of(route) !== null,
    staticHeaders: (route) => routes.of(route)?.headers ?? [],
    removesHeaders: (route) => routes.of(route)?.removes ?? [],
    check(context) {
      const compiled = routes.of(context.plan.route);
      if (compiled === null) return PASS;
      const { csp, hstsOverTls } = compiled;
      if (csp !== null) {
        const nonce = newNonce();
        context.set(CspNonce, nonce);
        context.header(csp.header, cspWithNonce(csp.compiled, nonce));
      }
      if (hstsOverTls !== null && cameOverTls(context))
        context.header('strict-transport-security', hstsOverTls);
      return PASS;
    },
    evidence: (context) => ({
      features: { nonce: context.get(CspNonce) !== undefined },
      state: null,
      atMs: context.nowMs,
    }),
  };
}

/** X-Forwarded-Proto counts only when a trusted proxy named the client. */
function cameOverTls(context: RequestContext): boolean {
  const { request, client } = context;
  return request.encrypted || (client.forwarded && request.header('x-forwarded-proto') === 'https');
}

function corsGuard(routes: BrowserRoutes): Guard {
  const policyOf = (route: RouteInfo): CompiledCors | null => routes.of(route)?.cors ?? null;
  return {
    name: 'browser.cors',
    phase: 'admit',
    mode: 'enforce',
    onError: 'deny',
    decider: corsDecider,
    appliesTo: (route) => policyOf(route) !== null,
    check(context) {
      const origin = context.request.header('origin');
      const cors = policyOf(context.plan.route);
      if (origin === undefined || cors === null) return PASS;
      if (isPreflight(context)) {
        const features = corsFeatures(context, cors);
        context.set(CorsRead, features);
        return corsDecider.decide(features, cors.policy, context.nowMs);
      }
      if (cors.policy.origins !== '*' && cors.allows(origin)) grant(context, cors, origin);
      return PASS;
    },
    evidence(context) {
      const cors = policyOf(context.plan.route);
      if (cors === null) return undefined;
      const features = context.get(CorsRead) ?? corsFeatures(context, cors);
      return { features, state: cors.policy, atMs: context.nowMs };
    },
  };
}

const CorsRead = fact<CorsFeatures>('corsRead');

function grant(context: RequestContext, cors: CompiledCors, origin: string): void {
  context.header('access-control-allow-origin', origin);
  if (cors.policy.credentials) context.header('access-control-allow-credentials', 'true');
  if (cors.exposed !== '') context.header('access-control-expose-headers', cors.exposed);
}

function isPreflight(context: RequestContext): boolean {
  const { request } = context;
  return request.method === 'OPTIONS' && request.header('access-control-request-method') !== undefined;
}

function corsFeatures(context: RequestContext, cors: CompiledCors): CorsFeatures {
  const origin = context.request.header('origin');
  return {
    // A longer text is no origin; what is left of it is none either.
    origin: origin === undefined ? null : origin.slice(0, 301),
    preflight: isPreflight(context),
    asked: origin === undefined ? null : cors.ask(origin),
    privateNetwork: context.request.header('access-control-request-private-network') === 'true',
  };
}

const CsrfRead = fact<CsrfFeatures>('csrfRead');

function csrfGuard(routes: BrowserRoutes, events: EventSink, mode: Mode): Guard {
  const policyOf = (route: RouteInfo): CompiledCsrf | null => routes.of(route)?.csrf ?? null;
  return {
    name: 'browser.csrf',
    phase: 'screen',
    mode,
    onError: 'deny',
    decider: csrfDecider,
    appliesTo: (route) => policyOf(route) !== null,
    check(context) {
      const compiled = policyOf(context.plan.route);
      if (compiled === null || isHarmless(context, compiled.policy)) return PASS;
      const features = readCsrfFeatures(context, compiled);
      const verdict = csrfDecider.decide(features, compiled.policy, context.nowMs);
      if (verdict.kind === 'pass') return PASS;
      context.set(CsrfRead, features);
      tell(events, context, verdict);
      return verdict;
    },
    evidence(context) {
      const compiled = policyOf(context.plan.route);
      if (compiled === null) return undefined;
      const features = context.get(CsrfRead) ?? readCsrfFeatures(context, compiled);
      return { features, state: compiled.policy satisfies CsrfPolicy, atMs: context.nowMs };
    },
  };
}

/** The cheap first gate: most requests only read, and need none of the rest. */
function isHarmless(context: RequestContext, policy: CsrfPolicy): boolean {
  if (policy.isolate) return false;
  const { request } = context;
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') return false;
  return !changesState({ method, websocket: isWebSocket(request), override: overrideOf(request) }, policy);
}

function tell(events: EventSink, context: RequestContext, verdict: Verdict): void {
  const origin = context.request.header('origin');
  events.emit('CSRF_ATTEMPT', {
    ...requestFields(context),
    outcome: 'refused',
    details: {
      reason: verdict.reason?.code ?? null,
      method: context.request.method.slice(0, 20),
      origin: origin === undefined ? null : isOrigin(origin) || origin === 'null' ? origin : '(unreadable)',
    },
  });
}
