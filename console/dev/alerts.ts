/**
 * Made-up alerts for building the console: by default an attack with many, in the mode `quiet` a day on which little
 * happened, in the mode `storm` more than a page of them.
 */
import type {
  AlertAnswer,
  AlertEntry,
  AlertNote,
  AlertsAnswer,
  AlertState,
  BulkAlertsAnswer,
  Recommendation,
} from '../../src/server/api/alert-types.ts';
import type { FollowedAnswer } from '../../src/server/api/response-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';

const MINUTE = 60_000;
const start = Date.now();
export const ADA = 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6';

type Told = Pick<AlertEntry, 'rule' | 'title' | 'description' | 'severity'> & Partial<AlertEntry>;
interface Made {
  alert: AlertEntry;
  readonly notes: AlertNote[];
  readonly recommended: readonly Recommendation[];
}

let made = 0;
function raise(ageMinutes: number, told: Told, recommended: readonly Recommendation[] = []): Made {
  made += 1;
  const alert: AlertEntry = {
    id: `alr_01k9x3v8c0m2n4p6q8r0s${String(made).padStart(4, '0')}`,
    state: 'ACTIVE',
    group: null,
    count: 1,
    firstAtMs: start - ageMinutes * MINUTE,
    lastAtMs: start - Math.max(0.2, ageMinutes / 20) * MINUTE,
    assignee: null,
    snoozedUntilMs: null,
    reopened: 0,
    escalatesAtMs: null,
    changedBy: null,
    changedAtMs: null,
    ...told,
  };
  const line = (kind: string, text: string, by: string | null = null): AlertNote => ({
    atMs: alert.firstAtMs,
    by,
    kind,
    text,
  });
  const notes = [
    line('raised', alert.description),
    line('told', 'log: raised'),
    line('told', 'on-call: raised'),
  ];
  if (alert.assignee !== null) notes.push(line('acknowledged', '', alert.assignee));
  return { alert, notes, recommended };
}

const block = (target: string): Recommendation => ({
  do: 'block',
  text: 'Block where it comes from.',
  target,
});
const look: Recommendation = { do: 'look', text: 'Have somebody look at it.', target: null };

const attack: Made[] = [
  raise(
    12,
    {
      rule: 'credential_stuffing',
      title: 'Credential stuffing',
      description: '1,204 sign-ins failed for 918 accounts from 203.0.113.0/24 within 10 minutes.',
      severity: 'CRITICAL',
      group: 'network=203.0.113.7',
      count: 1204,
      escalatesAtMs: start + 18 * MINUTE,
    },
    [
      block('203.0.113.7'),
      { do: 'raise-posture', text: 'Raise the posture of the shield.', target: null },
      { do: 'tighten-limits', text: 'Tighten the limits for a while.', target: '203.0.113.7' },
    ],
  ),
  raise(
    9,
    {
      rule: 'impossible_travel',
      title: 'Signed in from two places at once',
      description: 'acc_01k9x3v8c0m2n4p6q8r0s2t4v6 signed in 7,420 km apart within 12 minutes.',
      severity: 'HIGH',
      group: 'account=acc_01k9x3v8c0m2n4p6q8r0s2t4v6',
      count: 2,
      state: 'INVESTIGATING',
      assignee: ADA,
      changedBy: ADA,
      changedAtMs: start - 3 * MINUTE,
    },
    [
      {
        do: 'require-step-up',
        text: 'Ask for a second factor again.',
        target: 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6',
      },
      {
        do: 'end-sessions',
        text: 'End the sessions of the account.',
        target: 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6',
      },
    ],
  ),
  raise(
    40,
    {
      rule: 'injection_probing',
      title: 'Injections are tried',
      description: '212 requests of 198.51.100.86 carried injections of 4 kinds within 15 minutes.',
      severity: 'HIGH',
      group: 'network=198.51.100.86 target=GET /products',
      count: 212,
    },
    [block('198.51.100.86'), look],
  ),
  raise(
    3,
    {
      rule: 'RESPONSE_WAITING',
      title: 'A response waits for people to agree',
      description: 'A lockdown waits: two people have to agree (responder lockdown, target read-only).',
      severity: 'HIGH',
      group: 'read-only',
    },
    [{ do: 'responses', text: 'Approve or refuse it.', target: null }],
  ),
  raise(
    200,
    {
      rule: 'FEED_FAILED',
      title: 'A feed cannot be brought up to date',
      description: 'The feed tor could not be fetched (error ETIMEDOUT, attempts 5).',
      severity: 'MEDIUM',
      group: 'tor',
      count: 5,
      snoozedUntilMs: start + 47 * MINUTE,
      changedBy: ADA,
      changedAtMs: start - 13 * MINUTE,
    },
    [{ do: 'shield', text: 'rampart feeds list says why; what was there last stays in use.', target: null }],
  ),
  raise(
    90,
    {
      rule: 'traffic_surge',
      title: 'More traffic than usual',
      description: '4,812 requests within a minute, 6.2 times as many as usual.',
      severity: 'MEDIUM',
      count: 38_204,
      reopened: 2,
    },
    [look],
  ),
  raise(2_000, {
    rule: 'BACKUP_FAILED',
    title: 'A backup failed',
    description: 'A backup failed (error disk full).',
    severity: 'HIGH',
    state: 'RESOLVED',
    changedBy: 'user:acc_grace',
    changedAtMs: start - 900 * MINUTE,
  }),
  raise(3_000, {
    rule: 'geographic_anomaly',
    title: 'Sign-ins from many places',
    description: 'team@example.org signed in from 7 addresses within 5 minutes.',
    severity: 'MEDIUM',
    state: 'FALSE_POSITIVE',
    changedBy: ADA,
    changedAtMs: start - 1_900 * MINUTE,
  }),
];
const quiet = attack.filter(({ alert }) => alert.rule === 'FEED_FAILED' || alert.state === 'RESOLVED');
const storm: Made[] = [
  ...attack,
  ...Array.from({ length: 130 }, (_, at) =>
    raise(at / 10, {
      rule: 'path_scanning',
      title: 'Paths are scanned',
      description: `${40 + at} paths that are not there were asked for from 198.18.${at}.7 within 5 minutes.`,
      severity: 'MEDIUM',
      group: `network=198.18.${at}.7`,
      count: 40 + at,
    }),
  ),
];

