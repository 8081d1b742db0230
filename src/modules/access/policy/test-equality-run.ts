import fc from 'fast-check';
import { expect } from 'vitest';
import type { SqlValue } from '../../../ports/sql.ts';
import type { AccessPrincipal } from '../contract.ts';
import { createAccess } from './access.ts';
import type { PolicyDeclaration } from './declare.ts';
import type { TestDatabase } from './test-database.ts';
import { loaded, moments, policies, principals, sampleRows } from './test-equality.ts';

const ROWS = 40;
const PEOPLE = 8;

/** How much was held against each other. */
export interface Compared {
  policies: number;
  cases: number;
  allowed: number;
}

/** Draws policies and people; for each row, the process, the filter and row-level security must agree. */
export async function compareAll(database: TestDatabase, runs: number, seed: number): Promise<Compared> {
  const rows = sampleRows(seed, ROWS);
  await fill(database, rows);
  const all = loaded(rows);
  const done: Compared = { policies: 0, cases: 0, allowed: 0 };
  const people = fc.array(fc.tuple(principals, moments), { minLength: PEOPLE, maxLength: PEOPLE });
  await fc.assert(
    fc.asyncProperty(policies, people, async (policy, asked) => {
      const access = createAccess(policy);
      await database.sql.query(access.rowLevelSecurity({ lookupRole: database.lookupRole }).install);
      for (const [principal, nowMs] of asked) {
        const found = await ask(database, policy, principal, nowMs);
        const expected = all.filter((row) => access.can(principal, 'things:read', row, { nowMs }));
        const process = expected.map((row) => row['seq']);
        expect(found).toEqual({ filter: process, rls: process });
        for (const row of all.slice(0, 5))
          expect(access.explain(principal, 'things:read', row, { nowMs }).allowed).toBe(
            expected.includes(row),
          );
        done.cases += all.length;
        done.allowed += process.length;
      }
      done.policies++;
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  return done;
}

async function ask(
  database: TestDatabase,
  policy: PolicyDeclaration,
  principal: AccessPrincipal,
  nowMs: number,
): Promise<{ readonly filter: readonly unknown[]; readonly rls: readonly unknown[] }> {
  const filter = createAccess(policy).accessible(principal, 'things:read', { nowMs }, { as: 't' });
  const listed = await database.sql.query(
    `SELECT seq FROM things AS t WHERE ${filter.text} ORDER BY seq`,
    filter.values,
  );
  const seen = await database.as(principal, nowMs, (tx) => tx.query('SELECT seq FROM things ORDER BY seq'));
  return { filter: listed.rows.map(({ seq }) => seq), rls: seen.rows.map(({ seq }) => seq) };
}

async function fill(database: TestDatabase, rows: ReturnType<typeof sampleRows>): Promise<void> {
  for (const [table, list] of Object.entries(rows)) {
    await database.sql.script(`TRUNCATE ${table}`);
    for (const row of list) {
      const names = Object.keys(row);
      const values = names.map((_, i) => `$${i + 1}`).join(', ');
      const columns = names.map((name) => `"${name}"`).join(', ');
      await database.sql.query(
        `INSERT INTO ${table} (${columns}) VALUES (${values})`,
        Object.values(row) as SqlValue[],
      );
    }
  }
}
