import type { DecisionRecord } from '../../src/core/decision.ts';
import { type Finding, inspectionDecider, LiveExclusions } from '../../src/modules/shield/index.ts';
import type { ShieldPort } from '../../src/server/shield-port.ts';
import { decision } from './samples.ts';

/** What a rule saw in a query parameter. */
export function found(rule: string, more: Partial<Finding> = {}): Finding {
  const kind = rule.split('.', 1)[0] as Finding['class'];
  return { rule, class: kind, weight: 5, place: 'query', name: 'q', soft: false, ...more };
}

/** How a request was inspected. */
export interface Inspected extends Partial<DecisionRecord> {
  readonly atMs: number;
  readonly findings: readonly Finding[];
  readonly shadow?: boolean;
  readonly version?: number;
  readonly problem?: string;
}

/** A decision as inspection leaves it: refused, watched, or passed, as its findings say. */
export function inspected({
  findings,
  shadow = false,
  version,
  problem,
  ...more
}: Inspected): DecisionRecord {
  const evidence = {
    features: { findings, problem: problem ?? null, field: '' },
    state: { threshold: 5 },
    atMs: more.atMs,
  };
  const verdict = inspectionDecider.decide(evidence.features as never, evidence.state, more.atMs);
  const isRefused = verdict.kind === 'deny';
  const ends = isRefused && !shadow;
  return decision({
    verdict: ends ? 'deny' : 'pass',
    guard: ends ? 'inspection' : null,
    code: ends ? 'REQUEST_BLOCKED' : null,
    status: ends ? 403 : 200,
    wouldRefuse: isRefused && shadow ? ['inspection'] : [],
    steps: [
      {
        guard: 'inspection',
        mode: shadow ? 'shadow' : 'enforce',
        verdict: verdict.kind,
        decider: { name: inspectionDecider.name, version: version ?? inspectionDecider.version },
        evidence,
      },
    ],
    ...more,
  });
}

/** A shield as the API sees it, whose live exclusions can be looked at. */
export function shieldOf(
  more: Partial<ShieldPort> = {},
): ShieldPort & { readonly exclusions: LiveExclusions } {
  return {
    parts: [{ name: 'inspection', mode: 'enforce' }],
    threshold: 5,
    configured: [{ route: null, field: 'bio', rules: ['xss'] }],
    guards: ['blocks', 'shield.bots', 'inspection'],
    posture: () => null,
    challenges: () => ({ shown: 3, solved: 2, refused: 1 }),
    planOf: () => '*',
    ...more,
    exclusions: new LiveExclusions(),
  };
}
