/** Made-up state for building the console: limits, blocks, events, health. */
import type {
  BlockEntry,
  CspAnswer,
  EventEntry,
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

const block = (
  id: number,
  target: string,
  minutes: number | null,
  reason: string,
  by: string,
  hits: number,
): BlockEntry => ({
  id: `blk_${id}`,
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
  ].map((one) => [one.id, one]),
);
export const removed = new Map<string, BlockEntry>();

const ABOUT: readonly (readonly [string, EventEntry['severity'], string, Partial<EventEntry>])[] = [
  [
    'LIMIT_STORE_RECOVERED',
    'MEDIUM',
    'The shared store of the limits answers again.',
    { details: { store: 'redis', outageSeconds: 41 } },
  ],
  [
    'LIMIT_STORE_DEGRADED',
    'HIGH',
    'The shared store of the limits does not answer; each policy does what its onStoreFailure names.',
    { details: { store: 'redis', error: 'ETIMEDOUT', budgetMs: 50 } },
  ],
  [
    'BLOCK_ADDED',
    'MEDIUM',
    'An address or range was blocked.',
    {
      actor: 'ada',
      subject: '192.0.2.66',
      details: { minutes: 60, reason: 'Credential stuffing on POST /auth/sign-in' },
    },
  ],
  [
    'REQUEST_REFUSED',
    'LOW',
    'A guard refused a request.',
    {
      address: '203.0.113.7',
      route: 'POST /auth/sign-in',
      details: { guard: 'limit', code: 'AUTH_RATE_LIMIT_EXCEEDED' },
    },
  ],
  [
    'CSRF_ATTEMPT',
    'MEDIUM',
    'A state-changing request came from a foreign site.',
    {
      address: '198.51.100.31',
      route: 'POST /orders',
      details: { origin: 'https://evil.example', site: 'cross-site' },
    },
  ],
  [
    'SETUP_LINK_USED',
    'HIGH',
    'A set-up link was used to sign in to the console.',
    { actor: 'ada', address: '127.0.0.1' },
  ],
  [
    'JOURNAL_STALLED',
    'CRITICAL',
    'The journal cannot be written or the database does not take its entries.',
    { details: { waiting: 18_204, error: 'disk full' } },
  ],
  [
    'LIMIT_LIST_CHANGED',
    'MEDIUM',
    'The allow list or deny list of the limits was changed.',
    { actor: 'grace', subject: '198.51.100.0/28', details: { list: 'allow', act: 'add' } },
  ],
  [
    'CSP_VIOLATION',
    'LOW',
    'A browser reported a violation of the Content-Security-Policy.',
    { details: { directive: 'script-src-elem', blocked: 'https://cdn.example' } },
  ],
  ['SERVER_STARTED', 'LOW', 'A node has started.', { details: { version: '0.1.0' } }],
];
export const events: readonly EventEntry[] = Array.from({ length: 130 }, (_, index) => {
  const [type, severity, about, rest] = ABOUT[index % ABOUT.length]!;
  return {
    id: `evt_${(1e6 - index).toString(36)}`,
    type,
    severity,
    about,
    atMs: now - index * index * 900 - index * 47_000,
    node: `node-${1 + (index % 3)}`,
    actor: null,
    subject: null,
    address: null,
    route: null,
    decision: null,
    details: {},
    ...rest,
  };
});

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
