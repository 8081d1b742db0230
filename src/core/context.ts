import type { ClientAddressValue, Fact } from './fact.ts';
import type { Guard, RouteInfo } from './guard.ts';
import type { RequestView } from './request.ts';
import { PASS, type Reply, type Verdict } from './verdict.ts';

/** A line of the decision's trail: every verdict that was not a plain pass. */
export interface TrailEntry {
  readonly guard: string;
  readonly verdict: Verdict;
  /** Decided but not acted on. */
  readonly shadow: boolean;
  /** The guard crashed; `verdict` is what its `onError` made of it. */
  readonly failed?: string;
}

/** The compiled corridor of one route. */
export interface RoutePlan {
  readonly route: RouteInfo;
  readonly guards: readonly Guard[];
  /** Those of them that may want to see bodies. */
  readonly bodyGuards: readonly Guard[];
  /** Flat names (lower case) and values that every response of the route carries. */
  readonly headers: readonly string[];
  /** Header names that the framework may have set and that are taken away. */
  readonly removes: readonly string[];
}

/** One request on its way through the corridor. Facts carry what one guard learnt to later ones. */
export class RequestContext {
  readonly request: RequestView;
  /** Arrival, milliseconds since the epoch: the one time that every guard of this request is given. */
  readonly nowMs: number;
  /** Arrival on the monotonic clock. */
  readonly startedMs: number;
  /** Canonical path, for matching only. */
  readonly path: string;
  readonly plan: RoutePlan;
  readonly client: ClientAddressValue;
  /** The corridor's verdict. */
  verdict: Verdict = PASS;
  /** What to send when the verdict is not a pass. */
  reply: Reply | null = null;
  /** Response headers of this request alone: flat names (lower case) and values, to be set after the plan's. */
  headers: string[] | null = null;
  /** Set when a record is certain (every refusal), or once someone asked for it. */
  decisionId: string | null = null;
  trail: TrailEntry[] | null = null;
  /** The last guard that was asked: those after it have no part in the record. */
  asked = 0;
  /** Label that the framework's router gave, where it knows a better one than the plan's: `/orders/:id`. */
  routeLabel: string | null = null;
  /** Set once the response has ended. */
  ended = false;
  #facts: unknown[] | null = null;
  #leases: (() => void)[] | null = null;

  constructor(
    request: RequestView,
    nowMs: number,
    startedMs: number,
    path: string,
    plan: RoutePlan,
    client: ClientAddressValue,
  ) {
    this.request = request;
    this.nowMs = nowMs;
    this.startedMs = startedMs;
    this.path = path;
    this.plan = plan;
    this.client = client;
  }

  /** What is known, or `undefined`. */
  get<T>(fact: Fact<T>): T | undefined {
    return this.#facts === null ? undefined : (this.#facts[fact.slot] as T | undefined);
  }

  /** Tells later guards, finishers and the application. */
  set<T>(fact: Fact<T>, value: T): void {
    (this.#facts ??= [])[fact.slot] = value;
  }

  /** Adds a response header; the name in lower case. A later value of the same name replaces an earlier one. */
  header(name: string, value: string): void {
    (this.headers ??= []).push(name, value);
  }

  /** Keeps something until the response has ended; `release` is called once, whatever happens. */
  hold(release: () => void): void {
    if (this.ended) release();
    else (this.#leases ??= []).push(release);
  }

  /** Writes a verdict of a shadow policy into the trail: for guards that ask several policies at once. */
  noteShadow(guard: string, verdict: Verdict): void {
    (this.trail ??= []).push({ guard, verdict, shadow: true });
  }

  /** Gives back what was held. Called by the corridor. @internal */
  releaseAll(): void {
    const leases = this.#leases;
    if (leases === null) return;
    this.#leases = null;
    for (const release of leases) {
      try {
        release();
      } catch {
        // A lease that cannot be given back expires by itself; the others must still be given back.
      }
    }
  }
}
