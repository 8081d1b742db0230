/** Made-up traffic for building the console: deterministic per minute, shaped like a day, with an attack in it. */
import { summaryOf } from '../../src/server/api/explain.ts';
import type {
  DecisionSummary,
  OverviewAnswer,
  TickMessage,
  TopEntry,
  TrafficClass,
  TrafficCounts,
} from '../../src/server/api/types.ts';

type Kind = Pick<DecisionSummary, 'verdict' | 'trafficClass' | 'guard' | 'code' | 'status'>;
const KINDS: Readonly<Record<string, Kind>> = {
  pass: { verdict: 'pass', trafficClass: 'allowed', guard: null, code: null, status: 200 },
  preflight: { verdict: 'answer', trafficClass: 'answered', guard: 'cors', code: null, status: 204 },
  api: {
    verdict: 'deny',
    trafficClass: 'limited',
    guard: 'limit',
    code: 'API_RATE_LIMIT_EXCEEDED',
    status: 429,
  },
  auth: {
    verdict: 'deny',
    trafficClass: 'limited',
    guard: 'limit',
    code: 'AUTH_RATE_LIMIT_EXCEEDED',
    status: 429,
  },
  csrf: { verdict: 'deny', trafficClass: 'blocked', guard: 'csrf', code: 'CSRF_CROSS_SITE', status: 403 },
  list: {
    verdict: 'deny',
    trafficClass: 'blocked',
    guard: 'block-list',
    code: 'ADDRESS_BLOCKED',
    status: 403,
  },
  shape: {
    verdict: 'deny',
    trafficClass: 'blocked',
    guard: 'inspection',
    code: 'REQUEST_BLOCKED',
    status: 403,
  },
  proof: {
    verdict: 'challenge',
    trafficClass: 'challenged',
    guard: 'shield.challenge',
    code: 'PROOF_REQUIRED',
    status: 403,
  },
};

const ROUTES: readonly (readonly [string, string, string])[] = [
  ['GET', 'GET /orders', '/orders'],
  ['GET', 'GET /orders/:id', '/orders/81942'],
  ['POST', 'POST /orders', '/orders'],
  ['GET', 'GET /products', '/products?page=2'],
  ['GET', 'GET /health', '/health'],
  ['PATCH', 'PATCH /orders/:id', '/orders/77120'],
  ['GET', 'GET /account', '/account'],
];
const HONEST = Array.from({ length: 40 }, (_, i) => `198.51.100.${11 + i * 5}`);
const USERS = [
  'ada@example.org',
  'grace@example.org',
  'svc_billing',
  'linus@example.org',
  'barbara@example.org',
  null,
  null,
];
const AGENTS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 15_2) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x64) Gecko/20100101 Firefox/140.0',
  'orders-mobile/4.12 (iOS 19.1)',
];
const MINUTE = 60_000;
const KEPT_MS = 8 * 86_400_000;

/** Deterministic noise between 0 and 1. */
function noise(seed: number): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 4_294_967_296;
}
function pick<T>(items: readonly T[], at: number): T {
  return items[Math.floor(at * items.length)] as T;
}

interface Part {
  readonly kind: string;
  readonly share: number;
  readonly address?: string;
  readonly route?: readonly [string, string, string];
  readonly agent?: string;
}
const LOGIN = ['POST', 'POST /auth/sign-in', '/auth/sign-in'] as const;
const ADMIN = ['GET', 'GET /*', '/wp-admin/setup-config.php'] as const;
const SEARCH = ['GET', 'GET /products', '/products?page=…'] as const;

