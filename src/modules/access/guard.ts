import type { RequestContext } from '../../core/context.ts';
import type { Decider } from '../../core/decide.ts';
import type { Demand, DemandSpec, Loading } from '../../core/demand.ts';
import { AppError, NotFoundError, OptionsError } from '../../core/errors.ts';
import { requestFields } from '../../core/event-fields.ts';
import type { EventSink } from '../../core/events.ts';
import { fact } from '../../core/fact.ts';
import type { Finisher, Guard, Mode, RouteInfo } from '../../core/guard.ts';
import { newId } from '../../core/id.ts';
import { type Deny, deny, pass, PASS, type Reason, type Refusal, type Verdict } from '../../core/verdict.ts';
import type { Access, AccessPrincipal, AccessRow, ConditionExplanation, Explanation } from './contract.ts';
import { GrantNotices } from './granted.ts';
import { noteDemand, undemanded } from './undemanded.ts';

/** What a route may ask of its caller beside a permission. */
export const ROUTE_WORDS = ['anybody', 'signed-in', 'handler'] as const;

/** How routes are guarded. */
export interface AccessGuardOptions {
  /** What becomes of requests whose route has no `require`; default `allow`. */
  readonly unlisted: 'deny' | 'allow';
  readonly mode: Mode;
}

/** What the guard stands on. */
export interface AccessGuardPorts {
  readonly events: EventSink;
  /** Who asks, with the roles that count at this moment. */
  readonly principal: (
    context: RequestContext,
  ) => AccessPrincipal | undefined | Promise<AccessPrincipal | undefined>;
  /** Paths that have rules of their own: the house's API and pages. */
  readonly isOwn: (context: RequestContext) => boolean;
  /** Takes down the refusal of a demand, once. */
  readonly onRefused: (context: RequestContext, verdict: Deny) => void;
}

/** What the decision looks at. */
export interface AccessFeatures {
  /** A permission, `signed-in`, or null for a route without a rule. */
  readonly need: string | null;
  readonly principal: AccessPrincipal | null;
}

/** What it was decided by. */
export interface AccessState {
  readonly policy: string;
}

/** The guard of routes, and what `guard.require` asks. */
export interface AccessGuard {
  readonly guard: Guard;
  readonly demand: (permission: string, spec: DemandSpec) => Demand;
  /** Tells of routes that leave access to a handler which asks nothing. */
  readonly finisher: Finisher;
}

const NAME = 'access';
const UNAUTHORIZED: Refusal = { status: 401, code: 'UNAUTHORIZED', message: 'Sign in first.' };
const FORBIDDEN: Refusal = { status: 403, code: 'FORBIDDEN', message: 'You are not allowed to do this.' };
const HIDDEN: Refusal = { status: 404, code: 'NOT_FOUND', message: 'There is nothing here.' };
const Asked = fact<AccessFeatures>('access');
/** Deeper conditions are left out of records. */
const MAX_DEPTH = 6;

/**
 * Guards routes whose settings hold `require`, and answers `guard.require`. A route is let through where some row could
 * be allowed; which one is for `guard.require` with `load`, and for lists `accessible()`.
 */
export function accessGuard(
  access: Access,
  options: AccessGuardOptions,
  ports: AccessGuardPorts,
): AccessGuard {
  const decider = accessDecider(access);
  const grants = new GrantNotices(ports.events);
  const needs = new Map<RouteInfo, string | null>();
  const state: AccessState = { policy: access.version };
  const judge = (context: RequestContext, principal: AccessPrincipal | undefined): Verdict => {
    const features = { need: needs.get(context.plan.route) ?? null, principal: principal ?? null };
    context.set(Asked, features);
    const verdict = decider.decide(features, state, context.nowMs);
    if (verdict.kind === 'deny' && options.mode === 'enforce')
      noteAttempt(ports.events, context, features, verdict);
    const { need } = features;
    // Which row may be had is for the handler to ask; a word of the route, such as `signed-in`, is no permission.
    if (verdict.kind === 'pass' && principal && need !== null && access.knows(need) && !access.needsRow(need))
      grants.tell(context, need, principal.id);
    return verdict;
  };
  return {
    guard: {
      name: NAME,
      phase: 'authorize',
      mode: options.mode,
      onError: 'deny',
      decider,
      appliesTo(route) {
        const need = readNeed(access, route);
        if (need === undefined && options.unlisted === 'allow') return false;
        needs.set(route, need ?? null);
        return need !== 'anybody' && need !== 'handler';
      },
      check(context) {
        if (needs.get(context.plan.route) === null && ports.isOwn(context)) return PASS;
        const principal = ports.principal(context);
        return principal instanceof Promise
          ? principal.then((one) => judge(context, one))
          : judge(context, principal);
      },
      evidence(context) {
        const features = context.get(Asked);
        return features && { features, state, atMs: context.nowMs };
      },
    },
    demand: (permission, spec) => demandFor(access, permission, spec, { ...ports, grants }),
    finisher: undemanded((route) => needs.get(route) === 'handler', ports.events),
  };
}

