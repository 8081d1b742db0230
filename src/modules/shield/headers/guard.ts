import type { RequestContext } from '../../../core/context.ts';
import type { Guard, RouteInfo } from '../../../core/guard.ts';
import { PASS, type Verdict } from '../../../core/verdict.ts';
import { faultOf, headerDecider, type HeaderPolicy } from './decide.ts';
import { type HeaderFeatures, readHeaderFeatures } from './features.ts';
import { type HeaderSanityOptions, readHeaderSanity, readHeaderSanityRoute } from './options.ts';

/**
 * Refuses requests whose headers no honest client sends. Phase `admit`: nothing was done for the request yet.
 * @param settingsOf a route's own settings: `false` for no check, `undefined` for those of the module
 * @throws OptionsError naming the path and the reason; for routes when the corridor is compiled
 */
export function headerSanity(
  options: HeaderSanityOptions = {},
  settingsOf: (route: RouteInfo) => unknown = () => undefined,
): Guard {
  const base = readHeaderSanity('shield.headers', options);
  const probes = new Set(base.probePaths);
  const { mode: _mode, probePaths: _paths, ...ground } = base;
  const policies = new Map<RouteInfo, HeaderPolicy>();
  const policyOf = ({ plan }: RequestContext): HeaderPolicy => policies.get(plan.route) ?? ground;
  const look = (context: RequestContext): HeaderFeatures =>
    readHeaderFeatures(context.request, probes.has(context.path));
  return {
    name: 'shield.headers',
    phase: 'admit',
    mode: base.mode,
    onError: 'deny',
    decider: headerDecider,
    appliesTo(route) {
      const given = settingsOf(route);
      if (given === false) return false;
      if (given !== undefined) {
        const path = `routes['${route.name}'].shield.headers`;
        const { mode: _m, probePaths: _p, ...own } = readHeaderSanityRoute(path, base, given);
        policies.set(route, own);
      }
      return true;
    },
    check(context): Verdict {
      const features = look(context);
      const policy = policyOf(context);
      if (faultOf(features, policy) === undefined) return PASS;
      return headerDecider.decide(features, policy, context.nowMs);
    },
    evidence: (context) => ({ features: look(context), state: policyOf(context), atMs: context.nowMs }),
  };
}
