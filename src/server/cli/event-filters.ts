import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../core/duration.ts';
import { EVENT_OUTCOMES, SEVERITIES } from '../../core/events.ts';

/** What events are narrowed by, as the command line takes it. */
export interface EventFilterOptions {
  readonly type?: readonly string[];
  readonly severity?: readonly string[];
  readonly class?: string;
  readonly outcome?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly address?: string;
  readonly route?: string;
  readonly session?: string;
  readonly request?: string;
  readonly trace?: string;
  readonly decision?: string;
  readonly text?: string;
  readonly resolved?: boolean;
  readonly unresolved?: boolean;
  /** Milliseconds. */
  readonly since?: number;
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
}

const EXACT = [
  'class',
  'outcome',
  'actor',
  'subject',
  'address',
  'route',
  'session',
  'request',
  'trace',
  'decision',
  'text',
  'from',
  'to',
] as const;

/** Gives a command the filters of a search. */
export function withEventFilters(command: Command): Command {
  return command
    .option('--type <type>', 'a type of the catalogue, or another name of it; several', collect)
    .addOption(new Option('--severity <severity>', `${SEVERITIES.join(', ')}; several`).argParser(severities))
    .addOption(new Option('--class <class>').choices(['audit', 'signal']))
    .addOption(new Option('--outcome <outcome>').choices(EVENT_OUTCOMES))
    .option('--actor <id>', 'who did it')
    .option('--subject <id>', 'what or whom it is about')
    .option('--address <address>', 'a client address, or a range such as 203.0.113.0/24')
    .option('--route <route>', "such as 'POST /auth/sign-in'")
    .option('--session <id>')
    .option('--request <id>', 'what came as x-request-id, or the id of a decision')
    .option('--trace <id>')
    .option('--decision <id>')
    .option('--text <words>', 'whole words of the sentence, the subject or the details')
    .option('--resolved', 'only what somebody has settled')
    .option('--unresolved', 'only what nobody has settled')
    .option('--since <span>', 'of this long until now: 15m, 24h, 7d', span)
    .option('--from <time>', 'not before: 2026-01-31, 2026-01-31T08:00:00Z', moment)
    .option('--to <time>', 'before this time', moment);
}

/** The filters as the query of a search. */
export function eventQuery(options: EventFilterOptions, nowMs: number): URLSearchParams {
  const query = new URLSearchParams();
  for (const type of options.type ?? []) query.append('type', type);
  for (const severity of options.severity ?? []) query.append('severity', severity);
  if (options.since !== undefined) query.set('from', String(nowMs - options.since));
  for (const name of EXACT) {
    const value = options[name];
    if (value !== undefined) query.set(name, String(value));
  }
  if (options.resolved === true) query.set('resolved', 'true');
  if (options.unresolved === true) query.set('resolved', 'false');
  return query;
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function severities(value: string, before: readonly string[] = []): readonly string[] {
  const given = value.toUpperCase();
  if (!(SEVERITIES as readonly string[]).includes(given))
    throw new InvalidArgumentError(`It is one of ${SEVERITIES.join(', ')}.`);
  return [...before, given];
}

function span(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new InvalidArgumentError("A span is a number and a unit: '15m', '24h', '7d'.");
  return ms;
}

/** A time of the command line. @returns milliseconds since the epoch */
export function moment(value: string): number {
  const ms = Date.parse(value);
  if (Number.isNaN(ms) || ms < 0)
    throw new InvalidArgumentError("A time is a date as ISO 8601 writes it: '2026-01-31T08:00:00Z'.");
  return ms;
}
