import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleLines, readBundlePage, verifyBundle } from '../../src/modules/audit/index.ts';
import type { AuditIntegrityAnswer } from '../../src/server/api/audit-types.ts';
import { migrations } from '../../src/server/data/index.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { readLines } from '../../src/stores/file/index.ts';
import { migrate, openServer } from '../../src/stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { cleanUp, eventually, rampart, type Running, start, temporaryFolder } from '../scenarios/server.ts';
import { auditLogSuite } from './audit-log-suite.ts';
import { auditExpiry } from './audit-expiry-suite.ts';
import { auditRangeSuite } from './audit-range-suite.ts';
import { auditAttacks } from './audit-suite.ts';

const postgres = await postgresService();
const SECRET = 'one secret of at least 32 characters';

describe.skipIf(postgres.absent !== undefined)('the audit log, on PostgreSQL', () => {
  let sql: SqlStore;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await temporaryDatabase(postgres.url as string);
    drop = () => database.drop();
    sql = await openServer({ url: database.url });
    await migrate(sql, migrations);
  });
  afterAll(async () => {
    await sql.close();
    await drop();
  });
  describe('attacks', () => auditAttacks(() => sql));
  describe('retention and legal hold', () => auditExpiry(() => sql));
  describe('proofs of ranges', () => auditRangeSuite(() => sql));
  describe('the log of a node', () => auditLogSuite(() => sql));
});

describe.skipIf(postgres.absent !== undefined)('the audit log of two nodes', () => {
  let nodes: Running[] = [];
  let drop: () => Promise<void>;
  let env: Record<string, string> = {};
  beforeAll(async () => {
    const database = await temporaryDatabase(postgres.url as string);
    drop = () => database.drop();
    env = { DATABASE_URL: database.url, RAMPART_SECRET: SECRET };
    nodes = await Promise.all([0, 1].map(() => start({ dir: temporaryFolder(), env })));
  });
  afterAll(async () => {
    await cleanUp();
    await drop();
  });

  const act = (node: Running, n: number): Promise<{ status: number }> =>
    node.ask('POST', '/admin/blocks', {
      target: `198.18.${n >> 8}.${n & 255}`,
      minutes: 60,
      reason: 'a test',
    });

  it('A73: has no gap, no double and no fork while both write, and goes on when one is killed', async () => {
    const [first, second] = nodes as [Running, Running];
    const before = Array.from({ length: 60 }, (_, n) => act(n % 2 === 0 ? first : second, n));
    expect((await Promise.all(before)).every(({ status }) => status === 201)).toBe(true);
    const during = Array.from({ length: 60 }, (_, n) =>
      act(n % 2 === 0 ? first : second, 60 + n).catch(() => undefined),
    );
    await first.kill();
    const done = (await Promise.all(during)).filter((one) => one?.status === 201).length;
    expect(done).toBeGreaterThanOrEqual(30);
    await eventually(
      () => second.ask<AuditIntegrityAnswer>('GET', '/admin/audit/integrity'),
      ({ body }) => body.waiting === 0 && body.size >= 60 + done,
    );
    const said = await rampart(['audit', 'checkpoint'], second.dir, env);
    expect(said.code, said.err).toBe(0);
    const verified = await rampart(['audit', 'verify', '--json'], second.dir, env);
    expect(verified.code, verified.out).toBe(0);
    // What the killed node had kept is what the other one goes on with.
    const key = said.out.trim().split('\n').at(-1) ?? '';
    const sql = await openServer({ url: env['DATABASE_URL'] as string });
    const files = nodes.map(({ dir }) => readLines(join(dir, 'data', 'checkpoints', 'audit.jsonl')));
    const lines = bundleLines((from) => readBundlePage(sql, { from, payloads: true }));
    const report = await verifyBundle(lines, [key], files);
    const { rows } = await sql.query(
      `SELECT count(*)::int AS events FROM rampart.events WHERE class = 'audit' AND type = 'BLOCK_ADDED'`,
    );
    await sql.close();
    expect(report).toMatchObject({ ok: true });
    expect(report.events).toBeGreaterThanOrEqual(Number(rows[0]?.['events']));
    const again = await start({ dir: first.dir, env });
    await eventually(
      () => again.ask<AuditIntegrityAnswer>('GET', '/admin/audit/integrity'),
      ({ body }) => body.conflict === null && !body.failing && body.size > 0,
    );
  });
});
