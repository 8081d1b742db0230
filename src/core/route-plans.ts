import type { RoutePlan } from './context.ts';
import { OptionsError } from './errors.ts';
import { type Guard, PHASES, type RouteInfo } from './guard.ts';
import { type PathReading, readPath } from './path-reading.ts';
import type { RequestView } from './request.ts';
import { parsePattern, RouteTable } from './route.ts';
import { deny } from './verdict.ts';

/** A rule about requests that fit one of its patterns. */
export interface RouteRule {
  /** `'POST /auth/*'`, `'/orders/:id'`, or several. */
  readonly match: string | readonly string[];
  /** What modules are told, by module name. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What the plans of all routes are built from. */
export interface RoutePlanParts {
  readonly guards: readonly Guard[];
  readonly rules?: readonly RouteRule[];
  /** Settings of requests that no rule names. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** A plan, and whether the pattern by which it was found ends in `*`. */
interface Named {
  readonly plan: RoutePlan;
  readonly takesRest: boolean;
}

/** Guards of these phases judge the client and what it sends, whatever the route: they see refused paths, too. */
const LAST_EARLY_PHASE = PHASES.indexOf('screen');

/** The plan of every route, settled once, and the way to a request's own. */
export class RoutePlans {
  readonly #all: RoutePlan[] = [];
  readonly #guards: readonly Guard[];
  readonly #table = new RouteTable<Named>();
  readonly #fallback: RoutePlan;
  readonly #refusing = new Map<string, WeakMap<RoutePlan, RoutePlan>>();

  /** @throws OptionsError on a duplicate guard name or a pattern that cannot be read */
  constructor({ guards, rules = [], defaults = {} }: RoutePlanParts) {
    this.#guards = inOrder(guards);
    this.#fallback = this.#compile({ name: '*', settings: defaults });
    rules.forEach((rule, i) => this.#addRule(rule, i, defaults));
  }

  /** The plans of all routes. */
  get all(): readonly RoutePlan[] {
    return this.#all;
  }

  /**
   * The plan of a request. Where a path can be read in two ways, the one that a rule names counts. Where both are named, by
   * different rules, or the path holds what no honest client sends, the plan refuses: the application's router might take
   * the other way.
   * @param path the canonical path
   */
  of(request: RequestView, path: string): RoutePlan {
    const method = plannedMethod(request);
    const found = this.#table.find(method, path);
    const reading = readPath(request.target, path);
    const plan = found?.plan ?? this.#fallback;
    return reading === null ? plan : this.#second(method, reading, found, plan);
  }

  #second(method: string, reading: PathReading, found: Named | undefined, plan: RoutePlan): RoutePlan {
    if (reading.fault !== null) return this.#refuse(plan, reading.fault);
    const literal = this.#table.find(method, reading.literal);
    if (literal === undefined || literal.plan === plan) return plan;
    if (found === undefined || (found.takesRest && !literal.takesRest)) return literal.plan;
    return this.#refuse(plan, 'ambiguous');
  }

  #addRule(rule: RouteRule, i: number, defaults: Readonly<Record<string, unknown>>): void {
    const patterns = typeof rule.match === 'string' ? [rule.match] : rule.match;
    const plan = this.#compile({
      name: patterns[0] ?? `rule ${i}`,
      settings: { ...defaults, ...rule.settings },
    });
    patterns.forEach((text, j) => {
      const pattern = parsePattern(text);
      if (!pattern) {
        throw new OptionsError(
          `routes[${i}].match[${j}]`,
          `'${text}' is not a pattern such as 'POST /auth/*' or '/orders/:id'`,
        );
      }
      this.#table.add(pattern, { plan, takesRest: pattern.path.endsWith('*') });
    });
  }

  #compile(route: RouteInfo): RoutePlan {
    const plan = compileRoute(route, this.#guards);
    this.#all.push(plan);
    return plan;
  }

  /** A plan's early guards, then the refusal. */
  #refuse(plan: RoutePlan, why: string): RoutePlan {
    let plans = this.#refusing.get(why);
    if (plans === undefined) this.#refusing.set(why, (plans = new WeakMap()));
    let refusing = plans.get(plan);
    if (refusing === undefined) {
      const early = plan.guards.filter((guard) => PHASES.indexOf(guard.phase) <= LAST_EARLY_PHASE);
      refusing = { ...plan, guards: [...early, pathGuard(why)], bodyGuards: [] };
      plans.set(plan, refusing);
    }
    return refusing;
  }
}

/** Refuses whatever comes to it. */
function pathGuard(why: string): Guard {
  const verdict = deny(
    {
      status: 400,
      code: 'INVALID_REQUEST',
      message: 'The path can be read in more than one way. Send it without dot segments and backslashes.',
      details: { check: 'path' },
    },
    {
      code: `path.${why}`,
      text: 'The path can be read in more than one way, and the rules differ.',
      remedy: { do: 'change', what: 'Resolve dot segments, and encode what belongs to a name once.' },
    },
  );
  return { name: 'path', phase: 'screen', mode: 'enforce', onError: 'deny', check: () => verdict };
}

function inOrder(guards: readonly Guard[]): readonly Guard[] {
  const names = new Set<string>();
  for (const guard of guards) {
    if (names.has(guard.name)) throw new OptionsError('guards', `two guards are named '${guard.name}'`);
    names.add(guard.name);
  }
  return guards.toSorted((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase));
}

function compileRoute(route: RouteInfo, guards: readonly Guard[]): RoutePlan {
  const applying = guards.filter((guard) => guard.appliesTo === undefined || guard.appliesTo(route));
  const headers = new Map<string, string>();
  for (const guard of applying) {
    const flat = guard.staticHeaders?.(route) ?? [];
    for (let i = 0; i < flat.length; i += 2)
      headers.set((flat[i] as string).toLowerCase(), flat[i + 1] as string);
  }
  return {
    route,
    guards: applying,
    bodyGuards: applying.filter((guard) => guard.openBody !== undefined),
    headers: [...headers].flat(),
    removes: [...new Set(applying.flatMap((guard) => [...(guard.removesHeaders?.(route) ?? [])]))],
  };
}

/** A preflight (Fetch standard) asks for leave for another method: it walks the way of the request that it announces. */
function plannedMethod(request: RequestView): string {
  if (request.method !== 'OPTIONS' || request.header('origin') === undefined) return request.method;
  return request.header('access-control-request-method') ?? 'OPTIONS';
}
