import { beforeEach, describe, expect, it } from 'vitest';
import { readResponseOptions } from '../../src/modules/respond/index.ts';
import { openServerAlerts, type OpenedAlerts } from '../../src/server/alerts/open.ts';
import { inputsOf } from '../../src/server/alerts/inputs.ts';
import type { AlertAnswer, AlertsAnswer } from '../../src/server/api/alert-types.ts';
import type { ResponseEntry } from '../../src/server/api/response-types.ts';
import { ResponseEngine } from '../../src/server/responses/engine.ts';
import { AuthHouse } from './auth-house.ts';
import { onEmbedded } from './databases.ts';
import { House } from './house.ts';
import { event } from './samples.ts';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const DRAFT = { responder: 'block', target: '203.0.113.7', minutes: 10, reason: 'of a test' };

onEmbedded((stores) => {
  let site: AuthHouse;
  let alerts: OpenedAlerts;

  beforeEach(async () => {
    await stores().sql.script('TRUNCATE rampart.responses, rampart.alerts, rampart.events CASCADE');
    const plain = new House(stores());
    const { clock, bus } = plain;
    alerts = openServerAlerts(
      {},
      {
        sql: stores().sql,
        clock,
        timers: clock,
        log: QUIET,
        bus,
        environment: { production: false, smtpUrl: undefined, mailFrom: undefined },
        events: plain.ports.events,
        shed: () => 0,
        publicUrl: () => 'http://localhost:4600',
        secret: () => undefined,
      },
    ) as OpenedAlerts;
    const options = readResponseOptions({ mode: 'enforce' });
    const engine = new ResponseEngine({
      options,
      node: 'one',
      clock,
      timers: clock,
      log: { ...QUIET, child: () => QUIET } as never,
      stores: stores(),
      bus,
      house: () =>
        ({ blocks: plain.blocks, shield: { traffic: null, onChallenge: () => undefined } }) as never,
      identity: () => null,
      notice: () => undefined,
      changed: () => undefined,
    });
    const responses = { engine, mode: options.mode, budget: options.budget };
    site = new AuthHouse(stores(), { alerts, responses, clock, timers: clock });
  });

  const as = (role: string) => {
    const { bearer } = site.session({ roles: [role], aal: 2 });
    return (method: string, at: string, body?: unknown) => site.send(method, at, body, bearer);
  };

  describe('A89: the dashboard of responses and alerts', () => {
    it('lets viewers act on nothing, analysts begin nothing, and everything begun be undone', async () => {
      const [viewer, analyst, administrator] = [as('viewer'), as('analyst'), as('administrator')];
      for (const send of [viewer, analyst])
        expect((await send('POST', '/admin/responses', DRAFT)).status).toBe(403);
      const begun = (await (await administrator('POST', '/admin/responses', DRAFT)).json()) as ResponseEntry;
      expect(begun).toMatchObject({ state: 'full', canUndo: true });
      const at = `/admin/responses/${begun.id}`;
      for (const act of ['undo', 'approve', 'refuse', 'extend', 'break-glass'])
        expect([act, (await viewer('POST', `${at}/${act}`, {})).status]).toEqual([act, 403]);
      expect((await analyst('POST', `${at}/undo`)).status).toBe(200);
    });

    it('takes no act of a cookie without the token of its session', async () => {
      const plain = site.house;
      const ada = await plain.signIn('ada');
      const send = (csrf: string | undefined): Promise<Response> =>
        plain.fetch('/admin/responses', {
          method: 'POST',
          headers: {
            cookie: ada.cookie,
            'content-type': 'application/json',
            ...(csrf === undefined ? {} : { 'x-rampart-csrf': csrf }),
          },
          body: JSON.stringify(DRAFT),
        });
      expect((await send(undefined)).status).toBe(403);
      expect((await send('of another session')).status).toBe(403);
      expect((await send(ada.csrf)).status).toBe(200);
    });

    it('hands on what requests wrote as text, whatever it holds', async () => {
      const hostile = '<img src=x onerror=alert(1)>\u202e\u0000\n=cmd()';
      alerts.alerts.take(
        inputsOf(
          event('FEED_FAILED', site.house.clock.now(), { subject: hostile, details: { error: hostile } }),
        ),
      );
      await alerts.alerts.round();
      const listed = await as('viewer')('GET', '/admin/alerts');
      expect(listed.headers.get('content-type')).toMatch(/^application\/json/);
      const [alert] = ((await listed.json()) as AlertsAnswer).alerts;
      expect(alert?.group).toContain('<img src=x onerror=alert(1)>');
      expect(alert?.group).not.toContain('\u0000');
      const read = (await (await as('viewer')('GET', `/admin/alerts/${alert?.id}`)).json()) as AlertAnswer;
      expect(read.notes[0]?.text).toContain('onerror');
    });
  });
});