const STATES: readonly AlertState[] = ['ACTIVE', 'INVESTIGATING', 'RESOLVED', 'FALSE_POSITIVE'];
const RANK = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];
const rank = ({ state, severity }: AlertEntry): number =>
  state === 'ACTIVE' || state === 'INVESTIGATING' ? RANK.indexOf(severity) + 1 : 0;

function booked(mode: string): readonly Made[] {
  if (mode === 'empty') return [];
  return mode === 'quiet' ? quiet : mode === 'storm' ? storm : attack;
}

/** What came of a refused request: two alerts, of which the first names it. */
export function followedAlerts(mode: string): FollowedAnswer['alerts'] {
  const about = booked(mode).filter(({ alert }) => alert.group?.startsWith('network=') === true);
  return about.slice(0, 2).map(({ alert }, at) => ({ alert, isNamed: at === 0 }));
}

/** GET and POST below /admin/alerts, /admin/alert-channels and /admin/detectors. */
export function alertsCall({ url, parts, method, mode, body }: Call): Answer {
  const [first, id, act] = parts;
  if (first === 'detectors') return ok({ detectors: Array.from({ length: 41 }, () => ({ enabled: true })) });
  if (first === 'alert-channels') return ok({ delivery: 'tell_1' }, 202);
  const all = booked(mode);
  if (id === undefined) return ok(listed(url, all, mode));
  if (id === 'bulk')
    return ok({ results: (body['items'] as readonly BulkItem[]).map((one) => bulked(all, one)) });
  const found = all.find(({ alert }) => alert.id === id);
  if (found === undefined) return fail(404, 'NOT_FOUND', 'There is no such alert.');
  if (method === 'GET') return ok(answerOf(found));
  change(found, act ?? '', body);
  return ok(found.alert);
}

function change(found: Made, act: string, body: Call['body']): void {
  found.alert = { ...found.alert, ...changeOf(act, body), changedBy: ADA, changedAtMs: Date.now() };
  found.notes.push({
    atMs: Date.now(),
    by: ADA,
    kind: NOTES[act] ?? 'note',
    text: typeof body['text'] === 'string' ? body['text'] : '',
  });
}

interface BulkItem {
  readonly id: string;
  readonly acts: readonly (Call['body'] & { readonly act: string })[];
}

