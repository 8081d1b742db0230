import type { RequestContext } from '../../core/context.ts';
import { Clearance, Principal, RiskScore } from '../../core/fact.ts';
import type { CounterAnswer, CounterStep, CounterStore } from '../../ports/counter.ts';
import { ARG } from './algorithms/algorithm.ts';
import { type LimitCall, type PolicySet, countedStep, newCall } from './call.ts';
import type { StoreGate } from './gate.ts';
import type { Policy } from './policy.ts';
import { RowSlabs } from './rows.ts';
import type { Watch } from './watch.ts';

/** Counts requests: puts the steps together, runs them in the store, or in this process where the store is silent. */
export class LimitEngine {
  readonly #gate: StoreGate;
  readonly #local: CounterStore;
  readonly #rows = new RowSlabs();

  /** @param local answers at once; counts while the store of the gate does not answer */
  constructor(gate: StoreGate, local: CounterStore) {
    this.#gate = gate;
    this.#local = local;
  }

  /** Counts a request by the policies, in one call of the store. Never throws and never rejects. */
  count(set: PolicySet, context: RequestContext): LimitCall | Promise<LimitCall> {
    const principal = context.get(Principal);
    const risk = context.get(RiskScore) ?? 0;
    const cleared = context.get(Clearance) !== undefined;
    const steps: CounterStep[] = [];
    for (const policy of set.policies) {
      const max = policy.scaled(policy.maxFor(principal), risk);
      steps.push(
        stepOf(policy, keyOf(policy, context, cleared), policy.argsFor(max, policy.costOf(context))),
      );
    }
    const call = newCall(set, steps, principal, risk, this.#gate.retrySeconds, null, cleared);
    const lent = this.#rows.lend(set.columns);
    const answer = this.#gate.run(steps, context.nowMs, lent);
    if (answer instanceof Promise) return answer.then((late) => this.#settle(call, late, context.nowMs));
    this.#settle(call, answer, context.nowMs);
    if (answer === lent) this.#rows.keep(set.columns);
    return call;
  }

  /** Gives a lease back, to the store that gave it. A lease that cannot be given back expires. */
  release(step: CounterStep, expiresAtMs: number, call: LimitCall, nowMs: number): void {
    const args = step.args.slice();
    args[ARG.extra] = expiresAtMs;
    args[ARG.flags] = 0;
    const back: CounterStep = { program: step.program, key: step.key, args };
    if (call.countedBy === 'local') void this.#local.run([back], nowMs);
    else void this.#gate.run([back], nowMs);
  }

  #settle(call: LimitCall, answer: CounterAnswer | null, nowMs: number): LimitCall {
    if (answer === null) this.#countLocally(call, nowMs);
    else {
      call.granted = answer.granted;
      call.atMs = answer.atMs;
      call.rows = answer.rows;
      call.at = answer.at ?? 0;
    }
    for (let i = 0; i < call.policies.length; i++) {
      const step = call.steps[i] as CounterStep;
      (call.watches[i] as Watch).saw(step.key, nowMs);
    }
    return call;
  }

  /** Without the store: closed policies refuse, open ones pass, the others count here with their share of the limit. */
  #countLocally(call: LimitCall, nowMs: number): void {
    const nodes = this.#gate.nodes;
    call.countedBy = 'local';
    call.nodes = nodes;
    call.atMs = nowMs;
    if (call.policies.some((policy) => policy.settings.onStoreFailure === 'closed' && !policy.shadow)) {
      call.granted = false;
      call.local = [];
      return;
    }
    const local = call.policies.map((policy, i) => {
      if (policy.settings.onStoreFailure !== 'local') return undefined;
      const step = call.steps[i] as CounterStep;
      const share = Math.max(1, Math.floor((step.args[ARG.max] as number) / nodes));
      return nodes === 1 ? step : { ...step, args: policy.argsFor(share, step.args[ARG.cost] as number) };
    });
    const counted = local.filter((step) => step !== undefined);
    const answer = counted.length > 0 ? (this.#local.run(counted, nowMs) as CounterAnswer) : null;
    call.local = local;
    if (answer !== null) {
      call.granted = answer.granted;
      call.rows = answer.rows;
    }
  }
}

/**
 * Who has solved a challenge counts apart from the crowd of its address that has not: the flood that brought the challenge
 * leaves room for people. All of them of one address share it, so that solving again and again gains nothing.
 */
function keyOf(policy: Policy, context: RequestContext, cleared: boolean): string {
  const key = policy.keyOf(context);
  return cleared && policy.settings.refuseBy === 'challenge' ? `${key}|cleared` : key;
}

function stepOf(policy: Policy, key: string, args: readonly number[]): CounterStep {
  return {
    program: policy.algorithm.program,
    key,
    args,
    commitWhenRefused: policy.commitWhenRefused,
    advisory: policy.shadow,
  };
}

/** Whether a policy by itself granted the call, from the rows as they were before. `at` is its first column. */
export function ownGranted(call: LimitCall, index: number, at: number): boolean {
  const step = countedStep(call, index);
  if (step === undefined) return (call.policies[index] as Policy).settings.onStoreFailure !== 'closed';
  return step.program.peek(call.rows, at, step.args, call.atMs);
}
