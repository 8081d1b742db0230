import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 45_000;

/** `rampart start` as a user runs it, with embedded stores in a folder of its own. */
export class RunningServer {
  /** Such as `http://localhost:40123`. */
  readonly origin: string;
  readonly #dir: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  /** The set-up link of the last start. */
  link = '';

  private constructor(dir: string, port: number) {
    this.#dir = dir;
    this.#port = port;
    this.origin = `http://localhost:${port}`;
  }

  /** Starts one that believes forwarded addresses of this machine, so that a test can speak for many clients. */
  static async start(): Promise<RunningServer> {
    const dir = mkdtempSync(join(tmpdir(), 'rampart-browser-'));
    const config = pathToFileURL(join(ROOT, 'src/server/default-config.ts')).href;
    writeFileSync(
      join(dir, 'rampart.config.mjs'),
      `import { defaultConfig } from ${JSON.stringify(config)};
export default { ...defaultConfig, trustProxy: ['loopback'] };`,
    );
    const server = new RunningServer(dir, await freePort());
    await server.resume();
    return server;
  }

  /** Starts it again on the same port and folder. */
  async resume(): Promise<void> {
    const child = spawn(process.execPath, ['src/server/cli/main.ts', 'start'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        RAMPART_PORT: String(this.#port),
        RAMPART_DATA_DIR: join(this.#dir, 'data'),
        RAMPART_CONFIG: join(this.#dir, 'rampart.config.mjs'),
        LOG_FORMAT: 'json',
        LOG_LEVEL: 'info',
      },
    });
    this.#child = child;
    this.link = await linkOf(child);
  }

  /** A new set-up link, as `rampart link` prints it. @param name of who comes by it */
  async newLink(name = 'administrator'): Promise<string> {
    const file = readFileSync(join(this.#dir, 'data', 'operator.json'), 'utf8');
    const { key } = JSON.parse(file) as { key: string };
    const answer = await fetch(`${this.origin}/admin/setup-links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    return ((await answer.json()) as { url: string }).url;
  }

  /** Ends the process at once, as a crash would; the folder stays. */
  async crash(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops it and removes what it kept. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

/** Reads the greeting for the set-up link. @throws when the server ends, or says nothing in time */
async function linkOf(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`the server ${why}:\n${said.slice(-4000)}`));
    const late = AbortSignal.timeout(START_MS);
    late.addEventListener('abort', () => fail('did not become ready'));
    child.once('exit', (code) => fail(`ended with ${code}`));
    const listen = (chunk: Buffer): void => {
      said = (said + chunk.toString()).slice(-20_000);
      const link = /http\S+\/console\/setup#token=\S+/.exec(said)?.[0];
      if (link !== undefined) resolve(link);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
