import type { Evidence } from '../core/decide.ts';
import {
  exclusionFits,
  type InspectionFeatures,
  inspectionDecider,
  type InspectionState,
  type LiveExclusion,
  replayInspection,
} from '../modules/shield/index.ts';
import type { ExclusionReplay } from './api/shield-types.ts';
import {
  countInspected,
  groupsRefusedBy,
  type InspectedDecision,
  inspectedPage,
  type Stores,
} from './data/index.ts';
import type { ShieldPort } from './shield-port.ts';

/** What a replay stands on. */
export interface ReplayPorts {
  readonly stores: Pick<Stores, 'sql' | 'exclusions' | 'falseAlarms'>;
  readonly shield: Pick<ShieldPort, 'guards' | 'planOf'>;
}

/** Decisions that are looked at again, at most: the newest. */
export const MAX_REPLAYED = 20_000;
const PAGE = 1_000;
const MAX_SAMPLES = 20;

/** A decision that would pass. */
interface Passing {
  readonly decision: InspectedDecision;
  readonly left: readonly string[];
}

/**
 * Decides recorded requests again as if an exclusion were live beside those that are. Only what that alone lets through
 * counts; nothing does that another guard refused.
 * @param nowMs end of the span, milliseconds since the epoch
 * @param atMost decisions that are looked at, the newest; default 20,000
 */
export async function replayExclusion(
  { stores, shield }: ReplayPorts,
  exclusion: LiveExclusion,
  { fromMs, nowMs }: { readonly fromMs: number; readonly nowMs: number },
  atMost = MAX_REPLAYED,
): Promise<ExclusionReplay> {
  const span = { fromMs, toMs: nowMs + 1 };
  const live = await stores.exclusions.live();
  const passing: Passing[] = [];
  /** Callers who stay refused by inspection. */
  const refused = new Set<string>();
  let [looked, replayed] = [0, 0];
  let before: string | undefined;
  for (;;) {
    const limit = Math.min(PAGE, atMost - looked);
    const page = limit === 0 ? [] : await inspectedPage(stores.sql, span, { before, limit });
    for (const decision of page) {
      const outcome = decideAgain(decision, exclusion, live, shield);
      if (outcome === null) continue;
      replayed += 1;
      if (outcome === 'refused') refused.add(decision.group);
      else if (outcome !== 'passed') passing.push({ decision, left: outcome.left });
    }
    looked += page.length;
    before = page.at(-1)?.id;
    if (page.length < PAGE) break;
  }
  const others = shield.guards.filter((name) => name !== inspectionDecider.name);
  const [total, reported, elsewhere] = await Promise.all([
    looked < atMost ? looked : countInspected(stores.sql, span),
    stores.falseAlarms.reportedSince(fromMs),
    groupsRefusedBy(stores.sql, others, span),
  ]);
  const isSuspicious = ({ decision }: Passing): boolean =>
    refused.has(decision.group) || elsewhere.has(decision.group);
  const isReported = ({ decision }: Passing): boolean => reported.has(decision.id);
  return {
    atMs: nowMs,
    fromMs,
    toMs: nowMs,
    refused: total,
    replayed,
    wouldPass: passing.length,
    reported: passing.filter(isReported).length,
    suspicious: new Set(passing.filter(isSuspicious).map(({ decision }) => decision.group)).size,
    samples: passing.slice(0, MAX_SAMPLES).map((one) => ({
      decision: one.decision.id,
      atMs: one.decision.atMs,
      route: one.decision.route,
      address: one.decision.address,
      left: one.left,
      reported: isReported(one),
      suspicious: isSuspicious(one),
    })),
  };
}

/**
 * @returns what is left of a request that would pass; `passed` where the live ones let it through already, or another guard
 * refused it; null where its record cannot be computed again
 */
function decideAgain(
  decision: InspectedDecision,
  exclusion: LiveExclusion,
  live: readonly LiveExclusion[],
  { planOf }: ReplayPorts['shield'],
): { readonly left: readonly string[] } | 'refused' | 'passed' | null {
  const { step, method, path } = decision;
  const evidence = step?.evidence as Evidence<InspectionFeatures, InspectionState> | undefined;
  const isKnown =
    step?.decider?.name === inspectionDecider.name && step.decider.version === inspectionDecider.version;
  if (evidence === undefined || !isKnown) return null;
  const plan = planOf(method, path);
  const visit = { path, request: { method, target: path } };
  const acting = live.filter((one) => exclusionFits(one, plan, visit));
  const passesWith = (list: readonly LiveExclusion[]): readonly string[] | null => {
    const { verdict, left } = replayInspection(evidence, list);
    return verdict.kind === 'deny' ? null : [...new Set(left.map(({ rule }) => rule))];
  };
  if (passesWith(acting) !== null) return 'passed';
  const left = exclusionFits(exclusion, plan, visit) ? passesWith([...acting, exclusion]) : null;
  if (left === null) return 'refused';
  return decision.guard === null || decision.guard === inspectionDecider.name ? { left } : 'passed';
}
