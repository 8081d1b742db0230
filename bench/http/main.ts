import { type ChildProcess, fork } from 'node:child_process';
import { arch, cpus, platform } from 'node:os';
import { CONTENDERS, ORIGIN } from './contenders.ts';
import { type LoadResult, runLoad } from './load.ts';
import { RAMPARTS } from './rampart.ts';

/** One line of the result. */
interface Row {
  readonly case: string;
  readonly unit: string;
  readonly rampart: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly limit: number | null;
  readonly ratio: number;
}

const GET = [
  'GET /items/7 HTTP/1.1',
  'host: 127.0.0.1',
  'user-agent: bench/1',
  'accept: application/json',
  'accept-encoding: gzip, br',
  `origin: ${ORIGIN}`,
  '\r\n',
].join('\r\n');

const MEMORY_CASES = [
  { name: 'node', bare: 'node bare', peer: undefined, rampart: 'node rampart' },
  { name: 'express', bare: 'express bare', peer: 'express stack', rampart: 'express rampart' },
  { name: 'fastify', bare: 'fastify bare', peer: 'fastify stack', rampart: 'fastify rampart' },
  { name: 'hono', bare: 'hono bare', peer: 'hono stack', rampart: 'hono rampart' },
] as const;
const REDIS_CASE = {
  name: 'express + Redis',
  bare: 'express bare',
  peer: 'express stack',
  rampart: 'express rampart',
} as const;

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 7);
const REQUESTS = Number(process.env['BENCH_REQUESTS'] ?? 15_000);
const CONNECTIONS = 32;

class Server {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly port: number;
  readonly cpuUs: number[] = [];
  readonly perSecond: number[] = [];
  rssBytes = 0;

  private constructor(name: string, child: ChildProcess, port: number) {
    this.name = name;
    this.#child = child;
    this.port = port;
  }

  static async start(name: string, max: number, redisUrl: string): Promise<Server> {
    const child = fork(new URL('./child.ts', import.meta.url), [name, String(max), redisUrl], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const { port } = await message<{ port: number }>(child);
    return new Server(name, child, port);
  }

  async usage(): Promise<{ cpuUs: number; rssBytes: number }> {
    const answer = message<{ cpuUs: number; rssBytes: number }>(this.#child);
    this.#child.send('usage');
    return answer;
  }

  load(requests: number, connections = CONNECTIONS): Promise<LoadResult> {
    return runLoad({ port: this.port, request: GET, connections, requests });
  }

  stop(): void {
    this.#child.disconnect();
  }
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a contender ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (value) => {
      child.off('exit', ended);
      resolve(value as T);
    });
  });
}

/** Whether it does the job: answers, carries the headers, and refuses what is over the limit. */
async function prove(name: string, redisUrl: string): Promise<void> {
  const server = await Server.start(name, 5, redisUrl);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/items/7`, { headers: { origin: ORIGIN } });
    const body = (await response.json()) as { id?: number };
    if (response.status !== 200 || body.id !== 7) throw new Error(`${name} does not answer`);
    if (name.endsWith('bare')) return;
    for (const header of ['x-content-type-options', 'access-control-allow-origin']) {
      if (!response.headers.has(header)) throw new Error(`${name} does not set ${header}`);
    }
    const { statuses } = await server.load(20, 1);
    if (statuses['429'] !== 16)
      throw new Error(`${name} lets through ${20 - (statuses['429'] ?? 0)} instead of 4`);
  } finally {
    server.stop();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

async function measure(names: readonly string[], redisUrl: string): Promise<Map<string, Server>> {
  const servers = new Map<string, Server>();
  for (const name of names)
    servers.set(name, await Server.start(name, 1e9, name.endsWith('bare') ? '' : redisUrl));
  for (const server of servers.values()) await server.load(REQUESTS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of servers.values()) {
      const before = await server.usage();
      const { seconds, requests } = await server.load(REQUESTS);
      const after = await server.usage();
      server.cpuUs.push((after.cpuUs - before.cpuUs) / requests);
      server.perSecond.push(requests / seconds);
      server.rssBytes = after.rssBytes;
    }
    process.stderr.write(`round ${round + 1} of ${ROUNDS}\n`);
  }
  for (const server of servers.values()) server.stop();
  return servers;
}

function rows(
  cases: readonly { name: string; bare: string; peer: string | undefined; rampart: string }[],
  servers: Map<string, Server>,
): Row[] {
  const cpu = (name: string): number => median(servers.get(name)?.cpuUs ?? []);
  const round = (value: number): number => Math.round(value * 10) / 10;
  return cases.flatMap(({ name, bare, peer, rampart }) => {
    const added = cpu(rampart) - cpu(bare);
    const stack = peer === undefined ? undefined : cpu(peer) - cpu(bare);
    const result: Row[] = [
      {
        case: `${name}: CPU added per request (bare ${round(cpu(bare))} µs)`,
        unit: 'µs',
        rampart: round(added),
        peers: stack === undefined ? {} : { 'assembled stack': round(stack) },
        limit: null,
        ratio: stack === undefined ? 0 : round(stack / added),
      },
    ];
    const rss = (one: string): number => Math.round((servers.get(one)?.rssBytes ?? 0) / 1e6);
    const rate = (one: string): number => Math.round(median(servers.get(one)?.perSecond ?? []));
    if (peer !== undefined) {
      result.push(
        {
          case: `${name}: requests per second`,
          unit: '/s',
          rampart: rate(rampart),
          peers: { 'assembled stack': rate(peer), bare: rate(bare) },
          limit: null,
          ratio: round(rate(rampart) / rate(peer)),
        },
        {
          case: `${name}: memory after load`,
          unit: 'MB',
          rampart: rss(rampart),
          peers: { 'assembled stack': rss(peer), bare: rss(bare) },
          limit: null,
          ratio: round(rss(peer) / rss(rampart)),
        },
      );
    }
    return result;
  });
}

/** Measures the corridor beside the stacks that people assemble. Needs REDIS_URL for the Redis case. */
export async function benchHttp(): Promise<{ name: string; machine: string; results: Row[] }> {
  const only = process.env['BENCH_ONLY'];
  const cases = MEMORY_CASES.filter((one) => only === undefined || one.name === only);
  const names = [...new Set(cases.flatMap((one) => [one.bare, one.peer, one.rampart]))].filter(
    (name) => name !== undefined,
  );
  for (const name of names) await prove(name, '');
  const results = rows(cases, await measure(names, ''));
  const redisUrl = process.env['REDIS_URL'] ?? '';
  if (redisUrl !== '' && only === undefined) {
    const redisNames = [REDIS_CASE.bare, REDIS_CASE.peer, REDIS_CASE.rampart];
    results.push(...rows([REDIS_CASE], await measure(redisNames, redisUrl)));
  }
  return {
    name: 'http',
    machine: `${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node.js ${process.versions.node}`,
    results,
  };
}

/** Names of everything that can be started, for a look by hand. */
export const CONTENDER_NAMES = [...Object.keys(CONTENDERS), ...Object.keys(RAMPARTS)];
