import { afterEach, beforeEach, expect, it } from 'vitest';
import { BUNDLE_PAGE, bundleLines, type RangeQuery, readRangePage } from '../../src/modules/audit/index.ts';
import type { SqlRunner, SqlStore } from '../../src/ports/sql.ts';
import { AuditNode, emptyLog, SIGNER, tamper, verify, writeEvents } from './audit-stage.ts';

/** Proofs of ranges as they are read of a database: what was done to it in between is named. */
export function auditRangeSuite(open: () => SqlStore): void {
  let sql: SqlStore;
  let node: AuditNode;
  beforeEach(async () => {
    sql = open();
    await emptyLog(sql);
    node = await AuditNode.open(sql);
  });
  afterEach(() => node.close());

  async function proof(query: Omit<RangeQuery, 'payloads'>, payloads = true): Promise<readonly string[]> {
    const lines: string[] = [];
    const page = (at: number) => readRangePage(sql, { ...query, payloads, at }, [SIGNER.publicKey]);
    for await (const line of bundleLines(page, undefined, query.from)) lines.push(line);
    return lines;
  }
  /** Checkpoints of 4, 8 and 12 events; two more without one. */
  async function log(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await writeEvents(sql, 4);
      await node.log.checkpoint();
    }
    await writeEvents(sql, 2);
    await node.log.round();
  }

  it('proves every range under the newest checkpoint, also against the file of a node', async () => {
    await log();
    for (const [from, to] of [
      [0, 0],
      [0, 11],
      [3, 4],
      [5, 9],
      [11, 11],
    ] as const) {
      const lines = await proof({ from, to });
      const count = to - from + 1;
      const fine = { ok: true, from, events: count, covered: count, withheld: 0, problems: [] };
      expect(await verify(lines), `${from} to ${to}`).toMatchObject(fine);
      expect(await verify(lines, node.file), `${from} to ${to}`).toMatchObject(fine);
      expect(await verify(await proof({ from, to }, false))).toMatchObject({ ...fine, withheld: 2 * count });
    }
    await expect(proof({ from: 5, to: 12 })).rejects.toMatchObject({ status: 409 });
  });

  it('reads a range of more than a page, and goes on where a page ended', async () => {
    await writeEvents(sql, BUNDLE_PAGE + 30);
    await node.log.round();
    await node.log.checkpoint();
    const lines = await proof({ from: 7, to: BUNDLE_PAGE + 19 });
    expect(await verify(lines, node.file)).toMatchObject({ ok: true, events: BUNDLE_PAGE + 13 });
  });

  it('opens what the filter is fit by alone, and shows that nothing else was left out', async () => {
    await log();
    const eve = await writeEvents(sql, 1, { actor: 'usr_eve', subject: '203.0.113.5' });
    await writeEvents(sql, 3);
    await node.log.checkpoint();
    const range = { from: 10, to: 17 };
    for (const filter of [{ actor: 'usr_eve' }, { subject: '203.0.113.5' }]) {
      const lines = await proof({ ...range, ...filter });
      expect(await verify(lines, node.file)).toMatchObject({ ok: true, events: 8, withheld: 14 });
      const open = lines.filter((line) => line.includes('"salt"'));
      expect([open.length, open.join().includes(eve[0]?.id ?? '')]).toEqual([1, true]);
      expect(lines.join()).not.toContain('usr_ada');
    }
    expect(await verify(await proof({ ...range, type: 'BLOCK_REMOVED' }))).toMatchObject({
      ok: true,
      withheld: 16,
    });
  });

  it('A73: names what was changed, deleted, inserted or reordered in the database', async () => {
    await log();
    const range = { from: 5, to: 10 };
    /** How the proof reads after a change, which is taken back. */
    const after = async (change: (tx: SqlRunner) => Promise<unknown>) => {
      const lines: string[] = [];
      const back = new Error('back');
      const work = sql.transaction(async (tx) => {
        await change(tx);
        const page = await readRangePage(tx, { ...range, payloads: true }, [SIGNER.publicKey]);
        lines.push(...page.lines);
        throw back;
      });
      await expect(work).rejects.toBe(back);
      return verify(lines);
    };
    const changes: readonly (readonly [string, number])[] = [
      [`UPDATE rampart.events SET outcome = 'failure' WHERE audit_seq = 7`, 7],
      [`UPDATE rampart.events SET details = '{"n":0}' WHERE audit_seq = 10`, 10],
      [`DELETE FROM rampart.events WHERE audit_seq = 6`, 6],
    ];
    for (const [change, firstBad] of changes)
      expect(await after((tx) => tx.query(change)), change).toMatchObject({ ok: false, firstBad });
    // Of the leaves too, past every trigger, one thing after the other: each stands before the last.
    const leaves = async (change: string, firstBad: number): Promise<void> => {
      await tamper(sql, (tx) => tx.query(change));
      expect(await after(() => Promise.resolve()), change).toMatchObject({ ok: false, firstBad });
    };
    const move = (from: number, to: number): Promise<void> =>
      tamper(sql, (tx) => tx.query('UPDATE rampart.audit_leaves SET seq = $2 WHERE seq = $1', [from, to]));
    await move(8, 9_000);
    await move(9, 8);
    await leaves('UPDATE rampart.audit_leaves SET seq = 9 WHERE seq = 9000', 8);
    await leaves('DELETE FROM rampart.audit_leaves WHERE seq = 7', 7);
    await leaves(
      `INSERT INTO rampart.audit_leaves SELECT 7, 'evt_added', leaf, sequenced_us, who_tag, who_commit, what_tag, what_commit, ''
       FROM rampart.audit_leaves WHERE seq = 6`,
      7,
    );
  });
}