function partsOf(minute: number): readonly Part[] {
  const wave = 0.6 + 0.4 * Math.sin((minute / 1440) * 2 * Math.PI - 1.2);
  const jitter = 0.85 + noise(minute) * 0.3;
  const honest = Array.from({ length: 5 }, () => ({ kind: 'pass', share: 70 * wave * jitter }));
  const stuffing = Math.max(0, 1 - Math.abs((minute % 240) - 205) / 12);
  const scan = minute % 97 < 6 ? 1 : 0;
  return [
    ...honest,
    { kind: 'preflight', share: 26 * wave * jitter },
    {
      kind: 'api',
      share: 9 * noise(minute + 3) + 8 * scan,
      address: '203.0.113.77',
      route: ['GET', 'GET /products', '/products?page=481'],
      agent: 'python-requests/2.33',
    },
    {
      kind: 'auth',
      share: 3 + 150 * stuffing * jitter,
      address: '203.0.113.7',
      route: LOGIN,
      agent: 'Go-http-client/2.0',
    },
    {
      kind: 'auth',
      share: 90 * stuffing * jitter,
      address: '2001:db8:5c::1f',
      route: LOGIN,
      agent: 'Go-http-client/2.0',
    },
    { kind: 'list', share: 5 + 40 * stuffing, address: '192.0.2.66', route: LOGIN, agent: 'curl/8.16' },
    {
      kind: 'shape',
      share: 34 * scan * jitter,
      address: '192.0.2.190',
      route: ADMIN,
      agent: 'Mozilla/5.0 zgrab/0.x',
    },
    {
      kind: 'shape',
      share: 3 + 11 * noise(minute + 13),
      address: '203.0.113.201',
      route: SEARCH,
      agent: 'sqlmap/1.9',
    },
    { kind: 'csrf', share: noise(minute + 9) > 0.8 ? 4 : 0, route: ['POST', 'POST /orders', '/orders'] },
    {
      kind: 'proof',
      share: 6 * noise(minute + 5) + 20 * scan,
      address: '203.0.113.140',
      route: ['GET', 'GET /products', '/products?page=7'],
      agent: 'HeadlessChrome/139',
    },
  ];
}

