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
  /** Size that is written at once; default 16,384 characters. */
  readonly maxCharacters?: number;
}

/** Gathers lines and writes them in blocks. */
export function bufferedSink(options: BufferedSinkOptions): BufferedSink {
  const { maxWaitMs = 100, maxCharacters = 16_384 } = options;
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
  let second = 0;
  let stamp = '';
  return {
    name: 'access-log',
    end(context, end) {
      const seconds = Math.floor(context.nowMs / 1000);
      if (seconds !== second) {
        second = seconds;
        stamp = new Date(seconds * 1000).toISOString().slice(0, 20);
      }
      const ms = context.nowMs - seconds * 1000;
      let line = `{"level":"info","time":"${stamp}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z","message":"request","method":${quote(context.request.method)},"path":${quote(context.path)},"route":${quote(context.routeLabel ?? context.plan.route.name)},"status":${end.status},"durationMs":${Math.round(end.durationMs * 100) / 100},"bytes":${end.bytes},"address":"${context.client.address}"`;
      if (context.verdict.kind !== 'pass') line += `,"verdict":"${context.verdict.kind}"`;
      if (context.decisionId !== null) line += `,"decision":"${context.decisionId}"`;
      if (end.aborted) line += ',"aborted":true';
      sink.write(`${line}}\n`);
    },
  };
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
