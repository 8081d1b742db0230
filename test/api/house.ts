import type { SampleRole } from '../../src/server/api/sample-token.ts';
import { type RequestContext, RequestContext as Context } from '../../src/core/context.ts';
import type { Decider } from '../../src/core/decide.ts';
import type { EventFields } from '../../src/core/events.ts';
import { newId, newSecret } from '../../src/core/id.ts';
import type { ClientAddressValue } from '../../src/core/fact.ts';
import { refusalOf, renderRefusal } from '../../src/core/reply.ts';
import { canonicalPath } from '../../src/core/route.ts';
import type { Reply } from '../../src/core/verdict.ts';
import { blockList, type BlockList } from '../../src/modules/shield/index.ts';
import type { Bus } from '../../src/ports/bus.ts';
import { type ApiPorts, createApi, LiveHub } from '../../src/server/api/index.ts';
import type { HealthAnswer, ListEntry, SessionAnswer } from '../../src/server/api/types.ts';
import { noTraffic, type Stores } from '../../src/server/data/index.ts';
import { memoryBus } from '../../src/stores/memory/bus.ts';
import { ManualClock } from '../../src/testing/clock.ts';

export const OPERATOR_KEY = 'operator-key-of-the-tests-0123456789';

/** What a test may hand in. */
export interface HouseOptions {
  readonly consoleDir?: string;
  readonly bus?: Bus;
  readonly facts?: Partial<ApiPorts['facts']>;
  readonly ports?: Partial<ApiPorts>;
  readonly maxClients?: number;
}

/** How a request arrives: what the corridor would know of it. */
export interface Arrival {
  readonly peer?: string;
  readonly encrypted?: boolean;
  /** The address that trusted proxies vouch for. */
  readonly forwardedFor?: string;
}

/** Someone at the console. */
export interface SignedIn {
  readonly cookie: string;
  readonly csrf: string;
  get(path: string): Promise<Response>;
  send(method: string, path: string, body?: unknown): Promise<Response>;
}

/** An API over real stores, with doubles for what others build. */
export class House {
  readonly clock = new ManualClock();
  readonly emitted: { readonly type: string; readonly fields: EventFields }[] = [];
  readonly reported: string[] = [];
  readonly warned: string[] = [];
  readonly deciders = new Map<string, Decider>();
  readonly resets: string[] = [];
  readonly blocks: BlockList;
  readonly bus: Bus;
  readonly live: LiveHub;
  readonly ports: ApiPorts;
  readonly app: ReturnType<typeof createApi>;
  lists: { readonly allow: readonly ListEntry[]; readonly deny: readonly ListEntry[] } = {
    allow: [],
    deny: [],
  };
  state = { live: true, ready: true, started: true };
  counts = noTraffic();

  constructor(stores: Stores, options: HouseOptions = {}) {
    this.blocks = blockList({}, { clock: this.clock });
    this.bus = options.bus ?? memoryBus();
    this.live = new LiveHub(
      {
        clock: this.clock,
        timers: this.clock,
        takeSecond: () => {
          const taken = this.counts;
          this.counts = noTraffic();
          return taken;
        },
      },
      options.maxClients === undefined ? {} : { maxClients: options.maxClients },
    );
    this.ports = { ...this.#ports(stores, options), ...options.ports };
    this.app = createApi(this.ports);
  }

  #ports(stores: Stores, options: HouseOptions): ApiPorts {
    return {
      facts: {
        version: '0.1.0',
        node: 'one',
        consoleDir: options.consoleDir ?? null,
        operatorKey: OPERATOR_KEY,
        secret: new Uint8Array(32).fill(7),
        securityContacts: [],
        ...options.facts,
      },
      stores,
      clock: this.clock,
      timers: this.clock,
      blocks: this.blocks,
      limits: this.#limits(),
      health: {
        live: () => this.state.live,
        ready: () => this.state.ready,
        started: () => this.state.started,
        report: () => Promise.resolve(HEALTH),
      },
      csp: {
        take: (type, body, address) => {
          if (!body.startsWith('{') && !body.startsWith('[')) return false;
          this.reported.push(`${type} ${address}`);
          return true;
        },
        groups: () => [{ directive: 'script-src', blocked: 'inline', count: 3, lastAtMs: 1 }],
      },
      live: this.live,
      bus: this.bus,
      identity: null,
      mailbox: null,
      access: null,
      events: { emit: (type, fields = {}) => void this.emitted.push({ type, fields }) },
      metrics: () => '# HELP rampart_up 1 while it runs\nrampart_up 1\n',
      deciders: this.deciders,
      phaseOf: (guard) => (guard === 'limit' ? 'admit' : null),
      fail: failReply,
      log: { warn: (message) => void this.warned.push(message) },
    };
  }

