import type { Decider } from '../../core/decide.ts';
import {
  challenge,
  deny,
  pass,
  type Reason,
  type Refusal,
  type Scalar,
  type Verdict,
} from '../../core/verdict.ts';
import { ARG } from './algorithms/algorithm.ts';
import { legacyHeaders, limitItem, policyItem } from './headers.ts';
import { type Finding, judge, type LimitFeatures, type LimitState } from './judge.ts';

/** The pure part of the limits: what the guards decide, they decide by this. */
export const limitDecider: Decider<LimitFeatures, LimitState> = {
  name: 'limit',
  version: 1,
  decide(features, state, nowMs) {
    if (features.list) return listed(features.list);
    const findings = judge(features, state, nowMs);
    const refusing = findings.filter((one) => !one.granted && !one.features.shadow);
    const tree = findings.map((one) => reasonOf(one, features, state, nowMs));
    if (refusing.length === 0)
      return pass({ code: 'limit.within', text: 'Every limit has room.', because: tree });
    // The one that takes longest decides what the caller is told: before that, trying again is in vain.
    const worst = refusing.reduce((a, b) => (waitOf(b, state, nowMs) > waitOf(a, state, nowMs) ? b : a));
    const verdict = refusalOf(worst, findings, tree, state, nowMs);
    const answered = features.cleared === true && verdict.kind === 'challenge';
    return answered ? deny(verdict.refusal, verdict.reason) : verdict;
  },
};

/** What the policies in shadow mode would have said. */
export function shadowVerdicts(
  features: LimitFeatures,
  state: LimitState,
  nowMs: number,
): readonly { readonly policy: string; readonly verdict: Verdict }[] {
  return judge(features, state, nowMs)
    .filter((one) => one.features.shadow && !one.granted)
    .map((one) => ({
      policy: one.features.policy,
      verdict: refusalOf(one, [one], [reasonOf(one, features, state, nowMs)], state, nowMs),
    }));
}

/** Seconds, rounded up, until the same request passes. */
function waitOf(finding: Finding, state: LimitState, nowMs: number): number {
  if (finding.numbers === null) return state.retrySeconds;
  return Math.max(1, Math.ceil((finding.numbers.freeAtMs - nowMs) / 1000));
}

function refusalOf(
  worst: Finding,
  findings: readonly Finding[],
  tree: readonly Reason[],
  state: LimitState,
  nowMs: number,
): Verdict {
  const seconds = waitOf(worst, state, nowMs);
  const { policy, code, refuseBy } = worst.features;
  const headers = ['retry-after', String(seconds)];
  if (worst.numbers === null) {
    const refusal: Refusal = {
      status: 503,
      code: 'LIMIT_STORE_UNAVAILABLE',
      message: 'The request could not be counted just now. Try again shortly.',
      headers,
    };
    return deny(refusal, {
      code: 'limit.closed',
      text: `The store of the limits does not answer and '${policy}' is closed without it.`,
      remedy: { do: 'wait', seconds },
      because: tree,
    });
  }
  const resetMs = nowMs + seconds * 1000;
  headers.push(
    ...legacyHeaders(worst.numbers.capacity, 0, resetMs),
    ...fields(findings, worst, seconds, nowMs),
  );
  const refusal: Refusal = {
    status: 429,
    code,
    message: `Too many requests. Try again in ${seconds} s.`,
    headers,
    details: { retryAfterSeconds: seconds },
  };
  const reason: Reason = {
    code: 'limit.exceeded',
    text: `The limit '${policy}' has no room.`,
    values: { policy, retryAfterSeconds: seconds },
    remedy: { do: 'wait', seconds },
    because: tree,
  };
  return refuseBy === 'challenge' ? challenge(refusal, reason) : deny(refusal, reason);
}

function fields(
  findings: readonly Finding[],
  worst: Finding,
  seconds: number,
  nowMs: number,
): readonly string[] {
  const shown = findings.filter((one) => one.numbers !== null && (one === worst || !one.features.shadow));
  const state = shown.map(({ features, numbers }) =>
    numbers === null
      ? ''
      : limitItem(
          features.policy,
          numbers.remaining,
          features === worst.features ? seconds : Math.max(0, Math.ceil((numbers.resetAtMs - nowMs) / 1000)),
        ),
  );
  const policies = shown.map(({ features }) =>
    policyItem(features.policy, features.args[ARG.max] as number, features.windowMs),
  );
  return ['ratelimit', state.join(', '), 'ratelimit-policy', policies.join(', ')];
}

function listed(list: NonNullable<LimitFeatures['list']>): Verdict {
  const values = { entry: list.entry };
  if (list.name === 'allow')
    return pass({ code: 'limit.allowed', text: 'The caller is on the allow list.', values });
  const refusal = { status: 403, code: 'LIMIT_DENIED', message: 'Requests from here are not accepted.' };
  return deny(refusal, {
    code: 'limit.denied',
    text: 'The caller is on the deny list.',
    values,
    remedy: { do: 'ask', whom: 'an administrator', what: 'to take the entry off the deny list' },
  });
}

function reasonOf(finding: Finding, features: LimitFeatures, state: LimitState, nowMs: number): Reason {
  const { features: policy, numbers } = finding;
  const { args } = policy;
  const values: Record<string, Scalar> = {
    policy: policy.policy,
    key: policy.key,
    max: args[ARG.max] as number,
    windowMs: policy.windowMs,
    role: features.role,
    countedBy: numbers === null ? 'nobody' : state.countedBy,
    shadow: policy.shadow,
  };
  if (args[ARG.max] !== policy.fullMax) {
    values['fullMax'] = policy.fullMax;
    values['risk'] = features.risk;
    values['nodes'] = state.countedBy === 'local' ? state.nodes : 1;
  }
  if (numbers === null)
    return {
      code: `limit.${policy.onStoreFailure}`,
      text: `'${policy.policy}' was not counted: the store does not answer.`,
      values,
    };
  Object.assign(values, { used: numbers.used, remaining: numbers.remaining, resetAtMs: numbers.resetAtMs });
  if (args.length > ARG.penalty)
    Object.assign(values, { penaltyLevel: numbers.penaltyLevel, penaltyUntilMs: numbers.penaltyUntilMs });
  const text = finding.granted
    ? `'${policy.policy}' has room: ${numbers.used} of ${numbers.capacity} used.`
    : numbers.penaltyUntilMs > nowMs
      ? `'${policy.policy}' is in its penalty of level ${numbers.penaltyLevel}.`
      : `'${policy.policy}' is full: ${numbers.used} of ${numbers.capacity} used.`;
  const code = finding.granted ? 'limit.room' : 'limit.full';
  if (finding.granted) return { code, text, values };
  return { code, text, values, remedy: { do: 'wait', seconds: waitOf(finding, state, nowMs) } };
}
