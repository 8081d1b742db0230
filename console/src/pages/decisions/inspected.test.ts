import { describe, expect, it } from 'vitest';
import type { DecisionAnswer } from '../../../../src/server/api/types.ts';
import { inspectedOf, isShielded } from './inspected.ts';

type Step = DecisionAnswer['steps'][number];
const step = (rest: Partial<Step>): Step => ({
  guard: 'inspection',
  phase: 'screen',
  mode: 'enforce',
  verdict: 'deny',
  reason: {
    code: 'inspection.attack',
    text: 'The request scores 6.',
    because: [
      {
        code: 'sql.tautology',
        text: '',
        values: { class: 'sql', weight: 6, place: 'query', name: 'q', soft: false },
      },
    ],
  },
  replayed: true,
  ...rest,
});

describe('what inspection said of a decision', () => {
  it('is read from its reasons, with rule, weight and place', () => {
    expect(inspectedOf({ steps: [step({ guard: 'limit' }), step({})] })).toEqual({
      findings: [{ rule: 'sql.tautology', class: 'sql', weight: 6, place: 'query', name: 'q' }],
    });
  });

  it('counts where it only would have refused', () => {
    expect(inspectedOf({ steps: [step({ mode: 'shadow' })] })?.findings).toHaveLength(1);
  });

  it('is nothing where inspection let the request pass, whatever it found', () => {
    expect(inspectedOf({ steps: [step({ verdict: 'pass' }), step({ guard: 'csrf' })] })).toBeNull();
  });

  it('has no findings where the request could not be read, or the record keeps no reason', () => {
    const unread = { code: 'inspection.too_deep', text: '', values: { field: 'a' } };
    expect(inspectedOf({ steps: [step({ reason: unread })] })?.findings).toEqual([]);
    expect(inspectedOf({ steps: [step({ reason: null })] })?.findings).toEqual([]);
  });
});

describe('a decision that the shield can have been wrong about', () => {
  it('was refused, challenged or marked by one of its guards', () => {
    const by = (guard: string, verdict: Step['verdict']): boolean =>
      isShielded({ steps: [step({ guard, verdict })] });
    expect(by('inspection', 'deny')).toBe(true);
    expect(by('shield.bots', 'challenge')).toBe(true);
    expect(by('shield.bots', 'pass')).toBe(false);
    expect(by('limit', 'deny')).toBe(false);
  });
});
