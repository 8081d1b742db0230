import { z } from 'zod';
import type { Alert } from '../../../modules/respond/index.ts';
import {
  countEvents,
  detectionSlots,
  enrolment,
  harmFigures,
  readFilters,
  signInCounts,
  signInsByFactors,
} from '../../data/index.ts';
import { ACTIVITY_SLOTS, activityOf } from '../../security/activity.ts';
import { readPosture } from '../../security/posture.ts';
import type { AlertsPort, ApiPorts } from '../ports.ts';
import { remembered } from '../remembered.ts';
import { json, route, type Route } from '../route.ts';
import { readSpan, timeMs } from '../span.ts';
import type { ActivityAnswer, HarmAnswer, IdentityAnswer } from '../security-types.ts';
import { activityAnswer, harmAnswer, identityAnswer, postureAnswer } from './security-schemas.ts';

const TAG = 'Security';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Open alerts that are looked at: pages of a hundred. */
const MAX_ALERT_PAGES = 5;
const span = { fromMs: timeMs.optional(), toMs: timeMs.optional() };
const filterList = z.array(z.string().max(400)).default([]);

/** What the first page of the console says: how the site stands, who attacks, and who is hurt. */
export function securityRoutes(ports: ApiPorts): readonly Route[] {
  return [postureRoute(ports), activityRoute(ports), harmRoute(ports), identityRoute(ports)];
}

function postureRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/security/posture',
    access: 'viewer',
    tag: TAG,
    summary: 'Read how the site stands',
    about:
      'Normal, elevated, attack or lockdown, with the reason; what is degraded, waits, and was proven when.',
    answer: { status: 200, about: 'As of now.', schema: postureAnswer },
    handle: async () => json(await readPosture(ports)),
  });
}

function activityRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/security/activity',
    access: 'viewer',
    tag: TAG,
    summary: 'Read suspicious activity by kind',
    about: 'Open alerts, and detections of the span (default 24 hours), the worst first.',
    query: z.strictObject(span),
    answer: { status: 200, about: 'Kinds of which there is something to say.', schema: activityAnswer },
    handle: async ({ query }) => {
      const { fromMs, toMs } = readSpan(ports.clock.now(), query, DAY_MS);
      const [alerts, found] = await Promise.all([
        openAlerts(ports.alerts),
        detectionSlots(ports.stores.sql, { fromMs, toMs }, ACTIVITY_SLOTS),
      ]);
      return json({
        fromMs,
        toMs,
        kinds: activityOf(alerts, found.slots),
        detectors: ports.detector?.rules.filter(({ enabled }) => enabled).length ?? null,
        ...(found.sinceMs === null ? {} : { sinceMs: found.sinceMs }),
      } satisfies ActivityAnswer);
    },
  });
}

async function openAlerts(port: AlertsPort | undefined): Promise<readonly Alert[]> {
  const all: Alert[] = [];
  if (port === undefined) return all;
  let cursor: string | undefined;
  for (let page = 0; page < MAX_ALERT_PAGES; page++) {
    const states = ['ACTIVE', 'INVESTIGATING'] as const;
    const { alerts, nextCursor } = await port.alerts.store.list({ states, limit: 100, cursor });
    all.push(...alerts);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return all;
}

function harmRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/security/harm',
    access: 'viewer',
    tag: TAG,
    summary: 'Read what was done to honest people',
    about:
      'Challenges that were solved, limits that met signed-in people, sign-ins beside the same hour of last week, and what shadow guards would have refused.',
    query: z.strictObject({ ...span, filter: filterList, exclude: filterList }),
    lists: ['filter', 'exclude'],
    answer: { status: 200, about: 'Counts, weighted back to all traffic.', schema: harmAnswer },
    handle: async ({ query }) => {
      const { fromMs, toMs } = readSpan(ports.clock.now(), query, HOUR_MS);
      const filters = readFilters(query.filter, query.exclude);
      const { stores } = ports;
      const hour = { fromMs: toMs - HOUR_MS, toMs };
      const [figures, now, lastWeek, reports] = await Promise.all([
        harmFigures(stores.sql, { fromMs, toMs, filters }),
        signInCounts(stores.sql, hour),
        signInCounts(stores.sql, { fromMs: hour.fromMs - WEEK_MS, toMs: toMs - WEEK_MS }),
        stores.falseAlarms.counts(),
      ]);
      return json({
        fromMs,
        toMs,
        ...figures,
        signIns: { ...hour, now, lastWeek },
        openReports: reports.open,
      } satisfies HarmAnswer);
    },
  });
}

const COUNTED = [
  'SECOND_STEP_ASKED',
  'SIGN_IN_FAILED',
  'BACKUP_CODE_USED',
  'NEW_DEVICE',
  'NEW_PLACE',
] as const;

function identityRoute(ports: ApiPorts): Route {
  // It looks at every account, and the page asks every few seconds.
  const enrolled = remembered(MINUTE_MS, ports.clock, () => enrolment(ports.stores.sql));
  return route({
    method: 'GET',
    path: '/admin/security/identity',
    access: 'viewer',
    tag: TAG,
    summary: 'Read how people sign in',
    about: 'Of the last 24 hours; enrolment as it was within the last minute.',
    answer: { status: 200, about: 'Steps, factors, enrolment.', schema: identityAnswer },
    handle: async () => {
      const { sql } = ports.stores;
      const toMs = ports.clock.now();
      const day = { fromMs: toMs - DAY_MS, toMs };
      const hasAccounts = ports.identity !== null;
      const [counts, factors, enrolledNow] = await Promise.all([
        countEvents(sql, COUNTED, day),
        signInsByFactors(sql, day),
        hasAccounts ? enrolled() : null,
      ]);
      return json({
        ...day,
        funnel: hasAccounts ? funnelOf(factors, counts) : null,
        factors,
        enrolment: enrolledNow,
        recoveryCodesUsed: counts.BACKUP_CODE_USED,
        newDevices: counts.NEW_DEVICE,
        newPlaces: counts.NEW_PLACE,
      } satisfies IdentityAnswer);
    },
  });
}

function funnelOf(
  factors: IdentityAnswer['factors'],
  counts: Readonly<Record<(typeof COUNTED)[number], number>>,
): NonNullable<IdentityAnswer['funnel']> {
  const signedIn = factors.reduce((sum, one) => sum + one.signIns, 0);
  const second = factors.reduce((sum, one) => sum + (one.factors.includes(' ') ? one.signIns : 0), 0);
  // A step that was asked for just before the day began may have been taken within it.
  const asked = Math.max(counts.SECOND_STEP_ASKED, second);
  return { first: asked + signedIn - second, asked, second, signedIn, failed: counts.SIGN_IN_FAILED };
}
