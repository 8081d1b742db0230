/** Child processes: quiet ones whose words matter only when they fail, and ones that take this process's place. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** 128 + number for a process that a signal ended, as shells say it. */
function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

/**
 * Runs a command and keeps what it says to itself.
 * @returns its exit code and everything that it printed
 */
export function runQuietly(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-200_000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: exitCode(code, signal), output }));
  });
}

/**
 * Runs a command in this terminal, passing on the signals that this process gets.
 * @param options `onStderr` is given what the command writes there, which is shown all the same
 * @returns its exit code
 */
export function runAttached(command, args, { onStderr, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      stdio: ['inherit', 'inherit', onStderr ? 'pipe' : 'inherit'],
    });
    // A terminal gives Ctrl-C to the whole group; passed on again it would count as the second, impatient one.
    const forward = (signal) => {
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    child.stderr?.setEncoding('utf8').on('data', (chunk) => {
      process.stderr.write(chunk);
      onStderr(chunk);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * Lets a command take the place of this process: same process id, terminal and signals where the platform can do that,
 * else a child whose signals and exit code are passed on. Never returns.
 */
export async function runInPlace(command, args, env = process.env) {
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    // Its warning says that the call is young; the other way below stands ready.
    process.removeAllListeners('warning');
    try {
      process.execve(command, [command, ...args], env);
    } catch {
      // Goes on below.
    }
  }
  process.exit(await runAttached(command, args, { env }));
}

/** Runs `work` while a line tells what is being done and for how long; in a log, only the end of it. */
export async function during(label, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const live = process.stdout.isTTY;
  const ticker = live && setInterval(() => process.stdout.write(`\r${label} … ${seconds()} `), 200);
  if (!live) console.log(`${label} …`);
  try {
    const result = await work();
    console.log(`${live ? '\r' : ''}${label}: done in ${seconds()}`);
    return result;
  } catch (error) {
    console.log(`${live ? '\r' : ''}${label}: failed after ${seconds()}`);
    throw error;
  } finally {
    if (ticker) clearInterval(ticker);
  }
}
