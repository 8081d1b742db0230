import type { Decider, Evidence } from './decide.ts';
import { RampartError } from './errors.ts';
import type { Mode } from './guard.ts';
import type { Reason, Verdict, VerdictKind } from './verdict.ts';

/** One guard's part of a decision. */
export interface DecisionStep {
  readonly guard: string;
  readonly mode: Mode;
  readonly verdict: VerdictKind;
  /** Always there for refusals; for passes it is computed from `evidence` when somebody asks. */
  readonly reason?: Reason;
  readonly decider?: { readonly name: string; readonly version: number };
  readonly evidence?: Evidence;
}

/**
 * Everything that is kept of a decision: enough to explain it, to count it, and to compute it again. Never bodies,
 * queries, cookies or secrets.
 */
export interface DecisionRecord {
  /** `dec_…`, time-ordered. */
  readonly id: string;
  /** Arrival of the request, milliseconds since the epoch. */
  readonly atMs: number;
  readonly node: string;
  /** Hash of the configuration that decided. */
  readonly policy: string;
  readonly method: string;
  /** Route name of low cardinality. */
  readonly route: string;
  /** Canonical path, cut at 200 characters. */
  readonly path: string;
  readonly address: string;
  readonly group: string;
  readonly principal: string | null;
  readonly userAgent: string | null;
  readonly verdict: VerdictKind;
  /** Guard that ended the request's way; null for a pass. */
  readonly guard: string | null;
  /** Code of the refusal; null for a pass. */
  readonly code: string | null;
  readonly status: number;
  /** Guards in shadow mode that would have refused it. */
  readonly wouldRefuse: readonly string[];
  readonly durationMs: number;
  /** How many requests this record stands for: 1 ÷ the share of its key that is kept. */
  readonly weight: number;
  readonly steps: readonly DecisionStep[];
}

/** Where records go. Never throws and never waits; overload is counted by the sink. */
export interface RecordSink {
  write(record: DecisionRecord): void;
}

/**
 * Computes one step of a record again.
 * @throws RampartError `DECISION_NOT_REPLAYABLE` when the step has no evidence, or its decider is unknown or newer
 */
export function replayStep(step: DecisionStep, deciders: ReadonlyMap<string, Decider>): Verdict {
  if (!step.evidence || !step.decider) {
    throw new RampartError('DECISION_NOT_REPLAYABLE', `The step of '${step.guard}' holds no evidence.`);
  }
  const decider = deciders.get(step.decider.name);
  if (decider?.version !== step.decider.version) {
    throw new RampartError(
      'DECISION_NOT_REPLAYABLE',
      `No decider '${step.decider.name}' of version ${step.decider.version} is loaded.`,
    );
  }
  return decider.decide(step.evidence.features, step.evidence.state, step.evidence.atMs);
}
