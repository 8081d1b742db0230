import type { RequestContext } from '../../core/context.ts';
import type { Decider } from '../../core/decide.ts';
import { type Fact, Principal } from '../../core/fact.ts';
import type { Guard, RouteInfo } from '../../core/guard.ts';
import { PASS, type Verdict } from '../../core/verdict.ts';
import { ARG } from './algorithms/algorithm.ts';
import {
  AdmitCall,
  type LimitCall,
  MeterCall,
  type PolicySet,
  countedStep,
  evidenceOf,
  newCall,
  policySet,
} from './call.ts';
import { limitDecider, shadowVerdicts } from './decide.ts';
import { type LimitEngine, ownGranted } from './engine.ts';
import type { CallerList } from './lists.ts';
import type { Policy } from './policy.ts';
import { checkNames } from './settings.ts';
import { showOnPass } from './show.ts';
import type { Watch } from './watch.ts';

/** What the guards share. */
export interface GuardParts {
  readonly policies: readonly Policy[];
  readonly watches: ReadonlyMap<Policy, Watch>;
  readonly engine: LimitEngine;
  readonly allow: CallerList;
  readonly deny: CallerList;
  /** Now, for leases that are given back. */
  readonly now: () => number;
}

const NOBODY: PolicySet = { policies: [], watches: [], columns: 0 };

/** Makes the guard of one phase. Both stand on every route, because entries of the lists may come at any time. */
export function limitGuard(phase: 'admit' | 'meter', parts: GuardParts): Guard {
  return new LimitGuard(phase, parts);
}

class LimitGuard implements Guard {
  readonly name: string;
  readonly phase: 'admit' | 'meter';
  readonly mode = 'enforce';
  readonly onError = 'deny';
  readonly decider: Decider = limitDecider;
  readonly #parts: GuardParts;
  readonly #fact: Fact<LimitCall>;
  readonly #policies: readonly Policy[];
  readonly #byRoute = new Map<RouteInfo, PolicySet>();

  constructor(phase: 'admit' | 'meter', parts: GuardParts) {
    this.name = `limit:${phase}`;
    this.phase = phase;
    this.#parts = parts;
    this.#fact = phase === 'admit' ? AdmitCall : MeterCall;
    this.#policies = parts.policies.filter((policy) => policy.phase === phase);
    this.check = this.check.bind(this);
    this.appliesTo = this.appliesTo.bind(this);
    this.evidence = this.evidence.bind(this);
  }

  /** @throws OptionsError when the route's settings name a policy that does not exist */
  appliesTo(route: RouteInfo): boolean {
    this.#byRoute.set(route, this.#setOf(route));
    return true;
  }

  check(context: RequestContext): Verdict | Promise<Verdict> {
    const { allow, deny } = this.#parts;
    const principal = this.phase === 'meter' ? context.get(Principal)?.id : undefined;
    const allowed = allow.find(context.client.address, principal);
    if (allowed !== null) {
      context.set(this.#fact, listedCall('allow', allowed, context.nowMs));
      return PASS;
    }
    const denied = deny.find(context.client.address, principal);
    if (denied !== null) return this.#refuseListed(context, denied);
    const set = this.#byRoute.get(context.plan.route) ?? this.#late(context.plan.route);
    if (set.policies.length === 0) return PASS;
    const call = this.#parts.engine.count(set, context);
    return call instanceof Promise
      ? call.then((settled) => this.#conclude(settled, context))
      : this.#conclude(call, context);
  }

  evidence(context: RequestContext): ReturnType<typeof evidenceOf> | undefined {
    const call = context.get(this.#fact);
    return call && evidenceOf(call);
  }

  #setOf(route: RouteInfo): PolicySet {
    const wanted = (route.settings['limit'] ?? []) as string | readonly string[] | false;
    checkNames(wanted, this.#parts.policies, `routes['${route.name}'].limit`);
    if (wanted === false) return NOBODY;
    const asked = this.#policies.filter(
      (policy) =>
        policy.settings.everywhere ||
        (typeof wanted === 'string' ? wanted === policy.name : wanted.includes(policy.name)),
    );
    return policySet(asked, this.#parts.watches);
  }

  #late(route: RouteInfo): PolicySet {
    const set = this.#setOf(route);
    this.#byRoute.set(route, set);
    return set;
  }

  #refuseListed(context: RequestContext, entry: string): Verdict {
    const call = listedCall('deny', entry, context.nowMs);
    context.set(this.#fact, call);
    return decide(call);
  }

  #conclude(call: LimitCall, context: RequestContext): Verdict {
    context.set(this.#fact, call);
    let { at } = call;
    for (let i = 0; i < call.policies.length; i++) {
      const policy = call.policies[i] as Policy;
      const own = call.granted && !policy.shadow ? true : ownGranted(call, i, at);
      const watch = call.watches[i] as Watch;
      if (own) watch.passed++;
      else {
        watch.refused++;
        if (policy.shadow) this.#noteShadow(call, policy, context);
      }
      const step = countedStep(call, i);
      if (step === undefined) continue;
      if (call.granted && own && policy.algorithm.name === 'concurrency') this.#hold(call, i, context);
      at += step.program.columns;
    }
    if (!call.granted) return decide(call);
    showOnPass(call, this.phase === 'meter' ? context.get(AdmitCall) : undefined, context);
    return PASS;
  }

  #noteShadow(call: LimitCall, policy: Policy, context: RequestContext): void {
    const { features, state, atMs } = evidenceOf(call);
    const found = shadowVerdicts(features, state, atMs).find((one) => one.policy === policy.name);
    if (found) context.noteShadow(`limit:${policy.name}`, found.verdict);
  }

  #hold(call: LimitCall, index: number, context: RequestContext): void {
    const step = countedStep(call, index);
    if (step === undefined) return;
    const expiresAtMs = call.atMs + (step.args[ARG.window] as number);
    const { engine, now } = this.#parts;
    context.hold(() => engine.release(step, expiresAtMs, call, now()));
  }
}

/** A call that a list decided before anything was counted. */
function listedCall(name: 'allow' | 'deny', entry: string, nowMs: number): LimitCall {
  const call = newCall(NOBODY, [], undefined, 0, 1, { name, entry });
  call.granted = name === 'allow';
  call.atMs = nowMs;
  return call;
}

/** The verdict of a call, by the decider alone: what is recorded gives the same again. */
function decide(call: LimitCall): Verdict {
  const { features, state, atMs } = evidenceOf(call);
  return limitDecider.decide(features, state, atMs);
}
