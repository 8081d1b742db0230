import type { SqlStore } from '../../src/ports/sql.ts';
import { END_MS, TIME } from './data.ts';

const DAY_MS = 86_400_000;
const BATCH = 100_000;
/** Days that traffic is counted for: the widest view and as much before it. */
const TRAFFIC_DAYS = 60;
/** Days that decisions are kept for, as by default. */
const DECISION_DAYS = 14;

const DECISION_COLUMNS =
  'id, at_ms, node, policy, method, route, path, address, ip, client_group, principal, user_agent, verdict, traffic_class, guard, code, status, would_refuse, duration_ms, weight, steps, country, asn';

/** Makes what a site leaves beside its events: counts of all traffic, kept decisions, accounts with their factors. */
export async function fillSite(
  sql: SqlStore,
  count: { readonly decisions: number; readonly accounts: number },
): Promise<void> {
  await fillTraffic(sql);
  await fillDecisions(sql, count.decisions);
  await sql.script(`
INSERT INTO rampart.identity_accounts (id, email, email_key, name, locale, status, roles, created_at_ms, passkey_user)
SELECT 'acc_' || n, n || '@example.org', n || '@example.org', 'n' || n, 'en', 'active',
  CASE WHEN n % 1000 = 0 THEN '{viewer}'::text[] ELSE '{}' END, ${END_MS}, 'p' || n
FROM generate_series(1, ${count.accounts}) AS n;
INSERT INTO rampart.identity_totp (id, account, secret, last_step, created_at_ms, confirmed_at_ms)
SELECT 't' || n, 'acc_' || n, 's', 0, ${END_MS}, ${END_MS} FROM generate_series(1, ${count.accounts}, 3) AS n;
INSERT INTO rampart.identity_phones (id, account, phone, confirmed_at_ms)
SELECT 'h' || n, 'acc_' || n, '+1', ${END_MS} FROM generate_series(1, ${count.accounts}, 20) AS n;`);
  await sql.script('VACUUM (ANALYZE)');
}

/** Three nodes, each with four of forty routes in every ten seconds. */
async function fillTraffic(sql: SqlStore): Promise<void> {
  for (let day = TRAFFIC_DAYS; day > 0; day--)
    await sql.script(`
INSERT INTO rampart.traffic (bucket_ms, node, route, allowed, answered, challenged, limited, blocked, would_refuse)
SELECT bucket - bucket % 10000, 'node-' || node, 'GET /route/' || (bucket / 10000 * 4 + route) % 40,
  40 + route, 2, 0, 1, route % 2, 0
FROM generate_series(${END_MS - day * DAY_MS}::bigint, ${END_MS - (day - 1) * DAY_MS - 1}::bigint, 10000) AS bucket,
  generate_series(1, 3) AS node, generate_series(0, 3) AS route
ON CONFLICT DO NOTHING`);
}

async function fillDecisions(sql: SqlStore, count: number): Promise<void> {
  const fromMs = END_MS - DECISION_DAYS * DAY_MS;
  const steps = JSON.stringify([
    { guard: 'blockList', mode: 'enforce', verdict: 'pass' },
    { guard: 'limit', mode: 'enforce', verdict: 'pass', evidence: { features: { key: 'ip', used: 3 } } },
    { guard: 'inspection', mode: 'enforce', verdict: 'pass', evidence: { features: { findings: [] } } },
  ]);
  for (let from = 0; from < count; from += BATCH)
    await sql.script(`
INSERT INTO rampart.decisions (${DECISION_COLUMNS})
SELECT 'dec_' || ${TIME} || substr(hash, 1, 16), at_ms, 'node-' || n % 3, 'policy', 'GET', 'GET /route/' || h1 % 40,
  '/route/' || h1 % 40, host(ip), ip, host(ip), CASE WHEN h2 % 10 < 4 THEN 'user:' || h2 % 50000 END,
  'Mozilla/5.0 (X11; Linux x86_64) ' || h1 % 30, CASE WHEN refused THEN 'deny' ELSE 'pass' END,
  CASE WHEN refused THEN 'limited' ELSE 'allowed' END, CASE WHEN refused THEN 'limit' END,
  CASE WHEN refused THEN 'RATE_LIMIT_EXCEEDED' END, CASE WHEN refused THEN 429 ELSE 200 END,
  CASE WHEN h2 % 50 = 0 THEN '["csrf"]'::jsonb ELSE '[]' END, 1.5, CASE WHEN refused THEN 1 ELSE 10 END, '${steps}', 'DE', 64500
FROM (
  SELECT n, md5(n::text) AS hash, ${fromMs} + (n::numeric * ${DECISION_DAYS * DAY_MS} / ${count})::bigint AS at_ms,
    abs(hashint8(n)::bigint) AS h1, abs(hashint8(n + 1000000007)::bigint) AS h2,
    '10.0.0.0'::inet + abs(hashint8(n + 2000000011)::bigint) % 100000 AS ip,
    abs(hashint8(n + 3000000019)::bigint) % 200 = 0 AS refused
  FROM generate_series(${from}::bigint, ${Math.min(count, from + BATCH) - 1}::bigint) AS n
) AS one ORDER BY n`);
}
