import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import { isId } from '../../core/id.ts';
import type { EventAnswer, EventEntry, EventsAnswer } from '../api/types.ts';
import { readEnvironment } from '../environment.ts';
import { holdCommand } from './event-holds.ts';
import { eventQuery, type EventFilterOptions, withEventFilters } from './event-filters.ts';
import { askServer, takeFromServer } from './operator.ts';
import { textTable } from './table.ts';
import { date, plain } from './text.ts';
import { endingOnWrongUsage } from './usage.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const FORMATS = ['ndjson', 'csv', 'cef', 'ocsf'] as const;
const PAGE = 200;
const FOLLOW_MS = 1_000;
/** Events of other nodes and of transactions that end late are written a little after their time. */
const LATE_MS = 10_000;
const MAX_SEEN = 10_000;

interface ListOptions extends EventFilterOptions {
  readonly limit: number;
  readonly json?: boolean;
  readonly follow?: boolean;
}

/** `rampart events`: what happened, on the running server. */
export function eventsCommand(): Command {
  const command = new Command('events')
    .description('search events, read one, take them elsewhere, and keep some for good')
    .addHelpText(
      'after',
      `
Works with the running server of the data folder (RAMPART_DATA_DIR).

Examples:
  $ rampart events list --since 1h --severity HIGH --severity CRITICAL
  $ rampart events list --type LOGIN_FAILURE --address 203.0.113.0/24 --follow
  $ rampart events show evt_01k9x3v8c0m2n4p6q8r0s2t4v6
  $ rampart events export --format cef --since 7d --out events.cef
  $ rampart events export --format ocsf --type ROLE_CHANGE | gzip > roles.ndjson.gz`,
    );
  withEventFilters(command.command('list').description('list events, newest first'))
    .option('--limit <number>', 'how many at most, 1 to 10,000', count, 50)
    .option('--follow', 'oldest first, and go on with what happens from now on, until it is stopped')
    .option('--json', 'one event a line, for programs')
    .action(list);
  command
    .command('show')
    .description('show an event and what happened around it')
    .argument('<id>', 'such as evt_…')
    .option('--json', 'for programs')
    .action(show);
  withEventFilters(command.command('export').description('write all events that fit, newest first'))
    .addOption(
      new Option('--format <format>', 'lines of JSON, a table, CEF, or OCSF 1.3')
        .choices(FORMATS)
        .default('ndjson'),
    )
    .option('--out <file>', 'a new file; absent: standard output')
    .action(exportEvents);
  command.addCommand(holdCommand());
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

const dataDir = (): string => readEnvironment(process.env, false).dataDir;

function ask<T>(path: string): Promise<T> {
  return askServer<T>(dataDir(), 'GET', path);
}

async function list(options: ListOptions): Promise<void> {
  const query = eventQuery(options, systemClock.now());
  if (options.follow === true) return follow(query, options);
  const events = await newest(query, options.limit);
  if (options.json === true) return events.forEach((event) => say(JSON.stringify(event)));
  if (events.length === 0) return say('There are none.');
  const rows = events.map((one) => [
    date(one.atMs),
    one.severity,
    plain(one.type),
    plain(one.actor ?? one.subject ?? '-'),
    plain(one.address ?? '-'),
    one.id,
  ]);
  say(textTable([['at', 'severity', 'event', 'who', 'address', 'id'], ...rows]));
}

/** Pages may hold fewer than asked for, and still name where to go on. */
async function newest(query: URLSearchParams, limit: number): Promise<readonly EventEntry[]> {
  const events: EventEntry[] = [];
  const asked = new URLSearchParams(query);
  for (;;) {
    asked.set('limit', String(Math.min(PAGE, limit - events.length)));
    const page = await ask<EventsAnswer>(`/admin/events?${asked.toString()}`);
    events.push(...page.events);
    if (page.nextBefore === null || events.length >= limit) return events;
    asked.set('before', page.nextBefore);
  }
}

/** Asks again every second for what is not older than the last event, and says what was not said yet. */
async function follow(query: URLSearchParams, { limit, json }: ListOptions): Promise<never> {
  const seen = new Set<string>();
  const tell = (events: readonly EventEntry[]): void => {
    for (const event of events.toReversed()) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      say(json === true ? JSON.stringify(event) : lineOf(event));
    }
    for (const id of seen) {
      if (seen.size <= MAX_SEEN) break;
      seen.delete(id);
    }
  };
  let fromMs = systemClock.now() - LATE_MS;
  tell(await newest(query, limit));
  for (;;) {
    await pause(FOLLOW_MS);
    const later = new URLSearchParams(query);
    later.set('from', String(Math.max(fromMs, Number(query.get('from') ?? 0))));
    const nowMs = systemClock.now();
    tell(await newest(later, MAX_SEEN / 2));
    fromMs = nowMs - LATE_MS;
  }
}

