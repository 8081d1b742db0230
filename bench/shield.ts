import { type ChildProcess, fork } from 'node:child_process';
import { runLoad } from './http/load.ts';
import { type BenchResult, type BenchRow, machine, median, rowOf } from './lib/result.ts';
import { inProcess } from './shield/in-process.ts';
import { worstPumps } from './shield/pumps.ts';
import { ATTACK, CASES } from './shield/requests.ts';

/** `corridor` is Rampart with no guard in it: what inspection costs is what comes on top of it. */
const NAMES = ['bare', 'corridor', 'rampart', 'easy-waf'] as const;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const REQUESTS = Number(process.env['BENCH_REQUESTS'] ?? 4_000);
const CONNECTIONS = 16;
/** Requests of each case before anything is measured: by then the engine has compiled what it will compile. */
const WARM_UP = Number(process.env['BENCH_WARM_UP'] ?? 15_000);
/** A contender that is slow at a case is warm sooner. */
const WARM_CPU_US = 4_000_000;

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
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

async function start(name: string): Promise<Server> {
  const child = fork(new URL('./shield/child.ts', import.meta.url), [name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { port } = await message<{ port: number }>(child);
  return { child, port };
}

async function cpuUs({ child }: Server): Promise<number> {
  const answer = message<{ cpuUs: number }>(child);
  child.send('usage');
  return (await answer).cpuUs;
}

/** Whether it lets honest requests pass, and an attack only where nobody looks. */
async function prove(name: string, { port }: Server): Promise<void> {
  for (const requests of Object.values(CASES)) {
    const { statuses } = await runLoad({
      port,
      request: requests,
      connections: 1,
      requests: requests.length,
    });
    if (statuses['200'] !== requests.length) throw new Error(`${name} refuses an honest request`);
  }
  const { statuses } = await runLoad({ port, request: ATTACK, connections: 1, requests: 1 });
  const looks = name === 'rampart' || name === 'easy-waf';
  if ((statuses['403'] === 1) !== looks) throw new Error(`${name} answers ${JSON.stringify(statuses)}`);
}

async function warmUp(server: Server): Promise<void> {
  for (const request of Object.values(CASES)) {
    const from = await cpuUs(server);
    for (let sent = 0; sent < WARM_UP && (await cpuUs(server)) - from < WARM_CPU_US; sent += 1_000)
      await runLoad({ port: server.port, request, connections: CONNECTIONS, requests: 1_000 });
  }
}

/** CPU of the server per request, in rounds that alternate. */
async function measure(
  servers: ReadonlyMap<string, Server>,
  request: readonly string[],
): Promise<Map<string, number>> {
  const samples = new Map<string, number[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server] of servers) {
      const before = await cpuUs(server);
      await runLoad({ port: server.port, request, connections: CONNECTIONS, requests: REQUESTS });
      samples.get(name)?.push(((await cpuUs(server)) - before) / REQUESTS);
    }
  }
  return new Map([...samples].map(([name, all]) => [name, median(all)]));
}

/** CPU that inspection adds to a request, beside a peer that does the same job in the same run. */
export async function bench(): Promise<BenchResult> {
  const servers = new Map<string, Server>();
  const results: BenchRow[] = [];
  try {
    for (const name of NAMES) servers.set(name, await start(name));
    for (const [name, server] of servers) await prove(name, server);
    for (const server of servers.values()) await warmUp(server);
    for (const [name, requests] of Object.entries(CASES)) {
      const cpu = await measure(servers, requests);
      const added = (one: string, beside: string): number => (cpu.get(one) ?? 0) - (cpu.get(beside) ?? 0);
      const about = { case: `${name}: CPU of inspection, over HTTP`, unit: 'µs', better: 'less' } as const;
      results.push(
        rowOf(about, { rampart: added('rampart', 'corridor'), 'easy-waf': added('easy-waf', 'bare') }),
      );
    }
  } finally {
    for (const { child } of servers.values()) child.disconnect();
  }
  results.push(...(await inProcess(ROUNDS)), ...worstPumps());
  return { name: 'shield', machine: machine(), results };
}
