import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limitItem, policyItem, PolicyTexts } from './headers.ts';

it('remembers texts, and never one of other numbers', () => {
  const texts = new PolicyTexts('api', 60_000);
  fc.assert(
    fc.property(fc.nat(2_000), fc.nat(2_000), (remaining, seconds) => {
      const said = limitItem('api', remaining, seconds);
      expect(texts.state(remaining, seconds)).toBe(said);
      expect(texts.state(remaining, seconds)).toBe(said);
    }),
  );
});

it('tells of policies behind those that stand there already, with the limit of the day', () => {
  const [api, user] = [new PolicyTexts('api', 60_000), new PolicyTexts('user', 1_500)];
  for (const [first, second] of [
    [60, 10],
    [60, 10],
    [60, 5],
    [30, 5],
    [60, 10],
  ] as const) {
    const before = api.policies('', first);
    expect(before).toBe(policyItem('api', first, 60_000));
    expect(user.policies(before, second)).toBe(`"api";q=${first};w=60, "user";q=${second};w=2`);
  }
});