/** @throws OptionsError for what the policy does not know */
function readNeed(access: Access, route: RouteInfo): string | undefined {
  const given = route.settings['require'];
  if (given === undefined) return undefined;
  if (
    typeof given === 'string' &&
    ((ROUTE_WORDS as readonly string[]).includes(given) || access.knows(given))
  )
    return given;
  throw new OptionsError(
    `routes.${route.name}.require`,
    `${JSON.stringify(given)?.slice(0, 60)} is neither a permission of the policy nor one of ${ROUTE_WORDS.join(', ')}`,
  );
}

/** Decides by the policy that it was made with; a record of another policy cannot be computed again. */
export function accessDecider(access: Access): Decider<AccessFeatures, AccessState> {
  return {
    name: NAME,
    version: 1,
    decide({ need, principal }, { policy }, nowMs) {
      if (policy !== access.version) throw new Error('This record is of another policy.');
      if (need === null) {
        return deny(principal === null ? UNAUTHORIZED : FORBIDDEN, {
          code: 'access.unlisted',
          text: 'No rule names this route, and routes without a rule are refused.',
          remedy: { do: 'ask', whom: 'the operator', what: 'a rule for this route' },
        });
      }
      if (principal === null) return deny(UNAUTHORIZED, nobody(need));
      if (need === 'signed-in') return pass({ code: 'access.signed_in', text: 'Somebody is signed in.' });
      const why = access.explain(principal, need, undefined, { nowMs });
      if (why.allowed || (access.needsRow(need) && mightBe(access, principal, need)))
        return pass(reasonOf(why, principal));
      return deny(FORBIDDEN, reasonOf(why, principal));
    },
  };
}

/** Whether some row could be allowed: a role of the principal has a rule for it that a filter does not rule out. */
function mightBe(access: Access, principal: AccessPrincipal, permission: string): boolean {
  try {
    return access.accessible(principal, permission).kind !== 'none';
  } catch {
    // A rule with a predicate of the process has no filter: with the row in hand it is asked in full.
    const holders = new Set(access.whoCan(permission).map(({ role }) => role));
    return principal.roles.some((role) => holders.has(role));
  }
}

function nobody(need: string): Reason {
  return {
    code: 'access.anonymous',
    text: 'Nobody is signed in.',
    values: { permission: need },
    remedy: { do: 'sign-in' },
  };
}

/** An explanation as the tree of a decision record. */
export function reasonOf(why: Explanation, principal: AccessPrincipal): Reason {
  const shown = why.rules.filter(({ outcome, decided }) => decided || outcome !== 'false' || !why.allowed);
  return {
    code: `access.${why.reason.replaceAll('-', '_')}`,
    text: why.allowed
      ? `Allowed by the rule '${why.decidedBy ?? why.permission}'.`
      : why.decidedBy === undefined
        ? `No rule of ${principal.roles.join(', ') || 'no role'} allows ${why.permission}.`
        : `Refused by the rule '${why.decidedBy}'.`,
    values: {
      permission: why.permission,
      roles: principal.roles.join(' ').slice(0, 200),
      policy: why.policyVersion,
    },
    ...(why.allowed
      ? {}
      : { remedy: { do: 'ask', whom: 'an administrator', what: why.permission } as const }),
    because: shown.map((rule) => ({
      code: `access.rule_${rule.outcome}`,
      text: `${rule.rule}${rule.decided ? ' (decided)' : ''}`,
      because: [conditionReason(rule.condition, 0)],
    })),
  };
}

