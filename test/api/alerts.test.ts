import { describe, expect, it } from 'vitest';
import { openServerAlerts, type OpenedAlerts } from '../../src/server/alerts/open.ts';
import { inputsOf } from '../../src/server/alerts/inputs.ts';
import type {
  AlertAnswer,
  AlertEntry,
  AlertsAnswer,
  BulkAlertsAnswer,
} from '../../src/server/api/alert-types.ts';
import type { AlertOptions } from '../../src/modules/respond/index.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { onEmbedded } from './databases.ts';
import { House, OPERATOR_KEY } from './house.ts';
import { event } from './samples.ts';

const TABLES =
  'alerts, rampart.alert_notes, rampart.alert_seen, rampart.alert_deliveries, rampart.alert_channels';
const auth = { authorization: `Bearer ${OPERATOR_KEY}` };

/** What one of the routes answers. */
interface Answer {
  readonly status: number;
  readonly body: AlertsAnswer & AlertAnswer & AlertEntry & { readonly delivery: string };
}

interface Site {
  readonly house: House;
  readonly opened: OpenedAlerts;
  readonly lines: string[];
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
}

async function siteOf(stores: Stores, options: AlertOptions = {}): Promise<Site> {
  await stores.sql.script(`TRUNCATE rampart.${TABLES}, rampart.events CASCADE`);
  const lines: string[] = [];
  const plain = new House(stores);
  const opened = openServerAlerts(options, {
    sql: stores.sql,
    clock: plain.clock,
    timers: plain.clock,
    log: {
      debug: () => {},
      info: () => {},
      warn: (line) => void lines.push(line),
      error: (line) => void lines.push(line),
    },
    bus: plain.bus,
    environment: { production: false, smtpUrl: undefined, mailFrom: undefined },
    events: plain.ports.events,
    shed: () => 0,
    publicUrl: () => 'http://localhost:4600',
    secret: () => undefined,
  }) as OpenedAlerts;
  const house = new House(stores, { ports: { alerts: opened, clock: plain.clock, timers: plain.clock } });
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    plain.clock.advance(1);
    const response = await house.fetch(path, init);
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  return {
    house,
    opened,
    lines,
    get: (path) => call(path, { headers: auth }),
    post: (path, body = {}) =>
      call(path, {
        method: 'POST',
        headers: { ...auth, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

onEmbedded((stores) => {
  describe('the API of alerts', () => {
    it('lists what failed, with its story, its events and what to do', async () => {
      const site = await siteOf(stores());
      const failed = event('BACKUP_FAILED', site.opened.alerts.options.keepMs, {
        details: { error: 'disk full' },
      });
      await stores().events.insertMany([failed]);
      site.opened.alerts.take(inputsOf(failed));
      await site.opened.alerts.round();
      const { body } = await site.get('/admin/alerts');
      expect(body).toMatchObject({
        alerts: [
          {
            rule: 'BACKUP_FAILED',
            title: 'A backup failed',
            state: 'ACTIVE',
            severity: 'HIGH',
            group: null,
            count: 1,
          },
        ],
        nextCursor: null,
        counts: { ACTIVE: 1, INVESTIGATING: 0, RESOLVED: 0, FALSE_POSITIVE: 0 },
        channels: [
          { name: 'log', kind: 'log', state: 'ok', waiting: 0, error: null },
          { name: 'mailbox', kind: 'email', state: 'ok', waiting: 0, error: null },
        ],
      });
      expect(site.lines).toEqual(['Alert: A backup failed']);
      const one = await site.get(`/admin/alerts/${body.alerts[0]?.id}`);
      expect(one.body.alert.description).toContain('disk full');
      expect(one.body.events).toMatchObject([{ id: failed.id, type: 'BACKUP_FAILED' }]);
      expect(one.body.recommended).toMatchObject([{ do: 'health' }]);
      expect(one.body.notes.map(({ kind }) => kind)).toEqual(['raised', 'told', 'told']);
    });

    it('lets people triage, writes an audit event with each act, and says why not', async () => {
      const site = await siteOf(stores());
      site.opened.alerts.take(inputsOf(event('BACKUP_FAILED', site.house.clock.now())));
      await site.opened.alerts.round();
      const { body } = await site.get('/admin/alerts?state=ACTIVE&severity=HIGH');
      const path = `/admin/alerts/${body.alerts[0]?.id}`;
      expect((await site.post(`${path}/acknowledge`)).body).toMatchObject({
        state: 'INVESTIGATING',
        assignee: 'operator',
        escalatesAtMs: null,
      });
      expect((await site.post(`${path}/acknowledge`)).status).toBe(409);
      expect((await site.post(`${path}/assign`, { to: 'user:ada' })).body.assignee).toBe('user:ada');
      expect((await site.post(`${path}/note`, { text: 'looking' })).status).toBe(200);
      const untilMs = (await site.get(path)).body.alert.lastAtMs + 86_400_000;
      expect((await site.post(`${path}/snooze`, { untilMs })).body.snoozedUntilMs).toBe(untilMs);
      expect((await site.post(`${path}/snooze`, { untilMs: untilMs + 40 * 86_400_000 })).status).toBe(400);
      expect((await site.post(`${path}/resolve`, { note: 'disk mended' })).body.state).toBe('RESOLVED');
      expect((await site.post(`${path}/resolve`)).status).toBe(409);
      expect((await site.post(`${path}/reopen`)).body).toMatchObject({ state: 'ACTIVE', reopened: 1 });
      expect((await site.post(`${path}/false-positive`)).body.state).toBe('FALSE_POSITIVE');
      const acts = await stores().events.page({ limit: 20, types: ['ALERT_CHANGED'] });
      expect(acts.map(({ details }) => details['act']).toReversed()).toEqual([
        'acknowledge',
        'assign',
        'note',
        'snooze',
        'resolve',
        'reopen',
        'false-positive',
      ]);
      expect(acts.every(({ actor }) => actor === 'operator')).toBe(true);
      expect((await site.get('/admin/alerts?state=ACTIVE')).body).toMatchObject({
        alerts: [],
        counts: { FALSE_POSITIVE: 1 },
      });
    });

    it('finds by words, and those that nobody has', async () => {
      const site = await siteOf(stores());
      const failed = event('BACKUP_FAILED', site.house.clock.now(), { details: { error: 'Disk full' } });
      site.opened.alerts.take(inputsOf(failed));
      site.opened.alerts.take(inputsOf(event('MAIL_FAILED', site.house.clock.now(), {})));
      await site.opened.alerts.round();
      const titles = async (query: string) =>
        (await site.get(`/admin/alerts?${query}`)).body.alerts.map(({ title }) => title);
      expect(await titles('q=disk%20FULL')).toEqual(['A backup failed']);
      expect(await titles('q=mail_failed')).toEqual(['Mails cannot be sent']);
      expect(await titles('q=%25')).toEqual([]);
      const { body } = await site.get('/admin/alerts?q=disk');
      await site.post(`/admin/alerts/${body.alerts[0]?.id}/assign`, { to: 'user:ada' });
      expect(await titles('unassigned=true')).toEqual(['Mails cannot be sent']);
      expect(await titles('assignee=user:ada')).toEqual(['A backup failed']);
    });

    it('takes back the last act, with its audit event, until somebody else has changed it', async () => {
      const site = await siteOf(stores());
      site.opened.alerts.take(inputsOf(event('BACKUP_FAILED', site.house.clock.now())));
      await site.opened.alerts.round();
      const [alert] = (await site.get('/admin/alerts')).body.alerts;
      const path = `/admin/alerts/${alert?.id}`;
      const { body: resolved } = await site.post(`${path}/resolve`);
      const undo = {
        changedAtMs: resolved.changedAtMs,
        state: 'ACTIVE',
        assignee: null,
        snoozedUntilMs: null,
      };
      const { body: back } = await site.post(`${path}/undo`, undo);
      expect(back).toMatchObject({ state: 'ACTIVE', assignee: null, reopened: 0 });
      expect((await site.post(`${path}/undo`, undo)).status).toBe(409);
      const acts = await stores().events.page({ limit: 1, types: ['ALERT_CHANGED'] });
      expect(acts[0]?.details).toMatchObject({ act: 'undo', state: 'ACTIVE' });
    });

    it('triages several in one call, each with what came of it, and takes all of it back in one', async () => {
      const site = await siteOf(stores());
      for (const type of ['BACKUP_FAILED', 'MAIL_FAILED'] as const)
        site.opened.alerts.take(inputsOf(event(type, site.house.clock.now())));
      await site.opened.alerts.round();
      const { alerts } = (await site.get('/admin/alerts')).body;
      const [first, second] = alerts.map(({ id }) => id) as [string, string];
      const none = `alr_${'0'.repeat(26)}`;
      const bulk = async (items: readonly object[]) => {
        const answer = await site.post('/admin/alerts/bulk', { items });
        const { results } = answer.body as unknown as BulkAlertsAnswer;
        return { status: answer.status, results };
      };
      await site.post(`/admin/alerts/${second}/resolve`);
      const { results } = await bulk([
        { id: first, acts: [{ act: 'acknowledge' }, { act: 'assign', to: 'user:ada' }] },
        { id: second, acts: [{ act: 'resolve' }] },
        { id: none, acts: [{ act: 'resolve' }] },
      ]);
      expect(
        results.map(({ id, alert, error }) => [id, alert?.state, alert?.assignee, error?.status]),
      ).toEqual([
        [first, 'INVESTIGATING', 'user:ada', undefined],
        [second, undefined, undefined, 409],
        [none, undefined, undefined, 404],
      ]);
      const undo = { act: 'undo', changedAtMs: results[0]?.alert?.changedAtMs, state: 'ACTIVE' };
      const back = await bulk([
        { id: first, acts: [{ ...undo, assignee: null, snoozedUntilMs: null }] },
        { id: second, acts: [{ act: 'reopen' }] },
      ]);
      expect(back.results.map(({ alert }) => [alert?.state, alert?.assignee])).toEqual([
        ['ACTIVE', null],
        ['ACTIVE', null],
      ]);
      const acts = await stores().events.page({ limit: 20, types: ['ALERT_CHANGED'] });
      // Ids of one millisecond have no order among themselves.
      expect(
        acts.map(({ details }) => String(details['act'])).toSorted((a, b) => a.localeCompare(b)),
      ).toEqual(['acknowledge', 'assign', 'reopen', 'resolve', 'undo']);
    });

    it('does nothing of a bulk that is not well-formed, whoever sends it', async () => {
      const site = await siteOf(stores());
      site.opened.alerts.take(inputsOf(event('BACKUP_FAILED', site.house.clock.now())));
      await site.opened.alerts.round();
      const id = (await site.get('/admin/alerts')).body.alerts[0]?.id ?? '';
      const one = { id, acts: [{ act: 'resolve' }] };
      const many = Array.from({ length: 101 }, (_, n) => ({
        ...one,
        id: `alr_${String(n).padStart(26, '0')}`,
      }));
      const tooLong = { act: 'snooze', untilMs: 8.6e15 };
      for (const items of [[], [one, one], many, [{ id, acts: [] }], [{ id, acts: [{ act: 'note' }] }]])
        expect((await site.post('/admin/alerts/bulk', { items })).status).toBe(400);
      const mixed = [{ id, acts: [{ act: 'acknowledge' }, tooLong] }];
      expect((await site.post('/admin/alerts/bulk', { items: mixed })).status).toBe(400);
      const nobody = await site.house.fetch('/admin/alerts/bulk', { method: 'POST' });
      expect(nobody.status).toBe(401);
      expect((await site.get('/admin/alerts')).body.alerts[0]?.state).toBe('ACTIVE');
    });

    it('refuses what is not there and who is not signed in', async () => {
      const site = await siteOf(stores());
      const none = `/admin/alerts/alr_${'0'.repeat(26)}`;
      expect((await site.get(none)).status).toBe(404);
      expect((await site.post(`${none}/resolve`)).status).toBe(404);
      expect((await site.post('/admin/alert-channels/nothing/test')).status).toBe(404);
      expect((await site.get('/admin/alerts?state=OPEN')).status).toBe(400);
      expect((await site.house.fetch('/admin/alerts')).status).toBe(401);
      expect(await stores().events.page({ limit: 1, types: ['ALERT_CHANGED'] })).toEqual([]);
    });

    it('has a channel told a test', async () => {
      const site = await siteOf(stores());
      expect((await site.post('/admin/alert-channels/log/test')).status).toBe(202);
      await site.opened.alerts.round();
      expect(site.lines).toEqual(['Alert: Test of the alerts']);
    });

    it('finds events that no node brought, once, and settles what works again', async () => {
      const site = await siteOf(stores());
      const nowMs = site.house.ports.clock.now();
      const overdue = event('ACCESS_REVIEW_OVERDUE', nowMs - 5_000, {
        subject: 'rev_1',
        details: { name: 'spring' },
      });
      const failed = event('BACKUP_FAILED', nowMs - 4_000);
      const made = event('BACKUP_CREATED', nowMs - 3_000);
      await stores().events.insertMany([overdue, failed, made]);
      await site.opened.alerts.round();
      const { body } = await site.get('/admin/alerts');
      expect(body.alerts.map(({ rule, state, group }) => [rule, state, group])).toEqual([
        ['ACCESS_REVIEW_OVERDUE', 'ACTIVE', 'rev_1'],
        ['BACKUP_FAILED', 'RESOLVED', null],
      ]);
      for (let i = 0; i < 4; i++) await site.opened.alerts.round();
      expect((await site.get('/admin/alerts')).body.alerts[0]?.count).toBe(1);
    });
  });
});