function bulked(all: readonly Made[], { id, acts }: BulkItem): BulkAlertsAnswer['results'][number] {
  const found = all.find(({ alert }) => alert.id === id);
  if (found === undefined)
    return { id, alert: null, error: { status: 404, code: 'NOT_FOUND', message: 'There is no such alert.' } };
  for (const one of acts) change(found, one.act, one);
  return { id, alert: found.alert, error: null };
}

const NOTES: Readonly<Record<string, string>> = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  resolve: 'resolved',
  'false-positive': 'resolved',
  reopen: 'reopened',
  snooze: 'snoozed',
  undo: 'undone',
};

function changeOf(act: string, body: Call['body']): Partial<AlertEntry> {
  switch (act) {
    case 'acknowledge':
      return { state: 'INVESTIGATING', assignee: ADA, escalatesAtMs: null };
    case 'assign':
      return { assignee: body['to'] as string | null };
    case 'resolve':
      return { state: 'RESOLVED' };
    case 'false-positive':
      return { state: 'FALSE_POSITIVE' };
    case 'reopen':
      return { state: 'ACTIVE' };
    case 'snooze':
      return { snoozedUntilMs: body['untilMs'] as number };
    case 'undo':
      return {
        state: body['state'] as AlertState,
        assignee: body['assignee'] as string | null,
        snoozedUntilMs: body['snoozedUntilMs'] as number | null,
      };
    default:
      return {};
  }
}

function listed(url: URL, all: readonly Made[], mode: string): AlertsAnswer {
  const query = url.searchParams;
  const one = (name: string, value: string | null): boolean => !query.has(name) || query.get(name) === value;
  const many = (name: string, value: string): boolean =>
    !query.has(name) || query.getAll(name).includes(value);
  const q = (query.get('q') ?? '').toLowerCase();
  const found = all
    .map(({ alert }) => alert)
    .filter((alert) => many('state', alert.state) && many('severity', alert.severity))
    .filter((alert) => one('rule', alert.rule) && one('assignee', alert.assignee))
    .filter((alert) => !query.has('unassigned') || alert.assignee === null)
    .filter(({ title, description, group }) => `${title} ${description} ${group}`.toLowerCase().includes(q))
    .toSorted((a, b) => rank(b) - rank(a) || b.firstAtMs - a.firstAtMs);
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  const counts = Object.fromEntries(
    STATES.map((state) => [state, all.filter(({ alert }) => alert.state === state).length]),
  ) as AlertsAnswer['counts'];
  const hasFailing = mode !== 'empty' && mode !== 'quiet';
  return {
    alerts: found.slice(from, from + limit),
    nextCursor: from + limit < found.length ? String(from + limit) : null,
    counts,
    channels: [
      { name: 'log', kind: 'log', state: 'ok', lastAtMs: start - MINUTE, waiting: 0, error: null },
      {
        name: 'on-call',
        kind: 'pagerduty',
        state: hasFailing ? 'failing' : 'untried',
        lastAtMs: hasFailing ? start - 2 * MINUTE : null,
        waiting: hasFailing ? 3 : 0,
        error: hasFailing ? 'It answered 503.' : null,
      },
      {
        name: 'security team',
        kind: 'email',
        state: 'ok',
        lastAtMs: start - 9 * MINUTE,
        waiting: 0,
        error: null,
      },
    ],
  };
}

function answerOf({ alert, notes, recommended }: Made): AlertAnswer {
  const spanMs = alert.lastAtMs - alert.firstAtMs;
  const address = /network=([^ ]+)/.exec(alert.group ?? '')?.[1] ?? null;
  return {
    alert,
    notes,
    recommended,
    responses: alert.rule === 'credential_stuffing' ? ['rsp_01k9x3v8c0m2n4p6q8r0s0002'] : [],
    events: Array.from({ length: Math.min(50, alert.count) }, (_, at) => ({
      id: `evt_${alert.id}${at}`,
      type: address === null ? alert.rule : 'REQUEST_REFUSED',
      severity: 'MEDIUM',
      // Denser towards the end, as attacks are that grow.
      atMs: alert.lastAtMs - spanMs * (at / 50) ** 2,
      about: address === null ? alert.description : 'A request was refused.',
      address,
      actor: null,
      decision: address === null ? null : `dec_${at}`,
    })),
  };
}
