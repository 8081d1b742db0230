import { expect, it } from 'vitest';
import { trafficWords } from './words.ts';

const none = { allowed: 0, answered: 0, challenged: 0, limited: 0, blocked: 0, wouldRefuse: 0 };

it('sums traffic up with the numbers of the tiles', () => {
  expect(trafficWords(none)).toBe('No requests in this span.');
  expect(trafficWords({ ...none, allowed: 1_500, answered: 500, limited: 2_000, wouldRefuse: 7 })).toBe(
    '4,000 requests, 50 % let through, 2,000 limited. Guards in shadow mode would have refused 7 more.',
  );
});
