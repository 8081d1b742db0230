import { type BodyJudge, type BodyWalk, HeldRoom, openWalk } from './body-stage.ts';
import type { Clock } from './clock.ts';
import { RequestContext, type RoutePlan } from './context.ts';
import type { ClientAddressValue } from './fact.ts';
import type { Finisher, Guard, RequestEnd } from './guard.ts';
import { newId } from './id.ts';
import type { ClientAddressResult } from './proxy.ts';
import { type ErrorFormat, renderRefusal } from './reply.ts';
import type { RequestView } from './request.ts';
import { canonicalPath } from './route.ts';
import { RoutePlans, type RouteRule } from './route-plans.ts';
import { type Challenge, deny, PASS, type Refusal, type Verdict } from './verdict.ts';

export type { RouteRule } from './route-plans.ts';

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
  /** Bytes of memory for bodies that are held back, all requests together; default 256 MiB. Beyond: 503. */
  readonly maxHeldBytes?: number;
  /**
   * Gives a challenge its page, or says what else follows from it. Asked before the refusal is told; must not throw.
   */
  readonly onChallenge?: (context: RequestContext, verdict: Challenge) => Challenge;
  /** Told of every refusal before it is handed to the adapter, so that no refusal is seen that is not on record. */
  readonly onRefused?: (context: RequestContext) => void;
  /** Told of a guard that crashed. Must not throw. */
  readonly onGuardFailure?: (guard: string, error: unknown, context: RequestContext) => void;
  /** Told of a body that had to be held and for which there was no room. Must not throw. */
  readonly onHeldRoomFull?: (guard: string, context: RequestContext) => void;
  /** Told of a body that was read before its guards could, and whether they saw what was made of it. Must not throw. */
  readonly onBodyTaken?: (isSeen: boolean, context: RequestContext) => void;
  /** Told of a forwarded header from a peer that is not trusted. Must not throw. */
  readonly onUntrustedForward?: (client: ClientAddressValue) => void;
}

/** The compiled way of every request: which guards, in which order, with which headers, is settled once per route. */
export interface Corridor {
  /** Walks a request through. Returns a promise only when a guard had to wait; never throws, never rejects. */
  enter(request: RequestView): RequestContext | Promise<RequestContext>;
  /**
   * Opens the way of the body of a request that was let through; null where no guard wants to see it. With a reply in the
   * context the request is refused.
   */
  openBody(context: RequestContext): BodyWalk | null;
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
  return new CompiledCorridor(parts, new RoutePlans(parts));
}

class CompiledCorridor implements Corridor {
  readonly plans: readonly RoutePlan[];
  readonly #parts: CorridorParts;
  readonly #plans: RoutePlans;
  readonly #clock: Clock;
  readonly #finishers: readonly Finisher[];
  readonly #room: HeldRoom;

  constructor(parts: CorridorParts, plans: RoutePlans) {
    this.#parts = parts;
    this.#plans = plans;
    this.plans = plans.all;
    this.#clock = parts.clock;
    this.#finishers = parts.finishers ?? [];
    this.#room = new HeldRoom(parts.maxHeldBytes);
  }

  enter(request: RequestView): RequestContext | Promise<RequestContext> {
    const path = canonicalPath(request.target);
    const plan = this.#plans.of(request, path);
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

  openBody(context: RequestContext): BodyWalk | null {
    const { bodyGuards } = context.plan;
    if (bodyGuards.length === 0) return null;
    const judge: BodyJudge = {
      note: (guard, verdict) => this.#note(context, guard, verdict),
      failed: (guard, error) => this.#failed(guard, error, context),
      full: (guard) => this.#full(guard, context),
      taken: (isSeen) => this.#parts.onBodyTaken?.(isSeen, context),
    };
    return openWalk(context, bodyGuards, judge, this.#room);
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

  #settle(context: RequestContext, given: Verdict, guard: string): RequestContext {
    if (given.kind !== 'answer' && given.kind !== 'pass') context.decisionId ??= newId('dec', context.nowMs);
    const { onChallenge } = this.#parts;
    const verdict = given.kind === 'challenge' && onChallenge ? onChallenge(context, given) : given;
    (context.trail ??= []).push({ guard, verdict, shadow: false });
    context.verdict = verdict;
    if (verdict.kind === 'pass') return context;
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

  /** A guard that is given no room has no say: like one that broke down, but nothing is broken. */
  #full(guard: Guard, context: RequestContext): Verdict {
    this.#parts.onHeldRoomFull?.(guard.name, context);
    const reason = {
      code: 'guard.no_room',
      text: `The bodies that wait for their guards fill all the room that they have; onError is '${guard.onError}'.`,
      values: { maxHeldBytes: this.#room.maxBytes },
      remedy: { do: 'wait', seconds: 5 } as const,
    };
    return guard.onError === 'deny' ? deny(GUARD_FAILED, reason) : { kind: 'pass', reason };
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
