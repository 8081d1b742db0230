import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { freemem, totalmem } from 'node:os';
import type { OverviewAnswer, EventsAnswer } from '../../api/types.ts';
import { readOperatorFile } from '../../data-dir.ts';
import { askServer } from '../operator.ts';
import type { DataFolderFacts, LockFacts, PortFacts, RuntimeFacts } from './checks.ts';
import type { TrafficFacts } from './topology.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** Asks the process and its machine. */
export function gatherRuntime(): RuntimeFacts {
  const constrained = process.constrainedMemory();
  const limit = constrained > 0 && constrained < totalmem() ? constrained : totalmem();
  return {
    nodeVersion: process.versions.node,
    memoryLimitMb: limit / MIB,
    memoryFreeMb: Math.max(process.availableMemory(), freemem()) / MIB,
  };
}

/** Looks at the data folder, and changes nothing in it. */
export function gatherDataFolder(path: string, served: boolean): DataFolderFacts {
  const exists = existsSync(path);
  return {
    path,
    exists,
    writable: isWritable(nearestExisting(path)),
    mode: modeOf(path),
    secretMode: modeOf(join(path, 'secret.key')),
    locks: ['journal', 'database'].flatMap((folder) => lockOf(join(path, folder), folder)),
    served,
  };
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Windows has no such bits, and would show some all the same. */
function modeOf(path: string): number | undefined {
  if (process.platform === 'win32') return undefined;
  return statSync(path, { throwIfNoEntry: false })?.mode;
}

function lockOf(path: string, folder: string): readonly LockFacts[] {
  try {
    const { pid, host } = JSON.parse(readFileSync(join(path, 'lock.json'), 'utf8')) as Partial<LockFacts>;
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1 || typeof host !== 'string')
      return [];
    const holder = host !== hostname() ? 'elsewhere' : isRunning(pid) ? 'running' : 'gone';
    return [{ folder, pid, host, holder }];
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** Where the server of a data folder answers, or `undefined` when none does. */
export async function findServer(dataDir: string): Promise<URL | undefined> {
  const file = readOperatorFile(dataDir);
  if (!file || !URL.canParse(file.url)) return undefined;
  try {
    const answer = await fetch(new URL('/livez', file.url), { signal: AbortSignal.timeout(3_000) });
    await answer.body?.cancel();
    return new URL(file.url);
  } catch {
    return undefined;
  }
}

/** Tries whether the server could listen where it is told to. */
export async function gatherPort(host: string, port: number, server: URL | undefined): Promise<PortFacts> {
  const ours = server !== undefined && Number(server.port || 80) === port;
  return { host, port, state: ours ? 'ours' : await tryPort(host, port) };
}

function tryPort(host: string, port: number): Promise<PortFacts['state']> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: { code?: string }) =>
      resolve(code === 'EADDRINUSE' ? 'taken' : code === 'EACCES' ? 'forbidden' : 'no-address'),
    );
    server.listen(port, host, () => server.close(() => resolve('free')));
  });
}

/** Asks the running server what it saw. */
export async function gatherTraffic(dataDir: string, nowMs: number): Promise<TrafficFacts | undefined> {
  try {
    const span = `fromMs=${nowMs - HOUR_MS}&toMs=${nowMs}`;
    const overview = await askServer<OverviewAnswer>(
      dataDir,
      'GET',
      `/admin/stats/overview?${span}&buckets=60`,
    );
    const { events } = await askServer<EventsAnswer>(
      dataDir,
      'GET',
      '/admin/events?type=UNTRUSTED_FORWARD&limit=200',
    );
    const { allowed, answered, challenged, limited, blocked } = overview.totals;
    return {
      requests: allowed + answered + challenged + limited + blocked,
      addresses: overview.topAddresses.map(({ value, requests }) => ({ address: value, requests })),
      untrustedForwards: events.filter(({ atMs }) => atMs >= nowMs - HOUR_MS).length,
    };
  } catch {
    return undefined;
  }
}
