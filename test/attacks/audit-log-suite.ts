import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CheckpointFile } from '../../src/modules/audit/index.ts';
import {
  isConsistent,
  localSigner,
  openNote,
  readConsistency,
  readReceipt,
  verifyLive,
  verifyReceipt,
} from '../../src/modules/audit/index.ts';
import { sequence } from '../../src/modules/audit/sequencer.ts';
import { EventStore } from '../../src/server/data/index.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { faultySql } from '../../src/testing/faulty/sql.ts';
import {
  auditEvent,
  AuditNode,
  emptyLog,
  exportLog,
  KEY,
  SIGNER,
  tamper,
  verify,
  writeEvents,
} from './audit-stage.ts';

/** What a node does with the log, also when what it stands on fails. */
export function auditLogSuite(open: () => SqlStore): void {
  let sql: SqlStore;
  let node: AuditNode;
  beforeEach(async () => {
    sql = open();
    await emptyLog(sql);
    node = await AuditNode.open(sql);
  });
  afterEach(() => node.close());

  const seqs = async (): Promise<readonly unknown[]> =>
    (await sql.query('SELECT seq FROM rampart.audit_leaves ORDER BY seq')).rows.map((row) => row['seq']);

  it('gives every event of class audit a place, whoever wrote it and however, and no signal', async () => {
    await writeEvents(sql, 2);
    await sql.query(`INSERT INTO rampart.events (id, type, severity, class, at_ms, node, about, details)
      VALUES ('evt_by_hand', 'OWN_EVENT', 'LOW', 'audit', 1, 'x', 'By hand.', '{"deep":{"er":[1,null]}}'),
             ('evt_signal', 'OWN_EVENT', 'LOW', 'signal', 1, 'x', 'A signal.', '{}')`);
    await node.log.checkpoint();
    const { rows } = await sql.query('SELECT event_id FROM rampart.audit_leaves ORDER BY seq');
    expect(rows).toHaveLength(3);
    expect(rows.map((row) => row['event_id'])).toContain('evt_by_hand');
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true, events: 3 });
  });

  it('an event whose act was rolled back is nowhere', async () => {
    await expect(
      sql.transaction(async (tx) => {
        await tx.query(`INSERT INTO rampart.events (id, type, severity, class, at_ms, node, about, details)
          VALUES ('evt_gone', 'X', 'LOW', 'audit', 1, 'x', 'x', '{}')`);
        throw new Error('the act failed');
      }),
    ).rejects.toThrow('the act failed');
    await node.log.checkpoint();
    expect(await seqs()).toEqual([]);
  });

  it('a sequencer that dies at any of its steps leaves no gap and no double: another one goes on', async () => {
    const { store, control } = faultySql(sql);
    for (let step = 0, died = true; died; step++) {
      await writeEvents(sql, 3);
      let calls = 0;
      control.throwWhen((call) => (call === 'transaction.query' || call === 'commit') && calls++ === step);
      died = await sequence(store).then(
        () => false,
        () => true,
      );
      control.heal();
      await sequence(sql);
      expect(await seqs()).toEqual([...Array((step + 1) * 3).keys()]);
      expect(step).toBeLessThan(20);
    }
    await node.log.checkpoint();
    const report = await verify(await exportLog(sql), node.file);
    expect(report).toMatchObject({ ok: true });
    // Lock, events, log, state, keys twice, leaves, state, commit: all were tried.
    expect(report.events).toBeGreaterThan(24);
  });

  it('says once that events wait while the database fails, and goes on when it answers', async () => {
    const { store, control } = faultySql(sql);
    const own = await AuditNode.open(store);
    await writeEvents(sql, 2);
    control.alwaysThrow();
    await own.log.round();
    await own.log.round();
    expect(own.emitted.map(({ type }) => type)).toEqual(['AUDIT_LOG_STALLED']);
    control.heal();
    expect(await own.log.status()).toMatchObject({ failing: true, waiting: 2 });
    await own.log.round();
    expect(await own.log.status()).toMatchObject({
      failing: false,
      waiting: 0,
      size: 2,
      checkpoint: { size: 2 },
    });
    await own.close();
  });

  it('signs after so many events, after so much time, and not before', async () => {
    let laterUs = 0n;
    const later: SqlStore = {
      ...faultySql(sql).store,
      query: async (text, values) => {
        const found = await sql.query(text, values);
        const moved = (us: unknown): string => String(BigInt(us as string) + laterUs);
        return {
          ...found,
          rows: found.rows.map((row) => ('now_us' in row ? { ...row, now_us: moved(row['now_us']) } : row)),
        };
      },
    };
    const own = await AuditNode.open(later, { checkpointEvents: 5, checkpointEvery: '1h' });
    const size = async (): Promise<number | undefined> => (await own.log.status()).checkpoint?.size;
    await own.log.round();
    expect(await size()).toBeUndefined();
    for (const [more, signed] of [
      [1, 1],
      [4, 1],
      [1, 6],
      [4, 6],
      [0, 6],
    ] as const) {
      await writeEvents(sql, more);
      await own.log.round();
      expect(await size()).toBe(signed);
    }
    laterUs += 3_600_000_000n;
    await own.log.round();
    expect(await size()).toBe(10);
    laterUs += 3_600_000_000n;
    await own.log.round();
    expect(await size()).toBe(10);
    await own.close();
  });

  it('A73: rows that nobody signed stop no signing, and are shown to nobody', async () => {
    const forge = (size: number) =>
      sql.query(
        `INSERT INTO rampart.audit_checkpoints
         SELECT 'rampart/audit/' || log_id, $1::int, 9000000000000000, 'one', 'forged' FROM rampart.audit_log`,
        [size],
      );
    const [event] = await writeEvents(sql, 2);
    await sequence(sql);
    // The place of the next checkpoint is taken.
    await forge(2);
    await node.log.round();
    const { checkpoint } = await node.log.status();
    expect(openNote(checkpoint?.note ?? '', [SIGNER.publicKey])?.size).toBe(2);
    expect(await node.log.checkpoint()).toEqual(checkpoint);
    await writeEvents(sql, 2);
    expect((await node.log.checkpoint())?.size).toBe(4);
    await sequence(sql);
    await writeEvents(sql, 1);
    await sequence(sql);
    await forge(5);
    const receipt = await readReceipt(sql, event?.id ?? '', [SIGNER.publicKey]);
    expect(await verifyReceipt(JSON.stringify(receipt), [KEY])).toBeNull();
  });

  it('A73: a checkpoint of more events than there are is a conflict, never a reason to be silent', async () => {
    await writeEvents(sql, 2);
    await node.log.checkpoint();
    await sql.query(`INSERT INTO rampart.audit_checkpoints
      SELECT 'rampart/audit/' || log_id, 900000000000, 9000000000000000, 'one', 'forged' FROM rampart.audit_log`);
    await writeEvents(sql, 2);
    await node.log.round();
    expect(node.emitted.map(({ type }) => type)).toEqual(['AUDIT_LOG_CONFLICT']);
    const { conflict, checkpoint } = await node.log.status();
    expect([conflict, checkpoint?.size]).toEqual([expect.stringContaining('more events than there are'), 2]);
    await node.log.acceptRestored({ actor: 'operator' });
    expect(await node.log.status()).toMatchObject({ conflict: null, checkpoint: { size: 5 } });
  });

  it('by its timer alone', async () => {
    await writeEvents(sql, 2);
    node.log.start();
    node.clock.advance(500);
    await node.log.stop();
    expect(await node.log.status()).toMatchObject({ size: 2, checkpoint: { size: 2 } });
  });

  it('a node keeps the checkpoints of another one in its own file, and goes on after a restart', async () => {
    const other = await AuditNode.open(sql);
    for (let i = 0; i < 3; i++) {
      await writeEvents(sql, 3);
      await other.log.checkpoint();
    }
    await node.log.round();
    const notes: string[] = [];
    for await (const line of node.file.read()) if (line.startsWith('{"note"')) notes.push(line);
    expect(notes).toHaveLength(3);
    node = await node.again(sql);
    await writeEvents(sql, 3);
    await node.log.checkpoint();
    await other.log.round();
    for (const { file } of [node, other])
      expect(await verify(await exportLog(sql), file)).toMatchObject({
        ok: true,
        covered: 12,
        checkpoints: 4,
      });
    await other.close();
  });

  it('says that another key signs, and neither keeps its checkpoints nor takes them for a conflict', async () => {
    const other = await AuditNode.open(sql, {}, { signer: localSigner(new Uint8Array(32).fill(4)) });
    await writeEvents(sql, 2);
    await other.log.checkpoint();
    await node.log.round();
    expect(await node.log.status()).toMatchObject({ strangers: true, conflict: null });
    await writeEvents(sql, 1);
    await node.log.checkpoint();
    expect((await other.log.status()).strangers).toBe(false);
    const report = await verify(await exportLog(sql), node.file);
    expect([report.firstBad, report.covered, report.ok]).toEqual([null, 3, false]);
    await other.close();
  });

  it('loses nothing of its file when a write fails in between', async () => {
    let failing = false;
    const real = node.file;
    const file: CheckpointFile = {
      ...real,
      append: (lines) => (failing ? Promise.reject(new Error('the disk is full')) : real.append(lines)),
    };
    const own = await AuditNode.open(sql, {}, { file });
    for (let i = 0; i < 4; i++) {
      await writeEvents(sql, 2);
      failing = i % 2 === 0;
      await own.log.checkpoint().catch(() => undefined);
    }
    expect(await verify(await exportLog(sql), real)).toMatchObject({ ok: true, covered: 8 });
    let leaves = 0;
    for await (const line of real.read())
      leaves += Buffer.from((JSON.parse(line) as { leaves?: string }).leaves ?? '', 'base64').length / 32;
    expect(leaves).toBe(8);
    await own.close();
  });

  it('does not sign where its own file was changed or belongs to another key', async () => {
    await writeEvents(sql, 2);
    await node.log.checkpoint();
    for (const lines of [['{"from":7,"leaves":""}'], ['nonsense'], ['{"note":"x","edge":""}']]) {
      const file: CheckpointFile = {
        ...node.file,
        async *read() {
          yield* node.file.read();
          yield* lines;
        },
      };
      const own = await AuditNode.open(sql, {}, { file });
      await writeEvents(sql, 1);
      await own.log.round();
      expect(
        own.emitted.map(({ type }) => type),
        lines.join(),
      ).toEqual(['AUDIT_LOG_CONFLICT']);
      await own.close();
    }
    expect((await node.log.status()).checkpoint?.size).toBe(2);
  });

  it('gives every checkpoint to other places, in order, and again what failed', async () => {
    const taken: number[] = [];
    let failing = true;
    const sink = {
      name: 'elsewhere',
      write: (note: string) => {
        if (failing) return Promise.reject(new Error('not now'));
        taken.push(openNote(note, [SIGNER.publicKey])?.size ?? -1);
        return Promise.resolve();
      },
    };
    const own = await AuditNode.open(sql, {}, { sinks: [sink] });
    for (let i = 0; i < 2; i++) {
      await writeEvents(sql, 1);
      await own.log.checkpoint();
    }
    expect([taken, own.words.length]).toEqual([[], 2]);
    failing = false;
    await own.log.round();
    expect(taken).toEqual([1, 2]);
    await own.close();
  });

  it('gives receipts and consistency proofs over many events', async () => {
    await writeEvents(sql, 600);
    await node.log.checkpoint();
    const first = (await node.log.status()).checkpoint;
    await writeEvents(sql, 77);
    await node.log.checkpoint();
    const { checkpoint } = await node.log.status();
    const rootOf = (note: string | undefined): Uint8Array =>
      openNote(note ?? '', [SIGNER.publicKey])?.root ?? new Uint8Array();
    const { rows } = await sql.query(
      'SELECT event_id FROM rampart.audit_leaves WHERE seq IN (0, 255, 256, 511, 512, 599, 676) ORDER BY seq',
    );
    expect(rows).toHaveLength(7);
    for (const row of rows) {
      const receipt = await readReceipt(sql, row['event_id'] as string, [SIGNER.publicKey]);
      expect(await verifyReceipt(JSON.stringify(receipt), [KEY])).toBeNull();
    }
    const path = (await readConsistency(sql, 600, 677)).map(
      (one) => new Uint8Array(Buffer.from(one, 'base64')),
    );
    expect(isConsistent(600, 677, rootOf(first?.note), rootOf(checkpoint?.note), path)).toBe(true);
    expect(isConsistent(599, 677, rootOf(first?.note), rootOf(checkpoint?.note), path)).toBe(false);
  });

  it('gives no receipt of what no checkpoint covers, or what is not there', async () => {
    const [event] = await writeEvents(sql, 1);
    const receipt = (id: string) => readReceipt(sql, id, [SIGNER.publicKey]);
    await expect(receipt(event?.id ?? '')).rejects.toMatchObject({ status: 409 });
    await sequence(sql);
    await expect(receipt(event?.id ?? '')).rejects.toMatchObject({ status: 409 });
    await expect(receipt('evt_none')).rejects.toMatchObject({ status: 404 });
  });

  it('erases somebody: data and key are gone, all proofs stand, and the log says so', async () => {
    await writeEvents(sql, 2, { actor: 'usr_eve', subject: 'usr_bob', details: { mail: 'bob@example.org' } });
    await writeEvents(sql, 2, { actor: 'usr_ada', subject: 'usr_eve', details: { note: 'about eve' } });
    await node.log.checkpoint();
    const before = await exportLog(sql);
    await writeEvents(sql, 1, { actor: 'usr_eve', subject: 'usr_eve', address: '203.0.113.77' });
    expect(await node.log.erase('usr_eve', { actor: 'usr_ada' })).toMatchObject({ events: 5 });
    expect(await node.log.erase('usr_eve', { actor: 'usr_ada' })).toBeUndefined();
    expect(await node.log.erase('usr_nobody', { actor: 'usr_ada' })).toBeUndefined();
    await node.log.checkpoint();
    const after = await exportLog(sql);
    expect(await verify(after, node.file)).toMatchObject({ ok: true, events: 6, covered: 6, erased: 6 });
    for (const word of ['usr_eve', 'about eve', '203.0.113.77']) expect(after.join()).not.toContain(word);
    const { rows } =
      await sql.query(`SELECT count(*)::int AS left FROM rampart.events AS e, rampart.audit_holders AS h
      WHERE h.holder = 'usr_eve' OR to_jsonb(e)::text LIKE '%usr_eve%'`);
    expect(rows).toEqual([{ left: 0 }]);
    // What is of somebody else stays, and what was exported before is still what was signed.
    expect(after.join()).toContain('bob@example.org');
    expect((await verify(before, node.file)).problems.map(({ text }) => text)).toEqual([
      expect.stringContaining('the log ends here'),
    ]);
    // New events of the same name have a key of their own.
    await writeEvents(sql, 1, { actor: 'usr_eve' });
    await node.log.checkpoint();
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true, erased: 6 });
  });

  it('an erasure has its place at once: a verification right behind it finds nothing wrong', async () => {
    await writeEvents(sql, 2, { actor: 'usr_eve' });
    await node.log.checkpoint();
    await node.log.erase('usr_eve', { actor: 'usr_ada' });
    expect(await seqs()).toEqual([0, 1, 2]);
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true, erased: 2 });
  });

  it('an erasure ends while others write without end', async () => {
    await writeEvents(sql, 2, { actor: 'usr_eve' });
    let reads = 0;
    // Before each look at what waits somebody writes another event, as long as anybody looks.
    const busy: SqlStore = {
      ...faultySql(sql).store,
      transaction: (work) =>
        sql.transaction((tx) =>
          work({
            query: async (text, values) => {
              if (text.includes('audit_seq IS NULL') && reads++ < 50)
                await new EventStore(sql).write(tx, auditEvent());
              return tx.query(text, values);
            },
          }),
        ),
    };
    const own = await AuditNode.open(busy);
    expect(await own.log.erase('usr_eve', { actor: 'usr_ada' })).toMatchObject({ events: 2 });
    expect(reads).toBe(2);
    await own.close();
  });

  it('erases neither what is of nobody, nor the operator, nor whoever asks, nor who erased somebody', async () => {
    await writeEvents(sql, 1, { actor: 'operator' });
    await writeEvents(sql, 1, { actor: 'nobody' });
    await sql.query("UPDATE rampart.events SET actor = NULL, subject = NULL WHERE actor = 'nobody'");
    await writeEvents(sql, 2, { actor: 'user:usr_eve', subject: 'usr_bob' });
    await node.log.checkpoint();
    for (const [holder, actor] of [
      ['-', 'user:usr_ada'],
      ['operator', 'user:usr_ada'],
      ['user:usr_eve', 'user:usr_eve'],
      ['usr_eve', 'user:usr_eve'],
    ] as const)
      await expect(node.log.erase(holder, { actor }), holder).rejects.toMatchObject({ status: 409 });
    await node.log.erase('usr_bob', { actor: 'user:usr_eve' });
    await node.log.erase('user:usr_eve', { actor: 'user:usr_ada' });
    const { rows } = await sql.query(
      `SELECT actor FROM rampart.events WHERE type = 'AUDIT_SUBJECT_ERASED' ORDER BY audit_seq`,
    );
    expect(rows.map((row) => row['actor'])).toEqual(['user:usr_eve', 'user:usr_ada']);
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true, erased: 4 });
  });

  it('A73: data that were taken away without an erasure are not taken for erased', async () => {
    await writeEvents(sql, 4, { actor: 'usr_eve' });
    await node.log.checkpoint();
    await sql.query(`DELETE FROM rampart.audit_holders WHERE holder = 'usr_eve'`);
    await sql.query(`UPDATE rampart.events SET actor = NULL, address = NULL`);
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: false, firstBad: 0 });
  });

  it('an erasure that fails half-way has erased nothing', async () => {
    await writeEvents(sql, 2, { actor: 'usr_eve' });
    await node.log.checkpoint();
    const { store, control } = faultySql(sql);
    const own = await AuditNode.open(store);
    control.throwWhen((call) => call === 'commit');
    await expect(own.log.erase('usr_eve', {})).rejects.toThrow('the store failed');
    const report = await verify(await exportLog(sql), node.file);
    expect(report).toMatchObject({ ok: true, erased: 0, events: 2 });
    await own.close();
  });

  it('an event that was made to wait again is not written twice, and others go on', async () => {
    await writeEvents(sql, 2);
    await node.log.checkpoint();
    await sql.query('UPDATE rampart.events SET audit_seq = NULL WHERE audit_seq = 0');
    await writeEvents(sql, 2);
    await node.log.checkpoint();
    expect(await seqs()).toEqual([0, 1, 2, 3]);
    expect((await verify(await exportLog(sql), node.file)).ok).toBe(true);
  });

  it('a verification where it lies is noted, and tells when something is wrong', async () => {
    await writeEvents(sql, 4);
    await node.log.checkpoint();
    const ports = { sql, signer: SIGNER, file: node.file, clock: node.clock, node: 'one' };
    const told: unknown[] = [];
    const events = { emit: (type: string, fields: unknown) => void told.push([type, fields]) };
    expect((await verifyLive({ ...ports, events })).ok).toBe(true);
    await tamper(sql, (tx) => tx.query(`UPDATE rampart.events SET type = 'X' WHERE audit_seq = 2`));
    expect(await verifyLive({ ...ports, events })).toMatchObject({ ok: false, firstBad: 2 });
    expect(told).toEqual([['AUDIT_LOG_TAMPERED', expect.objectContaining({ outcome: 'failure' })]]);
    const { rows } = await sql.query('SELECT verified FROM rampart.audit_log');
    expect(rows[0]?.['verified']).toMatchObject({ ok: false, firstBad: 2, events: 4, node: 'one' });
  });
}
