import { endianness } from 'node:os';
import type { CounterAnswer, CounterStep } from '../../ports/counter.ts';
import type { ScriptBook } from './script.ts';

/** A call that waits to be sent. */
export interface PendingCall {
  readonly steps: readonly CounterStep[];
  readonly nowMs: number;
  /** Doubles that it sends. */
  readonly sent: number;
  /** Doubles that it gets back. */
  readonly received: number;
  readonly resolve: (answer: CounterAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Doubles before a call's steps, and before a step's arguments. */
const CALL_HEAD = 2;
const STEP_HEAD = 5;
/** Lua's stack takes 8,000 values; half of it is left free. */
const MOST_DOUBLES = 4_000;
const MOST_KEYS = 1_000;
const COMMIT_WHEN_REFUSED = 1;
const ADVISORY = 2;
const BIG_ENDIAN = endianness() === 'BE';

/** How many doubles a call sends and gets back, or `undefined` when it is too large for one script. */
export function measure(
  steps: readonly CounterStep[],
): { readonly sent: number; readonly received: number } | undefined {
  let sent = CALL_HEAD;
  let received = CALL_HEAD;
  for (const { program, args } of steps) {
    sent += STEP_HEAD + args.length;
    received += program.columns;
  }
  const fits = sent <= MOST_DOUBLES && received <= MOST_DOUBLES && steps.length <= MOST_KEYS;
  return fits ? { sent, received } : undefined;
}

/** How many of the waiting calls, from `from` on, fit into one script call. At least one. */
export function batchEnd(calls: readonly PendingCall[], from: number, maxCalls: number): number {
  let sent = 0;
  let received = 0;
  let keys = 0;
  const most = Math.min(calls.length, from + maxCalls);
  for (let i = from; i < most; i++) {
    const call = calls[i] as PendingCall;
    sent += call.sent;
    received += call.received;
    keys += call.steps.length;
    if (i > from && (sent > MOST_DOUBLES || received > MOST_DOUBLES || keys > MOST_KEYS)) return i;
  }
  return most;
}

/** Writes calls as the script reads them. @returns the rows' keys, each once, and the packed numbers */
export function encode(
  calls: readonly PendingCall[],
  book: ScriptBook,
  prefix: string,
): { readonly keys: string[]; readonly packed: Buffer } {
  const numbers = new Float64Array(calls.reduce((sum, call) => sum + call.sent, 0));
  const keys: string[] = [];
  const indices = new Map<string, number>();
  let n = 0;
  for (const { steps, nowMs } of calls) {
    numbers[n++] = nowMs;
    numbers[n++] = steps.length;
    for (const step of steps) {
      const { program, args } = step;
      const key = `${prefix}${program.name}:${step.key}`;
      let index = indices.get(key);
      if (index === undefined) indices.set(key, (index = keys.push(key)));
      numbers[n++] = book.indexOf(program);
      numbers[n++] = index;
      numbers[n++] = (step.commitWhenRefused ? COMMIT_WHEN_REFUSED : 0) + (step.advisory ? ADVISORY : 0);
      numbers[n++] = program.ttlMs(args);
      numbers[n++] = args.length;
      for (let a = 0; a < args.length; a++) numbers[n++] = args[a] as number;
    }
  }
  return { keys, packed: toBytes(numbers) };
}

/** Hands the script's answer out to the calls. @throws TypeError when it is not what the script answers */
export function settle(calls: readonly PendingCall[], reply: unknown): void {
  const numbers = toNumbers(reply);
  if (numbers.length !== calls.reduce((sum, call) => sum + call.received, 0)) {
    throw new TypeError('the counter script answered with another number of values');
  }
  let n = 0;
  for (const { received, resolve } of calls) {
    resolve({
      granted: numbers[n] === 1,
      atMs: numbers[n + 1] as number,
      rows: numbers.slice(n + CALL_HEAD, n + received),
    });
    n += received;
  }
}

/** Numbers as little-endian doubles. The array's memory is taken over. */
export function toBytes(numbers: Float64Array<ArrayBuffer>): Buffer {
  const bytes = Buffer.from(numbers.buffer);
  return BIG_ENDIAN ? bytes.swap64() : bytes;
}

/** Little-endian doubles as numbers. @throws TypeError when the reply is not bytes */
export function toNumbers(reply: unknown): Float64Array {
  if (!(reply instanceof Uint8Array) || reply.length % 8 !== 0) {
    throw new TypeError('the counter store did not answer with packed numbers');
  }
  const copy = Buffer.from(new ArrayBuffer(reply.length));
  copy.set(reply);
  return new Float64Array((BIG_ENDIAN ? copy.swap64() : copy).buffer);
}
