import type { Clock } from './clock.ts';
import { RequestContext, type RoutePlan } from './context.ts';
import { OptionsError } from './errors.ts';
import type { ClientAddressValue } from './fact.ts';
import { type Finisher, type Guard, PHASES, type RequestEnd, type RouteInfo } from './guard.ts';
import { newId } from './id.ts';
import type { ClientAddressResult } from './proxy.ts';
import { type ErrorFormat, renderRefusal } from './reply.ts';
import type { RequestView } from './request.ts';
import { canonicalPath, parsePattern, RouteTable } from './route.ts';
import { deny, PASS, type Refusal, type Verdict } from './verdict.ts';

/** A rule about requests that fit one of its patterns. */
export interface RouteRule {
  /** `'POST /auth/*'`, `'/orders/:id'`, or several. */
  readonly match: string | readonly string[];
  /** What modules are told, by module name. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What a corridor is built from. */
export interface CorridorParts {
  readonly guards: readonly Guard[];
  readonly finishers?: readonly Finisher[];
  readonly rules?: readonly RouteRule[];
  /** Settings of requests that no rule names. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
  readonly readClient: (view: RequestView) => ClientAddressResult;
  readonly errorFormat?: ErrorFormat;
  /** Told of every refusal before it is handed to the adapter, so that no refusal is seen that is not on record. */
  readonly onRefused?: (context: RequestContext) => void;
  /** Told of a guard that crashed. Must not throw. */
  readonly onGuardFailure?: (guard: string, error: unknown, context: RequestContext) => void;
  /** Told of a forwarded header from a peer that is not trusted. Must not throw. */
  readonly onUntrustedForward?: (client: ClientAddressValue) => void;
}

/** The compiled way of every request: which guards, in which order, with which headers, is settled once per route. */
export interface Corridor {
  /** Walks a request through. Returns a promise only when a guard had to wait; never throws, never rejects. */
  enter(request: RequestView): RequestContext | Promise<RequestContext>;
  /** Must be called exactly once per entered request, when its response has ended or the client has gone. */
  leave(context: RequestContext, status: number, bytes: number, aborted: boolean): void;
  /** The plans of all routes, for the console and for tests. */
  readonly plans: readonly RoutePlan[];
}

const TOO_MANY_HOPS: Refusal = {
  status: 400,
  code: 'INVALID_REQUEST',
  message: 'The request passed through more proxies than are accepted.',
};
const GUARD_FAILED: Refusal = {
  status: 503,
  code: 'GUARD_UNAVAILABLE',
  message: 'The request could not be checked just now. Try again shortly.',
  headers: ['retry-after', '5'],
};

/**
 * Builds a corridor.
 * @throws OptionsError on a duplicate guard name or a pattern that cannot be read
 */
export function createCorridor(parts: CorridorParts): Corridor {
  const guards = inOrder(parts.guards);
  const plans: RoutePlan[] = [];
  const table = new RouteTable<RoutePlan>();
  const compile = (route: RouteInfo): RoutePlan => {
    const plan = compileRoute(route, guards);
    plans.push(plan);
    return plan;
  };
  const fallback = compile({ name: '*', settings: parts.defaults ?? {} });
  (parts.rules ?? []).forEach((rule, i) => {
    const patterns = typeof rule.match === 'string' ? [rule.match] : rule.match;
    const plan = compile({
      name: patterns[0] ?? `rule ${i}`,
      settings: { ...parts.defaults, ...rule.settings },
    });
    patterns.forEach((text, j) => {
      const pattern = parsePattern(text);
      if (!pattern) {
        throw new OptionsError(
          `routes[${i}].match[${j}]`,
          `'${text}' is not a pattern such as 'POST /auth/*' or '/orders/:id'`,
        );
      }
      table.add(pattern, plan);
    });
  });
  return new CompiledCorridor(parts, table, fallback, plans);
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
    headers: [...headers].flat(),
    removes: [...new Set(applying.flatMap((guard) => [...(guard.removesHeaders?.(route) ?? [])]))],
  };
}

class CompiledCorridor implements Corridor {
  readonly plans: readonly RoutePlan[];
  readonly #parts: CorridorParts;
  readonly #table: RouteTable<RoutePlan>;
  readonly #fallback: RoutePlan;
  readonly #clock: Clock;
  readonly #finishers: readonly Finisher[];

  constructor(
    parts: CorridorParts,
    table: RouteTable<RoutePlan>,
    fallback: RoutePlan,
    plans: readonly RoutePlan[],
  ) {
    this.#parts = parts;
    this.#table = table;
    this.#fallback = fallback;
    this.plans = plans;
    this.#clock = parts.clock;
    this.#finishers = parts.finishers ?? [];
  }

  enter(request: RequestView): RequestContext | Promise<RequestContext> {
    const path = canonicalPath(request.target);
    const plan = this.#table.find(plannedMethod(request), path) ?? this.#fallback;
    const found = this.#parts.readClient(request);
    const clock = this.#clock;
    const context = new RequestContext(request, clock.now(), clock.monotonic(), path, plan, found.client);
    if (!found.ok) {
      const reason = {
        code: 'proxy.too_many_hops',
        text: 'More forwarded hops than are accepted.',
        values: { hops: found.hops },
      };
      return this.#settle(context, deny(TOO_MANY_HOPS, reason), 'proxy');
    }
    if (found.untrustedHeader) this.#parts.onUntrustedForward?.(found.client);
    return this.#walk(context, 0);
  }

