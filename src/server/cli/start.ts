import { Command } from 'commander';
import { bufferedSink, createLogger, prettySink } from '../../base/observe/index.ts';
import { systemTimers } from '../../core/clock.ts';
import { findConfigFile, loadConfigFile, readConfig } from '../config.ts';
import { defaultConfig } from '../default-config.ts';
import { readEnvironment } from '../environment.ts';
import type { RampartServer } from '../server.ts';
import { startServer } from '../server.ts';
import { refuseFaults } from '../production-checks.ts';
import { startupFindings } from '../startup-checks.ts';

/** A terminal's Ctrl-C can arrive twice, from the terminal and from npm; only a later one is impatience. */
const SAME_SIGNAL_MS = 500;

/** `rampart start`: the server with its console. */
export function startCommand(): Command {
  return new Command('start')
    .description('start the server and its console')
    .addHelpText(
      'after',
      `
Everything is set in the environment and in rampart.config.ts; see docs/configuration.md.
Without DATABASE_URL and REDIS_URL it needs no server: PostgreSQL runs inside, in the folder .rampart.

Example:
  $ RAMPART_PORT=8080 rampart start`,
    )
    .action(start);
}

async function start(): Promise<void> {
  const began = performance.now();
  const environment = readEnvironment(process.env, process.stdout.isTTY);
  const out = { write: (text: string) => void process.stdout.write(text) };
  const log = createLogger({ level: environment.logLevel, format: environment.logFormat, sink: out });
  const file = environment.configFile ?? findConfigFile(process.cwd());
  const given = file === undefined ? defaultConfig : await loadConfigFile(file);
  const config = readConfig(
    environment.production ? given : { ...given, errors: { development: true, ...given.errors } },
  );
  const buffered = bufferedSink({
    write: (block) => void process.stdout.write(block),
    after: (ms, task) => systemTimers.after(ms, task),
  });
  const lines = environment.logFormat === 'pretty' ? prettySink(buffered) : buffered;
  const accessSink =
    environment.logLevel === 'info' || environment.logLevel === 'debug'
      ? { write: (line: string) => lines.write(line), flush: () => buffered.flush() }
      : { write: () => undefined, flush: () => undefined };
  refuseFaults(environment);
  const findings = startupFindings(environment, config);
  const server = await startServer({ environment, config, log, accessSink, findings });
  for (const finding of findings)
    if (finding.level !== 'info') log.warn(finding.text, { remedy: finding.remedy });
  stopOnSignals(server, log);
  log.info('Rampart is ready.', {
    url: server.publicUrl,
    node: server.house.node,
    config: file ?? 'built in',
    startMs: Math.round(performance.now() - began),
  });
  greet(server, await server.setupLink());
}

function greet(server: RampartServer, link: string): void {
  process.stdout.write(`
  Rampart    ${server.publicUrl}
  Console    ${link}
             (signs in once, good for an hour; another one: npx rampart link)
  API        ${server.publicUrl}/docs

`);
}

function stopOnSignals(server: RampartServer, log: ReturnType<typeof createLogger>): void {
  let stoppingSinceMs: number | undefined;
  const stop = (signal: string, exitCode: number): void => {
    if (stoppingSinceMs !== undefined) {
      if (performance.now() - stoppingSinceMs > SAME_SIGNAL_MS) process.exit(exitCode === 0 ? 130 : exitCode);
      return;
    }
    stoppingSinceMs = performance.now();
    log.info('Draining.', { signal });
    server.stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        log.error('The stop failed.', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('uncaughtException', (error) => {
    log.error('Something broke that nobody caught; the node stops.', { error });
    stop('uncaughtException', 1);
  });
  process.on('unhandledRejection', (error) => {
    log.error('A promise failed and nobody asked; the node stops.', { error });
    stop('unhandledRejection', 1);
  });
}
