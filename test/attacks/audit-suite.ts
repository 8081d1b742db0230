import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Json } from '../../src/modules/audit/index.ts';
import {
  BUNDLE_PAGE,
  canonicalJson,
  localSigner,
  openNote,
  signNote,
  verifyBundle,
} from '../../src/modules/audit/index.ts';
import { commitOf, entryHash, type LeafEntry } from '../../src/modules/audit/leaf.ts';
import { sequence } from '../../src/modules/audit/sequencer.ts';
import type { SqlRunner, SqlStore } from '../../src/ports/sql.ts';
import { AuditNode, emptyLog, exportLog, SIGNER, tamper, verify, writeEvents } from './audit-stage.ts';

interface Line {
  seq: number;
  leaf: string;
  entry: LeafEntry;
  who: { salt: string; data: Record<string, Json> } | null;
  what: { salt: string; data: Record<string, Json> } | null;
  note?: string;
}

/** A73 on a database: the verifier names the first event that is wrong, or refuses. */
export function auditAttacks(open: () => SqlStore): void {
  let sql: SqlStore;
  let node: AuditNode;
  beforeEach(async () => {
    sql = open();
    await emptyLog(sql);
    node = await AuditNode.open(sql);
  });
  afterEach(() => node.close());

  /** Three checkpoints, of 4, 8 and 12 events. */
  async function threeCheckpoints(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await writeEvents(sql, 4);
      await node.log.checkpoint();
    }
  }

  /** What would be exported after a change, which is taken back. */
  async function undone(change: (tx: SqlRunner) => Promise<unknown>): Promise<readonly string[]> {
    let lines: readonly string[] = [];
    const back = new Error('back');
    const work = sql.transaction(async (tx) => {
      await change(tx);
      lines = await exportLog(tx);
      throw back;
    });
    await expect(work).rejects.toBe(back);
    return lines;
  }

  const isEvent = (line: string): boolean => line.includes('"entry"');
  const events = (lines: readonly string[]): Line[] =>
    lines.filter(isEvent).map((line) => JSON.parse(line) as Line);
  /** A bundle whose events were put in the place of others. */
  const withEvents = (lines: readonly string[], changed: readonly Line[]): string[] => [
    ...lines.filter((line) => !isEvent(line)),
    ...changed.map((line) => JSON.stringify(line)),
  ];
  /** What an attacker does who recomputes everything that has no key. */
  const rehashed = (changed: readonly Line[]): Line[] =>
    changed.map((line, seq) => {
      const entry = { ...line.entry, seq };
      return { ...line, seq, entry, leaf: Buffer.from(entryHash(entry)).toString('base64') };
    });

  it('A73: what nobody touched is verified, also with the file of checkpoints, and by the public key alone', async () => {
    await threeCheckpoints();
    await writeEvents(sql, 2);
    await node.log.round();
    const lines = await exportLog(sql);
    const fine = { ok: true, events: 14, covered: 12, erased: 0, withheld: 0, firstBad: null, problems: [] };
    expect(await verify(lines)).toMatchObject({ ...fine, checkpoints: 3 });
    expect(await verify(lines, node.file)).toMatchObject(fine);
    expect(await verify(await exportLog(sql, false), node.file)).toMatchObject({ ...fine, withheld: 28 });
  });

  it('A73: a changed row is named, whatever was changed in it', async () => {
    await threeCheckpoints();
    const changes = [
      `type = 'BLOCK_REMOVED'`,
      `severity = 'LOW'`,
      'at_ms = at_ms + 1',
      `node = 'two'`,
      `about = 'Nothing.'`,
      `outcome = 'failure'`,
      `route = 'GET /'`,
      `decision = 'dec_x'`,
      `address = '203.0.113.9'`,
      `details = '{"n":999}'`,
      `actor = 'usr_bob'`,
      `subject = '203.0.113.9'`,
      'actor = NULL',
      `details = '{}'`,
      `class = 'signal'`,
      `ip = '198.51.100.77'`,
      'ip = NULL',
      `session = 'ses_other'`,
      `user_agent = 'other'`,
      `place = 'Elsewhere'`,
      `request = 'other'`,
      `trace = 'other'`,
      'expired_at_ms = 1',
    ];
    // What becomes of an event later is told by events of its own.
    const later = ['resolved_at_ms', 'resolved_by'];
    const { rows } = await sql.query(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'rampart' AND table_name = 'events'`,
    );
    for (const column of rows.map((row) => row['column_name'] as string))
      expect(
        ['id', 'audit_seq', ...later].includes(column) ||
          changes.some((one) => one.startsWith(`${column} =`)),
        column,
      ).toBe(true);
    for (const change of changes) {
      const lines = await undone((tx) => tx.query(`UPDATE rampart.events SET ${change} WHERE audit_seq = 5`));
      expect(await verify(lines), change).toMatchObject({ ok: false, firstBad: 5 });
    }
    expect((await verify(await exportLog(sql))).ok).toBe(true);
  });

  it('A73: a deleted row is named, wherever it stood', async () => {
    await threeCheckpoints();
    await sql.query('DELETE FROM rampart.events WHERE audit_seq = 6');
    expect(await verify(await exportLog(sql))).toMatchObject({ ok: false, firstBad: 6 });
    await tamper(sql, (tx) => tx.query('DELETE FROM rampart.audit_leaves WHERE seq = 3'));
    expect(await verify(await exportLog(sql))).toMatchObject({ ok: false, firstBad: 3 });
  });

  it('A73: a leaf far behind the end is named, and ends verification and export', async () => {
    await threeCheckpoints();
    const far = async (tx: SqlRunner, count: number): Promise<unknown> =>
      tx.query(
        `INSERT INTO rampart.audit_leaves
         SELECT 900000000000 + n, 'evt_far_' || n, leaf, sequenced_us, who_tag, who_commit, what_tag, what_commit, ''
         FROM rampart.audit_leaves, generate_series(1, $1::int) AS n WHERE seq = 11`,
        [count],
      );
    // One, and so many that their pages are full.
    for (const count of [1, BUNDLE_PAGE + 5]) {
      const lines = await undone((tx) => far(tx, count));
      expect(lines.filter(isEvent)).toHaveLength(12 + count);
      expect(await verify(lines), String(count)).toMatchObject({ ok: false, firstBad: 12 });
    }
    expect((await verify(await exportLog(sql))).ok).toBe(true);
  });

  it('A73: leaves are not changed by mistake', async () => {
    await threeCheckpoints();
    for (const text of [
      'DELETE FROM rampart.audit_leaves',
      'UPDATE rampart.audit_leaves SET seq = seq + 100',
    ])
      await expect(sql.query(text)).rejects.toThrow('append-only');
  });

  it('A73: a deleted tail is seen by its checkpoint, and without it by the one that was kept outside', async () => {
    await threeCheckpoints();
    await tamper(sql, async (tx) => {
      await tx.query('DELETE FROM rampart.audit_leaves WHERE seq >= 10');
      await tx.query('DELETE FROM rampart.events WHERE audit_seq >= 10');
    });
    expect(await verify(await exportLog(sql))).toMatchObject({ ok: false, firstBad: 10 });
    await sql.query('DELETE FROM rampart.audit_checkpoints WHERE size > 10');
    await sql.query('UPDATE rampart.audit_log SET size = 10');
    const lines = await exportLog(sql);
    expect(await verify(lines)).toMatchObject({ ok: true, events: 10, covered: 8 });
    expect(await verify(lines, node.file)).toMatchObject({ ok: false, firstBad: 10 });
  });

  it('A73: events in another order, one put in, one left out, one twice', async () => {
    await threeCheckpoints();
    const lines = await exportLog(sql);
    const all = events(lines);
    const [second, third] = [all[2] as Line, all[3] as Line];
    const swapped = all.with(2, third).with(3, second);
    expect((await verify(withEvents(lines, swapped))).firstBad).toBe(2);
    expect((await verify(withEvents(lines, all.toSpliced(7, 0, third)))).firstBad).toBe(7);
    expect((await verify(withEvents(lines, all.toSpliced(7, 1)))).firstBad).toBe(7);
    expect((await verify(withEvents(lines, all.slice(0, 9)))).firstBad).toBe(9);
  });

  it('A73: all of it hashed anew is refused by what was signed, and the first event is named by what was seen', async () => {
    await threeCheckpoints();
    const lines = await exportLog(sql);
    const all = events(lines);
    const forged = (all[9] as Line).entry;
    const changed = withEvents(
      lines,
      rehashed(all.with(9, { ...(all[9] as Line), entry: { ...forged, type: 'MFA_DISABLED' } })),
    );
    // Without the file of checkpoints the span between two of them is all that can be known.
    const span = await verify(changed);
    expect([span.firstBad, span.problems[0]?.before]).toEqual([8, 12]);
    expect((await verify(changed, node.file)).firstBad).toBe(9);
    const removed = withEvents(lines, rehashed(all.toSpliced(5, 1)));
    expect((await verify(removed)).firstBad).toBe(4);
    expect((await verify(removed, node.file)).firstBad).toBe(5);
  });

  it('A73: forged data with a commitment of their own do not fit either', async () => {
    await threeCheckpoints();
    const lines = await exportLog(sql);
    const all = events(lines);
    const fifth = all[5] as Line;
    const what = { salt: fifth.what?.salt ?? '', data: { subject: '203.0.113.9', details: {} } };
    const entry = { ...fifth.entry, what: { ...fifth.entry.what, commit: commitOf(what) } };
    const changed = all.with(5, { ...fifth, what, entry });
    expect((await verify(withEvents(lines, changed), node.file)).firstBad).toBe(5);
    expect((await verify(withEvents(lines, rehashed(changed)), node.file)).firstBad).toBe(5);
  });

  it('A73: another checkpoint in its place: of another key, of another log, of another size, changed, or none', async () => {
    await threeCheckpoints();
    const lines = await exportLog(sql);
    const notes = lines.flatMap((line) => (JSON.parse(line) as Line).note ?? []);
    const opened = openNote(notes[2] as string, [SIGNER.publicKey]);
    if (opened === undefined) throw new Error('not signed');
    const withNote = (note: string | undefined): string[] => [
      lines[0] as string,
      ...(note === undefined ? [] : [JSON.stringify({ note })]),
      ...lines.filter(isEvent),
    ];
    const attempts = [
      await signNote(opened, localSigner(new Uint8Array(32).fill(8))),
      await signNote({ ...opened, origin: 'rampart/audit/other' }, SIGNER),
      (notes[2] as string).replace('\n12\n', '\n11\n'),
      (notes[2] as string).replace(/\n([A-Za-z0-9+/]{4})/, '\nAAAA'),
      (notes[2] as string).replace(/time \d+/, 'time 1'),
      await signNote({ ...opened, size: 11 }, SIGNER),
      undefined,
    ];
    expect((await verify(withNote(notes[2]))).ok).toBe(true);
    for (const note of attempts) expect((await verify(withNote(note))).ok, String(note)).toBe(false);
  });

  it('A73: a node does not sign what is not what it has seen: an old backup that was put back', async () => {
    await writeEvents(sql, 4);
    await node.log.checkpoint();
    await sql.script(`CREATE TABLE public.a AS TABLE rampart.events; CREATE TABLE public.b AS TABLE rampart.audit_leaves;
      CREATE TABLE public.c AS TABLE rampart.audit_log; CREATE TABLE public.d AS TABLE rampart.audit_checkpoints`);
    await writeEvents(sql, 4);
    await node.log.checkpoint();
    await tamper(sql, async (tx) => {
      await tx.query('DELETE FROM rampart.audit_leaves');
      for (const name of ['events', 'audit_log', 'audit_checkpoints'])
        await tx.query(`DELETE FROM rampart.${name}`);
      await tx.query('INSERT INTO rampart.events TABLE public.a');
      await tx.query('INSERT INTO rampart.audit_leaves TABLE public.b');
      await tx.query('INSERT INTO rampart.audit_log TABLE public.c');
      await tx.query('INSERT INTO rampart.audit_checkpoints TABLE public.d');
    });
    await sql.script('DROP TABLE public.a, public.b, public.c, public.d');
    expect(await verify(await exportLog(sql))).toMatchObject({ ok: true, events: 4 });
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: false, firstBad: 4 });
    // The process that saw the later events, and one that starts anew, both refuse; new events get their places all the same.
    await node.log.round();
    expect(node.emitted.map(({ type }) => type)).toEqual(['AUDIT_LOG_CONFLICT']);
    node = await node.again(sql);
    await writeEvents(sql, 9);
    await node.log.round();
    await expect(node.log.checkpoint()).rejects.toThrow('--accept-restored');
    expect(node.emitted.map(({ type }) => type)).toEqual(['AUDIT_LOG_CONFLICT']);
    expect(await node.log.status()).toMatchObject({ size: 13, waiting: 0, checkpoint: { size: 4 } });
    // Where it was meant, somebody says so, and that is in the log.
    const { putAside, checkpoint } = await node.log.acceptRestored({ actor: 'operator' });
    expect([putAside.startsWith('audit-'), checkpoint?.size]).toEqual([true, 14]);
    const lines = await exportLog(sql);
    expect(await verify(lines, node.file)).toMatchObject({ ok: true, covered: 14 });
    expect(events(lines).at(-1)?.entry.type).toBe('AUDIT_LOG_ACCEPTED');
  });

  it('A73: what one node accepted is followed by the others, and the name of an older log by none', async () => {
    const [other, third] = [await AuditNode.open(sql), await AuditNode.open(sql)];
    const origin = async (): Promise<string> => (await node.log.status()).origin ?? '';
    await writeEvents(sql, 8);
    await node.log.checkpoint();
    for (const one of [other, third]) await one.log.round();
    const old = await origin();
    await tamper(sql, async (tx) => {
      await tx.query(
        'TRUNCATE rampart.events, rampart.audit_leaves, rampart.audit_nodes, rampart.audit_checkpoints',
      );
      await tx.query("UPDATE rampart.audit_log SET size = 0, edge = ''");
    });
    await writeEvents(sql, 4);
    for (const one of [node, other]) await one.log.round();
    expect((await other.log.status()).conflict).not.toBeNull();
    await node.log.acceptRestored({ actor: 'operator' });
    const accepted = await origin();
    expect(accepted).not.toBe(old);
    // One is told to accept as well, the other only goes on: neither gives the log another name.
    await third.log.acceptRestored({ actor: 'operator' });
    for (const one of [other, node, third, other, node]) {
      await writeEvents(sql, 1);
      await one.log.checkpoint();
      expect([await origin(), (await one.log.status()).conflict]).toEqual([accepted, null]);
    }
    await node.log.round();
    for (const { file } of [node, other, third])
      expect(await verify(await exportLog(sql), file)).toMatchObject({ ok: true, events: 11 });
    // Its checkpoint is signed by our key too, but older than what was seen since.
    await sql.query('UPDATE rampart.audit_log SET log_id = $1', [old.split('/')[2] ?? '']);
    const stale = await signNote({ origin: old, size: 4, root: new Uint8Array(32), atUs: '1' }, SIGNER);
    await sql.query('INSERT INTO rampart.audit_checkpoints VALUES ($1, 4, 9000000000000000, $2, $3)', [
      old,
      'one',
      stale,
    ]);
    await other.log.round();
    expect((await other.log.status()).conflict).toContain('another log');
    await Promise.all([other.close(), third.close()]);
  });

  it('A73: a log that was written anew in the database is not signed', async () => {
    await threeCheckpoints();
    await tamper(sql, async (tx) => {
      await tx.query('TRUNCATE rampart.audit_leaves, rampart.audit_nodes, rampart.audit_checkpoints');
      await tx.query("UPDATE rampart.audit_log SET size = 0, edge = ''");
      await tx.query(
        `UPDATE rampart.events SET audit_seq = NULL, type = CASE audit_seq WHEN 6 THEN 'KEY_ADDED' ELSE type END`,
      );
    });
    await sequence(sql);
    await writeEvents(sql, 3);
    await node.log.round();
    expect((await node.log.status()).conflict).toContain('not those that were seen');
    expect((await sql.query('SELECT 1 FROM rampart.audit_checkpoints')).rows).toEqual([]);
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: false, firstBad: 0 });
  });

  it('A73: two sequencers at the same moment leave no gap, no double and no fork', async () => {
    const other = await AuditNode.open(sql);
    await writeEvents(sql, 300);
    const shares = await Promise.all([...Array(12).keys()].map(() => sequence(sql, 40)));
    expect(shares.reduce((sum, one) => sum + one, 0)).toBe(300);
    await Promise.all([node.log.checkpoint(), other.log.checkpoint()]);
    const lines = await exportLog(sql);
    expect(events(lines).map(({ seq }) => seq)).toEqual([...Array(300).keys()]);
    for (const { file } of [node, other])
      expect(await verify(lines, file)).toMatchObject({ ok: true, covered: 300 });
    await other.close();
  });

  it('A73: times of micro- and nanoseconds, floats and Unicode come back as they were hashed', async () => {
    const details = {
      micro: 1_795_000_123.456789,
      nano: '1795000123456789012',
      third: 1 / 3,
      huge: 1e21,
      tiny: 5e-324,
      minus: -0,
      zero: 1.0,
      text: 'e\u0301 \u00e9 \u{1F600} \u2028 " \\ \u0000 \ud800',
      Ä: 1,
      '\u{10000}': 2,
      '\uffff': 3,
    };
    const store = await writeEvents(sql, 1, { details, subject: 'n\u0303o \ud83d', actor: '' });
    expect(store).toHaveLength(1);
    await sql.query('UPDATE rampart.events SET at_ms = 9007199254740993');
    await node.log.checkpoint();
    const lines = await exportLog(sql);
    expect(await verify(lines, node.file)).toMatchObject({ ok: true, covered: 1 });
    expect(events(lines)[0]?.entry.atUs).toMatch(/^9007199254740993000$|^9007199254740992000$/);
    // Composed and decomposed characters look alike and are not the same.
    const same = lines.map((line) => line.replaceAll('e\u0301', '\u00e9'));
    expect(await verify(same)).toMatchObject({ ok: false, firstBad: 0 });
    const rounded = lines.map((line) => line.replace('1795000123.456789', '1795000123.456788'));
    expect(await verify(rounded)).toMatchObject({ ok: false, firstBad: 0 });
    // A spelling of the same number is the same number.
    const spelt = lines.map((line) => line.replace('1e+21', '1000000000000000000000'));
    expect(spelt).not.toEqual(lines);
    expect((await verify(spelt)).ok).toBe(true);
  });

  it('A73: a key that is not ours verifies nothing', async () => {
    await threeCheckpoints();
    const stranger = Buffer.from(localSigner(new Uint8Array(32).fill(9)).publicKey).toString('base64');
    const report = await verifyBundle(await exportLog(sql), [stranger]);
    expect([report.ok, report.checkpoints, report.covered]).toEqual([false, 0, 0]);
  });

  it('A73: hostile bundles are refused and never throw', async () => {
    await threeCheckpoints();
    const lines = await exportLog(sql);
    const hostile = [
      '{',
      'null',
      '[]',
      '{"entry":null}',
      '{"entry":{"seq":0},"seq":0}',
      '{"note":"x"}',
      '{"note":"\\n\\n"}',
    ];
    for (const line of hostile) expect((await verify([...lines, line])).ok, line).toBe(false);
    const deep = `{"seq":0,"entry":{"seq":0,"a":${'['.repeat(5_000)}${']'.repeat(5_000)}},"leaf":""}`;
    expect((await verify([lines[0] as string, deep])).firstBad).toBe(0);
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
  });
}