  /** Asks the guards from `index` on; goes on in a promise from the first one that has to wait. */
  #walk(context: RequestContext, index: number): RequestContext | Promise<RequestContext> {
    const { guards } = context.plan;
    for (let i = index; i < guards.length; i++) {
      const guard = guards[i] as Guard;
      context.asked = i + 1;
      let verdict: Verdict | Promise<Verdict>;
      try {
        verdict = guard.check(context);
      } catch (error) {
        verdict = this.#failed(guard, error, context);
      }
      if (verdict === PASS) continue;
      if (verdict instanceof Promise) return this.#wait(context, guard, verdict, i);
      if (this.#note(context, guard, verdict)) return context;
    }
    return context;
  }

  async #wait(
    context: RequestContext,
    guard: Guard,
    waiting: Promise<Verdict>,
    index: number,
  ): Promise<RequestContext> {
    let verdict: Verdict;
    try {
      verdict = await waiting;
    } catch (error) {
      verdict = this.#failed(guard, error, context);
    }
    if (verdict !== PASS && this.#note(context, guard, verdict)) return context;
    return this.#walk(context, index + 1);
  }

  /** Takes a verdict down. @returns whether the request's way ends here */
  #note(context: RequestContext, guard: Guard, verdict: Verdict): boolean {
    if (verdict.kind === 'pass') {
      if (verdict.reason !== undefined)
        (context.trail ??= []).push({ guard: guard.name, verdict, shadow: false });
      return false;
    }
    const shadow = guard.mode === 'shadow';
    if (shadow) {
      context.noteShadow(guard.name, verdict);
      return false;
    }
    this.#settle(context, verdict, guard.name);
    return true;
  }

  #settle(context: RequestContext, verdict: Verdict, guard: string): RequestContext {
    (context.trail ??= []).push({ guard, verdict, shadow: false });
    context.verdict = verdict;
    if (verdict.kind === 'pass') return context;
    if (verdict.kind !== 'answer') context.decisionId ??= newId('dec', context.nowMs);
    const own =
      verdict.kind === 'answer'
        ? verdict.reply
        : ((verdict.kind === 'challenge' ? verdict.reply : undefined) ??
          renderRefusal(
            verdict.refusal,
            context.decisionId,
            context.request.header('accept'),
            this.#parts.errorFormat,
          ));
    context.reply = { ...own, headers: mergeHeaders(context, own.headers) };
    if (verdict.kind !== 'answer') this.#parts.onRefused?.(context);
    return context;
  }

  #failed(guard: Guard, error: unknown, context: RequestContext): Verdict {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown error';
    const reason = {
      code: 'guard.failed',
      text: `The guard '${guard.name}' broke down; its onError is '${guard.onError}'.`,
      values: { error: message.slice(0, 200) },
      remedy: { do: 'wait', seconds: 5 } as const,
    };
    this.#parts.onGuardFailure?.(guard.name, error, context);
    const verdict: Verdict = guard.onError === 'deny' ? deny(GUARD_FAILED, reason) : { kind: 'pass', reason };
    return verdict;
  }

  leave(context: RequestContext, status: number, bytes: number, aborted: boolean): void {
    if (context.ended) return;
    context.ended = true;
    context.releaseAll();
    const end: RequestEnd = {
      status,
      bytes,
      aborted,
      durationMs: this.#clock.monotonic() - context.startedMs,
    };
    for (const finisher of this.#finishers) {
      try {
        finisher.end(context, end);
      } catch (error) {
        this.#parts.onGuardFailure?.(finisher.name, error, context);
      }
    }
  }
}

/** A preflight (Fetch standard) asks for leave for another method: it walks the way of the request that it announces. */
function plannedMethod(request: RequestView): string {
  if (request.method !== 'OPTIONS' || request.header('origin') === undefined) return request.method;
  return request.header('access-control-request-method') ?? 'OPTIONS';
}

/**
 * The plan's headers, then the request's, then the reply's; a later value of a name replaces an earlier one, but cookies
 * all stay and `vary` names them all (RFC 9110 5.3, 12.5.5).
 */
function mergeHeaders(context: RequestContext, own: readonly string[]): readonly string[] {
  const merged = new Map<string, string>();
  const cookies: string[] = [];
  for (const flat of [context.plan.headers, context.headers ?? [], own]) {
    for (let i = 0; i < flat.length; i += 2) {
      const name = (flat[i] as string).toLowerCase();
      const value = flat[i + 1] as string;
      if (name === 'set-cookie') cookies.push(name, value);
      else if (name === 'vary') merged.set(name, unite(merged.get(name), value));
      else merged.set(name, value);
    }
  }
  return [...[...merged].flat(), ...cookies];
}

function unite(known: string | undefined, more: string): string {
  if (known === undefined) return more;
  const names = `${known},${more}`.split(',').map((name) => name.trim());
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].join(', ');
}
