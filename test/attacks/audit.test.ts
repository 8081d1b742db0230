import { afterAll, beforeAll, describe } from 'vitest';
import type { SqlStore } from '../../src/ports/sql.ts';
import { migrations } from '../../src/server/data/index.ts';
import { migrate, openEmbedded } from '../../src/stores/postgres/index.ts';
import { databaseTemplate } from '../../src/testing/database.ts';
import { auditLogSuite } from './audit-log-suite.ts';
import { auditExpiry } from './audit-expiry-suite.ts';
import { auditRangeSuite } from './audit-range-suite.ts';
import { auditAttacks } from './audit-suite.ts';

// One file, because each opens a database of its own.
describe('the audit log, on the embedded database', () => {
  let sql: SqlStore;
  beforeAll(async () => {
    sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    await migrate(sql, migrations);
  });
  afterAll(() => sql.close());
  describe('attacks', () => auditAttacks(() => sql));
  describe('retention and legal hold', () => auditExpiry(() => sql));
  describe('proofs of ranges', () => auditRangeSuite(() => sql));
  describe('the log of a node', () => auditLogSuite(() => sql));
});
