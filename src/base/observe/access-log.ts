import type { RequestContext } from '../../core/context.ts';
import type { Finisher } from '../../core/guard.ts';
import type { LineSink } from './logger.ts';
import { oneLine } from './logger.ts';

/** A buffered writer of lines: requests hand over a text, the operating system is asked once in a while. */
export interface BufferedSink extends LineSink {
  /** Writes what waits, now. */
  flush(): void;
}

/** What the buffer stands on. */
export interface BufferedSinkOptions {
  /** Takes a whole block of lines. */
  readonly write: (block: string) => void;
  /** Runs the task after so many milliseconds. */
  readonly after: (delayMs: number, task: () => void) => unknown;
  /** Longest wait of a line; default 100 ms. */
  readonly maxWaitMs?: number;
  /** Size that is written at once; default 65,536 characters. */
  readonly maxCharacters?: number;
}

/** Gathers lines and writes them in blocks. */
export function bufferedSink(options: BufferedSinkOptions): BufferedSink {
  const { maxWaitMs = 100, maxCharacters = 65_536 } = options;
  let block = '';
  const flush = (): void => {
    if (block === '') return;
    const whole = block;
    block = '';
    options.write(whole);
  };
  return {
    write(line) {
      if (block === '') options.after(maxWaitMs, flush);
      block += line;
      if (block.length >= maxCharacters) flush();
    },
    flush,
  };
}

/** One JSON line per request, put together by hand: every name is fixed, every free text is escaped. */
export function accessLog(sink: LineSink): Finisher {
  const stampOf = stamps();
  const about = abouts();
  return {
    name: 'access-log',
    end(context, end) {
      const { path, client, verdict } = context;
      let line = `{"level":"info","time":"${stampOf(context.nowMs)}${about(context)}${quote(path)},"status":${end.status},"durationMs":${hundredths(end.durationMs)},"bytes":${end.bytes},"address":"${client.address}"`;
      if (verdict.kind !== 'pass') line += `,"verdict":"${verdict.kind}"`;
      if (context.decisionId !== null) line += `,"decision":"${context.decisionId}"`;
      if (end.aborted) line += ',"aborted":true';
      sink.write(`${line}}\n`);
    },
  };
}

/** Writes instants as ISO 8601 in UTC, up to the closing quote; the text of a second is made once. */
function stamps(): (atMs: number) => string {
  let second = NaN;
  let text = '';
  return (atMs) => {
    const seconds = Math.floor(atMs / 1000);
    if (seconds !== second) {
      second = seconds;
      text = new Date(seconds * 1000).toISOString().slice(0, 20);
    }
    const ms = atMs - seconds * 1000;
    return `${text}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z"`;
  };
}

const MAX_ABOUTS = 1_000;

/** What is said of a route and a method, made once for the first thousand of both. */
function abouts(): (context: RequestContext) => string {
  const known = new Map<string, Map<string, string>>();
  let count = 0;
  return (context) => {
    const { method } = context.request;
    const route = context.routeLabel ?? context.plan.route.name;
    const ofMethod = known.get(method);
    const hit = ofMethod?.get(route);
    if (hit !== undefined) return hit;
    const text = `,"message":"request","method":${quote(method)},"route":${quote(route)},"path":`;
    if (count >= MAX_ABOUTS) return text;
    count++;
    if (ofMethod === undefined) known.set(method, new Map([[route, text]]));
    else ofMethod.set(route, text);
    return text;
  };
}

/** Milliseconds to the hundredth; whole numbers and integers only, since printing a fraction is dear. */
function hundredths(ms: number): string {
  const whole = Math.round(ms * 100);
  const rest = whole % 100;
  if (rest === 0) return `${whole / 100}`;
  const head = (whole - rest) / 100;
  if (rest % 10 === 0) return `${head}.${rest / 10}`;
  return rest < 10 ? `${head}.0${rest}` : `${head}.${rest}`;
}

/** A text as a JSON string that stays on its line; plain ones are recognised without building anything. */
function quote(text: string): string {
  if (text.length > 300) return quote(text.slice(0, 300));
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code > 126 || code === 34 || code === 92) return oneLine(JSON.stringify(text));
  }
  return `"${text}"`;
}
