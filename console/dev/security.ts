/** Made-up answers for the first page: how the site stands, who attacks, and who is hurt. */
import type {
  ActivityAnswer,
  ActivityEntry,
  HarmAnswer,
  IdentityAnswer,
  PostureAnswer,
} from '../../src/server/api/security-types.ts';
import type { DecisionSummary } from '../../src/server/api/types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const start = Date.now();

/** What one of the modes looks like; `full` is a day with an attack in it that people look into. */
type Scene = 'empty' | 'quiet' | 'full' | 'attack' | 'lockdown';
function sceneOf(mode: string): Scene {
  if (mode === 'empty' || mode === 'quiet' || mode === 'attack' || mode === 'lockdown') return mode;
  return 'full';
}

function posture(mode: string): PostureAnswer {
  const scene = sceneOf(mode);
  const calm = scene === 'empty' || scene === 'quiet';
  const levels = {
    empty: ['normal', null, 'Traffic is as usual, and no grave alert came within 15m.'],
    quiet: ['normal', start - 3 * DAY, 'Traffic is as usual, and no grave alert came within 15m.'],
    full: ['elevated', start - 4 * MINUTE, 'Credential stuffing, and 1 more alert.'],
    attack: ['attack', start - 11 * MINUTE, 'Far more requests come than the site is used to.'],
    lockdown: ['lockdown', start - 2 * MINUTE, 'Nothing can be changed, by Ada Lovelace.'],
  } as const;
  const [level, sinceMs, reason] = levels[scene];
  const isDegraded = mode === 'degraded' || scene === 'attack';
  return {
    atMs: Date.now(),
    level,
    sinceMs,
    reason,
    troubles: isDegraded
      ? [
          {
            name: 'limits',
            state: 'degraded',
            text: 'Redis does not answer; this node counts alone. Check REDIS_URL and the server.',
          },
        ]
      : [],
    alerts: {
      open: calm ? 0 : scene === 'full' ? 4 : 9,
      active: calm ? 0 : 2,
      worst: calm ? null : scene === 'full' ? 'HIGH' : 'CRITICAL',
    },
    responses: { acting: calm ? 0 : 3, waiting: scene === 'attack' ? 1 : 0, mode: 'enforce' },
    audit: {
      checkpointAtMs: scene === 'empty' ? null : Date.now() - 40_000,
      verifiedAtMs: scene === 'empty' ? null : Date.now() - 5 * HOUR,
      ok: scene === 'empty' ? null : true,
    },
    backup: {
      madeAtMs: scene === 'empty' ? null : Date.now() - 2 * HOUR,
      failedAtMs: null,
      restoredAtMs: scene === 'empty' ? null : Date.now() - 2 * DAY,
    },
  };
}

const kind = (
  name: ActivityEntry['kind'],
  title: string,
  severity: ActivityEntry['severity'],
  sentence: string,
  rest: Partial<ActivityEntry>,
): ActivityEntry => ({
  kind: name,
  title,
  severity,
  sentence,
  open: 0,
  active: 0,
  detections: 0,
  lastAtMs: Date.now() - 3 * MINUTE,
  alert: null,
  rules: [],
  types: ['SUSPICIOUS_ACTIVITY'],
  series: [],
  ...rest,
});

function activity({ mode, url }: Call): ActivityAnswer {
  const fromMs = Number(url.searchParams.get('fromMs'));
  const toMs = Number(url.searchParams.get('toMs'));
  const scene = sceneOf(mode);
  if (scene === 'empty' || scene === 'quiet') return { fromMs, toMs, kinds: [], detectors: 47 };
  const grave = scene === 'full' ? 'HIGH' : 'CRITICAL';
  return {
    fromMs,
    toMs,
    detectors: 47,
    kinds: [
      kind(
        'credential-stuffing',
        'Credential stuffing',
        grave,
        '412 accounts were tried from 38 addresses within 10 minutes; 99 % of the sign-ins failed.',
        { open: 2, active: 1, detections: 9, alert: 'alr_1', series: [0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 1, 1] },
      ),
      kind(
        'injection',
        'Injection',
        'HIGH',
        '203.0.113.201 sent 31 requests that look like injections within 10 minutes.',
        {
          open: 1,
          active: 0,
          detections: 4,
          alert: 'alr_2',
          lastAtMs: Date.now() - 21 * MINUTE,
          series: [0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0],
        },
      ),
      kind(
        'account-takeover',
        'Account takeover',
        'HIGH',
        'A refresh token of acc_01k9x3v8c0m2n4p6q8r0s2t4v6 was used twice; its session has ended.',
        {
          open: 1,
          active: 1,
          detections: 1,
          alert: 'alr_3',
          lastAtMs: Date.now() - 48 * MINUTE,
          series: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        },
      ),
      kind(
        'scanning',
        'Scanning and probing',
        'MEDIUM',
        '192.0.2.190 asked for 64 paths that are not there within 10 minutes.',
        { detections: 12, lastAtMs: Date.now() - 9 * MINUTE, series: [1, 1, 0, 2, 1, 0, 1, 2, 1, 1, 0, 2] },
      ),
      kind(
        'uploads',
        'Malicious uploads',
        'MEDIUM',
        'The virus scanner found Eicar-Test-Signature in a file of user:acc_7.',
        { detections: 1, lastAtMs: Date.now() - 39 * MINUTE, series: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0] },
      ),
    ],
  };
}

