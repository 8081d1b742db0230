/** Made-up state for building the console: limits, blocks, events, health. */
import type {
  BlockEntry,
  BlockKind,
  CspAnswer,
  HealthAnswer,
  LimitHistogramAnswer,
  LimitKey,
  LimitPolicy,
  LimitsAnswer,
  ListEntry,
} from '../../src/server/api/types.ts';

const MINUTE = 60_000;
const now = Date.now();
const policy = (
  name: string,
  max: LimitPolicy['max'],
  windowMs: number,
  by: readonly string[],
  code: string,
  routes: readonly string[],
  rest: Partial<LimitPolicy> = {},
): LimitPolicy => ({
  name,
  algorithm: 'sliding',
  max,
  windowMs,
  by,
  mode: 'enforce',
  onStoreFailure: 'local',
  code,
  routes,
  passed: 412_804,
  refused: 318,
  ...rest,
});

export const limits: { policies: LimitPolicy[]; allow: ListEntry[]; deny: ListEntry[] } = {
  policies: [
    policy('global', 1000, 15 * MINUTE, ['ip'], 'RATE_LIMIT_EXCEEDED', ['*']),
    policy(
      'api',
      { anonymous: 60, customer: 120, agent: 300, admin: 1000 },
      MINUTE,
      ['ip', 'role'],
      'API_RATE_LIMIT_EXCEEDED',
      ['GET /products', 'GET /orders', 'POST /orders', 'GET /orders/:id'],
      { passed: 301_112, refused: 2_914 },
    ),
    policy('auth', 5, 15 * MINUTE, ['ip', 'account'], 'AUTH_RATE_LIMIT_EXCEEDED', ['POST /auth/sign-in'], {
      algorithm: 'log',
      onStoreFailure: 'closed',
      passed: 8_204,
      refused: 11_730,
    }),
    policy('api-burst', 10, 1000, ['ip'], 'API_RATE_LIMIT_EXCEEDED', ['GET /products'], {
      algorithm: 'gcra',
      mode: 'shadow',
      passed: 98_112,
      refused: 1_204,
    }),
    policy('exports', 2, 60 * MINUTE, ['user'], 'EXPORTS_BUSY', ['POST /exports'], {
      algorithm: 'concurrency',
      passed: 212,
      refused: 3,
    }),
  ],
  allow: [
    { value: '198.51.100.0/28', note: 'Office', addedBy: 'ada', addedAtMs: now - 40 * 86_400_000 },
    { value: '2001:db8:77::/48', note: 'Status monitor', addedBy: 'ada', addedAtMs: now - 12 * 86_400_000 },
  ],
  deny: [{ value: '192.0.2.240', note: null, addedBy: 'grace', addedAtMs: now - 3 * 86_400_000 }],
};

export function limitsAnswer(isEmpty: boolean, isDegraded: boolean): LimitsAnswer {
  return {
    policies: isEmpty ? [] : limits.policies,
    allow: isEmpty ? [] : limits.allow,
    deny: isEmpty ? [] : limits.deny,
    store: {
      kind: isEmpty ? 'memory' : 'redis',
      state: isDegraded ? 'local' : 'shared',
      sinceMs: now - 42_000,
      nodes: isEmpty ? 1 : 3,
      keys: isEmpty ? 0 : 8_412,
      evicted: 0,
    },
  };
}

export function keysOf(name: string, search: string): LimitKey[] {
  const max = maxOf(name);
  const addresses = [
    '203.0.113.7',
    '203.0.113.77',
    '2001:db8:5c::/64',
    '198.51.100.31',
    '198.51.100.86',
    '198.51.100.121',
    '198.51.100.41',
    '198.51.100.16',
  ];
  return addresses
    .map((key, index) => {
      const used = Math.max(1, Math.round(max * [1, 1, 0.92, 0.63, 0.44, 0.4, 0.21, 0.08][index]!));
      return {
        key: name === 'auth' ? `${key} · ada@example.org` : key,
        used,
        max,
        remaining: max - used,
        resetAtMs: Date.now() + 12_000 + index * 4000,
        penaltyLevel: index === 0 ? 2 : 0,
        penaltyUntilMs: index === 0 ? Date.now() + 25 * MINUTE : null,
      };
    })
    .filter(({ key }) => key.includes(search));
}

function maxOf(name: string): number {
  const found = limits.policies.find((one) => one.name === name)?.max ?? 60;
  return typeof found === 'number' ? found : Math.min(...Object.values(found));
}

export function histogram(name: string, isEmpty: boolean): LimitHistogramAnswer {
  const max = maxOf(name);
  const step = Math.max(1, Math.round(max / 12));
  const keys = [2210, 3105, 1840, 960, 502, 260, 148, 84, 51, 33, 20, 14, 9, 6, 4, 3, 2, 2, 1];
  const bins = keys.map((count, index) => ({
    from: index * step + 1,
    upTo: (index + 1) * step,
    keys: count,
  }));
  const tail = { from: keys.length * step + 1, upTo: null, keys: 18 };
  const windowMs = limits.policies.find((one) => one.name === name)?.windowMs ?? MINUTE;
  if (isEmpty) return { policy: name, max, windowMs, bins: [], shareWithin: null, p99: null, p999: null };
  return {
    policy: name,
    max,
    windowMs,
    bins: [...bins, tail],
    shareWithin: 0.9951,
    p99: step * 10,
    p999: step * 19,
  };
}