  #limits(): ApiPorts['limits'] {
    const known = <T>(policy: string, answer: T): Promise<T | undefined> =>
      Promise.resolve(policy === 'api' ? answer : undefined);
    return {
      state: () => Promise.resolve(LIMITS),
      keys: (policy, search) => known(policy, { keys: search === '' ? [KEY] : [] }),
      histogram: (policy) => known(policy, HISTOGRAM),
      reset: (policy, key) => {
        if (policy === 'api') this.resets.push(key);
        return known(policy, key === KEY.key);
      },
      replaceLists: (lists) => void (this.lists = lists),
    };
  }

  /** Calls the app as the server would. */
  async fetch(path: string, init: RequestInit = {}, arrival: Arrival = {}): Promise<Response> {
    // Ids of one millisecond have no order among themselves.
    this.clock.advance(1);
    const origin = arrival.encrypted === true ? 'https://localhost:4600' : 'http://localhost:4600';
    const url = path.startsWith('http') ? path : `${origin}${path}`;
    const request = new Request(url, init);
    return this.app.fetch(request, { context: contextOf(request, arrival, this.clock) });
  }

  /** Calls with the operator key. */
  operator(method: string, path: string, body?: unknown): Promise<Response> {
    return this.fetch(path, jsonInit(method, body, { authorization: `Bearer ${OPERATOR_KEY}` }));
  }

  /** Signs in with a fresh link. */
  async signIn(name = 'ada', arrival: Arrival = {}): Promise<SignedIn> {
    const { token } = await this.ports.stores.setup.create(name, this.clock.now());
    const response = await this.fetch('/admin/session', jsonInit('POST', { setupToken: token }, {}), arrival);
    if (response.status !== 200) throw new Error(`sign-in answered ${response.status}`);
    const cookie = (response.headers.get('set-cookie') as string).split(';', 1)[0] as string;
    const { csrfToken: csrf } = (await response.json()) as SessionAnswer;
    return {
      cookie,
      csrf,
      get: (path) => this.fetch(path, { headers: { cookie } }, arrival),
      send: (method, path, body) =>
        this.fetch(path, jsonInit(method, body, { cookie, 'x-rampart-csrf': csrf }), arrival),
    };
  }

  /** Somebody in the sample application. */
  async customer(
    name: string,
    role: SampleRole = 'customer',
  ): Promise<(method: string, path: string, body?: unknown) => Promise<Response>> {
    const response = await this.fetch('/sample/sign-in', jsonInit('POST', { name, role }, {}));
    const { token } = (await response.json()) as { token: string };
    return (method, path, body) =>
      this.fetch(path, jsonInit(method, body, { authorization: `Bearer ${token}` }));
  }
}

/** A request with a JSON body. */
export function jsonInit(
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): RequestInit {
  return body === undefined
    ? { method, headers }
    : { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** The error envelope of a refusal. */
export async function errorOf(
  response: Response,
): Promise<{ readonly code: string; readonly message: string; readonly details?: unknown }> {
  const body = (await response.json()) as { success: unknown; error: { code: string; message: string } };
  if (body.success !== false) throw new Error('not the envelope of a refusal');
  return body.error;
}

function contextOf(request: Request, arrival: Arrival, clock: ManualClock): RequestContext {
  const { pathname, search } = new URL(request.url);
  const target = pathname + search;
  const peer = arrival.peer ?? '192.0.2.10';
  return new Context(
    {
      method: request.method,
      target,
      peer,
      encrypted: arrival.encrypted ?? false,
      header: (name) => request.headers.get(name) ?? undefined,
    },
    clock.now(),
    clock.monotonic(),
    canonicalPath(target),
    { route: { name: '*', settings: {} }, guards: [], bodyGuards: [], headers: [], removes: [] },
    clientOf(peer, arrival.forwardedFor),
  );
}

function clientOf(peer: string, forwardedFor: string | undefined): ClientAddressValue {
  const address = forwardedFor ?? peer;
  return { address, group: address, forwarded: forwardedFor !== undefined };
}

function failReply(error: unknown): Reply {
  const { refusal } = refusalOf(error, newId('err', 0));
  return renderRefusal(refusal, null, undefined);
}

/** A secret nobody knows. */
export const strangersToken = newSecret;

const KEY = {
  key: 'ip:203.0.113.7',
  used: 12,
  max: 60,
  remaining: 48,
  resetAtMs: 1,
  penaltyLevel: 0,
  penaltyUntilMs: null,
};
const HISTOGRAM = {
  policy: 'api',
  max: 60,
  windowMs: 60_000,
  bins: [{ from: 0, upTo: null, keys: 3 }],
  shareWithin: 1,
  p99: 12,
  p999: 12,
};
const LIMITS = {
  policies: [],
  store: {
    kind: 'memory',
    state: 'shared',
    sinceMs: 1,
    nodes: 1,
    keys: 1,
    evicted: 0,
  },
} as const;
const HEALTH: HealthAnswer = {
  state: 'ok',
  version: '0.1.0',
  node: 'one',
  nodeVersion: 'v24',
  startedAtMs: 1,
  checks: [],
  runtime: { memoryMb: 1, heapMb: 1, eventLoopP99Ms: 1, cpuPercent: 1 },
  journal: { waiting: 0, bytes: 0, shed: 0 },
  posture: null,
  findings: [],
};
