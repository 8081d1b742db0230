import type { DecisionSummary } from '../../../../src/server/api/types.ts';
import type { Filter } from '../../state/search.ts';

/**
 * Whether a decision of the stream belongs to a filtered list. Values of one field are alternatives, fields must all fit,
 * as on the server; fields that a summary lacks never match.
 */
export function isMatch(decision: DecisionSummary, filters: readonly Filter[]): boolean {
  const has = ({ field, value }: Filter): boolean => valuesOf(decision, field).includes(value);
  return filters.every((filter) =>
    filter.exclude
      ? !has(filter)
      : filters.some((other) => !other.exclude && other.field === filter.field && has(other)),
  );
}

/** How many decisions of the stream are newer than the newest of the list, and belong to it. */
export function countNew(
  streamed: readonly DecisionSummary[],
  newest: DecisionSummary | undefined,
  filters: readonly Filter[],
): number {
  const sinceMs = newest?.atMs ?? 0;
  return streamed.filter((one) => one.atMs > sinceMs && one.id !== newest?.id && isMatch(one, filters))
    .length;
}

function valuesOf(decision: DecisionSummary, field: Filter['field']): readonly string[] {
  switch (field) {
    case 'wouldRefuse':
      return decision.wouldRefuse.length === 0 ? [] : ['any', ...decision.wouldRefuse];
    case 'group':
    case 'userAgent':
    case 'range':
    case 'asn':
    case 'country':
      return [];
    case 'status':
      return [String(decision.status)];
    case 'address':
    case 'route':
    case 'guard':
    case 'code':
    case 'verdict':
    case 'principal':
    case 'method': {
      const value = decision[field];
      return value === null ? [] : [value];
    }
  }
}
