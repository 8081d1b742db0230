import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES: Readonly<Record<string, string>> = {
  '.': 'src/doors/index.ts',
  './express': 'src/doors/express.ts',
  './fastify': 'src/doors/fastify.ts',
  './hono': 'src/doors/hono.ts',
};

/** A folder with an application in it; it goes with `remove`. */
export class AppFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'rampart-init-'));

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  /** All files but installed ones, with what they hold. */
  all(): Readonly<Record<string, string>> {
    const names = readdirSync(this.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name).slice(this.path.length + 1));
    return Object.fromEntries(names.toSorted().map((name) => [name, this.read(name)]));
  }

  /** `rampart init` with options; nobody is at the terminal. */
  init(...options: string[]): { code: number | null; out: string; err: string } {
    const module = pathToFileURL(join(ROOT, 'src/server/cli/init.ts')).href;
    const script = `const { initCommand } = await import('${module}'); await initCommand().parseAsync(process.argv.slice(1), { from: 'user' });`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, '--', this.path, ...options],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return { code: status, out: stdout, err: stderr };
  }

  /** Puts the frameworks of this repository and its own sources where npm would. */
  install(): void {
    const modules = join(this.path, 'node_modules');
    mkdirSync(join(modules, 'rampart'), { recursive: true });
    for (const name of ['express', 'fastify', 'hono', '@hono'])
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    const exports: Record<string, string> = {};
    for (const [subpath, source] of Object.entries(SOURCES)) {
      const file = `./${subpath.slice(2) || 'index'}.mjs`;
      exports[subpath] = file;
      writeFileSync(
        join(modules, 'rampart', file),
        `export * from '${pathToFileURL(join(ROOT, source)).href}';\n`,
      );
    }
    writeFileSync(join(modules, 'rampart', 'package.json'), JSON.stringify({ name: 'rampart', exports }));
  }

  /** Starts the application, and waits for the line that says that it listens. */
  async start(args: readonly string[]): Promise<{ url: string; stop: () => Promise<void> }> {
    const port = await freePort();
    const { DATABASE_URL: _database, REDIS_URL: _redis, ...env } = process.env;
    const child = spawn(process.execPath, [...args], {
      cwd: this.path,
      env: { ...env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await firstLine(child);
    return {
      url: `http://localhost:${port}`,
      stop: async () => {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      },
    };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function firstLine(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error(`the application ended: ${err}`)));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
