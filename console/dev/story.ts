/** A made-up explanation of a made-up decision. */
import type { DecisionAnswer, DecisionSummary, Reason } from '../../src/server/api/types.ts';
import { agentOf } from './traffic.ts';

const MINUTE = 60_000;

const CORRIDOR = [
  ['block-list', 'admit'],
  ['limit', 'admit'],
  ['bots', 'screen'],
  ['inspect', 'screen'],
  ['csrf', 'screen'],
  ['session', 'identify'],
  ['access', 'authorize'],
  ['schema', 'validate'],
] as const;

function reasonOf(decision: DecisionSummary): Reason {
  if (decision.trafficClass === 'limited') {
    return {
      code: 'limit.exceeded',
      text: "Policy 'auth' was used up for this key.",
      values: { policy: 'auth', used: 6, limit: 5, windowMs: 900_000 },
      remedy: { do: 'wait', seconds: 1480 },
      because: [
        {
          code: 'limit.window',
          text: 'Six attempts fell into the last 15 minutes.',
          values: { current: 4, previous: 3, weight: 0.67, estimate: 6 },
        },
        {
          code: 'limit.penalty',
          text: 'The key was refused before, so it waits longer.',
          values: { level: 2, factor: 2, untilMs: decision.atMs + 1_480_000 },
          because: [
            { code: 'limit.refused_before', text: 'Refused in the window before.', values: { windows: 2 } },
          ],
        },
        {
          code: 'limit.other',
          text: "Policy 'global' had room.",
          values: { policy: 'global', used: 141, limit: 1000 },
        },
      ],
    };
  }
  return {
    code: `${decision.guard ?? 'corridor'}.refused`,
    text: 'The request came from a foreign site and changes state.',
    values: { method: decision.method, fetchSite: 'cross-site', origin: 'https://evil.example' },
    remedy: { do: 'change', what: 'Send the request from an allowed origin.' },
    because: [{ code: 'csrf.no_token', text: 'No token came with it.', values: { header: null } }],
  };
}

/** The whole of a decision. */
export function explain(decision: DecisionSummary, all: readonly DecisionSummary[]): DecisionAnswer {
  const at = CORRIDOR.findIndex(([guard]) => guard === decision.guard);
  const walked = at === -1 ? CORRIDOR : CORRIDOR.slice(0, at + 1);
  const isRefused = decision.verdict === 'deny' || decision.verdict === 'challenge';
  const shadow = decision.wouldRefuse.map((guard) => ({
    guard,
    phase: 'admit',
    mode: 'shadow' as const,
    verdict: 'deny' as const,
    reason: reasonOf({ ...decision, trafficClass: 'limited' }),
    replayed: true,
  }));
  const steps = walked.map(([guard, phase]) => ({
    guard,
    phase,
    mode: 'enforce' as const,
    verdict: guard === decision.guard ? decision.verdict : ('pass' as const),
    reason:
      guard === decision.guard
        ? reasonOf(decision)
        : {
            code: `${guard}.clear`,
            text: guard === 'block-list' ? 'The address is on no list.' : 'Nothing stood against it.',
            values: { checked: 4 },
          },
    replayed: guard === 'session' ? null : true,
  }));
  const sentence = isRefused
    ? decision.trafficClass === 'limited'
      ? `${decision.address} made 6 sign-in attempts for the same account within 15 minutes; the limit is 5.`
      : `Guard '${decision.guard}' refused this ${decision.method} because it came from a foreign site.`
    : decision.verdict === 'answer'
      ? 'A preflight of an allowed origin, answered by the corridor itself.'
      : 'Nothing stood against this request.';
  return {
    ...decision,
    group: decision.address.includes(':') ? '2001:db8:5c::/64' : decision.address,
    userAgent: agentOf(decision),
    node: 'node-2',
    policy: 'c41f9a72e0d3',
    steps: [...shadow, ...steps],
    sentence,
    remedies: isRefused
      ? decision.trafficClass === 'limited'
        ? ['Wait 24 min 40 s.', 'Or reset the counter of this key under Limits.']
        : ['Send the request from an allowed origin.']
      : [],
    related: all
      .filter((one) => one.address === decision.address && one.id !== decision.id)
      .filter((one) => Math.abs(one.atMs - decision.atMs) < 20 * MINUTE)
      .slice(-6)
      .toReversed(),
    block: null,
  };
}
