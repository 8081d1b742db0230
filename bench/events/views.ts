import {
  countEvents,
  createStores,
  detectionSlots,
  enrolment,
  harmFigures,
  lastEvents,
  overview,
  readFilters,
  shieldFigures,
  signInCounts,
  signInsByFactors,
} from '../../src/server/data/index.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { END_MS } from './data.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BUCKETS = 62;

/** Spans that the console offers. */
export const SPANS: Readonly<Record<string, number>> = {
  '1 h': HOUR_MS,
  '24 h': DAY_MS,
  '7 d': 7 * DAY_MS,
  '30 d': 30 * DAY_MS,
};

/** What the first page of the console asks for at once, each by itself. */
export function firstView(sql: SqlStore, lengthMs: number): Readonly<Record<string, () => Promise<unknown>>> {
  const stores = createStores(sql);
  const toMs = END_MS;
  const span = { fromMs: toMs - lengthMs, toMs };
  const hour = { fromMs: toMs - HOUR_MS, toMs };
  const day = { fromMs: toMs - DAY_MS, toMs };
  const filters = readFilters([], []);
  const refused = readFilters([], ['verdict:pass', 'verdict:answer']);
  return {
    traffic: () => overview(sql, { ...span, buckets: BUCKETS, filters }),
    refusals: () => stores.decisions.page({ limit: 9, filters: refused, ...span }),
    activity: () => detectionSlots(sql, span, 12),
    harm: () => harmFigures(sql, { ...span, filters }),
    'sign-ins': () => Promise.all([signInCounts(sql, hour), stores.falseAlarms.counts()]),
    factors: () =>
      Promise.all([
        countEvents(sql, ['SECOND_STEP_ASKED', 'SIGN_IN_FAILED', 'NEW_DEVICE', 'NEW_PLACE'], day),
        signInsByFactors(sql, day),
      ]),
    enrolment: () => enrolment(sql),
    posture: () => lastEvents(sql, ['BACKUP_CREATED', 'BACKUP_FAILED', 'BACKUP_RESTORED']),
    shield: () => shieldFigures(sql, { ...span, buckets: BUCKETS, filters }, ['inspection', 'limit']),
  };
}
