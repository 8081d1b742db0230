import { isActing, isFinal, type Lease, MAX_LIFE_MS } from './lease.ts';

/** What can happen to a lease. */
export type Observation =
  | {
      /** Time went on. */
      readonly kind: 'tick';
      /** Why honest people seem to be harmed since it acts; absent: they do not. */
      readonly harm?: string;
    }
  | { readonly kind: 'approve' | 'refuse' | 'undo'; readonly by: string }
  /** Acts without waiting for a second person. */
  | { readonly kind: 'break-glass'; readonly by: string }
  | { readonly kind: 'extend'; readonly byMs: number }
  /** What is done once was done. */
  | { readonly kind: 'acted' };

/** How leases are staged. */
export interface StageRules {
  /** Share on which a staged lease acts, 0 to 1. */
  readonly share: number;
  /** How long it is staged, milliseconds. */
  readonly forMs: number;
}

/** By whom a lease that ran out was ended. */
export const BY_EXPIRY = 'expiry';

/**
 * What becomes of a lease. Pure; the same object where nothing changes. The end comes before everything else: what has run
 * out is never approved or extended. Undoing wins over all but that.
 */
export function stepLease(lease: Lease, seen: Observation, nowMs: number, rules: StageRules): Lease {
  if (isFinal(lease)) return lease;
  if (nowMs >= lease.expiresAtMs) return ended(lease, 'expired', BY_EXPIRY, lease.expiresAtMs);
  switch (seen.kind) {
    case 'undo':
      return ended(lease, 'undone', seen.by, nowMs);
    case 'refuse':
      return lease.state === 'waiting' ? ended(lease, 'refused', seen.by, nowMs) : lease;
    case 'approve':
      return approved(lease, seen.by, nowMs, rules);
    case 'break-glass':
      return lease.state === 'waiting' ? begin(withApproval(lease, seen.by), nowMs, rules, true) : lease;
    case 'extend':
      return extended(lease, seen.byMs);
    case 'acted':
      return isActing(lease) && lease.actedAtMs === null ? { ...lease, actedAtMs: nowMs } : lease;
    case 'tick':
      return ticked(lease, seen.harm, nowMs, rules);
  }
}

/** Begins to act: staged where people in good standing are among the target, otherwise on all. */
export function begin(lease: Lease, nowMs: number, rules: StageRules, whole = false): Lease {
  const isMany = !lease.target.startsWith('user:') && lease.responder !== 'lockdown';
  const staged = !whole && isMany && lease.radius.goodTargeted > 0 && rules.share < 1;
  return {
    ...lease,
    state: staged ? 'staged' : 'full',
    stage: staged ? rules.share : 1,
    stagedAtMs: staged ? nowMs : null,
    expiresAtMs: Math.min(nowMs + lease.ttlMs, lease.startedAtMs + MAX_LIFE_MS),
  };
}

function approved(lease: Lease, by: string, nowMs: number, rules: StageRules): Lease {
  if (lease.state !== 'waiting' || lease.approvedBy.includes(by)) return lease;
  const next = withApproval(lease, by);
  return next.approvedBy.length >= next.approvalsNeeded ? begin(next, nowMs, rules) : next;
}

function withApproval(lease: Lease, by: string): Lease {
  return lease.approvedBy.includes(by) ? lease : { ...lease, approvedBy: [...lease.approvedBy, by] };
}

function extended(lease: Lease, byMs: number): Lease {
  if (!isActing(lease) || !(byMs > 0)) return lease;
  const expiresAtMs = Math.min(lease.expiresAtMs + byMs, lease.startedAtMs + MAX_LIFE_MS);
  return expiresAtMs === lease.expiresAtMs ? lease : { ...lease, expiresAtMs };
}

function ticked(lease: Lease, harm: string | undefined, nowMs: number, rules: StageRules): Lease {
  if (!isActing(lease)) return lease;
  if (harm !== undefined) return ended(lease, 'rolled-back', harm, nowMs);
  if (lease.state === 'staged' && nowMs - (lease.stagedAtMs ?? nowMs) >= rules.forMs)
    return { ...lease, state: 'full', stage: 1 };
  return lease;
}

function ended(lease: Lease, state: Lease['state'], by: string, atMs: number): Lease {
  return { ...lease, state, stage: 0, endedAtMs: atMs, endedBy: by };
}