/** Decisions of one minute, oldest first. */
export function minuteOf(minute: number): readonly DecisionSummary[] {
  return partsOf(minute)
    .map((part, index) => ({ part, seed: minute * 31 + index }))
    .filter(({ part }) => part.share >= 0.5)
    .map(({ part, seed }, index) => {
      const [method, route, path] = part.route ?? pick(ROUTES, noise(seed + 1));
      const kind = KINDS[part.kind] as Kind;
      const isShadow = part.kind === 'pass' && noise(seed + 4) > 0.9;
      const isNoticed = part.kind === 'pass' && noise(seed + 8) > 0.985;
      return {
        ...kind,
        id: `dec_${minute.toString(36)}${index.toString(36)}${Math.floor(noise(seed) * 1e9).toString(36)}`,
        atMs: minute * MINUTE + Math.floor(noise(seed + 2) * MINUTE),
        method: part.kind === 'preflight' ? 'OPTIONS' : method,
        route,
        path,
        address: part.address ?? pick(HONEST, noise(seed + 3)),
        principal: part.kind === 'pass' ? pick(USERS, noise(seed + 6)) : null,
        wouldRefuse: isShadow ? ['api-burst'] : isNoticed ? ['inspection'] : [],
        durationMs: part.kind === 'pass' ? 4 + noise(seed + 7) * 40 : 0.05 + noise(seed + 7) * 0.4,
        weight: Math.max(1, Math.round(part.share)),
      };
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** The user agent of a made-up decision. */
export function agentOf(decision: DecisionSummary): string {
  return decision.trafficClass === 'allowed' ? pick(AGENTS, noise(decision.atMs)) : 'Go-http-client/2.0';
}

/** The range of a made-up caller. */
function rangeOf({ address }: DecisionSummary): string {
  return address.includes(':') ? '2001:db8:5c::/48' : address.replace(/\.\d+$/, '.0/24');
}

const PLACES: readonly (readonly [string, string, string])[] = [
  ['198.51.100.', '64496', 'DE'],
  ['203.0.113.', '64500', 'NL'],
  ['192.0.2.', '64511', 'BR'],
];
/** Network and country of a made-up caller. */
function placeOf({ address }: DecisionSummary): readonly [string, string] {
  const found = PLACES.find(([start]) => address.startsWith(start));
  const isFrench = found?.[2] === 'DE' && Number(address.split('.')[3]) % 3 === 0;
  return isFrench ? ['64497', 'FR'] : [found?.[1] ?? '64501', found?.[2] ?? 'SE'];
}

/** All kept decisions, oldest first. */
export function history(nowMs: number): DecisionSummary[] {
  const out: DecisionSummary[] = [];
  for (let minute = Math.floor((nowMs - KEPT_MS) / MINUTE); minute <= nowMs / MINUTE; minute++) {
    for (const one of minuteOf(minute)) if (one.atMs <= nowMs) out.push(one);
  }
  return out;
}

/** `field:value` filters as the server understands them: same field any, different fields all. */
export function matches(
  decision: DecisionSummary,
  filters: readonly string[],
  excludes: readonly string[],
): boolean {
  const has = (text: string): boolean => {
    const colon = text.indexOf(':');
    const field = text.slice(0, colon);
    const value = text.slice(colon + 1);
    if (field === 'wouldRefuse')
      return value === 'any' ? decision.wouldRefuse.length > 0 : decision.wouldRefuse.includes(value);
    if (field === 'range') return rangeOf(decision) === value;
    if (field === 'asn') return placeOf(decision)[0] === value;
    if (field === 'country') return placeOf(decision)[1] === value;
    if (field === 'userAgent') return agentOf(decision) === value;
    return String(decision[field as keyof DecisionSummary] ?? '') === value;
  };
  const field = (text: string): string => text.slice(0, text.indexOf(':'));
  const fits = (text: string): boolean => filters.some((one) => field(one) === field(text) && has(one));
  return filters.every(fits) && !excludes.some(has);
}

const ZERO = { allowed: 0, answered: 0, challenged: 0, limited: 0, blocked: 0, wouldRefuse: 0 };
type Sums = Record<TrafficClass | 'wouldRefuse', number>;
function count(into: Sums, decision: DecisionSummary): void {
  into[decision.trafficClass] += decision.weight;
  if (decision.wouldRefuse.length > 0) into.wouldRefuse += decision.weight;
}

function top(decisions: readonly DecisionSummary[], of: (one: DecisionSummary) => string | null): TopEntry[] {
  const sums = new Map<string, { requests: number; refused: number }>();
  for (const one of decisions) {
    const value = of(one);
    if (value === null) continue;
    const sum = sums.get(value) ?? { requests: 0, refused: 0 };
    sum.requests += one.weight;
    if (one.verdict === 'deny' || one.verdict === 'challenge') sum.refused += one.weight;
    sums.set(value, sum);
  }
  return [...sums]
    .map(([value, sum]) => ({ value, ...sum }))
    .sort((a, b) => b.requests - a.requests)
    .slice(0, 10);
}

/** The overview of a span. */
export function overview(
  all: readonly DecisionSummary[],
  fromMs: number,
  toMs: number,
  buckets: number,
): OverviewAnswer {
  const bucketMs = Math.ceil((toMs - fromMs) / buckets);
  const series = Array.from({ length: buckets }, (_, i) => ({ ...ZERO, atMs: fromMs + i * bucketMs }));
  const totals: Sums = { ...ZERO };
  const previousTotals: Sums = { ...ZERO };
  const inside: DecisionSummary[] = [];
  for (const one of all) {
    if (one.atMs >= fromMs && one.atMs < toMs) {
      inside.push(one);
      count(totals, one);
      const bucket = series[Math.floor((one.atMs - fromMs) / bucketMs)];
      if (bucket) count(bucket, one);
    } else if (one.atMs >= 2 * fromMs - toMs && one.atMs < fromMs) count(previousTotals, one);
  }
  return {
    fromMs,
    toMs,
    bucketMs,
    countedAtMs: toMs,
    series,
    totals,
    previousTotals,
    topAddresses: top(inside, (one) => one.address),
    topRoutes: top(inside, (one) => one.route),
    topGuards: top(inside, (one) => one.guard),
    topPrincipals: top(inside, (one) => one.principal),
    topRanges: top(inside, rangeOf),
    topNetworks: top(inside, (one) => placeOf(one)[0]),
    topCountries: top(inside, (one) => placeOf(one)[1]),
    topClients: top(inside, agentOf),
    topCodes: top(inside, (one) => one.code),
    knowsPlaces: inside.length > 0,
    topsSinceMs: fromMs,
    sampleShare: inside.length === 0 ? 1 : 0.1,
    summary: summaryOf({ totals, previousTotals }),
  };
}

/** One second of traffic. */
export function tick(nowMs: number): TickMessage {
  const sums: Sums = { ...ZERO };
  for (const one of minuteOf(Math.floor(nowMs / MINUTE))) count(sums, one);
  const share = (0.7 + noise(Math.floor(nowMs / 1000)) * 0.6) / 60;
  const counts = Object.fromEntries(
    Object.entries(sums).map(([name, value]) => [name, Math.round(value * share)]),
  ) as unknown as TrafficCounts;
  return { atMs: nowMs, counts, skipped: 0 };
}
