import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RampartEvent } from '../../src/core/events.ts';
import type { Expiry } from '../../src/modules/audit/index.ts';
import { readHolds, readReceipt, verifyReceipt } from '../../src/modules/audit/index.ts';
import { expireEvents, placesOf } from '../../src/modules/audit/expire.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { DEFAULT_RETENTION, deleteExpired, EventStore, expiryOf } from '../../src/server/data/index.ts';
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

const ADA = { actor: 'user:usr_ada' };
/** A bound that all events of these tests have passed. */
const ALL: Expiry = { before: 'evt_z', types: {} };
const DAY_MS = 86_400_000;

/** Retention and legal hold on a database: what is gone is told in the log, and nothing else is taken for expired. */
export function auditExpiry(open: () => SqlStore): void {
  let sql: SqlStore;
  let node: AuditNode;
  beforeEach(async () => {
    sql = open();
    await emptyLog(sql);
    await sql.script('TRUNCATE rampart.event_holds');
    node = await AuditNode.open(sql);
  });
  afterEach(() => node.close());

  const store = (): EventStore => new EventStore(sql);
  const write = (...events: readonly RampartEvent[]): Promise<unknown> =>
    sql.transaction(async (tx) => {
      for (const event of events) await store().write(tx, event);
    });
  const people = async (): Promise<readonly unknown[]> =>
    (
      await sql.query(
        "SELECT actor FROM rampart.events WHERE actor IS NOT NULL AND type <> 'AUDIT_EVENTS_EXPIRED' ORDER BY id",
      )
    ).rows.map((row) => row['actor']);

  it('expired events lose who and what; their proofs stand, and the log names their places', async () => {
    await writeEvents(sql, 3, { actor: 'usr_eve', subject: 'usr_eve' });
    await write(auditEvent('CONFIGURATION_CHANGE', { actor: 'usr_bob', subject: 'usr_bob' }));
    // Of nobody: its parts must not be opened with what stands there now.
    await write({ ...auditEvent(), actor: undefined, subject: undefined } as never);
    await node.log.checkpoint();
    const id = (await store().page({ limit: 10, types: ['BLOCK_ADDED'] })).at(-1)?.id ?? '';

    expect(await node.log.expire({ before: 'evt_z', types: { CONFIGURATION_CHANGE: '' } })).toBe(4);
    expect(await node.log.expire({ before: 'evt_z', types: { CONFIGURATION_CHANGE: '' } })).toBe(0);
    await node.log.checkpoint();
    const report = await verify(await exportLog(sql), node.file);
    expect(report).toMatchObject({ ok: true, events: 6, covered: 6, expired: 8, erased: 0, problems: [] });
    expect(await people()).toEqual(['usr_bob']);
    const [told] = await store().page({ limit: 1, types: ['AUDIT_EVENTS_EXPIRED'] });
    expect(told?.details).toEqual({ events: 4, places: '0-2,4' });
    const { rows: keys } = await sql.query('SELECT holder FROM rampart.audit_holders ORDER BY holder');
    expect(keys.map((row) => row['holder'])).toEqual(['-', 'usr_bob']);
    const receipt = await readReceipt(sql, id, [SIGNER.publicKey]);
    expect(receipt).toMatchObject({ who: null, what: null });
    expect(await verifyReceipt(JSON.stringify(receipt), [KEY])).toBeNull();
    // Whoever comes back has a new pseudonym, and what they do then is proven as ever.
    await writeEvents(sql, 1, { actor: 'usr_eve' });
    await node.log.checkpoint();
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true, events: 7, expired: 8 });
  });

  it('what is taken away beside an expiry is named: a row, its data, a later event, what says of itself that it expired', async () => {
    await writeEvents(sql, 6, { actor: 'usr_eve' });
    await node.log.checkpoint();
    const last = (await store().page({ limit: 1 })).at(0)?.id ?? '';
    await node.log.expire({ before: last, types: {} });
    await writeEvents(sql, 2, { actor: 'usr_eve' });
    await node.log.checkpoint();
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true, expired: 10 });
    const forged = async (change: string): Promise<number | null> => {
      const back = new Error('back');
      let firstBad: number | null = null;
      await expect(
        sql.transaction(async (tx) => {
          await tx.query(change);
          ({ firstBad } = await verify(await exportLog(tx), node.file));
          throw back;
        }),
      ).rejects.toBe(back);
      return firstBad;
    };
    expect(await forged('DELETE FROM rampart.events WHERE audit_seq = 2')).toBe(2);
    expect(await forged(`UPDATE rampart.events SET severity = 'LOW' WHERE audit_seq = 2`)).toBe(2);
    expect(await forged('UPDATE rampart.events SET expired_at_ms = 1 WHERE audit_seq = 5')).toBe(5);
    expect(await forged('UPDATE rampart.events SET expired_at_ms = 1 WHERE audit_seq = 7')).toBe(7);
    expect(await forged(`UPDATE rampart.events SET actor = NULL, details = '{}' WHERE audit_seq = 5`)).toBe(
      5,
    );
    // The event that names the places cannot name others.
    const more = `UPDATE rampart.events SET details = '{"events":9,"places":"0-5"}' WHERE type = 'AUDIT_EVENTS_EXPIRED'`;
    expect(await forged(more)).toBe(6);
    await tamper(sql, (tx) => tx.query(`UPDATE rampart.audit_leaves SET erases = '#0-99' WHERE seq = 6`));
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: false, firstBad: 6 });
  });

  it('a legal hold keeps its events from expiry and erasure until it is lifted, and both are told', async () => {
    await write(
      auditEvent('BLOCK_ADDED', { actor: 'user:usr_eve', subject: 'x' }),
      auditEvent('ACCOUNT_LOCKED', { actor: 'user:usr_ada', subject: 'usr_eve' }),
      auditEvent('BLOCK_ADDED', { actor: 'user:usr_bob', subject: 'x' }),
      auditEvent('ROLE_ASSIGNED', { actor: 'user:usr_bob', subject: 'x' }),
    );
    await node.log.round();
    const person = await node.log.placeHold({ holder: 'usr_eve', reason: 'case 4711' }, ADA);
    node.clock.advance(1);
    const type = await node.log.placeHold({ type: 'ROLE_ASSIGNED', fromMs: 1, reason: 'audit' }, ADA);
    await expect(node.log.erase('user:usr_eve', ADA)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining(person.id) as string,
    });
    await expect(node.log.erase('user:usr_bob', ADA)).rejects.toMatchObject({ status: 409 });
    expect(await node.log.expire(ALL)).toBe(1);
    expect(await people()).toEqual(expect.arrayContaining(['user:usr_eve', 'user:usr_bob']));
    expect((await readHolds(sql)).map(({ id, liftedAtMs }) => [id, liftedAtMs])).toEqual([
      [type.id, null],
      [person.id, null],
    ]);

    await node.log.liftHold(type.id, ADA);
    await expect(node.log.liftHold(type.id, ADA)).rejects.toMatchObject({ status: 409 });
    await expect(node.log.liftHold('hld_none', ADA)).rejects.toMatchObject({ status: 404 });
    expect(await node.log.erase('user:usr_bob', ADA)).toMatchObject({ events: 2 });
    await node.log.liftHold(person.id, ADA);
    expect(await node.log.expire(ALL)).toBe(3);
    await node.log.checkpoint();
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true });
    const kept = await store().page({ limit: 20, types: ['LEGAL_HOLD_PLACED', 'LEGAL_HOLD_LIFTED'] });
    expect(kept.map((one) => [one.type, one.actor, one.subject, one.details['reason']])).toEqual([
      ['LEGAL_HOLD_LIFTED', ADA.actor, person.id, 'case 4711'],
      ['LEGAL_HOLD_LIFTED', ADA.actor, type.id, 'audit'],
      ['LEGAL_HOLD_PLACED', ADA.actor, type.id, 'audit'],
      ['LEGAL_HOLD_PLACED', ADA.actor, person.id, 'case 4711'],
    ]);
    await expect(node.log.placeHold({ reason: 'all of it' }, ADA)).rejects.toThrow(/a hold on everything/);
  });

  it('signals go when their own time is over, but those that a hold keeps', async () => {
    const nowMs = 1_795_000_000_000 + 100 * DAY_MS;
    const signal = (type: 'REQUEST_REFUSED' | 'SIGN_IN_FAILED', actor: string): RampartEvent => ({
      ...auditEvent(type),
      class: 'signal',
      actor,
    });
    await store().insertMany([
      signal('REQUEST_REFUSED', 'usr_eve'),
      signal('REQUEST_REFUSED', 'usr_bob'),
      signal('SIGN_IN_FAILED', 'usr_bob'),
      auditEvent('BLOCK_ADDED', { actor: 'usr_bob' }),
    ]);
    const hold = await node.log.placeHold({ holder: 'usr_eve', reason: 'case 4711' }, ADA);
    const left = async (signalsMs: number | null, types: Record<string, number | null>): Promise<unknown> => {
      await deleteExpired(sql, { ...DEFAULT_RETENTION, signalsMs, types }, nowMs);
      const { rows } = await sql.query(
        "SELECT type || ' ' || actor AS one FROM rampart.events WHERE subject NOT LIKE 'hld%' ORDER BY id",
      );
      return rows.map((row) => row['one']);
    };
    const all = ['REQUEST_REFUSED usr_eve', 'SIGN_IN_FAILED usr_bob', 'BLOCK_ADDED usr_bob'];
    expect(await left(null, { REQUEST_REFUSED: 30 * DAY_MS })).toEqual(all);
    expect(await left(30 * DAY_MS, { SIGN_IN_FAILED: null })).toEqual(all);
    expect(await left(30 * DAY_MS, { SIGN_IN_FAILED: 200 * DAY_MS })).toEqual(all);
    expect(await left(30 * DAY_MS, {})).toEqual(['REQUEST_REFUSED usr_eve', 'BLOCK_ADDED usr_bob']);
    await node.log.liftHold(hold.id, ADA);
    expect(await left(30 * DAY_MS, {})).toEqual(['BLOCK_ADDED usr_bob']);
  });

  it('goes through many events in bounded batches, of which each names its places whole', async () => {
    const events = Array.from({ length: 600 }, (_, i) =>
      auditEvent(i % 2 === 0 ? 'BLOCK_ADDED' : 'ROLE_ASSIGNED', { actor: `usr_${i % 7}` }),
    );
    await store().insertMany(events);
    await node.log.round();
    const written: unknown[] = [];
    const expiry = { before: 'evt_z', types: { ROLE_ASSIGNED: '' } };
    const writer: Parameters<typeof expireEvents>[3] = async (tx, type, fields) => {
      written.push(fields.details?.['places']);
      await store().write(tx, auditEvent(type, fields));
    };
    let gone = 0;
    for (let n = 1; n > 0; gone += n) n = await expireEvents(sql, expiry, 1, writer, 250);
    expect(gone).toBe(300);
    expect(written.length).toBeGreaterThan(1);
    for (const places of written) expect(String(places).length).toBeLessThan(1_000);
    await node.log.checkpoint();
    expect(await verify(await exportLog(sql), node.file)).toMatchObject({ ok: true, expired: 600 });
  });

  it('bounds of ids follow the times, and what is kept for ever has none', () => {
    const { before, types } = expiryOf(30 * DAY_MS, { A_TYPE: null }, 1_795_000_000_000);
    expect(before.startsWith('evt_')).toBe(true);
    expect(types).toEqual({ A_TYPE: '' });
    expect(expiryOf(null, {}, 5)).toEqual({ before: '', types: {} });
    expect(placesOf([0, 1, 2, 4, 7, 8])).toBe('0-2,4,7-8');
  });
}
