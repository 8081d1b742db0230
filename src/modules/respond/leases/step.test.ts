import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isActing, isFinal, type Lease, MAX_LIFE_MS, OPEN_STATES } from './lease.ts';
import { type Observation, stepLease } from './step.ts';
import { testLease } from './test-lease.ts';

const RULES = { share: 0.05, forMs: 60_000 };
const harmed = { requests: 100, targeted: 10, share: 0.1, good: 10, goodTargeted: 1 };

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.record({ kind: fc.constant('tick' as const) }),
  fc.record({ kind: fc.constant('tick' as const), harm: fc.constant('harm') }),
  fc.record({
    kind: fc.constantFrom('approve' as const, 'refuse' as const),
    by: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({ kind: fc.constant('break-glass' as const), by: fc.constant('a') }),
  fc.record({ kind: fc.constant('extend' as const), byMs: fc.integer({ min: -10, max: 10 * 86_400_000 }) }),
  fc.record({ kind: fc.constant('acted' as const) }),
);
const lease: fc.Arbitrary<Lease> = fc
  .record({
    state: fc.constantFrom(...OPEN_STATES),
    responder: fc.constantFrom('block' as const, 'lockdown' as const, 'end-sessions' as const),
    approvalsNeeded: fc.integer({ min: 0, max: 2 }),
    radius: fc.constantFrom(harmed, testLease().radius),
    ttlMs: fc.integer({ min: 60_000, max: 7 * 86_400_000 }),
  })
  .map((given) => testLease({ ...given, expiresAtMs: 1_000 + given.ttlMs }));
const way = fc.array(fc.tuple(observation, fc.integer({ min: 0, max: 86_400_000 })), { maxLength: 30 });

function walk(
  from: Lease,
  steps: readonly (readonly [Observation, number])[],
): { lease: Lease; nowMs: number } {
  let at = { lease: from, nowMs: from.startedAtMs };
  for (const [seen, byMs] of steps) {
    const nowMs = at.nowMs + byMs;
    at = { lease: stepLease(at.lease, seen, nowMs, RULES), nowMs };
  }
  return at;
}

describe('a lease', () => {
  it('always ends by itself, whatever happened to it, within its longest life', () => {
    fc.assert(
      fc.property(lease, way, (from, steps) => {
        const { lease: at } = walk(from, steps);
        expect(at.expiresAtMs).toBeLessThanOrEqual(from.startedAtMs + MAX_LIFE_MS);
        const last = stepLease(at, { kind: 'tick' }, at.expiresAtMs, RULES);
        expect(isFinal(last)).toBe(true);
        expect(last.endedAtMs).not.toBeNull();
      }),
    );
  });

  it('is undone from every state that is not its end, and then acts on nobody', () => {
    fc.assert(
      fc.property(lease, way, (from, steps) => {
        const { lease: at, nowMs } = walk(from, steps);
        fc.pre(!isFinal(at) && nowMs < at.expiresAtMs);
        const undone = stepLease(at, { kind: 'undo', by: 'me' }, nowMs, RULES);
        expect(undone).toMatchObject({ state: 'undone', stage: 0, endedBy: 'me' });
      }),
    );
  });

  it('never leaves its end', () => {
    fc.assert(
      fc.property(lease, way, way, (from, steps, more) => {
        const { lease: at, nowMs } = walk(from, steps);
        const over = stepLease(at, { kind: 'undo', by: 'me' }, nowMs, RULES);
        expect(walk({ ...over, startedAtMs: nowMs }, more).lease).toEqual({ ...over, startedAtMs: nowMs });
      }),
    );
  });

  it('acts on nobody while it waits, and not before all who must have said yes', () => {
    fc.assert(
      fc.property(lease, way, (from, steps) => {
        const waiting = { ...from, state: 'waiting' as const, approvalsNeeded: 2, stage: 0 };
        const withoutGlass = steps.filter(([{ kind }]) => kind !== 'break-glass');
        const { lease: at } = walk(waiting, withoutGlass);
        if (isActing(at)) expect(new Set(at.approvedBy).size).toBeGreaterThanOrEqual(2);
        else expect(at.stage).toBe(0);
      }),
    );
  });

  it('never acts after having been tried in shadow', () => {
    fc.assert(
      fc.property(lease, way, (from, steps) => {
        expect(isActing(walk({ ...from, state: 'shadow', stage: 0 }, steps).lease)).toBe(false);
      }),
    );
  });

  it('begins with a part where honest people are among the target, and widens after a minute without harm', () => {
    const waiting = testLease({
      state: 'waiting',
      approvalsNeeded: 1,
      radius: harmed,
      target: '203.0.113.0/24',
    });
    const staged = stepLease(waiting, { kind: 'approve', by: 'a' }, 2_000, RULES);
    expect(staged).toMatchObject({ state: 'staged', stage: 0.05, stagedAtMs: 2_000, expiresAtMs: 62_000 });
    expect(stepLease(staged, { kind: 'tick' }, 61_999, RULES)).toBe(staged);
    const longer = { ...staged, expiresAtMs: 500_000 };
    expect(stepLease(longer, { kind: 'tick' }, 62_000, RULES)).toMatchObject({ state: 'full', stage: 1 });
  });

  it('is rolled back where harm is seen, staged or whole', () => {
    for (const state of ['staged', 'full'] as const)
      expect(stepLease(testLease({ state }), { kind: 'tick', harm: 'why' }, 2_000, RULES)).toMatchObject({
        state: 'rolled-back',
        endedBy: 'why',
        stage: 0,
      });
  });

  it('counts the same person once', () => {
    const waiting = testLease({ state: 'waiting', approvalsNeeded: 2 });
    const once = stepLease(waiting, { kind: 'approve', by: 'a' }, 2_000, RULES);
    expect(stepLease(once, { kind: 'approve', by: 'a' }, 3_000, RULES).state).toBe('waiting');
    expect(stepLease(once, { kind: 'approve', by: 'b' }, 3_000, RULES).state).toBe('full');
  });
});
