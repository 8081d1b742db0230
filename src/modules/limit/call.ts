import type { Evidence } from '../../core/decide.ts';
import { fact, type PrincipalValue } from '../../core/fact.ts';
import type { CounterStep } from '../../ports/counter.ts';
import type { CountedBy, LimitFeatures, LimitState, PolicyFeatures } from './judge.ts';
import type { Policy } from './policy.ts';
import type { Watch } from './watch.ts';

/** Policies that are asked together. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  readonly watches: readonly Watch[];
  /** Numbers that their rows have together. */
  readonly columns: number;
}

/** Settles policies that are asked together. */
export function policySet(policies: readonly Policy[], watches: ReadonlyMap<Policy, Watch>): PolicySet {
  return {
    policies,
    watches: policies.map((policy) => watches.get(policy) as Watch),
    columns: policies.reduce((sum, { algorithm }) => sum + algorithm.program.columns, 0),
  };
}

/** What one guard asked for one request, kept until the request has ended. */
export interface LimitCall {
  readonly policies: readonly Policy[];
  /** Of the policies, in their order. */
  readonly watches: readonly Watch[];
  /** One per policy, with the limit of the store that is shared. */
  readonly steps: readonly CounterStep[];
  readonly principal: PrincipalValue | undefined;
  readonly risk: number;
  /** Entry of a list that decided instead of the policies. */
  readonly list: { readonly name: 'allow' | 'deny'; readonly entry: string } | null;
  readonly retrySeconds: number;
  /** The caller has solved a challenge. */
  readonly cleared: boolean;
  countedBy: CountedBy;
  nodes: number;
  granted: boolean;
  atMs: number;
  /** Rows before the call of the policies that were counted, one after the other, from `at` on. */
  rows: Float64Array;
  at: number;
  /** The steps that were counted where the store did not answer; null: all of `steps`. `undefined`: not counted. */
  local: readonly (CounterStep | undefined)[] | null;
}

/** What the guards of the two phases leave in the context, for the record and for each other. */
export const AdmitCall = fact<LimitCall>('limit.admit');
export const MeterCall = fact<LimitCall>('limit.meter');

const NO_ROWS = new Float64Array(0);

/** A call before it was run. */
export function newCall(
  { policies, watches }: PolicySet,
  steps: readonly CounterStep[],
  principal: PrincipalValue | undefined,
  risk: number,
  retrySeconds: number,
  list: LimitCall['list'] = null,
  cleared = false,
): LimitCall {
  return {
    policies,
    watches,
    steps,
    principal,
    risk,
    list,
    retrySeconds,
    cleared,
    countedBy: 'store',
    nodes: 1,
    granted: true,
    atMs: 0,
    rows: NO_ROWS,
    at: 0,
    local: null,
  };
}

/** The step that was counted for a policy; `undefined` when none was. */
export function countedStep(call: LimitCall, index: number): CounterStep | undefined {
  return call.local === null ? call.steps[index] : call.local[index];
}

/** Puts together what the decider is given. Costs something, and is only asked for requests that are recorded. */
export function evidenceOf(call: LimitCall): Evidence<LimitFeatures, LimitState> {
  const features: LimitFeatures = {
    ...(call.list === null ? {} : { list: call.list }),
    role: call.principal?.roles.slice(0, 10).join(',').slice(0, 200) ?? 'anonymous',
    risk: call.risk,
    cleared: call.cleared,
    policies: call.policies.map((policy, i) => policyFeatures(call, policy, i)),
  };
  let { at } = call;
  const rows = call.policies.map((_, i) => {
    const step = countedStep(call, i);
    if (step === undefined) return null;
    const row = [...call.rows.subarray(at, at + step.program.columns)];
    at += step.program.columns;
    return row;
  });
  return {
    features,
    state: { countedBy: call.countedBy, nodes: call.nodes, retrySeconds: call.retrySeconds, rows },
    atMs: call.atMs,
  };
}

function policyFeatures(call: LimitCall, policy: Policy, index: number): PolicyFeatures {
  const asked = call.steps[index] as CounterStep;
  const step = countedStep(call, index) ?? asked;
  const { settings } = policy;
  return {
    policy: policy.name,
    key: step.key,
    program: step.program.name,
    args: step.args,
    windowMs: settings.windowMs,
    fullMax: policy.maxFor(call.principal),
    shadow: policy.shadow,
    commitWhenRefused: policy.commitWhenRefused,
    onStoreFailure: settings.onStoreFailure,
    code: settings.code,
    refuseBy: settings.refuseBy,
  };
}
