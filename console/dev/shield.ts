/** Made-up inspection for building the console: figures, reports of false alarms, exclusions. */
import type {
  ClassFigures,
  ExclusionReplay,
  ExclusionsAnswer,
  FalseAlarm,
  FindingFacts,
  ReportState,
  ShieldExclusion,
} from '../../src/server/api/shield-types.ts';
import type { DecisionSummary } from '../../src/server/api/types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { figures } from './shield-figures.ts';
import { findingsFor } from './story.ts';
import { accountIds, proofAsked } from './users.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const start = Date.now();
const [ME, GRACE, SUPPORT] = [0, 1, 3].map((index) => `user:${accountIds()[index] ?? 'acc_unknown'}`) as [
  string,
  string,
  string,
];
type Class = ClassFigures['class'];

const finding = (rule: string, weight: number, place: string, name: string): FindingFacts => ({
  rule,
  class: rule.slice(0, rule.indexOf('.')) as Class,
  weight,
  place,
  name,
});

let reports: readonly FalseAlarm[] = [
  report(1, 7, 'POST /articles', 'body', 'An author writes about SQL; the editor says “not let through”.', [
    finding('sql.select-inside', 3, 'json', 'body'),
    finding('sql.comment-tail', 2, 'json', 'body'),
    finding('sql.union-word', 2, 'json', 'body'),
  ]),
  report(2, 38, 'GET /search', 'q', 'Ticket 4117: “drop table runners” is a product name.', [
    finding('sql.statement', 5, 'query', 'q'),
  ]),
  report(3, 96, 'PUT /themes/:id', 'template', '', [
    finding('template.expression', 4, 'json', 'template'),
    finding('xss.event-loose', 2, 'json', 'template'),
  ]),
  report(4, 320, 'POST /webhooks/ci', 'commit.message', 'The build server sends commit messages.', [
    finding('command.pipe', 5, 'json', 'commit.message'),
  ]),
  { ...report(7, 1_400, 'GET /products', '', 'A price comparison we work with.', []), guard: 'shield.bots' },
  {
    ...report(5, 2_900, 'POST /orders', 'note', 'Customer writes “-- please ring twice”.', [
      finding('sql.comment-cut', 5, 'json', 'note'),
    ]),
    state: 'accepted',
    settledBy: GRACE,
    settledAtMs: start - 46 * HOUR,
    exclusion: 'exc_2',
  },
  {
    ...report(6, 4_400, 'GET /products', 'page', 'Says it is a partner.', [
      finding('sql.union-select', 6, 'query', 'page'),
      finding('sql.sleep', 5, 'query', 'page'),
    ]),
    state: 'dismissed',
    settledBy: ME,
    settledAtMs: start - 70 * HOUR,
  },
];

function report(
  index: number,
  ageMinutes: number,
  route: string,
  _field: string,
  note: string,
  findings: readonly FindingFacts[],
): FalseAlarm {
  return {
    id: `far_${index}`,
    decision: `dec_reported${index}`,
    state: 'open',
    note,
    reportedBy: index % 2 === 0 ? SUPPORT : GRACE,
    atMs: start - ageMinutes * MINUTE,
    route,
    guard: 'inspection',
    address: `198.51.100.${20 + index * 7}`,
    findings,
    settledBy: null,
    settledAtMs: null,
    exclusion: null,
  };
}

const exclusion = (id: number, rest: Partial<ShieldExclusion>): ShieldExclusion => ({
  id: `exc_${id}`,
  state: 'draft',
  route: 'GET /search',
  field: 'q',
  rules: ['sql'],
  reason: '',
  createdBy: GRACE,
  createdAtMs: start - 20 * MINUTE,
  changedBy: null,
  changedAtMs: null,
  replay: null,
  ...rest,
});

function replayOf(
  passing: number,
  reported: number,
  suspicious: number,
  ageMinutes: number,
): ExclusionReplay {
  const atMs = start - ageMinutes * MINUTE;
  return {
    atMs,
    fromMs: atMs - 7 * DAY,
    toMs: atMs,
    refused: 1_318,
    replayed: 1_318,
    wouldPass: passing,
    reported,
    suspicious,
    samples: Array.from({ length: Math.min(passing, 12) }, (_, index) => ({
      decision: `dec_sample${index}`,
      atMs: atMs - index * index * 11 * MINUTE - 9 * MINUTE,
      route: 'GET /search',
      address: `198.51.100.${31 + index * 3}`,
      left: index % 4 === 3 ? ['sql.union-word'] : [],
      reported: index < reported,
      suspicious: index >= 3 && index < 3 + suspicious,
    })),
  };
}

let lastId = 20;
let exclusions: readonly ShieldExclusion[] = [
  exclusion(5, {
    rules: ['sql.statement', 'sql.statement-loose'],
    reason: '“Drop table runners” is a product name that people search for.',
    replay: replayOf(41, 1, 2, 12),
  }),
  exclusion(6, {
    route: null,
    field: 'bio',
    rules: ['xss'],
    reason: 'Profiles may hold HTML, which is cleaned when it is shown.',
    createdBy: ME,
    createdAtMs: start - 3 * MINUTE,
  }),
  exclusion(2, {
    state: 'live',
    route: 'POST /orders',
    field: 'note',
    rules: ['sql.comment-cut'],
    reason: 'Notes to the driver begin with dashes.',
    createdAtMs: start - 47 * HOUR,
    changedBy: GRACE,
    changedAtMs: start - 46 * HOUR,
    replay: replayOf(18, 1, 0, 46 * 60),
  }),
  exclusion(1, {
    state: 'withdrawn',
    route: 'GET /products',
    field: 'page',
    rules: ['sql'],
    reason: 'Partner integration.',
    createdAtMs: start - 12 * DAY,
    changedBy: ME,
    changedAtMs: start - 70 * HOUR,
    replay: replayOf(7, 0, 6, 12 * 24 * 60),
  }),
];

