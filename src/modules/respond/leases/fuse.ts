import { begin, type StageRules } from './step.ts';
import { type Lease, type LeaseTarget, type Objection, type Radius, type Responder } from './lease.ts';

/** What automatic responses may touch together. */
export interface Budget {
  /** Share of all traffic, 0 to 1. */
  readonly traffic: number;
  /** Share of the people in good standing, 0 to 1. */
  readonly accounts: number;
  /** Automatic responses that act at a time. */
  readonly acting: number;
}

/** How much of it is used: by automatic responses that act, and those that began within the window. */
export type Usage = Budget;

/** What the fuse looks at. */
export interface FuseFeatures {
  readonly lease: Pick<Lease, 'responder' | 'how' | 'automatic'>;
  readonly target: LeaseTarget['kind'];
  readonly radius: Radius;
  /** What nobody may do: it would hit who is never blocked, people on the console, the last administrator. */
  readonly forbidden: readonly Objection[];
  /** People who have said yes: who asks for it, unless a detector does. */
  readonly approved: number;
}

/** What the fuse is set to. */
export interface FuseState {
  readonly budget: Budget;
  readonly used: Usage;
  readonly mode: 'enforce' | 'shadow';
}

/** What the fuse says. */
export interface FuseVerdict {
  readonly outcome: 'act' | 'wait' | 'shadow' | 'refuse';
  /** People who have to say yes, who asks included. */
  readonly approvalsNeeded: number;
  readonly objections: readonly Objection[];
}

const FOR_ALL: readonly Responder[] = ['lockdown', 'disable-admins'];

/** Whether a response takes something away from everybody: two people begin it, and only administrators end it. */
export function concernsAll(responder: string, target: string): boolean {
  return FOR_ALL.some((one) => one === responder) || (responder === 'freeze-payments' && target === 'all');
}

/** Of fewer requests a share says nothing: on a quiet site one client is soon half of the traffic. */
const LEAST_REQUESTS = 1_000;

/** What of the budget a response uses. What only asks for more care takes nothing away from honest people. */
export function costOf({
  lease: { responder, how },
  target,
  radius,
}: Pick<FuseFeatures, 'lease' | 'target' | 'radius'>): Omit<Budget, 'acting'> {
  const people = radius.good === 0 ? 0 : radius.goodTargeted / radius.good;
  const touched = radius.targeted / Math.max(LEAST_REQUESTS, radius.requests);
  switch (responder) {
    case 'block':
      return how === 'deny' ? { traffic: touched, accounts: people } : { traffic: 0, accounts: 0 };
    case 'lock-account':
    case 'end-sessions':
      return { traffic: 0, accounts: people };
    case 'require-step-up':
    case 'freeze-payments':
      return { traffic: 0, accounts: target === 'all' ? 1 : people };
    case 'tighten-limits':
    case 'raise-posture':
      return { traffic: 0, accounts: 0 };
    case 'lockdown':
    case 'disable-admins':
      return { traffic: 1, accounts: 1 };
  }
}

/**
 * Whether a response may begin by itself. Pure. What is forbidden is refused to everybody; a few responses need two people
 * whoever asks; whatever exceeds the budget needs one more person than have said yes.
 */
export function judge(features: FuseFeatures, state: FuseState): FuseVerdict {
  const { lease, forbidden, approved } = features;
  if (forbidden.length > 0) return { outcome: 'refuse', approvalsNeeded: 0, objections: forbidden };
  const objections = [...overBudget(features, state)];
  let needed = 0;
  if (concernsAll(lease.responder, features.target)) {
    needed = 2;
    objections.push({ code: 'two-people', text: 'This concerns everybody, and two people have to agree.' });
  } else if (objections.length > 0) {
    needed = lease.automatic ? 1 : 2;
  }
  if (lease.automatic && state.mode === 'shadow')
    return { outcome: 'shadow', approvalsNeeded: needed, objections };
  return { outcome: approved >= needed ? 'act' : 'wait', approvalsNeeded: needed, objections };
}

function* overBudget(features: FuseFeatures, { budget, used }: FuseState): Generator<Objection> {
  const cost = costOf(features);
  // A person answers for one response alone; what detectors do together is bounded together.
  const before = features.lease.automatic ? used : { traffic: 0, accounts: 0, acting: 0 };
  if (cost.traffic > 0 && before.traffic + cost.traffic > budget.traffic)
    yield {
      code: 'traffic-budget',
      text: `It would touch ${percent(cost.traffic)} of the traffic, with ${percent(before.traffic)} touched already; ${percent(budget.traffic)} may be.`,
    };
  if (cost.accounts > 0 && before.accounts + cost.accounts > budget.accounts)
    yield {
      code: 'accounts-budget',
      text: `It would touch ${percent(cost.accounts)} of the people in good standing, with ${percent(before.accounts)} touched already; ${percent(budget.accounts)} may be.`,
    };
  if (features.lease.automatic && before.acting + 1 > budget.acting)
    yield { code: 'too-many', text: `${budget.acting} automatic responses act already.` };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}

/** The lease as the fuse lets it begin. */
export function settle(
  lease: Lease,
  verdict: FuseVerdict,
  nowMs: number,
  rules: StageRules & { readonly approvalMs: number },
): Lease {
  const { outcome, approvalsNeeded, objections } = verdict;
  const judged = { ...lease, approvalsNeeded, objections };
  switch (outcome) {
    case 'act':
      return begin(judged, nowMs, rules);
    case 'wait':
      return { ...judged, state: 'waiting', stage: 0, expiresAtMs: nowMs + rules.approvalMs };
    case 'shadow':
      return { ...judged, state: 'shadow', stage: 0, expiresAtMs: nowMs + lease.ttlMs };
    case 'refuse':
      return { ...judged, state: 'refused', stage: 0, endedAtMs: nowMs, endedBy: 'fuse', expiresAtMs: nowMs };
  }
}
