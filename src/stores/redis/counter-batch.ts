import { endianness } from 'node:os';
import type { CounterAnswer, CounterProgram, CounterStep } from '../../ports/counter.ts';
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

/** Doubles before a call's steps, and of a step beside its arguments (counted with a shape of its own). */
const CALL_HEAD = 2;
const STEP_HEAD = 6;
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

/** What steps have in common that differ in nothing but their key: sent once per batch. */
interface Shape {
  readonly program: CounterProgram;
  readonly args: readonly number[];
  readonly flags: number;
}

/** Shapes that are searched for an equal one; policies are few, but limits that follow the caller could be many. */
const SEARCHED = 16;

/** Writes calls as the script reads them. @returns the rows' keys, each once, and the packed numbers */
export function encode(
  calls: readonly PendingCall[],
  book: ScriptBook,
  prefix: string,
): { readonly keys: string[]; readonly packed: Buffer } {
  const shapes: Shape[] = [];
  const keys: string[] = [];
  const indices = new Map<string, number>();
  const body: number[] = [];
  for (const { steps, nowMs } of calls) {
    body.push(nowMs, steps.length);
    for (const step of steps) {
      const key = `${prefix}${step.program.name}:${step.key}`;
      let index = indices.get(key);
      if (index === undefined) indices.set(key, (index = keys.push(key)));
      body.push(shapeOf(step, shapes), index);
    }
  }
  const head = [shapes.length];
  for (const { program, args, flags } of shapes) {
    head.push(book.indexOf(program), flags, program.ttlMs(args), args.length, ...args);
  }
  const numbers = new Float64Array(head.length + body.length);
  numbers.set(head);
  numbers.set(body, head.length);
  return { keys, packed: toBytes(numbers) };
}

/** @returns the shape's number, from 1 */
function shapeOf(step: CounterStep, shapes: Shape[]): number {
  const { program, args } = step;
  const flags = (step.commitWhenRefused ? COMMIT_WHEN_REFUSED : 0) + (step.advisory ? ADVISORY : 0);
  const most = Math.min(shapes.length, SEARCHED);
  for (let i = 0; i < most; i++) {
    const shape = shapes[i] as Shape;
    if (shape.program.name === program.name && shape.flags === flags && isSame(shape.args, args))
      return i + 1;
  }
  return shapes.push({ program, args, flags });
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** Hands the script's answer out to the calls. @throws TypeError when it is not what the script answers */
export function settle(calls: readonly PendingCall[], reply: unknown): void {
  const numbers = toNumbers(reply);
  let expected = 0;
  for (const call of calls) expected += call.received;
  if (numbers.length !== expected) {
    throw new TypeError('the counter script answered with another number of values');
  }
  let n = 0;
  for (const { received, resolve } of calls) {
    resolve({
      granted: numbers[n] === 1,
      atMs: numbers[n + 1] as number,
      // A view: an array of its own for each call would cost more than the rest of the answer.
      rows: new Float64Array(numbers.buffer, 8 * (n + CALL_HEAD), received - CALL_HEAD),
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
export function toNumbers(reply: unknown): Float64Array<ArrayBuffer> {
  if (!(reply instanceof Uint8Array) || reply.length % 8 !== 0) {
    throw new TypeError('the counter store did not answer with packed numbers');
  }
  const copy = Buffer.from(new ArrayBuffer(reply.length));
  copy.set(reply);
  return new Float64Array((BIG_ENDIAN ? copy.swap64() : copy).buffer);
}