function lineOf(one: EventEntry): string {
  const who = [one.actor, one.subject, one.address].filter((value) => value !== null).join(' ');
  return `${date(one.atMs)}  ${one.severity.padEnd(8)}  ${plain(one.type)}  ${plain(who)}  ${one.id}`;
}

async function show(id: string, { json }: { readonly json?: boolean }): Promise<void> {
  if (!isId('evt', id))
    throw new OptionsError('<id>', 'expected the id of an event: it starts with evt_ and has 30 characters');
  const answer = await ask<EventAnswer>(`/admin/events/${id}`);
  if (json === true) return say(JSON.stringify(answer, null, 2));
  const { event, related, similar } = answer;
  const known = ([name, value]: readonly [string, string | null]): readonly string[] =>
    value === null ? [] : [`  ${name.padEnd(10)}${plain(value)}`];
  const around = Object.entries(related).flatMap(([by, events]) =>
    events.map((one) => [date(one.atMs), plain(one.type), `same ${by}`, one.id]),
  );
  const resolved =
    event.resolvedAtMs === null ? null : `${date(event.resolvedAtMs)} by ${event.resolvedBy ?? 'nobody'}`;
  const fields: readonly (readonly [string, string | null])[] = [
    ['at', `${date(event.atMs)} on ${event.node}`],
    ['outcome', event.outcome],
    ['actor', event.actor],
    ['subject', event.subject],
    ['address', [event.address, event.place].filter((one) => one !== null).join(', ') || null],
    ['agent', event.userAgent],
    ['session', event.session],
    ['route', event.route],
    ['decision', event.decision],
    ['request', event.requestId],
    ['trace', event.traceId],
    ['resolved', resolved],
  ];
  const details = Object.entries(event.details).map(
    ([name, value]) => `  ${plain(name)}: ${plain(String(value))}`,
  );
  say(
    [
      `${event.severity} ${plain(event.type)} (${event.class})`,
      plain(event.about),
      '',
      ...fields.flatMap(known),
      ...(details.length === 0 ? [] : ['', ...details]),
      '',
      `${similar.count} of this type by the same ${similar.by} within a day`,
      ...(around.length === 0 ? [] : [textTable([['around it', 'event', 'by', 'id'], ...around])]),
    ].join('\n'),
  );
}

async function exportEvents(
  options: EventFilterOptions & { readonly format: string; readonly out?: string },
): Promise<void> {
  const query = eventQuery(options, systemClock.now());
  const body = await takeFromServer(dataDir(), `/admin/events.${options.format}?${query.toString()}`);
  const text = Readable.fromWeb(body);
  // Standard output may be shown by a terminal; the formats themselves leave nothing in that would steer it.
  if (options.out === undefined) return pipeline(text, process.stdout, { end: false });
  try {
    await pipeline(text, createWriteStream(options.out, { flags: 'wx', mode: 0o600 }));
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    throw new OptionsError('--out', 'there is a file of this name');
  }
  say(`${options.out}: written`);
}

function count(value: string): number {
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new InvalidArgumentError('It is a whole number from 1 to 10,000.');
  return limit;
}
