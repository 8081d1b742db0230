import type { VerdictKind } from '../../core/verdict.ts';
import type { TrafficClass, TrafficCounts } from '../api/types.ts';

/**
 * How a request is stacked in the charts.
 * @param refusalStatus status of the refusal (429 is what limits answer), not of what reached a client that went away
 */
export function trafficClassOf(
  verdict: VerdictKind,
  refusalStatus: number,
  code: string | null,
): TrafficClass {
  switch (verdict) {
    case 'pass':
      return 'allowed';
    case 'answer':
      return 'answered';
    case 'challenge':
      return 'challenged';
    case 'deny':
      return refusalStatus === 429 || code?.includes('RATE_LIMIT') === true ? 'limited' : 'blocked';
  }
}

/** Counts of nothing, to be added to. */
export function noTraffic(): Record<keyof TrafficCounts, number> {
  return { allowed: 0, answered: 0, challenged: 0, limited: 0, blocked: 0, wouldRefuse: 0 };
}

/** Requests in all classes; `wouldRefuse` is among the allowed ones. */
export function totalOf(counts: TrafficCounts): number {
  return counts.allowed + counts.answered + counts.challenged + counts.limited + counts.blocked;
}

/** Requests that did not get through: refused by a limit or otherwise, or asked for proof. */
export function refusedOf(counts: TrafficCounts): number {
  return counts.challenged + counts.limited + counts.blocked;
}