/** The kind of a target, as the server would say. */
export function kindOf(target: string): BlockKind {
  const word = /^(asn|country|user|session|device):/.exec(target)?.[1];
  return word === undefined ? (target.includes('/') ? 'range' : 'address') : (word as BlockKind);
}

const block = (
  id: number,
  target: string,
  minutes: number | null,
  reason: string,
  by: string,
  hits: number,
): BlockEntry => ({
  id: `blk_${id}`,
  kind: kindOf(target),
  target,
  reason,
  createdBy: by,
  createdAtMs: now - 25 * MINUTE,
  expiresAtMs: minutes === null ? null : now + minutes * MINUTE,
  hits,
});
export const blocks = new Map<string, BlockEntry>(
  [
    block(1, '192.0.2.66', 34, 'Credential stuffing on POST /auth/sign-in', 'ada', 4_812),
    block(2, '203.0.113.0/24', 4.2, 'Scraping of the catalogue', 'grace', 912),
    block(3, '2001:db8:bad::/48', 60 * 30, 'Card testing, reported by payments', 'ada', 64),
    block(4, '192.0.2.240', null, 'Abuse desk does not answer', 'ada', 3),
    block(5, 'asn:64500', 60 * 24 * 6, 'Rented machines, nothing but scans', 'grace', 20_417),
    block(6, 'country:ZZ', 600, 'Nobody is delivered to there', 'ada', 118),
    block(7, 'user:acc_01k9x3v8c0m2n4p6q8r0s2t4v6', null, 'Charge-backs, case 4711', 'ada', 9),
    block(8, 'session:ses_01k9x3v8c0m2n4p6q8r0s2t4v6', 50, 'Token seen in a paste', 'grace', 2),
    block(9, 'device:dev_01k9x3v8c0m2n4p6q8r0s2t4v6', 60 * 48, 'Stolen phone', 'ada', 0),
  ].map((one) => [one.id, one]),
);
export const removed = new Map<string, BlockEntry>();

export function health(isEmpty: boolean, isDegraded: boolean): HealthAnswer {
  const at = Date.now() - 3000;
  return {
    state: isDegraded ? 'degraded' : 'ok',
    version: '0.1.0',
    node: 'node-1',
    nodeVersion: 'v24.21.0',
    startedAtMs: now - 3 * 86_400_000,
    checks: [
      {
        name: 'Records database',
        state: 'ok',
        text: 'PostgreSQL 18 answers.',
        latencyMs: 1.4,
        checkedAtMs: at,
      },
      isDegraded
        ? {
            name: 'Limits store',
            state: 'degraded',
            text: 'Redis has not answered for 42 s; this node counts alone with a third of each limit. Check that Redis runs and REDIS_URL is right.',
            latencyMs: null,
            checkedAtMs: at,
          }
        : {
            name: 'Limits store',
            state: 'ok',
            text: 'Redis 8 answers; 3 nodes share it.',
            latencyMs: 0.38,
            checkedAtMs: at,
          },
      {
        name: 'Journal',
        state: 'ok',
        text: 'Entries are written and drained within a second.',
        latencyMs: 0.9,
        checkedAtMs: at,
      },
      {
        name: 'Clock',
        state: 'ok',
        text: 'Agrees with the database to 3 ms.',
        latencyMs: 3,
        checkedAtMs: at,
      },
    ],
    runtime: { memoryMb: 148, heapMb: 61, eventLoopP99Ms: 11.4, cpuPercent: 23 },
    journal: { waiting: isDegraded ? 1842 : 12, bytes: 48_211, shed: 0 },
    posture: isEmpty
      ? { level: 'normal', sinceMs: at, nodes: 0, rate: 0, usual: null, bound: null }
      : { level: 'elevated', sinceMs: at - 4 * 60_000, nodes: 1, rate: 912, usual: 148, bound: 592 },
    findings: isEmpty
      ? []
      : [
          {
            level: 'warning',
            text: "Policy 'api-burst' has been in shadow mode for 9 days.",
            remedy: 'Look at what it would have refused, then set mode to enforce or remove it.',
          },
          {
            level: 'info',
            text: 'HSTS is sent without preload.',
            remedy: 'Add preload once every subdomain answers over HTTPS.',
          },
        ],
  };
}

export function csp(isEmpty: boolean): CspAnswer {
  if (isEmpty) return { groups: [] };
  return {
    groups: [
      { directive: 'script-src-elem', blocked: 'https://cdn.example', count: 412, lastAtMs: now - 40_000 },
      { directive: 'script-src-elem', blocked: 'inline', count: 38, lastAtMs: now - 340_000 },
      { directive: 'style-src-attr', blocked: 'inline', count: 21, lastAtMs: now - 7_340_000 },
      {
        directive: 'connect-src',
        blocked: 'https://telemetry.example',
        count: 9,
        lastAtMs: now - 86_340_000,
      },
    ],
  };
}
