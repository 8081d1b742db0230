import { Command, Option } from 'commander';
import { RampartError } from '../../core/errors.ts';
import { ALERT_STATES, type AlertAnswer, type AlertEntry, type AlertsAnswer } from '../api/alert-types.ts';
import { readEnvironment } from '../environment.ts';
import { askServer } from './operator.ts';
import { textTable } from './table.ts';
import { endingOnWrongUsage } from './usage.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const TRIES = 40;
const PAUSE_MS = 500;

/** `rampart alerts`: what somebody should look at, on the running server. */
export function alertsCommand(): Command {
  const command = new Command('alerts')
    .description('list alerts, read one, settle it, and try the channels by which people are told')
    .addHelpText(
      'after',
      `
Works with the running server of the data folder (RAMPART_DATA_DIR).

Examples:
  $ rampart alerts list                        those that are open
  $ rampart alerts list --state RESOLVED
  $ rampart alerts show alr_01k9x3v8c0m2n4p6q8r0s2t4v6
  $ rampart alerts ack alr_01k9x3v8c0m2n4p6q8r0s2t4v6
  $ rampart alerts resolve alr_01k9x3v8c0m2n4p6q8r0s2t4v6 --note "disk mended"
  $ rampart alerts test pager                  ends with 1 where the channel did not take it`,
    );
  command
    .command('list')
    .description('list alerts and how the channels fare')
    .addOption(
      new Option('--state <state>', 'these alone, default those that are open').choices(ALERT_STATES),
    )
    .option('--json', 'for programs')
    .action(list);
  command
    .command('show')
    .description('show an alert with its story')
    .argument('<id>')
    .option('--json', 'for programs')
    .action(show);
  command
    .command('ack')
    .description('say that somebody is at it: nobody is reminded any more')
    .argument('<id>')
    .action((id: string) => act(id, 'acknowledge', {}));
  command
    .command('resolve')
    .description('settle an alert')
    .argument('<id>')
    .option('--note <text>', 'what was done', '')
    .action((id: string, { note }: { readonly note: string }) => act(id, 'resolve', { note }));
  command
    .command('test')
    .description('have a channel told a test message, and say what came of it')
    .argument('<channel>')
    .action(test);
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  return askServer<T>(readEnvironment(process.env, false).dataDir, method, path, body);
}

async function list({ state, json }: { readonly state?: string; readonly json?: boolean }): Promise<void> {
  const states = state === undefined ? ['ACTIVE', 'INVESTIGATING'] : [state];
  const query = states.map((one) => `state=${one}`).join('&');
  const answer = await ask<AlertsAnswer>('GET', `/admin/alerts?limit=100&${query}`);
  if (json === true) return say(JSON.stringify(answer, null, 2));
  if (answer.alerts.length === 0) say('There are none.');
  else {
    const rows = answer.alerts.map((one) => [
      one.id,
      one.severity,
      one.state,
      one.count,
      date(one.lastAtMs),
      plain(one.title) + (one.group === null ? '' : ` (${plain(one.group)})`),
    ]);
    say(textTable([['alert', 'severity', 'state', 'events', 'last', 'what'], ...rows]));
  }
  for (const { name, state: fares, error, waiting } of answer.channels) {
    if (fares === 'failing') process.stderr.write(`${name}: ${error ?? ''} ${waiting} wait.\n`);
  }
}

async function show(id: string, { json }: { readonly json?: boolean }): Promise<void> {
  const answer = await ask<AlertAnswer>('GET', `/admin/alerts/${encodeURIComponent(id)}`);
  if (json === true) return say(JSON.stringify(answer, null, 2));
  const { alert, notes, recommended, events } = answer;
  say(
    [
      `${alert.severity} ${plain(alert.title)}${alert.group === null ? '' : ` (${plain(alert.group)})`}`,
      plain(alert.description),
      `${alert.state}, ${alert.count} event(s) from ${date(alert.firstAtMs)} to ${date(alert.lastAtMs)}`,
      `assigned to ${plain(alert.assignee ?? 'nobody')}`,
      ...recommended.map(({ text }) => `recommended: ${plain(text)}`),
      '',
      ...notes.map(
        ({ atMs, by, kind, text }) => `${date(atMs)}  ${kind}  ${plain(by ?? '-')}  ${plain(text)}`,
      ),
      '',
      ...events.map((one) => `${date(one.atMs)}  ${one.type}  ${one.id}`),
    ].join('\n'),
  );
}

async function act(id: string, what: string, body: object): Promise<void> {
  const alert = await ask<AlertEntry>('POST', `/admin/alerts/${encodeURIComponent(id)}/${what}`, body);
  say(`${alert.id}: ${alert.state}`);
}

async function test(channel: string): Promise<void> {
  const path = `/admin/alert-channels/${encodeURIComponent(channel)}/test`;
  const { delivery } = await ask<{ delivery: string }>('POST', path, {});
  for (let tries = 0; tries < TRIES; tries++) {
    const { state } = await ask<{ state: string }>('GET', `/admin/alert-tests/${delivery}`);
    if (state === 'sent') return say(`${channel}: told`);
    if (state === 'given-up') {
      const { channels } = await ask<AlertsAnswer>('GET', '/admin/alerts?limit=1');
      const why = channels.find(({ name }) => name === channel)?.error;
      throw new RampartError('ALERT_UNTOLD', `${channel}: ${why ?? 'It could not be told.'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new RampartError('ALERT_UNTOLD', `${channel}: nothing came of it within 20 s.`);
}

const date = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

/** Values of requests must not steer a terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
