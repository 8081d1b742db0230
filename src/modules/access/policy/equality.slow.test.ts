import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { onEachDatabase } from './test-database.ts';
import { TABLES } from './test-equality.ts';
import { compareAll } from './test-equality-run.ts';

describe('the process, the filter and row-level security, long', () => {
  onEachDatabase(TABLES, (database) => {
    it('agree on many random policies, people and rows (A69)', async () => {
      const runs = database().sql.kind === 'server' ? 1_000 : 150;
      const done = await compareAll(database(), runs, randomInt(2 ** 31));
      expect(done.cases).toBe(runs * 8 * 40);
    }, 600_000);
  });
});
