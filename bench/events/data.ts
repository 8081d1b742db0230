import { EVENTS, type EventType } from '../../src/core/events.ts';
import type { SqlStore } from '../../src/ports/sql.ts';

/** When the events end, milliseconds since the epoch. */
export const END_MS = 1_795_000_000_000;
const DAYS = 90;
const DAY_MS = 86_400_000;

/** Types and their events of 100,000. */
const SHARES: Partial<Record<EventType, number>> = {
  REQUEST_REFUSED: 45_000,
  SIGN_IN_FAILED: 15_000,
  SIGN_IN_SUCCEEDED: 15_000,
  CSP_VIOLATION: 10_000,
  TOKEN_REFUSED: 8_000,
  NEW_DEVICE: 3_900,
  BRUTE_FORCE_ATTEMPT: 100,
  ROLE_ASSIGNED: 2_000,
  BLOCK_ADDED: 900,
  GUARD_FAILED: 90,
  REFRESH_REUSE: 9,
  BACKUP_CREATED: 1,
};

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** The ten characters of an id that tell its time. */
export const TIME = Array.from(
  { length: 10 },
  (_, i) => `substr('${ALPHABET}', ((at_ms >> ${5 * (9 - i)}) & 31)::int + 1, 1)`,
).join(' || ');

/** The kind of the nth event: types are spread evenly, as by their shares. */
function kinds(): string {
  let upTo = 0;
  const rows = Object.entries(SHARES).map(([type, share]) => {
    const { severity, class: kept, about } = EVENTS[type as EventType];
    const from = upTo;
    upTo += share;
    return `(${from}, ${upTo}, '${type}', '${severity}', '${kept}', '${about.replaceAll("'", "''")}')`;
  });
  return `(VALUES ${rows.join(', ')}) AS kind (low, high, type, severity, class, about)`;
}

const NAMES =
  'id, type, severity, class, at_ms, node, about, actor, subject, address, ip, route, session, decision, request, trace, user_agent, outcome, details';

/** Some of the events that are made: those from the `from`th on and below the `below`th of `total`. */
export interface Share {
  readonly table: string;
  readonly from: number;
  readonly below: number;
  readonly total: number;
}

/** When the nth of so many events happened: they lie evenly over 90 days. */
export function atMsOf(n: number, total: number): number {
  return END_MS - DAYS * DAY_MS + Math.round((n * DAYS * DAY_MS) / total);
}

/** Makes some of the events, in batches; everything is drawn from hashes of their number. */
export async function fill(sql: SqlStore, { table, from: first, below, total }: Share): Promise<void> {
  const batch = 250_000;
  for (let from = first; from < below; from += batch) {
    await sql.script(`
INSERT INTO ${table} (${NAMES})
SELECT 'evt_' || ${TIME} || substr(hash, 1, 16), type, severity, class, at_ms, 'node-' || n % 3, about,
  CASE WHEN h2 % 10 < 4 THEN 'user:' || h2 % 50000 END,
  CASE WHEN h3 % 10 < 3 THEN 'acc_' || h3 % 50000 END,
  host(ip), ip, 'GET /route/' || h1 % 40,
  CASE WHEN h2 % 10 < 4 THEN 'ses_' || h2 % 200000 END,
  CASE WHEN type = 'REQUEST_REFUSED' THEN 'dec_' || substr(hash, 7, 26) END,
  CASE WHEN h3 % 10 < 2 THEN 'edge-' || n END,
  CASE WHEN h3 % 10 < 5 THEN hash END,
  'Mozilla/5.0 (X11; Linux x86_64)',
  CASE WHEN type LIKE '%FAILED' THEN 'failure' WHEN type LIKE '%REFUSED' THEN 'refused' ELSE 'success' END,
  jsonb_build_object('guard', 'guard' || h1 % 20, 'reason', 'reason' || h3 % 500,
    'note', CASE WHEN n % 1000003 = 0 THEN 'hapax' WHEN n % 3001 = 0 THEN 'seldom' ELSE 'often' END)
    || CASE WHEN type = 'BRUTE_FORCE_ATTEMPT'
      THEN jsonb_build_object('detection', 'det_' || n, 'rule', 'brute_force', 'what', 'Passwords were tried.')
      ELSE '{}' END
FROM (
  SELECT n, hash, at_ms, h1, h2, h3,
    CASE WHEN h3 % 20 = 0 THEN '203.0.113.7'::inet ELSE '10.0.0.0'::inet + h2 % 4000000 END AS ip
  FROM (
    SELECT n, md5(n::text) AS hash, ${END_MS - DAYS * DAY_MS} + (n::numeric * ${DAYS * DAY_MS} / ${total})::bigint AS at_ms,
      abs(hashint8(n)::bigint) AS h1, abs(hashint8(n + 1000000007)::bigint) AS h2, abs(hashint8(n + 2000000011)::bigint) AS h3
    FROM generate_series(${from}::bigint, ${Math.min(below, from + batch) - 1}::bigint) AS n
  ) AS drawn
) AS one JOIN ${kinds()} ON one.h1 % 100000 >= kind.low AND one.h1 % 100000 < kind.high
ORDER BY n`);
  }
}
