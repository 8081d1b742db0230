import { describe, expect, it } from 'vitest';
import { RESPONDERS } from '../../../../src/server/api/response-types.ts';
import { actWords, doesWords, outcomeWords, radiusWords, RESPONDER_NAMES, targetWords } from './words.ts';

const radius = { requests: 1_000, targeted: 42, share: 0.042, good: 10, goodTargeted: 0, objections: [] };

describe('words of responses', () => {
  it('are there for every responder', () => {
    expect(RESPONDER_NAMES.toSorted()).toEqual(RESPONDERS.toSorted());
  });

  it('say whom a response touches, with the numbers', () => {
    expect(radiusWords(radius)).toBe(
      '4.2 % of the traffic of the day before (42 of 1,000 requests); none of 10 people in good standing.',
    );
    expect(radiusWords({ ...radius, targeted: 0, share: 0 })).toBe(
      'none of 1,000 requests of the day before; none of 10 people in good standing.',
    );
    expect(radiusWords({ ...radius, goodTargeted: 3 })).toContain('3 of 10 people in good standing');
    expect(radiusWords({ ...radius, good: 0 })).toContain('nobody was in good standing then');
    expect(radiusWords({ ...radius, requests: 0 })).toContain('nothing is known');
  });

  it('tell a block that asks for a proof from one that refuses', () => {
    const block = { responder: 'block', target: '203.0.113.7' } as const;
    expect(actWords({ ...block, how: 'deny' })).toBe('Block: 203.0.113.7');
    expect(actWords({ ...block, how: 'challenge' })).toBe('Challenge: 203.0.113.7');
    expect(doesWords({ responder: 'block', how: 'challenge' })).toContain('for a proof');
    expect(doesWords({ responder: 'lockdown', how: null })).toContain('Closes the application');
  });

  it('read words as words and names as they are', () => {
    expect(targetWords('lockdown', 'read-only')).toBe('to reading');
    expect(targetWords('freeze-payments', 'all')).toBe('everybody');
    expect(targetWords('freeze-payments', 'user:acc_1')).toBe('account acc_1');
    expect(targetWords('block', '203.0.113.0/24')).toBe('203.0.113.0/24');
  });

  it('say how many people have to agree', () => {
    expect(outcomeWords({ outcome: 'wait', approvalsNeeded: 2 })).toContain('until 2 people agree');
    expect(outcomeWords({ outcome: 'refuse', approvalsNeeded: 0 })).toBe('Nobody may do this.');
  });
});
