import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import { type OwnRedis, ownRedis } from '../../src/testing/services.ts';
import { cleanUp, type Running, start, temporaryFolder } from '../scenarios/server.ts';
import { knock, PROXY } from './network-client.ts';

const service = await ownRedis();
const redis = service as OwnRedis;
const isAbsent = 'absent' in service;

const MAX = 5;
const CONFIG: RampartConfig<'login' | 'counted'> = {
  trustProxy: [PROXY],
  limits: {
    login: { max: MAX, window: '15m', by: 'ip', onStoreFailure: 'closed' },
    counted: { max: MAX, window: '15m', by: 'ip' },
  },
  // A store that fails is not asked again while the attack goes on.
  limitStore: { probeEvery: '1m' },
  routes: { '/login': { limit: 'login' }, '/counted': { limit: 'counted' } },
};

/** Sends one command as an operator would, in a line. */
async function command(line: string): Promise<void> {
  const socket = connect(Number(new URL(redis.url).port), '127.0.0.1');
  socket.write(`${line}\r\n`);
  await once(socket, 'data');
  socket.destroy();
}

/** What goes wrong, and how often a window may begin anew through it. */
const FAULTS: Readonly<Record<string, { readonly bring: () => unknown; readonly windows: number }>> = {
  'is killed': { bring: () => redis.kill(), windows: 1 },
  'does not answer': { bring: () => redis.freeze(), windows: 1 },
  'has become a replica (READONLY)': { bring: () => command('REPLICAOF 127.0.0.1 1'), windows: 1 },
  'has no memory left (OOM)': { bring: () => command('CONFIG SET maxmemory 1'), windows: 1 },
  'was emptied (FLUSHALL)': { bring: () => command('FLUSHALL'), windows: 2 },
  'was killed and comes back empty': {
    async bring() {
      await redis.kill();
      await redis.start();
    },
    windows: 2,
  },
};

describe.skipIf(isAbsent)('A54: logins are not unlimited when Redis', () => {
  let server: Running;
  beforeEach(async () => {
    await redis.start();
    server = await start({ dir: temporaryFolder(), config: CONFIG, env: { REDIS_URL: redis.url } });
  });
  afterEach(async () => {
    redis.thaw();
    await server.kill();
    await redis.kill();
  });
  afterAll(async () => {
    await cleanUp();
    await redis.remove();
  });

  /** Statuses of so many attempts, one after the other. */
  const attempts = async (path: string, count: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) statuses.push(await knock(server.port, { path, from: '127.0.0.51' }));
    return statuses;
  };
  const letIn = (statuses: readonly number[]): number =>
    statuses.filter((status) => status !== 429 && status !== 503).length;

  it.each(Object.entries(FAULTS))('%s', async (_name, { bring, windows }) => {
    const before = { login: await attempts('/login', 3), counted: await attempts('/counted', 3) };
    await bring();
    const login = await attempts('/login', 40);
    const counted = await attempts('/counted', 40);
    // Closed: nobody more than the window would have let in, and those who are refused are told why.
    expect(letIn([...before.login, ...login])).toBeLessThanOrEqual(MAX * windows);
    expect(login.every((status) => [404, 429, 503].includes(status))).toBe(true);
    // Local: this node counts by itself, from the start again at most once.
    expect(letIn([...before.counted, ...counted])).toBeLessThanOrEqual(MAX * 2);
    expect((await attempts('/livez', 1))[0]).toBe(200);
  });
});
