import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyText, localSigner, verifyBundle, verifyReceipt } from '../../src/modules/audit/index.ts';
import { openAudit, type OpenedAudit } from '../../src/server/audit/open.ts';
import type {
  AuditAnswer,
  AuditIntegrityAnswer,
  AuditProofAnswer,
  BundlePage,
  HoldEntry,
  HoldsAnswer,
} from '../../src/server/api/audit-types.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { type LineFile, openLines } from '../../src/stores/file/index.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import { AppError } from '../../src/core/errors.ts';
import { newId } from '../../src/core/id.ts';
import { csrfTokenOfAccount } from '../../src/server/api/caller.ts';
import type { EventEntry, EventsAnswer } from '../../src/server/api/types.ts';
import { ADA, AuthHouse } from './auth-house.ts';
import { onEmbedded } from './databases.ts';
import { House, type SignedIn } from './house.ts';

const SIGNER = localSigner(new Uint8Array(32).fill(5));
const KEY = keyText('rampart/audit', SIGNER.publicKey);

onEmbedded((stores: () => Stores) => {
  describe('the audit log over HTTP', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-audit-api-'));
    const clock = new ManualClock();
    const words = { info: () => undefined, warn: () => undefined, error: () => undefined };
    let file: LineFile;
    let audit: OpenedAudit;
    let house: House;
    let admin: SignedIn;
    beforeAll(async () => {
      file = await openLines(folder, 'audit');
      const { sql, events } = stores();
      audit = openAudit({
        sql,
        clock,
        timers: {
          after: (ms, task) => (ms < 1_000 ? (setImmediate(task), () => undefined) : clock.after(ms, task)),
        },
        events: { emit: () => undefined },
        write: (tx, event) => events.write(tx, event),
        node: 'one',
        log: words,
        file,
        signer: SIGNER,
      });
      house = new House(stores(), { ports: { audit } });
      admin = await house.signIn();
    });
    afterAll(async () => {
      await audit.close();
      await file.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const get = async <T>(path: string): Promise<T> =>
      (await (await admin.get(`/admin/audit${path}`)).json()) as T;
    const block = (n: number): Promise<Response> =>
      admin.send('POST', '/admin/blocks', { target: `203.0.113.${n}`, minutes: 60, reason: 'a test' });

    it('legal holds are placed and lifted by administrators, read by analysts, and refused where they keep nothing', async () => {
      const place = async (body: object): Promise<Response> =>
        admin.send('POST', '/admin/events/holds', body);
      const placed = await place({ holder: 'user:acc_7', reason: 'case 4711' });
      expect(placed.status).toBe(201);
      const { id } = (await placed.json()) as HoldEntry;
      for (const [body, status] of [
        [{ reason: 'all' }, 400],
        [{ holder: 'x', reason: 'no' }, 400],
        [{ fromMs: 5, toMs: 5, reason: 'nothing' }, 400],
        [{ type: 'NO_SUCH_THING', reason: 'a typing error' }, 409],
        [{ type: 'LOGIN_FAILURE', reason: 'another name' }, 409],
      ] as const)
        expect((await place(body)).status, JSON.stringify(body)).toBe(status);
      const { holds } = (await (await admin.get('/admin/events/holds')).json()) as HoldsAnswer;
      expect(holds).toMatchObject([{ id, holder: 'user:acc_7', placedBy: 'ada', liftedAtMs: null }]);
      const lift = (): Promise<Response> => admin.send('POST', `/admin/events/holds/${id}/lift`);
      expect((await (await lift()).json()) as HoldEntry).toMatchObject({ id, liftedBy: 'ada' });
      expect((await lift()).status).toBe(409);
      expect((await house.app.request('/admin/events/holds')).status).toBe(401);
    });

    it('lists events with their places, newest first, by actor, subject and type', async () => {
      for (const n of [1, 2, 3]) expect((await block(n)).status).toBe(201);
      expect((await get<AuditIntegrityAnswer>('/integrity')).waiting).toBeGreaterThanOrEqual(3);
      await audit.log.round();
      const all = await get<AuditAnswer>('?limit=200');
      expect(all.entries.map(({ seq }) => seq)).toEqual([...Array(all.entries.length).keys()].toReversed());
      const [newest] = all.entries;
      expect(newest).toMatchObject({
        type: 'BLOCK_ADDED',
        subject: '203.0.113.3',
        erased: false,
        outcome: 'success',
      });
      const page = await get<AuditAnswer>('?type=BLOCK_ADDED&limit=2');
      expect([page.entries.length, page.nextBefore]).toEqual([2, page.entries[1]?.seq]);
      const rest = await get<AuditAnswer>(`?type=BLOCK_ADDED&limit=2&before=${page.nextBefore}`);
      expect([rest.entries.map(({ subject }) => subject), rest.nextBefore]).toEqual([['203.0.113.1'], null]);
      expect((await get<AuditAnswer>('?subject=203.0.113.2')).entries).toHaveLength(1);
      expect((await get<AuditAnswer>('?actor=nobody')).entries).toEqual([]);
    });

    it('gives a receipt once a checkpoint covers the event, which proves it with the public key alone', async () => {
      await block(4);
      await audit.log.round();
      const [newest] = (await get<AuditAnswer>('?limit=1')).entries;
      expect((await admin.get(`/admin/audit/${newest?.id}/proof`)).status).toBe(409);
      expect((await admin.send('POST', '/admin/audit/checkpoint', {})).status).toBe(200);
      const receipt = await get<AuditProofAnswer>(`/${newest?.id}/proof`);
      expect(await verifyReceipt(JSON.stringify(receipt), [KEY])).toBeNull();
      expect((await admin.get('/admin/audit/evt_00000000000000000000000000/proof')).status).toBe(404);
      expect((await admin.get('/admin/audit/nonsense/proof')).status).toBe(400);
    });

    it('exports the proof of a range page by page, and notes it', async () => {
      const fits = await get<BundlePage>('/range?from=1&to=3&type=BLOCK_ADDED');
      const report = await verifyBundle(fits.lines, [KEY], [file.read()]);
      expect([report.ok, report.from, report.events, fits.next]).toEqual([true, 1, 3, null]);
      const closed = await get<BundlePage>('/range?from=1&to=3&payloads=false');
      expect(await verifyBundle(closed.lines, [KEY])).toMatchObject({ ok: true, withheld: 6 });
      const rest = await get<BundlePage>('/range?from=0&to=3&at=2&payloads=false');
      expect([rest.events, rest.lines.some((line) => line.includes('audit-range'))]).toEqual([2, false]);
      for (const query of ['from=3&to=1', 'from=1&to=3&at=4', 'from=1', 'from=-1&to=3', 'from=1&to=x'])
        expect((await admin.get(`/admin/audit/range?${query}`)).status, query).toBe(400);
      expect((await admin.get('/admin/audit/range?from=0&to=900000')).status).toBe(409);
      await audit.log.round();
      const { entries } = await get<AuditAnswer>('?type=AUDIT_EXPORTED&limit=2');
      expect(entries.map(({ details }) => details)).toEqual([
        { from: 1, to: 3, payloads: false },
        { from: 1, to: 3, payloads: true },
      ]);
    });

    it('exports what verifies, notes that it was exported, and verifies itself', async () => {
      const page = await get<BundlePage>('/bundle?payloads=false');
      expect(await verifyBundle(page.lines, [KEY], [file.read()])).toMatchObject({
        ok: true,
        withheld: 2 * page.events,
      });
      expect(page.lines.join()).not.toContain('203.0.113.');
      expect((await get<BundlePage>(`/bundle?from=${page.events}`)).events).toBe(0);
      await audit.log.round();
      expect((await get<AuditAnswer>('?type=AUDIT_EXPORTED')).entries).toHaveLength(3);
      expect(await (await admin.send('POST', '/admin/audit/verify', {})).json()).toMatchObject({ ok: true });
      expect((await get<AuditIntegrityAnswer>('/integrity')).check).toMatchObject({ ok: true, node: 'one' });
      expect(await audit.findings()).toEqual([]);
    });

    it('notes every page of personal data, wherever it begins, and no empty one', async () => {
      const exported = async (): Promise<readonly unknown[]> => {
        await audit.log.round();
        const { entries } = await get<AuditAnswer>('?type=AUDIT_EXPORTED&limit=200');
        return entries.map(({ details }) => details).toReversed();
      };
      const before = (await exported()).length;
      for (const query of ['?from=1', '?from=2&payloads=false', '?from=900000', ''])
        expect((await admin.get(`/admin/audit/bundle${query}`)).status).toBe(200);
      expect((await exported()).slice(before)).toEqual([
        { from: 1, payloads: true },
        { from: 0, payloads: true },
      ]);
      // What reading writes to the log is not read for ever.
      const { lines, next } = await get<BundlePage>('/bundle');
      expect([lines.length > 1, next]).toEqual([true, null]);
    });

    it('gives personal data for a fresh second factor alone', async () => {
      const auth = new AuthHouse(stores(), { audit });
      const { cookie } = auth.session({ roles: ['administrator'], aal: 2 });
      auth.answers['requireFresh'] = new AppError('Prove it.', 401, 'FRESH_AUTH_REQUIRED');
      const status = async (query: string): Promise<number> =>
        (await auth.send('GET', `/admin/audit/bundle?${query}`, undefined, { cookie })).status;
      expect([await status('payloads=true'), await status('from=3')]).toEqual([401, 401]);
      expect(await status('payloads=false')).toBe(200);
      expect((await auth.send('GET', '/admin/audit/range?from=0&to=1', undefined, { cookie })).status).toBe(
        401,
      );
    });

    it('erases somebody, and shows nothing of them any more', async () => {
      const erased = await admin.send('POST', '/admin/audit/erase', { subject: '203.0.113.2' });
      expect(await erased.json()).toMatchObject({ erased: { events: 1 } });
      expect(await (await admin.send('POST', '/admin/audit/erase', { subject: 'nobody' })).json()).toEqual({
        erased: null,
      });
      const { entries } = await get<AuditAnswer>('?type=BLOCK_ADDED');
      const gone = entries.filter((entry) => entry.erased);
      expect(gone).toHaveLength(1);
      expect(gone[0]).toMatchObject({ subject: null, details: null });
      expect(JSON.stringify(entries)).not.toContain('203.0.113.2"');
    });

    it('keeps with an act by whom and from where it came, and an erasure takes that along', async () => {
      const auth = new AuthHouse(stores(), { audit, places: () => ({ country: 'DE', city: 'Hamburg' }) });
      const id = newId('ses', clock.now());
      const { cookie } = auth.session({ id, roles: ['administrator'], aal: 2 });
      const headers = {
        cookie,
        'x-rampart-csrf': csrfTokenOfAccount(auth.house.ports.facts.secret, id),
        'user-agent': 'Circumstances/1.0',
        'x-request-id': 'req-of-this-act',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      };
      const body = { target: '198.51.100.44', minutes: 60, reason: 'a test' };
      expect((await auth.send('POST', '/admin/blocks', body, headers)).status).toBe(201);
      const found = async (): Promise<EventEntry | undefined> => {
        const answer = await admin.get('/admin/events?type=BLOCK_ADDED&subject=198.51.100.44');
        return ((await answer.json()) as EventsAnswer).events[0];
      };
      const personal = {
        actor: `user:${ADA}`,
        address: '192.0.2.10',
        session: id,
        userAgent: 'Circumstances/1.0',
        place: 'Hamburg, Germany',
        requestId: 'req-of-this-act',
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      };
      const event = await found();
      expect(event).toMatchObject(personal);
      await audit.log.round();
      const erased = await admin.send('POST', '/admin/audit/erase', { subject: `user:${ADA}` });
      expect(erased.status).toBe(200);
      const gone = Object.fromEntries(Object.keys(personal).map((name) => [name, null]));
      expect(await found()).toMatchObject({ id: event?.id, subject: '198.51.100.44', ...gone });
      const { rows } = await stores().sql.query('SELECT e::text AS row FROM rampart.events e WHERE id = $1', [
        event?.id ?? '',
      ]);
      for (const value of Object.values(personal)) expect(rows[0]?.['row']).not.toContain(value);
      expect(await (await admin.send('POST', '/admin/audit/verify', {})).json()).toMatchObject({ ok: true });
    });

    it('does not show what does not fit its commitment, and says that the log was changed', async () => {
      await stores().sql.query(`UPDATE rampart.events SET subject = 'forged' WHERE subject = '203.0.113.3'`);
      const { entries } = await get<AuditAnswer>('?limit=200');
      expect(JSON.stringify(entries)).not.toContain('forged');
      const report = (await (await admin.send('POST', '/admin/audit/verify', {})).json()) as {
        firstBad: number;
      };
      expect(entries.find(({ seq }) => seq === report.firstBad)?.type).toBe('BLOCK_ADDED');
      expect((await audit.findings()).map(({ level }) => level)).toEqual(['error']);
    });

    it('is for those who may: nobody else reads, exports, signs or erases', async () => {
      for (const path of [
        '',
        '/integrity',
        '/bundle',
        '/range?from=0&to=1',
        '/evt_00000000000000000000000000/proof',
      ])
        expect((await house.app.request(`/admin/audit${path}`)).status, path).toBe(401);
      for (const path of ['verify', 'checkpoint', 'erase'])
        expect((await house.app.request(`/admin/audit/${path}`, { method: 'POST' })).status, path).toBe(401);
    });
  });
});
