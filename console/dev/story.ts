/** A made-up explanation of a made-up decision. */
import type { FindingFacts } from '../../src/server/api/shield-types.ts';
import type { DecisionAnswer, DecisionSummary, Reason } from '../../src/server/api/types.ts';
import { agentOf } from './traffic.ts';

const MINUTE = 60_000;

const CORRIDOR = [
  ['block-list', 'admit'],
  ['limit', 'admit'],
  ['shield.challenge', 'screen'],
  ['shield.bots', 'screen'],
  ['inspection', 'screen'],
  ['csrf', 'screen'],
  ['session', 'identify'],
  ['access', 'authorize'],
  ['schema', 'validate'],
] as const;

/** What inspection saw in a made-up request. */
export function findingsFor({ route, guard }: DecisionSummary): readonly FindingFacts[] {
  if (guard !== 'inspection')
    return [{ rule: 'sql.comment-cut', class: 'sql', weight: 5, place: 'json', name: 'note' }];
  if (route === 'GET /*')
    return [{ rule: 'scanner.path', class: 'scanner', weight: 5, place: 'path', name: '' }];
  return [
    { rule: 'sql.tautology', class: 'sql', weight: 6, place: 'query', name: 'page' },
    { rule: 'sql.comment-cut', class: 'sql', weight: 5, place: 'query', name: 'page' },
    { rule: 'sql.function', class: 'sql', weight: 2, place: 'header', name: 'referer' },
  ];
}

function inspectionReason(decision: DecisionSummary): Reason {
  const findings = findingsFor(decision);
  const score = findings.reduce((sum, { weight }) => sum + weight, 0);
  const classes = [...new Set(findings.map((one) => one.class))].join(', ');
  return {
    code: 'inspection.attack',
    text: `The request scores ${score}, which is at or above 5: ${classes}.`,
    values: { score, threshold: 5, classes },
    remedy: { do: 'change', what: 'If this is a false alarm, draft an exclusion from this decision.' },
    because: findings.map(({ rule, place, name, ...one }) => ({
      code: rule,
      text: `${rule} in the ${place}${name === '' ? '' : ` '${name}'`}.`,
      values: { class: one.class, weight: one.weight, place, name, soft: false },
    })),
  };
}

function reasonOf(decision: DecisionSummary): Reason {
  if (decision.guard === 'inspection') return inspectionReason(decision);
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

/** What the request could be blocked by, as the server would find it. */
function targetsOf({ address, principal }: DecisionSummary): DecisionAnswer['targets'] {
  return [
    { kind: 'address', target: address },
    { kind: 'asn', target: 'asn:64500' },
    { kind: 'country', target: 'country:DE' },
    ...(principal === null
      ? []
      : ([
          { kind: 'user', target: principal.startsWith('user:') ? principal : `user:${principal}` },
          { kind: 'session', target: 'session:ses_01k9x3v8c0m2n4p6q8r0s2t4v6' },
          { kind: 'device', target: 'device:dev_01k9x3v8c0m2n4p6q8r0s2t4v6' },
        ] as const)),
  ];
}

/** The whole of a decision. */
export function explain(decision: DecisionSummary, all: readonly DecisionSummary[]): DecisionAnswer {
  const at = CORRIDOR.findIndex(([guard]) => guard === decision.guard);
  const walked = at === -1 ? CORRIDOR : CORRIDOR.slice(0, at + 1);
  const isRefused = decision.verdict === 'deny' || decision.verdict === 'challenge';
  const shadow = decision.wouldRefuse.map((guard) => ({
    guard,
    phase: guard === 'inspection' ? 'screen' : 'admit',
    mode: 'shadow' as const,
    verdict: 'deny' as const,
    reason:
      guard === 'inspection'
        ? inspectionReason(decision)
        : reasonOf({ ...decision, trafficClass: 'limited' }),
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
      : decision.guard === 'inspection'
        ? inspectionReason(decision).text.replace('The request', `This ${decision.method}`)
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
        : decision.guard === 'inspection'
          ? ['If this is a false alarm, draft an exclusion from this decision.']
          : ['Send the request from an allowed origin.']
      : [],
    targets: targetsOf(decision),
    related: all
      .filter((one) => one.address === decision.address && one.id !== decision.id)
      .filter((one) => Math.abs(one.atMs - decision.atMs) < 20 * MINUTE)
      .slice(-6)
      .toReversed(),
    block: null,
  };
}
