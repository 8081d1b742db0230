import { Command } from 'commander';
import { systemClock, systemTimers } from '../../core/clock.ts';
import { OptionsError, RampartError } from '../../core/errors.ts';
import { makeEvent } from '../../core/make-event.ts';
import { driverOf, SinkError } from '../../modules/sinks/index.ts';
import type { SinkEntry, SinksAnswer, SinkTestAnswer } from '../api/sink-types.ts';
import { findConfigFile, loadConfigFile, readConfig } from '../config.ts';
import { readEnvironment } from '../environment.ts';
import { driverPorts } from '../sinks/open.ts';
import { ageWords } from './amounts.ts';
import { askServer } from './operator.ts';
import { textTable } from './table.ts';
import { endingOnWrongUsage } from './usage.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** `rampart sinks`: where events are sent to, and what waits for it. */
export function sinksCommand(): Command {
  const command = new Command('sinks')
    .description('list where events are sent to and what waits, try one, and end its pause')
    .addHelpText(
      'after',
      `
Sinks are named in rampart.config.ts under sinks. 'list' and 'retry' ask the running server of the data folder
(RAMPART_DATA_DIR); 'test' asks it too, and sends by itself where none runs.

Examples:
  $ rampart sinks list
  $ rampart sinks test siem        sends one event, and says whether it was taken
  $ rampart sinks retry siem       tries again now instead of after the pause

Ends with 0; with 1 where the test was not taken; with 2 when it was used wrongly.`,
    );
  command
    .command('list')
    .description('say what each sink was sent, what waits, and why the last try failed')
    .option('--json', 'for programs')
    .action(list);
  command
    .command('test')
    .description('send a test event, and say what came of it')
    .argument('<name>')
    .option('--json', 'for programs')
    .action(test);
  command.command('retry').description('have a sink tried again at once').argument('<name>').action(retry);
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  return askServer<T>(readEnvironment(process.env, false).dataDir, method, path, body);
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const answer = await ask<SinksAnswer>('GET', '/admin/sinks');
  if (json === true) return say(JSON.stringify(answer, null, 2));
  if (answer.sinks.length === 0) return say('There are none: name one in rampart.config.ts under sinks.');
  const nowMs = systemClock.now();
  const age = (atMs: number | null): string => (atMs === null ? '-' : ageWords(nowMs - atMs));
  const head = ['sink', 'kind', 'to', 'state', 'waiting', 'oldest', 'sent', 'refused', 'lost', 'last'];
  const rows = answer.sinks.map((one) => [
    one.name,
    one.kind,
    one.target,
    one.state,
    one.waiting,
    age(one.oldestAtMs),
    one.sent,
    one.refused,
    one.lost,
    age(one.sentAtMs),
  ]);
  say(textTable([head, ...rows]));
  for (const { name, error } of answer.sinks) if (error !== null) process.stderr.write(`${name}: ${error}\n`);
}

async function test(name: string, { json }: { readonly json?: boolean }): Promise<void> {
  const answer = await askedTest(name).catch((error: unknown) => {
    if (error instanceof RampartError && error.code === 'SERVER_NOT_RUNNING') return ownTest(name);
    throw error;
  });
  if (json === true) say(JSON.stringify(answer, null, 2));
  else if (answer.taken) say(`${name}: taken, ${answer.durationMs} ms`);
  else process.stderr.write(`${name}: ${answer.error ?? 'It was not taken.'}\n`);
  if (!answer.taken) process.exitCode = 1;
}

function askedTest(name: string): Promise<SinkTestAnswer> {
  return ask<SinkTestAnswer>('POST', `/admin/sinks/${encodeURIComponent(name)}/test`, {});
}

/** Where no server runs: from here, with this environment. */
async function ownTest(name: string): Promise<SinkTestAnswer> {
  const { configFile } = readEnvironment(process.env, false);
  const file = configFile ?? findConfigFile(process.cwd());
  const { sinks } = readConfig(file === undefined ? {} : await loadConfigFile(file));
  const sink = sinks.find((one) => one.name === name);
  if (sink === undefined) {
    const known = sinks.map((one) => one.name).join(', ');
    throw new OptionsError(
      name,
      `no sink of this name is configured (${known === '' ? 'there are none' : known})`,
    );
  }
  const driver = driverOf(sink, driverPorts([sink], { clock: systemClock, timers: systemTimers }));
  const startedMs = systemClock.monotonic();
  const event = makeEvent('SINK_TESTED', 'command-line', systemClock.now(), { subject: name });
  try {
    const { refused, again } = await driver.send([event]);
    const error = again?.reason ?? refused.get(0) ?? null;
    return { taken: error === null, durationMs: Math.round(systemClock.monotonic() - startedMs), error };
  } catch (error) {
    if (!(error instanceof SinkError)) throw error;
    return {
      taken: false,
      durationMs: Math.round(systemClock.monotonic() - startedMs),
      error: error.message,
    };
  } finally {
    await driver.close();
  }
}

async function retry(name: string): Promise<void> {
  const one = await ask<SinkEntry>('POST', `/admin/sinks/${encodeURIComponent(name)}/retry`, {});
  say(`${one.name}: tried again now, ${one.waiting} events wait`);
}
