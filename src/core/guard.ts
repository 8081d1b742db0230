import type { BodyInspection } from './body-stage.ts';
import type { RequestContext } from './context.ts';
import type { Decider, Evidence } from './decide.ts';
import type { Verdict } from './verdict.ts';

/** The corridor's phases, in order. */
export const PHASES = ['admit', 'screen', 'identify', 'authorize', 'meter', 'validate', 'assess'] as const;
export type Phase = (typeof PHASES)[number];

/** `enforce` acts; `shadow` decides and records what it would have done, and lets the request go on. */
export type Mode = 'enforce' | 'shadow';

/** What a route was configured with. One object per rule, so that it can be compared by identity. */
export interface RouteInfo {
  /** Pattern with its method, of low cardinality: `POST /auth/*`; `*` for requests that no rule names. */
  readonly name: string;
  /** What modules were told about this route, by module name; each module checks its own at construction. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** How a request ended. */
export interface RequestEnd {
  /** HTTP status that was sent; 0 when the client went away before. */
  readonly status: number;
  /** Milliseconds from arrival to the end of the response. */
  readonly durationMs: number;
  /** Bytes of the response's body, where known. */
  readonly bytes: number;
  /** The client went away before the response was whole. */
  readonly aborted: boolean;
}

/**
 * One station of the corridor. Its decision is a pure function (`decider`); `check` is the thin shell that reads facts
 * and state, asks it, and hands back what it said.
 */
export interface Guard {
  /** Unique in a corridor; stands in records, metrics and events. */
  readonly name: string;
  readonly phase: Phase;
  readonly mode: Mode;
  /** What a crash of this guard means for the request. */
  readonly onError: 'deny' | 'allow';
  /** Asked once per route when the corridor is compiled; absent means all routes. */
  appliesTo?(route: RouteInfo): boolean;
  /** Decides. Returns a promise only when it must wait. Never writes a response. */
  check(context: RequestContext): Verdict | Promise<Verdict>;
  /**
   * Asked after every guard has passed, on routes to which it applies: how it wants to look at the body before the
   * application does; null for not at all. Its verdicts on the body count like those of `check`.
   */
  openBody?(context: RequestContext): BodyInspection | null;
  /** The pure part, by which a record is computed again. */
  readonly decider?: Decider;
  /** What `decider` was given for this request. Called after `check`, and only for requests that are recorded. */
  evidence?(context: RequestContext): Evidence | undefined;
  /** Headers of every response on this route, flat names and values; asked once per route. */
  staticHeaders?(route: RouteInfo): readonly string[];
  /** Headers to take away from every response (`x-powered-by`); asked once per route. */
  removesHeaders?(route: RouteInfo): readonly string[];
}

/** Runs once per request after its response has ended, whatever the verdict was. Must not throw and must not wait. */
export interface Finisher {
  readonly name: string;
  end(context: RequestContext, end: RequestEnd): void;
}
