import type { Evidence } from '../../../core/decide.ts';
import type { Verdict } from '../../../core/verdict.ts';
import { type Finding, inspectionDecider, type InspectionFeatures, type InspectionState } from './decide.ts';
import { type LiveExclusion, withoutExcluded } from './exclusions.ts';

/** What would have become of a recorded decision. */
export interface ReplayedInspection {
  readonly verdict: Verdict;
  /** Findings that still count. */
  readonly left: readonly Finding[];
}

/**
 * Decides a recorded request again without the findings that exclusions leave out; what could not be read stays refused.
 * A refused request was not read to its end: what passes here could still have met a finding that nobody looked for.
 * @param exclusions those that act on its route (`exclusionFits`)
 */
export function replayInspection(
  { features, state, atMs }: Evidence<InspectionFeatures, InspectionState>,
  exclusions: readonly LiveExclusion[],
): ReplayedInspection {
  const left = withoutExcluded(features.findings, exclusions);
  return { verdict: inspectionDecider.decide({ ...features, findings: left }, state, atMs), left };
}
