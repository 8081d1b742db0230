import type { FindingFacts } from '../../api/shield.ts';
import type { DecisionAnswer, Reason } from '../../../../src/server/api/types.ts';

/** What inspection said of a request that it refused, or would have. */
export interface Inspected {
  /** What rules saw; empty where the request could not be read at all. */
  readonly findings: readonly FindingFacts[];
}

/** Inspection's part in a decision; null where it did not object. */
export function inspectedOf({ steps }: Pick<DecisionAnswer, 'steps'>): Inspected | null {
  const step = steps.find(({ guard, verdict }) => guard === 'inspection' && verdict !== 'pass');
  if (!step) return null;
  return { findings: (step.reason?.because ?? []).flatMap(findingOf) };
}

function findingOf({ code, values }: Reason): readonly FindingFacts[] {
  const { class: kind, weight, place, name } = values ?? {};
  if (typeof kind !== 'string' || typeof weight !== 'number' || typeof place !== 'string') return [];
  return [
    {
      rule: code,
      class: kind as FindingFacts['class'],
      weight,
      place,
      name: typeof name === 'string' ? name : '',
    },
  ];
}

/** Whether a part of the shield refused the request, or would have: then it can have been wrong. */
export function isShielded({ steps }: Pick<DecisionAnswer, 'steps'>): boolean {
  return steps.some(
    ({ guard, verdict }) =>
      (guard === 'inspection' || guard.startsWith('shield.')) &&
      (verdict === 'deny' || verdict === 'challenge'),
  );
}
