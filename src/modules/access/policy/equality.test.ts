import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { onEachDatabase } from './test-database.ts';
import { TABLES } from './test-equality.ts';
import { compareAll } from './test-equality-run.ts';

describe('the process, the filter and row-level security', () => {
  onEachDatabase(TABLES, (database) => {
    it('agree on random policies, people and rows (A69)', async () => {
      const done = await compareAll(database(), 25, randomInt(2 ** 31));
      expect(done.cases).toBe(25 * 8 * 40);
      // A property that never allows anything, or never refuses, says little.
      expect(done.allowed / done.cases).toBeGreaterThan(0.02);
      expect(done.allowed / done.cases).toBeLessThan(0.98);
    });
  });
});
