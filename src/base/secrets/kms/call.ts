import { systemTimers, type Timers } from '../../../core/clock.ts';
import { RampartError } from '../../../core/errors.ts';
import { randomFraction } from '../../../core/random.ts';

/** How a key service is spoken to; everything that a test hands in. */
export interface CallPorts {
  /** Default the process's own. */
  readonly fetch?: typeof fetch;
  readonly timers?: Timers;
  /** 0 to 1, for the spread of waits. */
  readonly random?: () => number;
}

/** What a service is asked. */
export interface CallRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What it answered. */
export interface CallAnswer {
  readonly status: number;
  /** Parsed; an empty object where it was none. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** How often and how long. */
export interface CallOptions {
  readonly name: string;
  /** Time of one attempt, milliseconds. */
  readonly timeoutMs: number;
  /** Attempts in all. */
  readonly attempts: number;
  /** Whether another attempt may help. */
  readonly isTransient: (answer: CallAnswer) => boolean;
}

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2_000;
const MAX_ANSWER = 1_000_000;

/**
 * Asks a key service; what is transient is tried again after a random wait of up to 100, 200, 400 … milliseconds (full
 * jitter), so that nodes which start together do not come back together.
 * @param request makes it anew for each attempt: signatures carry the time
 * @throws RampartError `KMS_UNAVAILABLE` when the last attempt failed too
 */
export async function callService(
  request: () => CallRequest | Promise<CallRequest>,
  options: CallOptions,
  ports: CallPorts,
): Promise<CallAnswer> {
  const { timers = systemTimers, random = randomFraction } = ports;
  let cause: unknown;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await once(await request(), options.timeoutMs, ports);
      if (!options.isTransient(answer)) return answer;
      cause = new Error(`status ${answer.status}`);
    } catch (error) {
      if (error instanceof RampartError) throw error;
      cause = error;
    }
    if (attempt >= options.attempts) throw unavailable(options.name, cause);
    const ceiling = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    await new Promise<void>((resolve) => void timers.after(random() * ceiling, resolve));
  }
}

async function once(
  request: CallRequest,
  timeoutMs: number,
  { fetch: ask = fetch }: CallPorts,
): Promise<CallAnswer> {
  const response = await ask(request.url, {
    method: 'POST',
    headers: request.headers,
    body: request.body,
    // A service that answers with another address is not the one that was trusted with keys.
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  return { status: response.status, json: text.length > MAX_ANSWER ? {} : parsed(text) };
}

function parsed(text: string): CallAnswer['json'] {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as CallAnswer['json']) : {};
  } catch {
    return {};
  }
}

function unavailable(name: string, cause: unknown): RampartError {
  return new RampartError('KMS_UNAVAILABLE', `The key service ${name} does not answer.`, { cause });
}

/** What a driver throws when the service says no. @param reason the service's own word, never its message */
export function refused(name: string, reason: string): RampartError {
  return new RampartError('KMS_REFUSED', `The key service ${name} refuses: ${reason.slice(0, 100)}.`);
}

/** A member of an answer that must be a text. @throws RampartError `KMS_REFUSED` */
export function textOf(name: string, from: unknown, member: string): string {
  const value = (from as Readonly<Record<string, unknown>> | undefined)?.[member];
  if (typeof value !== 'string') throw refused(name, `no ${member} in its answer`);
  return value;
}

/** A data key of an answer, from base64. @throws RampartError `KMS_REFUSED` on another length */
export function dataKeyOf(name: string, base64: string): Uint8Array {
  const key = new Uint8Array(Buffer.from(base64, 'base64'));
  if (key.byteLength !== 32) throw refused(name, 'a key of another length in its answer');
  return key;
}
