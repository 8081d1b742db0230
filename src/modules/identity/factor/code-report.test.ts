import { describe, expect, it } from 'vitest';
import { pumpingTeller } from './code-report.ts';
import type { SendKeys } from './send-limits.ts';

const keys = (country: string): SendKeys => ({
  channel: 'sms',
  account: 'acc_1',
  to_hash: 't',
  range_hash: 'r',
  group_hash: 'g',
  country,
});

describe('telling of toll fraud', () => {
  it('happens once in ten minutes for each pattern and place', () => {
    const tells = pumpingTeller();
    expect(tells('country', keys('DE'), 0)).toBe(true);
    expect(tells('country', keys('DE'), 599_999)).toBe(false);
    expect(tells('country', keys('FR'), 599_999)).toBe(true);
    expect(tells('group', keys('DE'), 599_999)).toBe(true);
    expect(tells('country', keys('DE'), 600_000)).toBe(true);
  });

  it('remembers a thousand places and forgets the oldest', () => {
    const tells = pumpingTeller();
    for (let i = 0; i <= 1_000; i++) tells('country', keys(`c${i}`), i);
    expect(tells('country', keys('c1000'), 1_001)).toBe(false);
    expect(tells('country', keys('c2'), 1_001)).toBe(false);
    expect(tells('country', keys('c0'), 1_001)).toBe(true);
  });
});
