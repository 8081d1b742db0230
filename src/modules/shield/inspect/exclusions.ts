import { OptionsError } from '../../../core/errors.ts';
import type { RouteInfo } from '../../../core/guard.ts';
import { readPath } from '../../../core/path-reading.ts';
import { parsePattern, RouteTable } from '../../../core/route.ts';
import type { Finding } from './decide.ts';
import { RULES } from './detect/rules.ts';
import { shownName } from './fields.ts';
import { ATTACK_CLASSES, type Signal } from './types.ts';

/** What inspection leaves out while it runs, beside what the configuration says. */
export interface LiveExclusion {
  /**
   * Pattern of a route (`POST /articles`, `/files/*`): whatever fits it, also where a more specific rule stands; or the
   * name of a rule as the corridor calls it (`*` for what no rule names); null: everywhere.
   */
  readonly route: string | null;
  /** Name of a parameter, header, cookie or key as records show it (`user.note`); null: any. */
  readonly field: string | null;
  /** Ids of rules (`sql.tautology`) or classes (`sql`). Unknown ones leave out nothing. */
  readonly rules: readonly string[];
}

/** Where a request goes. */
export interface Visit {
  /** Canonical path. */
  readonly path: string;
  /** `target`: path and query as received; of a record its path alone. */
  readonly request: { readonly method: string; readonly target: string };
}

/** An exclusion that may act on a route, in the shape in which it is asked. */
export interface Acting {
  covers(signal: Pick<Signal, 'rule' | 'class'>, name: string, visit: Visit): boolean;
}

/** Exclusions at most. */
export const MAX_LIVE_EXCLUSIONS = 1_000;
const NONE: readonly Acting[] = [];

/** Exclusions that come and go while the guard runs: every route's policy follows those that may act on it. */
export class LiveExclusions {
  #list: readonly LiveExclusion[] = [];
  readonly #followers = new Map<RouteInfo, (acting: readonly Acting[]) => void>();

  /**
   * Takes over a whole list; requests from the next one on are judged by it.
   * @returns those that name no route that there is or could be: they act on nothing
   * @throws OptionsError when there are more than 1,000
   */
  replace(list: readonly LiveExclusion[]): { readonly unmatched: readonly LiveExclusion[] } {
    if (list.length > MAX_LIVE_EXCLUSIONS)
      throw new OptionsError('exclusions', `at most ${MAX_LIVE_EXCLUSIONS} are taken`);
    this.#list = [...list];
    for (const [route, take] of this.#followers) take(this.#actingOn(route));
    const names = new Set([...this.#followers.keys()].map(({ name }) => name));
    return {
      unmatched: list.filter(
        ({ route }) => route !== null && !names.has(route) && parsePattern(route) === undefined,
      ),
    };
  }

  /** What is left out at present. */
  list(): readonly LiveExclusion[] {
    return this.#list;
  }

  /** Hands over what may act on a route, now and after every change. @internal */
  follow(route: RouteInfo, take: (acting: readonly Acting[]) => void): void {
    this.#followers.set(route, take);
    take(this.#actingOn(route));
  }

  #actingOn(route: RouteInfo): readonly Acting[] {
    if (this.#list.length === 0) return NONE;
    return this.#list.flatMap((one) => compile(one, route.name) ?? []);
  }
}

function compile(exclusion: LiveExclusion, plan: string): Acting | null {
  const fits = fitting(exclusion.route, plan);
  if (fits === null) return null;
  const counts = fieldAndRule(exclusion);
  return { covers: (signal, name, visit) => counts(signal, shownName(name)) && fits(visit) };
}

/** @returns null where it can never fit on that route of the corridor */
function fitting(route: string | null, plan: string): ((visit: Visit) => boolean) | null {
  if (route === null || route === plan) return () => true;
  const pattern = parsePattern(route);
  if (pattern === undefined) return null;
  const table = new RouteTable<true>();
  table.add(pattern, true);
  return ({ path, request: { method, target } }) => {
    if (table.find(method, path) === undefined) return false;
    // The application's router may read the path in another way, and hand it to a route that is not meant.
    const reading = readPath(target, path);
    return reading === null || (reading.fault === null && table.find(method, reading.literal) === true);
  };
}

function fieldAndRule({ field, rules }: LiveExclusion) {
  const named = new Set(rules);
  const shown = field === null ? null : shownName(field);
  return (signal: Pick<Signal, 'rule' | 'class'>, name: string): boolean =>
    (shown === null || shown === name) && (named.has(signal.rule) || named.has(signal.class));
}

/**
 * Whether an exclusion acts on a request, by what its record says of it.
 * @param plan name of the corridor's route: the most specific rule that fits, `*` where none does
 */
export function exclusionFits({ route }: LiveExclusion, plan: string, visit: Visit): boolean {
  return fitting(route, plan)?.(visit) === true;
}

/** What is left of findings, whatever their route. */
export function withoutExcluded(
  findings: readonly Finding[],
  exclusions: readonly LiveExclusion[],
): readonly Finding[] {
  const tests = exclusions.map(fieldAndRule);
  return findings.filter((one) => !tests.some((covers) => covers(one, one.name)));
}

const KNOWN: ReadonlySet<string> = new Set([...ATTACK_CLASSES, ...RULES.map(({ rule }) => rule)]);

/** Whether inspection knows a rule or class of that name. */
export function isInspectionRule(id: string): boolean {
  return KNOWN.has(id);
}

/** Classes of which a list of rules and classes leaves nothing. */
export function wholeClassesOf(rules: readonly string[]): readonly string[] {
  const named = new Set(rules);
  return ATTACK_CLASSES.filter((name) => {
    const own = RULES.filter((rule) => rule.class === name);
    return named.has(name) || (own.length > 0 && own.every(({ rule }) => named.has(rule)));
  });
}
