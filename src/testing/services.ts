import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Under RAMPART_REQUIRE_SERVICES=1 an absent server fails the tests instead of skipping them. */
const REQUIRED = process.env['RAMPART_REQUIRE_SERVICES'] === '1';

/** A server that tests may use, or why it is not there. */
export type Service =
  | { readonly url: string; readonly absent?: undefined }
  | { readonly url?: undefined; readonly absent: string };

function found(name: string, url: string | undefined, how: string): Service {
  if (url !== undefined) return { url };
  const absent = `${name} is not reachable (${how})`;
  if (REQUIRED) throw new Error(`${absent}, and RAMPART_REQUIRE_SERVICES=1 demands it`);
  process.stderr.write(`skipped: ${absent}\n`);
  return { absent };
}

async function reachable(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 500 });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

/** REDIS_URL, else the default local port where something listens. Tests use a random key prefix and remove their keys. */
export async function redisService(): Promise<Service> {
  const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  return found('Redis', (await reachable(url)) ? url : undefined, 'set REDIS_URL or start one on port 6379');
}

/** DATABASE_URL, else the default local port. Tests make a database of their own (`temporaryDatabase`). */
export async function postgresService(): Promise<Service> {
  const url = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  return found(
    'PostgreSQL',
    (await reachable(url)) ? url : undefined,
    'set DATABASE_URL or start one on port 5432',
  );
}

/**
 * A database of its own on a server, removed by `drop`.
 * @param like address of another one on that server, to which nobody is connected and of which it becomes a copy
 */
export async function temporaryDatabase(
  serverUrl: string,
  like?: string,
): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const { default: pg } = await import('pg');
  const name = `rampart_test_${randomBytes(6).toString('hex')}`;
  const admin = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  const copied = like === undefined ? '' : ` TEMPLATE ${new URL(like).pathname.slice(1)}`;
  await admin(`CREATE DATABASE ${name}${copied}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A Redis of the test's own, which it may kill: found on the PATH as `redis-server`. */
export interface OwnRedis {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: connected, but silent. */
  freeze(): void;
  thaw(): void;
  /** Kills it and removes its folder. */
  remove(): Promise<void>;
}

/** @returns the server (not yet started), or why there is none */
export async function ownRedis(): Promise<OwnRedis | { readonly absent: string }> {
  const there = spawnSync('redis-server', ['--version']).status === 0;
  const service = found('redis-server', there ? 'redis://own' : undefined, 'install redis-server');
  if (service.absent !== undefined) return { absent: service.absent };
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'rampart-redis-'));
  let child: ChildProcess | undefined;
  const ended = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const args = [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
        '--dir',
        folder,
      ];
      child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const running = child;
      await new Promise<void>((resolve, reject) => {
        running.once('error', reject);
        running.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
        running.stdout?.on('data', (chunk: Buffer) => {
          if (chunk.toString().includes('Ready to accept connections')) resolve();
        });
      });
      running.removeAllListeners('exit');
    },
    kill: ended,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async remove() {
      await ended();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A clamd of the test's own, which knows one signature: that of the EICAR test file. */
export interface OwnClamd {
  /** Path of its socket. */
  readonly socket: string;
  readonly port: number;
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

const CLAMD = ['clamd', '/usr/sbin/clamd'];

/** @returns the scanner (not yet started), or why there is none */
export async function ownClamd(): Promise<OwnClamd | { readonly absent: string }> {
  const program = CLAMD.find((path) => spawnSync(path, ['--version']).status === 0);
  const service = found('clamd', program, 'install clamav-daemon');
  if (service.absent !== undefined) return { absent: service.absent };
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'rampart-clamd-'));
  const socket = join(folder, 'clamd.ctl');
  mkdirSync(join(folder, 'database'));
  const eicar = Buffer.from('EICAR-STANDARD-ANTIVIRUS-TEST-FILE').toString('hex');
  writeFileSync(join(folder, 'database', 'rampart.ndb'), `Rampart.Eicar:0:*:${eicar}\n`);
  const lines = [
    `DatabaseDirectory ${join(folder, 'database')}`,
    `LocalSocket ${socket}`,
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    'Foreground yes',
    'StreamMaxLength 5M',
    'SelfCheck 0',
    `TemporaryDirectory ${folder}`,
  ];
  writeFileSync(join(folder, 'clamd.conf'), `${lines.join('\n')}\n`);
  let child: ChildProcess | undefined;
  return {
    socket,
    port,
    async start() {
      child = spawn(program as string, ['--config-file', join(folder, 'clamd.conf')], { stdio: 'ignore' });
      const running = child;
      let failed: Error | undefined;
      running.once('error', (error) => (failed = error));
      running.once('exit', (code) => (failed = new Error(`clamd ended with ${code}`)));
      // It says nothing when it is ready; it listens then.
      for (let tries = 0; tries < 400; tries += 1) {
        if (failed !== undefined) throw failed;
        if (await reachable(`tcp://127.0.0.1:${port}`)) return;
        await new Promise((go) => setTimeout(go, 50));
      }
      throw new Error('clamd does not listen');
    },
    async remove() {
      const running = child;
      child = undefined;
      if (running !== undefined && running.exitCode === null) {
        const gone = new Promise((resolve) => running.once('exit', resolve));
        running.kill('SIGKILL');
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
