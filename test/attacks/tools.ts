import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** Whether a program of attackers is installed; under RAMPART_REQUIRE_SERVICES=1 one that is absent is a failure. */
export function hasTool(name: string): boolean {
  if (spawnSync(name, ['-h'], { stdio: 'ignore' }).error === undefined) return true;
  const absent = `${name} is not installed (apt-get install ${name})`;
  if (process.env['RAMPART_REQUIRE_SERVICES'] === '1') throw new Error(absent);
  process.stderr.write(`skipped: ${absent}\n`);
  return false;
}

/** What a tool wrote, and whether it came to its end by itself. */
export interface ToolRun {
  readonly out: string;
  readonly ended: boolean;
}

/**
 * Runs a tool until it ends, or `isEnough` says so of what it has written.
 * @param cwd folder for whatever it leaves behind
 */
export function runTool(
  name: string,
  args: readonly string[],
  cwd: string,
  limitMs: number,
  isEnough: (out: string) => boolean = () => false,
): Promise<ToolRun> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(name, [...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let stopped = false;
    const stop = (): void => {
      stopped = true;
      child.kill('SIGKILL');
    };
    const limit = setTimeout(stop, limitMs);
    const take = (text: string): void => {
      out += text;
      if (!stopped && isEnough(out)) stop();
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(limit);
      resolve({ out, ended: !stopped });
    });
  });
}
