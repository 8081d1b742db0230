import type { Lease } from './lease.ts';

/** A lease for tests. */
export function testLease(given: Partial<Lease> = {}): Lease {
  return {
    id: 'rsp_1',
    responder: 'block',
    target: '203.0.113.7',
    how: 'deny',
    state: 'full',
    reason: 'test',
    startedBy: 'path_scanning',
    automatic: true,
    alert: null,
    evidence: [],
    startedAtMs: 1_000,
    ttlMs: 60_000,
    expiresAtMs: 61_000,
    stagedAtMs: null,
    endedAtMs: null,
    endedBy: null,
    stage: 1,
    radius: { requests: 0, targeted: 0, share: 0, good: 0, goodTargeted: 0 },
    objections: [],
    approvalsNeeded: 0,
    approvedBy: [],
    actedAtMs: null,
    ...given,
  };
}
