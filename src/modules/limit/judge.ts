import { type Algorithm, ARG } from './algorithms/algorithm.ts';
import { penaltyOf } from './algorithms/penalties.ts';
import { algorithmOf } from './algorithms/programs.ts';
import type { OnStoreFailure } from './options.ts';

/** What is decided by, of one policy. Plain JSON, because decision records keep it. */
export interface PolicyFeatures {
  readonly policy: string;
  /** Whose counter. */
  readonly key: string;
  /** Name of the counter's program. */
  readonly program: string;
  /** Its arguments; the first is the limit in force. */
  readonly args: readonly number[];
  /** Milliseconds. */
  readonly windowMs: number;
  /** The limit before risk and nodes took from it. */
  readonly fullMax: number;
  readonly shadow: boolean;
  readonly commitWhenRefused: boolean;
  readonly onStoreFailure: OnStoreFailure;
  readonly code: string;
  readonly refuseBy: 'deny' | 'challenge';
}

/** What is decided by. */
export interface LimitFeatures {
  /** The entry of a list that decided before any policy was asked. */
  readonly list?: { readonly name: 'allow' | 'deny'; readonly entry: string };
  readonly role: string;
  /** In [0, 1]; 0 where nobody said. */
  readonly risk: number;
  /** The caller has solved a challenge: where it is refused, another one would not help. Absent in older records. */
  readonly cleared?: boolean;
  readonly policies: readonly PolicyFeatures[];
}

/** Where the counts came from: the store that was configured, or this process while that one did not answer. */
export type CountedBy = 'store' | 'local';

/** What was read for the decision. */
export interface LimitState {
  readonly countedBy: CountedBy;
  /** Nodes among which a limit is divided while counted locally. */
  readonly nodes: number;
  /** Seconds after which a closed policy tells callers to come back. */
  readonly retrySeconds: number;
  /** The rows before the call, one per policy; null where nothing was counted (open or closed without a store). */
  readonly rows: readonly (readonly number[] | null)[];
}

/** What became of one policy. */
export interface Finding {
  readonly features: PolicyFeatures;
  readonly granted: boolean;
  /** `null` where nothing was counted. */
  readonly numbers: {
    readonly used: number;
    readonly remaining: number;
    readonly capacity: number;
    /** Milliseconds since the epoch. */
    readonly resetAtMs: number;
    /** Earliest time at which the same request passes this policy, milliseconds since the epoch. */
    readonly freeAtMs: number;
    readonly penaltyLevel: number;
    readonly penaltyUntilMs: number;
  } | null;
}

/** Asks every policy, as the store did, and computes what each row holds after the call. */
export function judge(features: LimitFeatures, state: LimitState, nowMs: number): readonly Finding[] {
  const own = features.policies.map((policy, i) => grants(policy, state.rows[i] ?? null, nowMs));
  const all = features.policies.every((policy, i) => policy.shadow || own[i] === true);
  return features.policies.map((policy, i) => {
    const before = state.rows[i] ?? null;
    const granted = own[i] === true;
    return { features: policy, granted, numbers: before && numbersOf(policy, before, all, granted, nowMs) };
  });
}

function grants(policy: PolicyFeatures, row: readonly number[] | null, nowMs: number): boolean {
  if (row === null) return policy.onStoreFailure !== 'closed';
  return algorithm(policy).program.peek(Float64Array.from(row), 0, policy.args, nowMs);
}

function numbersOf(
  policy: PolicyFeatures,
  before: readonly number[],
  all: boolean,
  granted: boolean,
  nowMs: number,
): Finding['numbers'] {
  const how = algorithm(policy);
  const { args } = policy;
  const row = Float64Array.from(before);
  if (all || policy.commitWhenRefused) how.program.commit(row, 0, args, nowMs, all);
  const capacity = capacityOf(how, args);
  const used = how.used(row, 0, args, nowMs);
  const penal = args.length > ARG.penalty;
  const penalty = penal ? penaltyOf(row, 0, how.program.columns, args, nowMs) : { level: 0, untilMs: 0 };
  const penalised = penalty.untilMs > nowMs;
  return {
    used: Math.round(used * 1000) / 1000,
    capacity,
    remaining: granted && !penalised ? Math.max(0, Math.floor(capacity - used + 1e-6)) : 0,
    resetAtMs: Math.ceil(
      Math.min(how.resetAtMs(row, 0, args, nowMs), Math.max(nowMs + policy.windowMs, penalty.untilMs)),
    ),
    freeAtMs: how.freeAtMs(row, 0, args, nowMs),
    penaltyLevel: penalty.level,
    penaltyUntilMs: penalised ? penalty.untilMs : 0,
  };
}

/** What may come at once: the burst of a token bucket, else the limit. */
export function capacityOf(how: Algorithm, args: readonly number[]): number {
  return (how.name === 'gcra' ? args[ARG.extra] : args[ARG.max]) as number;
}

function algorithm(policy: PolicyFeatures): Algorithm {
  const found = algorithmOf(policy.program);
  if (!found) throw new TypeError(`There is no counter program '${policy.program}'.`);
  return found;
}
