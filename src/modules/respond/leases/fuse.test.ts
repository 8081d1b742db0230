import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, type FuseFeatures, judge, settle } from './fuse.ts';
import { isActing, RESPONDERS } from './lease.ts';
import { testLease } from './test-lease.ts';

const BUDGET = { traffic: 0.05, accounts: 0.005, acting: 20 };
const NOTHING = { traffic: 0, accounts: 0, acting: 0 };
const radius = { requests: 1_000, targeted: 10, share: 0.01, good: 1_000, goodTargeted: 0 };
const RULES = { share: 0.05, forMs: 60_000, approvalMs: 3_600_000 };

function features(given: Partial<FuseFeatures> = {}): FuseFeatures {
  return {
    lease: { responder: 'block', how: 'deny', automatic: true },
    target: 'range',
    radius,
    forbidden: [],
    approved: 0,
    ...given,
  };
}

describe('the fuse', () => {
  it('never lets automatic responses exceed their budget together', () => {
    const asked = fc.record({
      responder: fc.constantFrom(...RESPONDERS),
      how: fc.constantFrom('deny' as const, 'challenge' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      goodTargeted: fc.integer({ min: 0, max: 1_000 }),
      target: fc.constantFrom('range' as const, 'user' as const, 'all' as const),
    });
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 60 }), (all) => {
        const used = { ...NOTHING };
        for (const { responder, how, share, goodTargeted, target } of all) {
          const one = features({
            lease: { responder, how, automatic: true },
            target,
            radius: { ...radius, share, targeted: share * radius.requests, goodTargeted },
          });
          if (judge(one, { budget: BUDGET, used, mode: 'enforce' }).outcome !== 'act') continue;
          const cost = costOf(one);
          used.traffic += cost.traffic;
          used.accounts += cost.accounts;
          used.acting++;
        }
        expect(used.traffic).toBeLessThanOrEqual(BUDGET.traffic);
        expect(used.accounts).toBeLessThanOrEqual(BUDGET.accounts);
        expect(used.acting).toBeLessThanOrEqual(BUDGET.acting);
      }),
    );
  });

  it('refuses what is forbidden, whoever asks and in every mode', () => {
    const forbidden = [{ code: 'never-block', text: 'never' }];
    for (const automatic of [true, false])
      for (const mode of ['enforce', 'shadow'] as const) {
        const lease = { responder: 'block', how: 'deny', automatic } as const;
        const verdict = judge(features({ lease, forbidden, approved: 2 }), {
          budget: BUDGET,
          used: NOTHING,
          mode,
        });
        expect(verdict.outcome).toBe('refuse');
      }
  });

  it('asks two people for what concerns everybody', () => {
    const everybody = [
      ['lockdown', 'read-only'],
      ['disable-admins', 'all'],
      ['freeze-payments', 'all'],
    ] as const;
    for (const [responder, target] of everybody) {
      const one = (automatic: boolean, approved: number) =>
        judge(features({ lease: { responder, how: 'deny', automatic }, target, approved }), {
          budget: { traffic: 1, accounts: 1, acting: 20 },
          used: NOTHING,
          mode: 'enforce',
        });
      expect(one(true, 0)).toMatchObject({ outcome: 'wait', approvalsNeeded: 2 });
      expect(one(false, 1)).toMatchObject({ outcome: 'wait', approvalsNeeded: 2 });
      expect(one(false, 2).outcome).toBe('act');
    }
  });

  it('asks a person above the budget, and a second one where a person asked', () => {
    const wide = { ...radius, targeted: 400, share: 0.4 };
    const state = { budget: BUDGET, used: NOTHING, mode: 'enforce' } as const;
    expect(judge(features({ radius: wide }), state)).toMatchObject({
      outcome: 'wait',
      approvalsNeeded: 1,
      objections: [{ code: 'traffic-budget' }],
    });
    const asked = { responder: 'block', how: 'deny', automatic: false } as const;
    expect(judge(features({ radius: wide, lease: asked, approved: 1 }), state)).toMatchObject({
      outcome: 'wait',
      approvalsNeeded: 2,
    });
  });

  it('takes no share of a quiet site for a share of its people', () => {
    const quiet = { ...radius, requests: 1, targeted: 1, share: 1 };
    const state = { budget: BUDGET, used: NOTHING, mode: 'enforce' } as const;
    expect(judge(features({ radius: quiet }), state).outcome).toBe('act');
    expect(judge(features({ radius: { ...quiet, goodTargeted: 6 } }), state).outcome).toBe('wait');
  });

  it('acts at once on what is small, and only writes down what it would have done in shadow', () => {
    const act = judge(features(), { budget: BUDGET, used: NOTHING, mode: 'enforce' });
    const shadow = judge(features(), { budget: BUDGET, used: NOTHING, mode: 'shadow' });
    expect(settle(testLease(), act, 5_000, RULES)).toMatchObject({ state: 'full', expiresAtMs: 65_000 });
    const tried = settle(testLease(), shadow, 5_000, RULES);
    expect(tried).toMatchObject({ state: 'shadow', stage: 0 });
    expect(isActing(tried)).toBe(false);
  });

  it('lets what only asks for proof cost nothing of the traffic', () => {
    const lease = { responder: 'block', how: 'challenge', automatic: true } as const;
    const verdict = judge(features({ lease, radius: { ...radius, targeted: 900, share: 0.9 } }), {
      budget: BUDGET,
      used: NOTHING,
      mode: 'enforce',
    });
    expect(verdict.outcome).toBe('act');
  });
});
