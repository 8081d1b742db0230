import { describe, expect, it } from 'vitest';
import { openServerAlerts, type OpenedAlerts } from '../../src/server/alerts/open.ts';
import { inputsOf } from '../../src/server/alerts/inputs.ts';
import type {
  ActivityAnswer,
  HarmAnswer,
  IdentityAnswer,
  PostureAnswer,
} from '../../src/server/api/security-types.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { onEmbedded } from './databases.ts';
import { House } from './house.ts';
import { decision, event, limited } from './samples.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Site {
  readonly house: House;
  readonly opened: OpenedAlerts;
  readonly get: <T>(path: string) => Promise<T>;
}

async function siteOf(stores: Stores): Promise<Site> {
  await stores.sql.script(
    'TRUNCATE rampart.alerts, rampart.alert_seen, rampart.events, rampart.decisions CASCADE',
  );
  const plain = new House(stores);
  const opened = openServerAlerts(
    {},
    {
      sql: stores.sql,
      clock: plain.clock,
      timers: plain.clock,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      bus: plain.bus,
      environment: { production: false, smtpUrl: undefined, mailFrom: undefined },
      events: plain.ports.events,
      shed: () => 0,
      publicUrl: () => 'http://localhost:4600',
      secret: () => undefined,
    },
  ) as OpenedAlerts;
  const house = new House(stores, { ports: { alerts: opened, clock: plain.clock, timers: plain.clock } });
  return {
    house,
    opened,
    get: async <T>(path: string): Promise<T> => {
      const response = await house.operator('GET', path);
      expect(response.status).toBe(200);
      return (await response.json()) as T;
    },
  };
}

onEmbedded((stores) => {
  describe('the API of the security overview', () => {
    it('says how the site stands: calm first, then what is open, made and failed', async () => {
      const { house, opened, get } = await siteOf(stores());
      const calm = await get<PostureAnswer>('/admin/security/posture');
      expect(calm).toMatchObject({
        level: 'normal',
        alerts: { open: 0, active: 0, worst: null },
        responses: null,
        audit: null,
        backup: { madeAtMs: null, failedAtMs: null, restoredAtMs: null },
      });
      const nowMs = house.clock.now();
      const failed = event('BACKUP_FAILED', nowMs - HOUR);
      opened.alerts.take(inputsOf(failed));
      await opened.alerts.round();
      await stores().events.insertMany([event('BACKUP_CREATED', nowMs - DAY), failed]);
      expect(await get<PostureAnswer>('/admin/security/posture')).toMatchObject({
        // A backup that failed is no attack.
        level: 'normal',
        alerts: { open: 1, active: 1, worst: 'HIGH' },
        backup: { madeAtMs: nowMs - DAY, failedAtMs: nowMs - HOUR },
      });
    });

    it('groups open alerts and detections of the span', async () => {
      const { house, opened, get } = await siteOf(stores());
      const nowMs = house.clock.now();
      const failed = event('BACKUP_FAILED', nowMs - DAY);
      await stores().events.insertMany([
        event('BRUTE_FORCE_ATTEMPT', nowMs - HOUR, {
          details: { detection: 'd1', rule: 'brute_force', what: '20 sign-ins failed.' },
        }),
        event('BRUTE_FORCE_ATTEMPT', nowMs - 2 * DAY, {
          details: { detection: 'd0', rule: 'credential_stuffing', what: 'long ago' },
        }),
      ]);
      opened.alerts.take(inputsOf(failed));
      await opened.alerts.round();
      const { kinds } = await get<ActivityAnswer>('/admin/security/activity');
      expect(kinds.map(({ kind, open, detections }) => [kind, open, detections])).toEqual([
        ['password-guessing', 0, 1],
        ['house', 1, 0],
      ]);
      expect(kinds[0]).toMatchObject({ sentence: '20 sign-ins failed.', severity: 'HIGH', alert: null });
      const span = `fromMs=${nowMs - 3 * DAY}&toMs=${nowMs - DAY}`;
      const before = await get<ActivityAnswer>(`/admin/security/activity?${span}`);
      expect(before.kinds.map(({ kind }) => kind)).toContain('credential-stuffing');
    });

    it('tells the harm to honest people, narrowed by filters, beside the same hour of last week', async () => {
      const { house, get } = await siteOf(stores());
      const nowMs = house.clock.now() + 1;
      const atMs = nowMs - 60_000;
      await stores().decisions.insertMany([
        limited({ atMs, principal: 'user:1' }),
        limited({ atMs, principal: 'user:2', route: 'GET /b' }),
        decision({ atMs, weight: 10, wouldRefuse: ['csrf'] }),
      ]);
      await stores().events.insertMany([
        event('SIGN_IN_SUCCEEDED', atMs),
        event('SIGN_IN_FAILED', atMs),
        event('SIGN_IN_SUCCEEDED', atMs - 7 * DAY),
      ]);
      const harm = await get<HarmAnswer>('/admin/security/harm');
      expect(harm).toMatchObject({
        challenges: { asked: 0, callers: 0, solved: 0 },
        limited: { requests: 2, people: 2 },
        shadow: { requests: 10, guards: [{ name: 'csrf', requests: 10 }] },
        signIns: { now: { ok: 1, failed: 1 }, lastWeek: { ok: 1, failed: 0 } },
        openReports: 0,
      });
      const one = await get<HarmAnswer>('/admin/security/harm?filter=route:GET%20/b');
      expect(one).toMatchObject({ limited: { requests: 1, people: 1 }, shadow: { requests: 0 } });
    });

    it('says how people sign in, and nothing of accounts where the application has its own', async () => {
      const { house, get } = await siteOf(stores());
      const atMs = house.clock.now() - HOUR;
      await stores().events.insertMany([
        event('SIGN_IN_SUCCEEDED', atMs, { details: { factors: 'password totp' } }),
        event('NEW_DEVICE', atMs),
        event('NEW_DEVICE', atMs - DAY),
      ]);
      expect(await get<IdentityAnswer>('/admin/security/identity')).toMatchObject({
        funnel: null,
        enrolment: null,
        factors: [{ factors: 'password totp', signIns: 1 }],
        newDevices: 1,
        recoveryCodesUsed: 0,
      });
    });

    it('refuses a span that ends before it begins, filters that there are not, and strangers', async () => {
      const { house } = await siteOf(stores());
      const status = async (path: string) => (await house.operator('GET', path)).status;
      expect(await status('/admin/security/activity?fromMs=5&toMs=5')).toBe(400);
      expect(await status(`/admin/security/harm?fromMs=0&toMs=${91 * DAY}`)).toBe(400);
      expect(await status('/admin/security/harm?filter=password:x')).toBe(400);
      for (const name of ['posture', 'activity', 'harm', 'identity'])
        expect((await house.fetch(`/admin/security/${name}`)).status).toBe(401);
    });
  });
});
