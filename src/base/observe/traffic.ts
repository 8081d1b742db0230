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

/** What was answered within some time. */
export interface TrafficMinute {
  readonly requests: number;
  /** Answers of status 500 and above. */
  readonly errors: number;
  /** Refused and challenged. */
  readonly refused: number;
  /** Half and 95 of 100 answers took no longer, milliseconds; 0 without answers. */
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Exact counts of all traffic of this process, per route; bounded. */
export class TrafficMeter implements Finisher {
  readonly name = 'traffic';
  readonly #routes = new Map<string, RouteTraffic>();
  readonly #maxRoutes: number;
  #second = new Float64Array(TRAFFIC_KINDS.length);
  #minute = { errors: 0, refused: 0, durations: new DurationHistogram() };

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
    this.#minute.durations.record(end.durationMs);
    if (end.status >= 500) this.#minute.errors++;
    if (kind > 1) this.#minute.refused++;
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

  /** What was answered since the last call. */
  takeMinute(): TrafficMinute {
    const { errors, refused, durations } = this.#minute;
    this.#minute = { errors: 0, refused: 0, durations: new DurationHistogram() };
    return {
      requests: durations.count,
      errors,
      refused,
      p50Ms: durations.quantileMs(0.5),
      p95Ms: durations.quantileMs(0.95),
    };
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
