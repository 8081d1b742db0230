import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { OptionsError, RampartError } from '../../core/errors.ts';
import {
  FEED_KINDS,
  FEED_PRESETS,
  type FeedKind,
  FeedRefusal,
  type FeedStatus,
  feedStatusIn,
  readFeedFile,
  type ResolvedFeed,
  rollbackFeed,
  updateFeed,
} from '../../modules/shield/index.ts';
import { findConfigFile, loadConfigFile, readConfig } from '../config.ts';
import { readEnvironment } from '../environment.ts';
import { feedFolder, feedSecret, feedsOf } from '../feeds.ts';
import { ageWords, byteWords } from './amounts.ts';
import { textTable } from './table.ts';
import { endingOnWrongUsage } from './usage.ts';

interface Setup {
  readonly feeds: readonly ResolvedFeed[];
  readonly folder: string;
}

const LINE_MS = 1_000;

/** `rampart feeds`: what is there, and how it is brought up to date. */
export function feedsCommand(): Command {
  const command = new Command('feeds')
    .description('list, update, check and take back the files of feeds')
    .addHelpText(
      'after',
      `
Feeds are named in rampart.config.ts under shield.feeds, and kept in the data folder (feeds). A running server takes
over what is changed here within a minute.
Presets: ${Object.keys(FEED_PRESETS).join(', ')}.

Examples:
  $ rampart feeds list
  $ rampart feeds update                          all that have a source
  $ rampart feeds update tor --force              also where it has shrunk by more than half
  $ rampart feeds check exits.txt --kind list     reads a file as a feed would be read
  $ rampart feeds rollback tor                    goes back to the file before

Ends with 0; with 1 where something was not brought up to date or is refused; with 2 when it was used wrongly.`,
    );
  command
    .command('list')
    .description('say how old each feed is, and why the last try failed')
    .option('--json', 'for programs')
    .action(list);
  command
    .command('update')
    .description('bring feeds up to date')
    .argument('[name...]', 'all unless named')
    .option('--force', 'take also what has shrunk by more than half, or was taken back')
    .option('--json', 'for programs')
    .action(update);
  command
    .command('check')
    .description('read a file as a feed would be read, and change nothing')
    .argument('<file>')
    .addOption(new Option('--kind <kind>', 'what it is').choices(FEED_KINDS).makeOptionMandatory())
    .option('--json', 'for programs')
    .action(check);
  command
    .command('rollback')
    .description('go back to the file before; what is taken back does not come again by itself')
    .argument('<name>')
    .option('--json', 'for programs')
    .action(rollback);
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

async function setup(): Promise<Setup> {
  const environment = readEnvironment(process.env, false);
  const file = environment.configFile ?? findConfigFile(process.cwd());
  const config = readConfig(file === undefined ? {} : await loadConfigFile(file));
  return { feeds: feedsOf(config), folder: feedFolder(environment.dataDir) };
}

function named({ feeds }: Setup, names: readonly string[]): readonly ResolvedFeed[] {
  return names.map((name) => {
    const found = feeds.find((feed) => feed.name === name);
    if (found !== undefined) return found;
    const known = feeds.map((feed) => feed.name).join(', ');
    throw new OptionsError(
      name,
      `no feed of this name is configured (${known === '' ? 'there are none: name one in shield.feeds' : known})`,
    );
  });
}

function statusOf(feed: ResolvedFeed, folder: string): FeedStatus {
  return feedStatusIn(folder, feed, systemClock.now());
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const { feeds, folder } = await setup();
  const found = feeds.map((feed) => statusOf(feed, folder));
  if (json === true) return print({ feeds: found });
  if (found.length === 0)
    return say(`No feeds are configured. Presets: ${Object.keys(FEED_PRESETS).join(', ')}.`);
  const nowMs = systemClock.now();
  const age = (atMs: number | null): string => (atMs === null ? '-' : ageWords(nowMs - atMs));
  say(
    textTable([
      ['feed', 'kind', 'state', 'entries', 'size', 'checked', 'changed', 'source'],
      ...found.map((one) => [
        one.name,
        one.kind,
        one.state,
        one.entries ?? '-',
        one.bytes === null ? '-' : byteWords(one.bytes),
        age(one.checkedAtMs),
        age(one.updatedAtMs),
        one.source ?? 'by hand',
      ]),
    ]),
  );
  for (const { name, error, state, source } of found) {
    if (error !== null) say(`${name}: ${error}`);
    else if (state === 'missing')
      say(
        `${name}: there is no file yet. rampart feeds update ${name} ${source === null ? 'says where to put it' : 'fetches it'}.`,
      );
  }
}

async function update(
  names: readonly string[],
  { force = false, json }: { readonly force?: boolean; readonly json?: boolean },
): Promise<void> {
  const found = await setup();
  const feeds = names.length > 0 ? named(found, names) : found.feeds.filter(({ from }) => from !== undefined);
  if (feeds.length === 0 && json !== true) say('No feed has a source: name one in shield.feeds.');
  const done: FeedStatus[] = [];
  for (const feed of feeds) {
    const ports = {
      folder: found.folder,
      clock: systemClock,
      secret: feedSecret,
      onBytes: progressLines(feed.name),
    };
    const { outcome, record } = await updateFeed(feed, ports, { force });
    const status = statusOf(feed, found.folder);
    done.push(status);
    if (outcome === 'failed') process.exitCode = 1;
    if (json === true) continue;
    if (outcome === 'failed') process.stderr.write(`${feed.name}: ${record.error ?? ''}\n`);
    else say(`${feed.name}: ${outcome === 'same' ? 'nothing newer' : `updated, ${amountOf(status)}`}`);
  }
  if (json === true) print({ feeds: done });
}

function amountOf({ entries, bytes }: FeedStatus): string {
  return [entries === null ? [] : [`${entries} entries`], byteWords(bytes ?? 0)].flat().join(', ');
}

function check(path: string, { kind, json }: { readonly kind: FeedKind; readonly json?: boolean }): void {
  const file = resolve(path);
  if (!existsSync(file)) throw new OptionsError(path, 'there is no such file');
  try {
    const { entries, builtAtMs } = readFeedFile(kind, file);
    if (json === true) return print({ fit: true, entries, builtAtMs, reason: null });
    const built = builtAtMs === null ? '' : `, built ${new Date(builtAtMs).toISOString().slice(0, 10)}`;
    say(`${path}: fit for a feed of kind ${kind}${entries === null ? '' : `, ${entries} entries`}${built}`);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    process.exitCode = 1;
    if (json === true) return print({ fit: false, entries: null, builtAtMs: null, reason: error.reason });
    process.stderr.write(`${path}: ${error.reason}\n`);
  }
}

async function rollback(name: string, { json }: { readonly json?: boolean }): Promise<void> {
  const found = await setup();
  const [feed] = named(found, [name]) as [ResolvedFeed];
  try {
    await rollbackFeed(feed, { folder: found.folder, clock: systemClock });
  } catch (error) {
    if (!(error instanceof FeedRefusal)) throw error;
    throw new RampartError('FEED_REFUSED', error.message);
  }
  const status = statusOf(feed, found.folder);
  if (json === true) return print(status);
  say(`${name}: the file before is in use again, ${amountOf(status)}`);
}

/** At most a line a second, to stderr: stdout says what came of it. */
function progressLines(name: string): (bytes: number, total: number | null) => void {
  let nextMs = systemClock.monotonic() + LINE_MS;
  return (bytes, total) => {
    if (systemClock.monotonic() < nextMs) return;
    nextMs = systemClock.monotonic() + LINE_MS;
    const share = total === null ? '' : ` of ${byteWords(total)} (${Math.floor((bytes / total) * 100)} %)`;
    process.stderr.write(`${name}: ${byteWords(bytes)}${share}\n`);
  };
}

function print(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
