/** A made-up audit log for building the console. */
import type {
  AuditAnswer,
  AuditEntry,
  AuditIntegrityAnswer,
  AuditReport,
} from '../../src/server/api/audit-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';

const SIZE = 48_211;
const RUN_MS = 4000;
const now = Date.now();
const KEY = 'rampart/audit/01k9x3v8+a3f2c1d0+AddqmAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
let checkedAtMs = now - 5 * 60_000;
let startedAtMs = 0;

const entry = (seq: number, type: string, about: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  seq,
  id: `evt_audit${seq}`,
  type,
  about,
  severity: 'MEDIUM',
  atMs: now - (SIZE - seq) * 41_000,
  node: 'node-2',
  actor: 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6',
  subject: null,
  address: null,
  route: null,
  decision: null,
  outcome: 'success',
  details: {},
  erased: false,
  leaf: 'b1RyZWU=',
  ...more,
});
const ENTRIES = Array.from({ length: 15 }, (_, at) => {
  const seq = SIZE - 1 - at;
  if (at % 4 === 1)
    return entry(seq, 'USER_ROLES_CHANGED', 'The roles of an account were changed.', { severity: 'HIGH' });
  if (at % 4 === 2)
    return entry(seq, 'SIGNED_OUT', 'Somebody signed out.', { severity: 'LOW', actor: null, erased: true });
  return entry(
    seq,
    at % 4 === 3 ? 'KEY_ROTATED' : 'BLOCK_ADDED',
    at % 4 === 3
      ? 'Everything that older keys had sealed was sealed anew by the newest one.'
      : 'An address or range was blocked.',
  );
});
const ERASED = [
  entry(31_804, 'AUDIT_SUBJECT_ERASED', 'What the audit log held of somebody was erased.', {
    details: { holder: 'p2Q8mXv0tYk1' },
  }),
];

/** GET /admin/audit and what lies below it. */
export function auditCall({ parts, method, url, mode }: Call): Answer {
  const isEmpty = mode === 'empty';
  const [, act] = parts;
  if (act === undefined) {
    const list = isEmpty ? [] : url.searchParams.has('type') ? ERASED : ENTRIES;
    return ok({ entries: list, nextBefore: null } satisfies AuditAnswer);
  }
  if (act === 'integrity') return ok(integrity(isEmpty, mode === 'degraded'));
  if (act === 'verify' && method === 'POST') {
    startedAtMs = checkedAtMs = Date.now();
    return ok(REPORT);
  }
  if (act === 'range') return ok({ lines: ['{"rampart":"audit-range"}'], events: 1, next: null });
  if (act === 'bundle') return ok({ lines: ['{"rampart":"audit-bundle"}'], events: 1, next: null });
  if (parts[2] === 'proof')
    return ok({ seq: 0, leaf: '', entry: {}, who: null, what: null, path: [], note: '' });
  return fail(404, 'NOT_FOUND', 'There is no such route.');
}

const REPORT: AuditReport = {
  ok: true,
  origin: 'rampart/audit/01k9x3v8',
  from: null,
  expired: 0,
  events: SIZE,
  covered: SIZE - 3,
  coveredAtUs: `${now}000`,
  checkpoints: 812,
  erased: 4,
  withheld: 0,
  firstBad: null,
  problems: [],
};

function integrity(isEmpty: boolean, isWrong: boolean): AuditIntegrityAnswer {
  const nowMs = Date.now();
  const share = (nowMs - startedAtMs) / RUN_MS;
  return {
    origin: isEmpty ? null : 'rampart/audit/01k9x3v8',
    key: isEmpty ? null : KEY,
    size: isEmpty ? 0 : SIZE,
    checkpoint: isEmpty
      ? null
      : {
          origin: 'rampart/audit/01k9x3v8',
          size: SIZE - 3,
          madeUs: `${nowMs - 38_000}000`,
          node: 'node-2',
          note: 'rampart/audit/01k9x3v8\n48208\n…',
        },
    waiting: isEmpty ? 0 : 2,
    waitingSinceMs: isEmpty ? null : nowMs - 300,
    conflict: isWrong ? 'another leaf stands at 812' : null,
    strangers: false,
    failing: false,
    verifying: share < 1 ? { events: Math.round(share * SIZE) } : null,
    check: isEmpty
      ? null
      : {
          atMs: checkedAtMs,
          node: 'node-2',
          ok: !isWrong,
          events: SIZE,
          covered: SIZE - 3,
          firstBad: isWrong ? 812 : null,
          problem: isWrong ? 'it was changed: its hash is another' : null,
        },
  };
}