/** GET, POST and DELETE below /admin/shield. */
export function shieldCall(call: Call, decisions: readonly DecisionSummary[]): Answer {
  const { parts, mode, url } = call;
  if (parts[1] === 'reports') return reportCall(call, decisions);
  if (parts[1] === 'exclusions') return exclusionCall(call);
  const fromMs = Number(url.searchParams.get('fromMs'));
  const toMs = Number(url.searchParams.get('toMs'));
  const open = reports.filter((one) => one.state === 'open').length;
  return ok(mode === 'empty' ? figures([], fromMs, toMs, 0) : figures(decisions, fromMs, toMs, open));
}

function reportCall({ parts, method, body, url, mode }: Call, decisions: readonly DecisionSummary[]): Answer {
  const [, , id, act] = parts;
  const all = mode === 'empty' ? [] : reports;
  if (method === 'GET') {
    const state = url.searchParams.get('state');
    const decision = url.searchParams.get('decision');
    const counts: Record<ReportState, number> = { open: 0, accepted: 0, dismissed: 0 };
    for (const one of all) counts[one.state] += 1;
    return ok({
      reports: all.filter(
        (one) => (state === null || one.state === state) && (decision === null || one.decision === decision),
      ),
      nextCursor: null,
      counts,
    });
  }
  if (id === undefined) {
    const known = reports.find((one) => one.decision === body['decision']);
    if (known) return ok(known);
    const decision = decisions.find((one) => one.id === body['decision']);
    if (!decision) return fail(404, 'DECISION_NOT_FOUND', 'No decision has this id.');
    lastId += 1;
    const made: FalseAlarm = {
      ...report(
        lastId,
        0,
        decision.route,
        '',
        typeof body['note'] === 'string' ? body['note'] : '',
        findingsFor(decision),
      ),
      decision: decision.id,
      guard: decision.guard ?? decision.wouldRefuse[0] ?? null,
      address: decision.address,
      reportedBy: ME,
      atMs: Date.now(),
    };
    reports = [made, ...reports];
    return ok(made, 201);
  }
  const found = reports.find((one) => one.id === id);
  if (!found) return fail(404, 'NOT_FOUND', 'There is no such report.');
  if (found.state !== 'open') return fail(409, 'CONFLICT', 'This report was settled before.');
  const settled: FalseAlarm = {
    ...found,
    state: act === 'accept' ? 'accepted' : 'dismissed',
    settledBy: ME,
    settledAtMs: Date.now(),
    exclusion: act === 'accept' && typeof body['exclusion'] === 'string' ? body['exclusion'] : null,
  };
  reports = reports.map((one) => (one === found ? settled : one));
  return ok(settled);
}

const ORDER = { draft: 0, live: 1, withdrawn: 2 } as const;

function exclusionCall({ parts, method, body, mode }: Call): Answer {
  const [, , id, act] = parts;
  if (method === 'GET') {
    const all = mode === 'empty' ? [] : exclusions;
    return ok({
      exclusions: all.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || b.createdAtMs - a.createdAtMs),
      configured:
        mode === 'empty'
          ? []
          : [
              { route: null, field: 'utm_campaign', rules: ['sql', 'xss'] },
              { route: 'POST /articles', field: 'source', rules: null },
            ],
    } satisfies ExclusionsAnswer);
  }
  if (id === undefined) return drafted(body);
  const found = exclusions.find((one) => one.id === id);
  if (!found) return fail(404, 'NOT_FOUND', 'There is no such exclusion.');
  if (method === 'DELETE') {
    exclusions = exclusions.filter((one) => one !== found);
    return { status: 204 };
  }
  if (method === 'PATCH') return changed(found, body);
  if (act === 'publish' || act === 'restore') {
    const asked = proofAsked();
    if (asked) return asked;
    if (found.replay === null)
      return fail(409, 'CONFLICT', 'This draft was never replayed; replay it first.');
  }
  const next: ShieldExclusion =
    act === 'replay'
      ? { ...found, replay: { ...replayOf(found.route === null ? 96 : 9, 1, 0, 0), atMs: Date.now() } }
      : {
          ...found,
          state: act === 'withdraw' ? 'withdrawn' : 'live',
          changedBy: ME,
          changedAtMs: Date.now(),
        };
  exclusions = exclusions.map((one) => (one === found ? next : one));
  return ok(next);
}

function changed(found: ShieldExclusion, body: Call['body']): Answer {
  const next = {
    ...found,
    ...(body as Partial<ShieldExclusion>),
    replay: null,
    changedBy: ME,
    changedAtMs: Date.now(),
  };
  exclusions = exclusions.map((one) => (one === found ? next : one));
  return ok(next);
}

function drafted(body: Call['body']): Answer {
  const rules = body['rules'] as readonly string[];
  if (rules.some((rule) => !/^[a-z]+(\.[a-z-]+)?$/.test(rule)))
    return fail(400, 'VALIDATION_ERROR', 'The request is not valid.', [
      { field: 'rules', code: 'UNKNOWN', message: 'Name rules (sql.tautology) or classes (sql).' },
    ]);
  lastId += 1;
  const made = exclusion(lastId, {
    route: (body['route'] as string | null) ?? null,
    field: (body['field'] as string | null) ?? null,
    rules,
    reason: String(body['reason']),
    createdBy: ME,
    createdAtMs: Date.now(),
  });
  exclusions = [made, ...exclusions];
  return ok(made, 201);
}