function harm({ mode, url }: Call, all: readonly DecisionSummary[]): HarmAnswer {
  const fromMs = Number(url.searchParams.get('fromMs'));
  const toMs = Number(url.searchParams.get('toMs'));
  const hour = { fromMs: toMs - HOUR, toMs };
  if (mode === 'empty')
    return {
      fromMs,
      toMs,
      challenges: { asked: 0, callers: 0, solved: 0 },
      limited: { requests: 0, people: 0 },
      shadow: { requests: 0, guards: [] },
      signIns: { ...hour, now: { ok: 0, failed: 0 }, lastWeek: { ok: 0, failed: 0 } },
      openReports: 0,
    };
  const inside = all.filter((one) => one.atMs >= fromMs && one.atMs < toMs);
  const sum = (of: (one: DecisionSummary) => boolean): number =>
    inside.reduce((total, one) => total + (of(one) ? one.weight : 0), 0);
  const watched = sum((one) => one.wouldRefuse.length > 0);
  const isQuiet = mode === 'quiet';
  return {
    fromMs,
    toMs,
    challenges: { asked: sum((one) => one.verdict === 'challenge'), callers: 118, solved: 111 },
    limited: isQuiet ? { requests: 0, people: 0 } : { requests: 42, people: 6 },
    shadow: { requests: watched, guards: watched === 0 ? [] : [{ name: 'api-burst', requests: watched }] },
    signIns: {
      ...hour,
      now: isQuiet ? { ok: 1204, failed: 31 } : { ok: 1187, failed: 2914 },
      lastWeek: { ok: 1243, failed: 38 },
    },
    openReports: isQuiet ? 0 : 3,
  };
}

function identity(mode: string): IdentityAnswer {
  const toMs = Date.now();
  const day = { fromMs: toMs - DAY, toMs };
  if (mode === 'empty')
    return {
      ...day,
      funnel: { first: 0, asked: 0, second: 0, signedIn: 0, failed: 0 },
      factors: [],
      enrolment: { accounts: 1, withFactor: 0, totp: 0, passkey: 0, phone: 0, staff: 1, staffWithFactor: 0 },
      recoveryCodesUsed: 0,
      newDevices: 0,
      newPlaces: 0,
    };
  return {
    ...day,
    funnel: { first: 18_412, asked: 9_204, second: 8_911, signedIn: 18_119, failed: 31_207 },
    factors: [
      { factors: 'password', signIns: 7_406 },
      { factors: 'password totp', signIns: 6_120 },
      { factors: 'passkey', signIns: 1_802 },
      { factors: 'password sms', signIns: 2_760 },
      { factors: 'password backup', signIns: 31 },
    ],
    enrolment: {
      accounts: 48_210,
      withFactor: 21_377,
      totp: 14_020,
      passkey: 6_211,
      phone: 5_870,
      staff: 24,
      staffWithFactor: 24,
    },
    recoveryCodesUsed: 31,
    newDevices: 412,
    newPlaces: 57,
  };
}

/** Calls below /admin/security. */
export function securityCall(call: Call, all: readonly DecisionSummary[]): Answer {
  switch (call.parts[1] ?? '') {
    case 'posture':
      return ok(posture(call.mode));
    case 'activity':
      return ok(activity(call));
    case 'harm':
      return ok(harm(call, all));
    case 'identity':
      return ok(identity(call.mode));
    default:
      return fail(404, 'NOT_FOUND', 'There is no such route.');
  }
}
