import { createRequire } from 'node:module';
import type * as Pino from 'pino';
import { redact } from './redact.ts';

/** Words for people who run the house. Fields are redacted, whatever they are called with. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Levels, the most talkative first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where log lines go: one call per whole line, ending in a line break. */
export interface LineSink {
  write(line: string): void;
}

/** How to log. */
export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** `json`: one object per line; `pretty`: for people. Default `json`. */
  readonly format?: 'json' | 'pretty';
  readonly sink: LineSink;
}

/** A logger on pino: JSON lines with level, time and message, secrets masked by name and by form. */
export function createLogger(options: LoggerOptions): Logger {
  const sink = options.format === 'pretty' ? prettySink(options.sink) : options.sink;
  // Loaded when a logger is made, so that importing a door loads no package.
  const { pino } = createRequire(import.meta.url)('pino') as typeof Pino;
  const inner = pino(
    {
      level: options.level ?? 'info',
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => sink.write(oneLine(line)) },
  );
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      if (inner.isLevelEnabled(level)) inner[level](redact(fields ?? {}), message);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** JSON leaves these as they are, but terminals and log shippers take them for line ends or commands. */
// oxlint-disable-next-line no-control-regex -- the control characters are what is looked for
const BREAKING = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

/** Escapes what a JSON text may hold but a log line must not: C1 controls and Unicode line ends. */
export function oneLine(json: string): string {
  return json.replace(BREAKING, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const COLOURS: Readonly<Record<string, string>> = { debug: '90', info: '36', warn: '33', error: '31' };

/** Rewrites JSON lines as `12:04:05 info  message key=value`. */
export function prettySink(
  sink: LineSink,
  colour = process.stdout.isTTY && !process.env['NO_COLOR'],
): LineSink {
  return {
    write(line) {
      const { level, time, message, ...rest } = JSON.parse(line) as Record<string, unknown>;
      const paint = (text: string): string =>
        colour ? `\u001b[${COLOURS[String(level)] ?? '0'}m${text}\u001b[0m` : text;
      const fields = Object.entries(rest).map(
        ([key, value]) => ` ${key}=${oneLine(JSON.stringify(value) ?? '')}`,
      );
      sink.write(
        `${String(time).slice(11, 19)} ${paint(String(level).padEnd(5))} ${JSON.stringify(message).slice(1, -1)}${fields.join('')}\n`,
      );
    },
  };
}
