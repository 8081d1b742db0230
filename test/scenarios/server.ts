import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RampartConfig } from '../../src/server/config.ts';
import { type Answer, send, type Sent } from './client.ts';

const MAIN = fileURLToPath(new URL('../../src/server/cli/main.ts', import.meta.url));

/** A line of the server's log. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: string;
  readonly message: string;
};

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a server of a test is started with. */
export interface StartOptions {
  /** Folder of the data and of the configuration file; `temporaryFolder` makes one. */
  readonly dir: string;
  /** Written as the configuration file; absent: the built-in one. */
  readonly config?: RampartConfig;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server in a process of its own. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** Key of the operator. */
  readonly key: string;
  /** The set-up link that was printed. */
  readonly link: string;
  /** Milliseconds from the start of the process to its ready line. */
  readonly readyMs: number;
  /** Log lines so far; access lines are left out. */
  readonly log: readonly LogLine[];
  readonly ended: Promise<Ended>;
  /** How many access lines were written so far. */
  accessLines(): number;
  /** A request as the operator; JSON in, JSON out. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what the test expects to be told
  ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  /** A request as anybody. */
  send(sent: Sent): Promise<Answer>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM. @returns how it ended */
  stop(): Promise<Ended>;
  /** SIGKILL. */
  kill(): Promise<Ended>;
  /** Resident memory, bytes. */
  rss(): number;
}

const folders: string[] = [];
const children = new Set<ChildProcess>();

/** A new folder, removed by `cleanUp`. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-scenario-'));
  folders.push(folder);
  return folder;
}

/** Ends what tests have left behind: for `afterAll`. */
export async function cleanUp(): Promise<void> {
  await Promise.all(
    [...children].map(async (child) => {
      const gone = endOf(child);
      child.kill('SIGKILL');
      await gone;
    }),
  );
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function endOf(child: ChildProcess): Promise<Ended> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
}

function launch(args: readonly string[], dir: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', RAMPART_DATA_DIR: join(dir, 'data'), LOG_FORMAT: 'json', ...env },
  });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

/** What a command of the command line said. */
export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `rampart …` to its end, with the data folder `dir/data`. */
export async function rampart(
  args: readonly string[],
  dir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const child = launch(args, dir, env);
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const { code } = await endOf(child);
  return { code, out, err };
}

/** Runs `rampart …` until it is stopped. */
export function follow(
  args: readonly string[],
  dir: string,
): { readonly lines: () => readonly string[]; stop(): Promise<Ended> } {
  const child = launch(args, dir, {});
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  return {
    lines: () => out.split('\n').slice(0, -1),
    stop() {
      child.kill('SIGTERM');
      return endOf(child);
    },
  };
}

/** Starts a server on a free port and waits for its ready line. */
export async function start(options: StartOptions): Promise<Running> {
  const { dir } = options;
  const env: Record<string, string> = { RAMPART_PORT: '0', ...options.env };
  if (options.config !== undefined) {
    env['RAMPART_CONFIG'] = join(dir, 'rampart.config.mjs');
    writeFileSync(env['RAMPART_CONFIG'], `export default ${JSON.stringify(options.config)};\n`);
  }
  const began = performance.now();
  const child = launch(['start'], dir, env);
  const ended = endOf(child);
  const log: LogLine[] = [];
  const counts = { accessLines: 0 };
  const link = await readLines(child, ended, log, counts);
  const readyMs = performance.now() - began;
  const file = JSON.parse(readFileSync(join(dir, 'data', 'operator.json'), 'utf8')) as {
    url: string;
    key: string;
    pid: number;
  };
  const port = Number(new URL(file.url).port);
  return {
    port,
    pid: file.pid,
    dir,
    key: file.key,
    link,
    readyMs,
    log,
    ended,
    async ask(method, path, body) {
      const { status, text } = await asOperator(port, file.key, method, path, body);
      return { status, body: (text === '' ? undefined : JSON.parse(text)) as never };
    },
    accessLines: () => counts.accessLines,
    send: (sent) => send(port, sent),
    signal: (signal) => void child.kill(signal),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
    rss() {
      const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${file.pid}/status`, 'utf8'))?.[1];
      return Number(kib) * 1024;
    },
  };
}

/** Gathers the log. @returns the set-up link, which is printed last, once the server is ready */
function readLines(
  child: ChildProcess,
  ended: Promise<Ended>,
  log: LogLine[],
  counts: { accessLines: number },
): Promise<string> {
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-10_000)));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const link = /^\s*Console\s+(\S+)/.exec(line)?.[1];
      if (link !== undefined) resolve(link);
      if (!line.startsWith('{')) return;
      const parsed = JSON.parse(line) as LogLine;
      if (parsed.message === 'request') counts.accessLines++;
      else log.push(parsed);
    });
    void ended.then(({ code, signal }) =>
      reject(
        new Error(
          `the server ended before it was ready (${code ?? signal}): ${errors}${JSON.stringify(log)}`,
        ),
      ),
    );
  });
}

async function asOperator(
  port: number,
  key: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  const answer = await send(port, {
    method,
    path,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: answer.body };
}

/** Asks again and again until the answer is as wanted; fails with the last answer after `limitMs`. */
export async function eventually<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  limitMs = 10_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (performance.now() > end)
      throw new Error(`not within ${limitMs} ms; last: ${JSON.stringify(answer).slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
