import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { formatDuration, parseDuration } from '../../core/duration.ts';
import { OptionsError } from '../../core/errors.ts';
import {
  type DetectOptions,
  readDetectOptions,
  replay,
  type ReplayedRule,
  type ReplayReport,
  type Rule,
  wordsOf,
} from '../../modules/detect/index.ts';
import { memoryCounters } from '../../stores/memory/counter.ts';
import { findConfigFile, loadConfigFile } from '../config.ts';
import { withEvents } from '../detect/source.ts';
import { readEnvironment } from '../environment.ts';
import { textTable } from './table.ts';
import { endingOnWrongUsage } from './usage.ts';

/** Groups of one way of counting that a replay holds. */
const REPLAY_GROUPS = 200_000;
const DAY_MS = 86_400_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const environment = () => readEnvironment(process.env, false);

/** `rampart detect`: what is looked for in events, and what it would have found. */
export function detectCommand(): Command {
  const command = new Command('detect')
    .description('list detectors, show one, and try them on the events of the past')
    .addHelpText(
      'after',
      `
Rules are those of rampart.config.ts. A file of rules exports them by name, as \`detect.rules\` takes them.

Examples:
  $ rampart detect list
  $ rampart detect show brute_force
  $ rampart detect replay --since 7d
  $ rampart detect replay --rule mass_read --since 30d
  $ rampart detect replay --file rules.ts --since 7d --json`,
    );
  command
    .command('list')
    .description('list all detectors')
    .option('--json', 'print them as JSON')
    .action(list);
  command
    .command('show')
    .description('show one detector with everything that it looks at')
    .argument('<name>', 'such as brute_force')
    .option('--json', 'print it as JSON')
    .action(show);
  command
    .command('replay')
    .description('say how often detectors would have spoken, for whom, first and last')
    .option('--rule <name>', 'this one alone; several may be given', collect, [])
    .option('--file <file>', 'rules that are not in force yet, alone')
    .option('--since <duration>', 'how far back, 1m to 400d', '7d')
    .option('--json', 'print the report as JSON')
    .action(replayEvents);
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

function collect(value: string, known: readonly string[]): readonly string[] {
  return [...known, value];
}

async function configured(): Promise<DetectOptions> {
  const file = environment().configFile ?? findConfigFile(process.cwd());
  return file === undefined ? {} : ((await loadConfigFile(file)).detect ?? {});
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const { rules } = readDetectOptions(await configured());
  if (json === true) return say(JSON.stringify(rules.map(plain), null, 2));
  const rows = rules.map((rule) => [rule.name, rule.enabled ? 'on' : 'off', rule.severity, wordsOf(rule)]);
  say(textTable([['detector', '', 'severity', 'speaks from'], ...rows]));
}

async function show(name: string, { json }: { readonly json?: boolean }): Promise<void> {
  const { rules } = readDetectOptions(await configured());
  const rule = named(rules, name, '<name>');
  say(json === true ? JSON.stringify(plain(rule), null, 2) : inWords(rule));
}

function plain({ name, enabled, options }: Rule): object {
  return { name, ...options, enabled };
}

function inWords(rule: Rule): string {
  return [
    `${rule.name}: ${rule.title}${rule.enabled ? '' : ' (switched off)'}`,
    '',
    `  says         ${rule.description}`,
    `  looks at     ${rule.on === '*' ? 'all events' : rule.on.join(', ')}`,
    `  where        ${rule.options.where === undefined ? 'always' : JSON.stringify(rule.options.where)}`,
    `  speaks from  ${wordsOf(rule)}`,
    `  severity     ${rule.severity}, as ${rule.kind}, once in ${formatDuration(rule.coolDownMs)} for each group`,
    `  recommended  ${rule.recommended.join(', ')}`,
    `  known as     ${rule.references.join('; ')}`,
  ].join('\n');
}

function named(rules: readonly Rule[], name: string, path: string): Rule {
  const found = rules.find((rule) => rule.name === name);
  if (found !== undefined) return found;
  throw new OptionsError(
    path,
    `there is no detector of this name; there are ${rules.map((one) => one.name).join(', ')}`,
  );
}

interface ReplayFlags {
  readonly rule: readonly string[];
  readonly file?: string;
  readonly since: string;
  readonly json?: boolean;
}

async function replayEvents(flags: ReplayFlags): Promise<void> {
  const spanMs = parseDuration(flags.since);
  if (spanMs === undefined || spanMs < 60_000 || spanMs > 400 * DAY_MS)
    throw new OptionsError('--since', 'expected 1m to 400d, such as 7d');
  const rules = await rulesToTry(flags);
  const report = await withEvents(environment(), (events) =>
    replay(rules, events(systemClock.now() - spanMs), {
      store: memoryCounters({ maxKeys: REPLAY_GROUPS }),
    }),
  );
  say(flags.json === true ? JSON.stringify(report, null, 2) : reportWords(report));
}

async function rulesToTry({ rule, file }: ReplayFlags): Promise<readonly Rule[]> {
  const options = await configured();
  if (file === undefined) {
    const { rules } = readDetectOptions(options);
    return rule.length === 0 ? rules : rule.map((name) => named(rules, name, '--rule'));
  }
  const given = await rulesOfFile(file);
  const { rules } = readDetectOptions({ ...options, rules: { ...options.rules, ...given } });
  const names = rule.length === 0 ? Object.keys(given) : rule;
  return names.map((name) => named(rules, name, rule.length === 0 ? file : '--rule'));
}

async function rulesOfFile(file: string): Promise<NonNullable<DetectOptions['rules']>> {
  const path = resolve(file);
  if (!existsSync(path)) throw new OptionsError('--file', 'there is no such file');
  const loaded = (await import(pathToFileURL(path).href)) as { default?: unknown };
  if (typeof loaded.default !== 'object' || loaded.default === null)
    throw new OptionsError('--file', 'exports no rules; end it with: export default { my_rule: { … } }');
  return loaded.default as NonNullable<DetectOptions['rules']>;
}

const dateOf = (ms: number | null): string => (ms === null ? '-' : new Date(ms).toISOString().slice(0, 19));

function reportWords({ events, fromMs, toMs, rules }: ReplayReport): string {
  if (events === 0) return 'There are no events in this time.';
  const spoke = rules.filter((one) => one.detections > 0).toSorted((a, b) => b.detections - a.detections);
  const head = `${events} events from ${dateOf(fromMs)} to ${dateOf(toMs)}; ${spoke.length} of ${rules.length} detectors would have spoken.`;
  if (spoke.length === 0) return head;
  const rows = spoke.map((one) => [
    one.rule + (one.enabled ? '' : ' (off)'),
    one.severity,
    one.detections,
    one.groups,
    dateOf(one.firstMs),
    dateOf(one.lastMs),
  ]);
  const table = textTable([['detector', 'severity', 'times', 'groups', 'first', 'last'], ...rows]);
  return [head, '', table, ...spoke.flatMap(groupLines)].join('\n');
}

function groupLines({ rule, top }: ReplayedRule): string[] {
  const lines = top
    .slice(0, 5)
    .filter(({ key }) => key !== '')
    .map(({ key, detections, count }) => `  ${key}: ${detections} time(s), up to ${count} events`);
  return lines.length === 0 ? [] : ['', rule, ...lines];
}
