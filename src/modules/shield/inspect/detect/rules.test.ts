import { describe, expect, it } from 'vitest';
import type { Signal, Where } from '../types.ts';
import { whereOf } from './examples/test-example.ts';
import { EXAMPLES } from './examples/test-all.ts';
import { DETECTORS } from './index.ts';
import { RULES } from './rules.ts';

function seen(value: string, where: Where): readonly string[] {
  const rules: string[] = [];
  const out = { add: (signal: Signal) => rules.push(signal.rule) };
  for (const { detect } of DETECTORS) detect(value, where, out);
  return rules;
}

describe('rules', () => {
  it('have an id of their own, a weight and a sentence', () => {
    expect(new Set(RULES.map(({ rule }) => rule)).size).toBe(RULES.length);
    for (const { rule, weight, about } of RULES) {
      expect(rule).toMatch(/^[a-z]+\.[a-z0-9-]+$/);
      expect(weight, rule).toBeGreaterThan(0);
      expect(weight, rule).toBeLessThanOrEqual(8);
      expect(about, rule).toMatch(/^[A-Z`].*\.$/);
    }
  });

  it('have an example each, and no example is left over', () => {
    expect([...EXAMPLES.keys()].sort()).toEqual(RULES.map(({ rule }) => rule).sort());
  });
});

describe.each([...EXAMPLES])('%s', (rule, example) => {
  it('sees its attack', () => {
    expect(seen(example.attack, whereOf(example))).toContain(rule);
  });

  it('does not see what comes near', () => {
    expect(seen(example.near, whereOf(example))).not.toContain(rule);
  });
});
