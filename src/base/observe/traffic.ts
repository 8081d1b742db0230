import type { RequestContext } from '../../core/context.ts';
import type { Finisher, RequestEnd } from '../../core/guard.ts';
import type { VerdictKind } from '../../core/verdict.ts';
import { DurationHistogram } from './histogram.ts';

/** How traffic is stacked: `limited` is a refusal by a limit, `blocked` any other. `wouldRefuse` counts beside them. */
export const TRAFFIC_KINDS = [
  'allowed',
  'answered',
  'challenged',
  'limited',
  'blocked',
  'wouldRefuse',
] as const;
export type TrafficKind = (typeof TRAFFIC_KINDS)[number];

const WOULD_REFUSE = 5;

/** Class of a decided request. */
export function trafficKind(verdict: VerdictKind, status: number): Exclude<TrafficKind, 'wouldRefuse'> {
  if (verdict === 'pass') return 'allowed';
  if (verdict === 'answer') return 'answered';
  if (verdict === 'challenge') return 'challenged';
  return status === 429 ? 'limited' : 'blocked';
}

/** Counts of one route since the start, and since they were last taken. */
export interface RouteTraffic {
  readonly route: string;
  /** By place in TRAFFIC_KINDS. */
  readonly totals: Float64Array;
  /** Responses by first digit of the status, 0 (gone) to 5. */
  readonly statuses: Float64Array;
  readonly durations: DurationHistogram;
  readonly untaken: Float64Array;
}

/** Exact counts of all traffic of this process, per route; bounded. */
export class TrafficMeter implements Finisher {
  readonly name = 'traffic';
  readonly #routes = new Map<string, RouteTraffic>();
  readonly #maxRoutes: number;
  #second = new Float64Array(TRAFFIC_KINDS.length);

  /** @param maxRoutes labels beyond this are counted as `other`; default 500 */
  constructor(maxRoutes = 500) {
    this.#maxRoutes = maxRoutes;
  }

  end(context: RequestContext, end: RequestEnd): void {
    const label = context.routeLabel ?? context.plan.route.name;
    const route = this.#routes.get(label) ?? this.#add(label);
    const kind = kindIndex(context);
    bump(route.totals, kind);
    bump(route.untaken, kind);
    bump(this.#second, kind);
    if (context.trail !== null && kind === 0 && context.trail.some((entry) => entry.shadow)) {
      bump(route.totals, WOULD_REFUSE);
      bump(route.untaken, WOULD_REFUSE);
      bump(this.#second, WOULD_REFUSE);
    }
    bump(route.statuses, Math.min(5, (end.status / 100) | 0));
    route.durations.record(end.durationMs);
  }

  #add(label: string): RouteTraffic {
    const name = this.#routes.size >= this.#maxRoutes ? 'other' : label;
    const known = this.#routes.get(name);
    if (known) return known;
    const route: RouteTraffic = {
      route: name,
      totals: new Float64Array(TRAFFIC_KINDS.length),
      statuses: new Float64Array(6),
      durations: new DurationHistogram(),
      untaken: new Float64Array(TRAFFIC_KINDS.length),
    };
    this.#routes.set(name, route);
    return route;
  }

  /** All routes, for metrics. */
  routes(): Iterable<RouteTraffic> {
    return this.#routes.values();
  }

  /** Counts since the last call, by kind. */
  takeSecond(): Record<TrafficKind, number> {
    const taken = toCounts(this.#second);
    this.#second = new Float64Array(TRAFFIC_KINDS.length);
    return taken;
  }

  /** Counts per route since the last call; routes without traffic are left out. */
  takeRoutes(): { readonly route: string; readonly counts: Record<TrafficKind, number> }[] {
    const taken = [];
    for (const route of this.#routes.values()) {
      if (route.untaken.every((count) => count === 0)) continue;
      taken.push({ route: route.route, counts: toCounts(route.untaken) });
      route.untaken.fill(0);
    }
    return taken;
  }
}

function bump(counts: Float64Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}

function kindIndex(context: RequestContext): number {
  const { verdict } = context;
  if (verdict.kind === 'pass') return 0;
  return TRAFFIC_KINDS.indexOf(trafficKind(verdict.kind, context.reply?.status ?? 0));
}

function toCounts(values: Float64Array): Record<TrafficKind, number> {
  return Object.fromEntries(TRAFFIC_KINDS.map((kind, i) => [kind, values[i] as number])) as Record<
    TrafficKind,
    number
  >;
}