function conditionReason(condition: ConditionExplanation, depth: number): Reason {
  return {
    code: `access.${condition.kind}`,
    text: `${condition.text}: ${condition.outcome}${condition.note === undefined ? '' : ` (${condition.note})`}`,
    ...(condition.values === undefined ? {} : { values: condition.values }),
    ...(condition.parts === undefined || depth >= MAX_DEPTH
      ? {}
      : { because: condition.parts.map((part) => conditionReason(part, depth + 1)) }),
  };
}

function noteAttempt(
  events: EventSink,
  context: RequestContext,
  { need, principal }: AccessFeatures,
  verdict: Deny,
): void {
  // Who is not signed in is asked to sign in: that is no attempt yet.
  if (principal === null) return;
  context.decisionId ??= newId('dec', context.nowMs);
  const [resource, action] = (need ?? '').split(':', 2);
  events.emit('UNAUTHORIZED_ACCESS_ATTEMPT', {
    ...requestFields(context),
    actor: principal.id,
    outcome: 'refused',
    details: {
      resource: resource ?? null,
      action: action ?? null,
      endpoint: context.path.slice(0, 200),
      method: context.request.method.slice(0, 20),
      reason: verdict.reason.code,
    },
  });
}

function demandFor(
  access: Access,
  permission: string,
  spec: DemandSpec,
  ports: AccessGuardPorts & { readonly grants: GrantNotices },
): Demand {
  const known: boolean = access.knows(permission);
  if (!known)
    throw new OptionsError('require', `the policy knows no permission '${permission.slice(0, 60)}'`);
  if (access.needsRow(permission) && !spec.loads && !spec.any)
    throw new OptionsError(
      'require',
      `${permission} depends on the row: give 'load', or 'any' where the handler filters by accessible()`,
    );
  const refuse = (
    context: RequestContext,
    principal: AccessPrincipal | undefined,
    row?: AccessRow,
    hide = false,
  ): AppError => {
    const reason =
      principal === undefined
        ? nobody(permission)
        : reasonOf(access.explain(principal, permission, row, { nowMs: context.nowMs }), principal);
    const verdict = deny(principal === undefined ? UNAUTHORIZED : hide ? HIDDEN : FORBIDDEN, reason);
    noteAttempt(ports.events, context, { need: permission, principal: principal ?? null }, verdict);
    ports.onRefused(context, verdict);
    const { message, status, code } = verdict.refusal;
    return new AppError(message, status, code);
  };
  return async function demand<Row>(context: RequestContext, load?: () => Loading<Row>) {
    noteDemand(context);
    const before = await ports.principal(context);
    if (before === undefined) throw refuse(context, before);
    const facts = { nowMs: context.nowMs };
    const possible = access.needsRow(permission)
      ? mightBe(access, before, permission)
      : access.can(before, permission, undefined, facts);
    if (!possible) throw refuse(context, before);
    if (load === undefined) {
      ports.grants.tell(context, permission, before.id);
      return undefined;
    }
    const row = await load();
    if (row === undefined || row === null) throw new NotFoundError();
    // Asked again after the wait: a role that was taken away meanwhile counts no more.
    const now = await ports.principal(context);
    if (!access.can(now, permission, row as AccessRow, facts))
      throw refuse(context, now, row as AccessRow, spec.hide);
    ports.grants.tell(context, permission, before.id);
    return row;
  };
}

/** Rules of a configuration that say nothing of access: each should name a permission or a word such as `anybody`. */
export function rulesWithoutAccess(
  rules: readonly {
    readonly match: string | readonly string[];
    readonly settings: Readonly<Record<string, unknown>>;
  }[],
): readonly string[] {
  return rules.filter(({ settings }) => settings['require'] === undefined).flatMap(({ match }) => match);
}
