import { spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, eventually, type Running, start, temporaryFolder } from '../scenarios/server.ts';
import { knock } from './network-client.ts';
import { hasTool } from './tools.ts';

const isThere = hasTool('slowhttptest');

const SOCKETS = 1_000;
/** How long the attack would go on by itself. */
const SECONDS = 45;
/** Slow heads, slow bodies, slow readers. */
const ATTACKS: Readonly<Record<string, readonly string[]>> = {
  heads: ['-H', '-i', '3', '-x', '8'],
  bodies: ['-B', '-i', '3', '-x', '8', '-s', '100000', '-t', 'POST'],
  readers: ['-X', '-n', '5', '-z', '32', '-w', '16', '-y', '32', '-k', '3'],
};

/** Milliseconds of an honest caller's requests to each of several servers, in order: asked in turn, so that whatever else the machine does disturbs all alike. */
async function latencies(ports: readonly number[], count: number): Promise<readonly (readonly number[])[]> {
  const taken = ports.map((): number[] => []);
  for (let i = 0; i < count; i++) {
    for (const [n, port] of ports.entries()) {
      const began = performance.now();
      expect(await knock(port, { from: '127.0.0.41', path: '/livez' })).toBe(200);
      taken[n]?.push(performance.now() - began);
    }
  }
  return taken.map((one) => one.toSorted((x, y) => x - y));
}
const at = (sorted: readonly number[] | undefined, share: number): number =>
  sorted?.[Math.floor(sorted.length * share)] as number;

/** Sockets that a process of this machine holds to the port. */
function socketsAt(port: number): number {
  const { stdout } = spawnSync('cat', ['/proc/net/tcp'], { encoding: 'utf8' });
  const at = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return stdout.split('\n').filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local === at && state === '01';
  }).length;
}

/**
 * Has the tool hold its sockets. It gives up where its own first probe is not answered in time, which a busy machine may
 * bring about: then it is begun again.
 * @returns what ends it
 */
async function besiege(port: number, flags: readonly string[]): Promise<() => Promise<void>> {
  const url = `http://127.0.0.1:${port}/console/`;
  const size = ['-c', String(SOCKETS), '-r', '500', '-l', String(SECONDS), '-p', '3', '-u', url];
  for (let tries = 1; tries <= 3; tries++) {
    const attack = spawn('slowhttptest', [...size, ...flags], { stdio: 'ignore' });
    let isOver = false;
    const over = new Promise<void>((resolve) =>
      attack.once('exit', () => {
        isOver = true;
        resolve();
      }),
    );
    await eventually(
      async () => isOver || socketsAt(port) > SOCKETS / 4,
      (done) => done,
    );
    if (isOver) continue;
    return async () => {
      expect(attack.signalCode).toBeNull();
      attack.kill('SIGINT');
      await over;
    };
  }
  throw new Error('slowhttptest ended by itself, three times');
}

describe.skipIf(!isThere)('A58: a thousand slow connections', () => {
  let server: Running;
  /** The same server, which nobody attacks. */
  let calm: Running;
  beforeAll(async () => {
    const connections = {
      headersTimeout: '3s',
      uploadWindow: '3s',
      downloadWindow: '3s',
      keepAliveTimeout: '3s',
      // All of them come from this machine.
      maxSocketsPerAddress: 0,
    } as const;
    server = await start({ dir: temporaryFolder(), config: { connections } });
    calm = await start({ dir: temporaryFolder(), config: { connections } });
  });
  afterAll(cleanUp);

  it.each(Object.entries(ATTACKS))(
    'of slow %s delay nobody else, are closed by the timers, and cost little memory',
    async (_name, flags) => {
      const { port } = server;
      const before = server.rss();
      const end = await besiege(port, flags);
      const [attacked, beside] = await latencies([port, calm.port], 300);
      const grown = server.rss() - before;
      // Closed by the server: the attack goes on, and does not know of an end yet where it reads slowly.
      await eventually(
        async () => socketsAt(port),
        (count) => count < 20,
      );
      await end();
      expect(at(attacked, 0.5)).toBeLessThan(5 * at(beside, 0.5) + 5);
      expect(at(attacked, 0.99)).toBeLessThan(10 * at(beside, 0.99) + 50);
      expect(grown).toBeLessThan(150_000_000);
    },
    90_000,
  );

  it('of one address are not even let in, beyond its share', async () => {
    const other = await start({
      dir: temporaryFolder(),
      config: { connections: { maxSocketsPerAddress: 50 } },
    });
    const attack = spawn(
      'slowhttptest',
      ['-c', '300', '-r', '300', '-l', '4', '-H', '-i', '1', '-u', `http://127.0.0.1:${other.port}/`],
      { stdio: 'ignore' },
    );
    const over = new Promise((resolve) => attack.once('exit', resolve));
    await eventually(
      async () => socketsAt(other.port),
      (count) => count >= 50,
    );
    expect(socketsAt(other.port)).toBeLessThan(70);
    expect((await latencies([other.port], 50))[0]).toHaveLength(50);
    attack.kill('SIGINT');
    await over;
  });
});
