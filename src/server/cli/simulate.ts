import { realpathSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseAddress } from '../../core/address.ts';
import { systemClock } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import type { DecisionAnswer } from '../api/types.ts';
import { readOperatorFile } from '../data-dir.ts';
import { readEnvironment } from '../environment.ts';
import { askServer } from './operator.ts';
import { ATTACKS } from './simulate/attackers.ts';
import { type AskOperator, lookUntilSeen, missed } from './simulate/detected.ts';
import { nameGuards } from './simulate/name-guards.ts';
import { honestLosses, report, reportData } from './simulate/report.ts';
import { run, type RunResult } from './simulate/run.ts';
import type { Tally } from './simulate/tally.ts';
import { readTarget, type Target } from './simulate/target.ts';
import { endingOnWrongUsage } from './usage.ts';

interface Options {
  readonly url: Target;
  readonly seconds: number;
  readonly honest: number;
  readonly attackers: number;
  readonly seed: number;
  readonly within: number;
  readonly behindProxy?: boolean;
  readonly place: readonly string[];
  readonly node: readonly Target[];
  readonly json?: boolean;
}

const DEFAULT_URL = 'http://127.0.0.1:4600';

/** `rampart simulate`: drives a running server with honest users and attackers side by side. */
export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description('drive a running server with honest users and attackers side by side')
    .addOption(
      new Option('--url <url>', 'the server; this machine only')
        .argParser(readUrl)
        .default(readUrl(DEFAULT_URL), DEFAULT_URL),
    )
    .option('--seconds <n>', 'how long, 1 to 3600', whole(1, 3600), 30)
    .option('--honest <n>', 'honest users, 0 to 200', whole(0, 200), 20)
    .option('--attackers <n>', 'attackers, 0 to 64; the kinds in turn', whole(0, 64), ATTACKS.length)
    .option(
      '--within <seconds>',
      'in which people have to be told once there is enough to see, 1 to 600',
      whole(1, 600),
      10,
    )
    .addOption(
      new Option('--node <url>', 'another node of the same house; actors take them in turn, may be repeated')
        .argParser((text: string, known: readonly Target[]) => [...known, readUrl(text)])
        .default([]),
    )
    .option(
      '--behind-proxy',
      'speak as a proxy that the server trusts (trustProxy), so that each actor has an address of its own',
    )
    .addOption(
      new Option(
        '--place <address>',
        'an address whose place the server knows, for impossible travel; twice, with --behind-proxy',
      )
        .argParser((text: string, known: readonly string[]) => [...known, readAddress(text)])
        .default([]),
    )
    .option('--seed <n>', 'the same seed acts the same', whole(0, 4_294_967_295), 1)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Where the data folder of the server is (RAMPART_DATA_DIR) it asks the server what was detected, and prints for each attack
the detector, the seconds from its first request to the event and to the alert, those from the moment when there was enough
for the detector to the alert, and what was done about it. Without
trustProxy all actors come from loopback addresses, which are never blocked.

What it leaves in the server: its events, alerts and responses, demo customers with orders, addresses and payments, and the
accounts that it attacks (victim.…@example.org). Whom it invites as an administrator (usurper.…@example.org) is locked
and without a role at the end.

Exit code 1 when an honest request was refused or got no answer, when an attack was not detected in time, or when no
server answers.

Examples:
  $ rampart simulate
  $ rampart simulate --seconds 120 --honest 60 --attackers 16
  $ rampart simulate --url http://127.0.0.1:8080 --json > result.json`,
    )
    .action(simulate);
  return endingOnWrongUsage(command);
}

async function simulate(options: Options): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  try {
    const operator = operatorOf(options.url);
    const parts = {
      ...options,
      target: options.url,
      others: options.node,
      places: options.place,
      operator: operator?.authorization,
    };
    const asProxy = options.behindProxy === true;
    const played = await run({ ...parts, asProxy }, systemClock, showProgress(), stop.signal);
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    if (!played) {
      process.stderr.write(`No server answers at ${options.url.origin}. Start one with 'npm start'.\n`);
      process.exitCode = 1;
      return;
    }
    const watched = operator && (await watch(operator.ask, played, options.within));
    const unnamed = await nameGuards(played.tally, (decision) => guardOf(options.url, decision));
    const result = unnamed === undefined ? played : { ...played, notes: [...played.notes, unnamed] };
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(reportData(result, watched), null, 2)}\n`
        : report(result, watched),
    );
    const late = watched === undefined ? [] : missed(watched, options.within);
    if (late.length > 0)
      process.stderr.write(`Not detected within ${options.within} s: ${late.join(', ')}.\n`);
    process.exitCode = honestLosses(result.tally) > 0 || late.length > 0 ? 1 : 0;
  } finally {
    process.removeListener('SIGINT', onSignal);
  }
}

/** What speaks for the operator of the server that is driven; undefined where its data folder is not here. */
function operatorOf(
  target: Target,
): { readonly authorization: string; readonly ask: AskOperator } | undefined {
  const { dataDir } = readEnvironment(process.env, false);
  const file = readOperatorFile(dataDir);
  if (file === undefined || new URL(file.url).port !== new URL(target.origin).port) return undefined;
  return {
    authorization: `Bearer ${file.key}`,
    ask: <T>(path: string) => askServer<T>(dataDir, 'GET', path),
  };
}

/** Asks until every attack was seen; undefined where the server has no detectors or alerts to ask. */
async function watch(ask: AskOperator, { played, beganMs }: RunResult, withinSeconds: number) {
  try {
    const pause = (ms: number): Promise<void> => wait(ms);
    return await lookUntilSeen(ask, played, beganMs, { withinSeconds, pause, now: () => systemClock.now() });
  } catch (error) {
    if (error instanceof RampartError) return undefined;
    throw error;
  }
}

/** Asks the server of this data folder, if it is the one that was driven. */
async function guardOf(target: Target, decision: string): Promise<string | null> {
  const { dataDir } = readEnvironment(process.env, false);
  const file = readOperatorFile(dataDir);
  if (file === undefined || new URL(file.url).port !== new URL(target.origin).port)
    throw new Error('another server');
  return (await askServer<DecisionAnswer>(dataDir, 'GET', `/admin/decisions/${decision}`)).guard;
}

/** A line that is written over on a terminal, and now and then a new one elsewhere. */
function showProgress(): (tally: Tally, leftSeconds: number) => void {
  const live = process.stderr.isTTY;
  let ticks = 0;
  return (tally, leftSeconds) => {
    ticks++;
    if (!live && ticks % 10 !== 0) return;
    const of = (side: 'honest' | 'attacker'): string =>
      `${tally.sum(side, 'sent')} sent, ${tally.sum(side, 'refused')} refused`;
    const line = `${Math.ceil(leftSeconds)} s left · honest: ${of('honest')} · attackers: ${of('attacker')}`;
    process.stderr.write(live ? `\r\u001b[K${line}` : `${line}\n`);
  };
}

function readUrl(text: string): Target {
  const target = readTarget(text);
  if (typeof target === 'string') throw new InvalidArgumentError(target);
  return target;
}

function readAddress(text: string): string {
  if (parseAddress(text) === undefined) throw new InvalidArgumentError('an address, such as 203.0.113.7');
  return text;
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,10}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`a whole number from ${least} to ${most}`);
    return value;
  };
}

// `npm run simulate` runs this file by itself.
const started = process.argv[1];
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url))
  await simulateCommand().parseAsync();
