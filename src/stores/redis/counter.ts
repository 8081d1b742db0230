import { systemTimers, type Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import type {
  CounterAnswer,
  CounterProgram,
  CounterRow,
  CounterStep,
  CounterStore,
} from '../../ports/counter.ts';
import { batchEnd, encode, measure, settle, toNumbers, type PendingCall } from './counter-batch.ts';
import { openRedis, RAW_REPLY, type OpenedRedis, type RedisClient } from './client.ts';
import { readRedisOptions, type RedisCounterOptions, type RedisCounterSettings } from './counter-options.ts';
import { HEARTBEAT, ScriptBook, type Script } from './script.ts';

export type { RedisCounterOptions } from './counter-options.ts';

/** Counters in Redis: every answer is a promise. */
export interface RedisCounters extends CounterStore {
  readonly kind: 'redis';
  run(steps: readonly CounterStep[], nowMs: number): Promise<CounterAnswer>;
}

/** How long a node counts after it was last heard of. */
const NODE_MS = 30_000;

/**
 * Counters shared by all nodes, in Redis 5 or newer or Valkey. All calls of one turn of the event loop travel as one
 * script call, in which each is decided on its own, all steps or none. Commands are refused, not queued, while there is no
 * connection; every answer that is an error (`READONLY`, `OOM`, `LOADING`, `BUSY` …) rejects the calls it belongs to.
 * @throws OptionsError
 */
export function redisCounters(options: RedisCounterOptions): RedisCounters {
  return new Counters(readRedisOptions(options));
}

class Counters implements RedisCounters {
  readonly kind = 'redis';
  readonly #book: ScriptBook;
  readonly #callerClock: boolean;
  readonly #rowPrefix: string;
  readonly #nodesKey: string;
  readonly #timeoutMs: number;
  readonly #maxBatch: number;
  readonly #maxWaiting: number;
  readonly #timers: Timers;
  readonly #opened: Promise<OpenedRedis> | undefined;
  #client: RedisClient | undefined;
  #closed = false;
  #pending: PendingCall[] = [];
  /** Calls that wait here or at Redis; those that were given up count until Redis has answered. */
  #waiting = 0;
  #latestMs = 0;

  constructor(settings: RedisCounterSettings) {
    this.#callerClock = settings.clock === 'caller';
    this.#book = new ScriptBook(settings.clock ?? 'server', settings.programs ?? []);
    this.#rowPrefix = `{${settings.prefix}}:c:`;
    this.#nodesKey = `{${settings.prefix}}:nodes`;
    this.#timeoutMs = settings.timeout;
    this.#maxBatch = settings.maxBatch as number;
    this.#maxWaiting = settings.maxWaiting as number;
    this.#timers = settings.timers ?? systemTimers;
    this.#client = settings.client;
    if (settings.url === undefined) return;
    this.#opened = openRedis(settings.url, {
      maxWaiting: this.#maxWaiting,
      ...(settings.onError && { onError: settings.onError }),
    });
    this.#opened.then(
      (client) => (this.#client = client),
      (error: unknown) => settings.onError?.(error as Error),
    );
  }

  run(steps: readonly CounterStep[], nowMs: number): Promise<CounterAnswer> {
    const size = measure(steps);
    const refusal = this.#refusal(steps, size !== undefined);
    if (refusal) return Promise.reject(refusal);
    if (steps.length === 0) return Promise.resolve({ granted: true, atMs: nowMs, rows: new Float64Array(0) });
    const { sent, received } = size as { sent: number; received: number };
    this.#latestMs = nowMs;
    this.#waiting++;
    return new Promise((resolve, reject) => {
      // Requests that arrived together are read one after the other before immediates run: they share a script call.
      if (this.#pending.push({ steps, nowMs, sent, received, resolve, reject }) === 1) {
        setImmediate(() => this.#flush());
      }
    });
  }

  #refusal(steps: readonly CounterStep[], fits: boolean): RampartError | undefined {
    if (!this.#isReady()) return offline();
    if (this.#waiting >= this.#maxWaiting) {
      return new RampartError('RAMPART_REDIS_BUSY', `${this.#waiting} calls wait for Redis`);
    }
    if (!fits) return new RampartError('RAMPART_COUNTER_SIZE', 'a counter call has too many steps');
    for (const { program, key } of steps) {
      if (key.length > 200)
        return new RampartError('RAMPART_COUNTER_KEY', 'a counter key exceeds 200 characters');
      try {
        this.#book.indexOf(program);
      } catch (error) {
        return error as RampartError;
      }
    }
    return undefined;
  }

  #isReady(): boolean {
    return !this.#closed && this.#client !== undefined && this.#client.isReady !== false;
  }

  #flush(): void {
    const calls = this.#pending;
    this.#pending = [];
    for (let from = 0; from < calls.length;) {
      const end = batchEnd(calls, from, this.#maxBatch);
      this.#send(from === 0 && end === calls.length ? calls : calls.slice(from, end));
      from = end;
    }
  }

  /** Sends one batch and hands its answer out. Failures of any kind reject its calls and nothing else. */
  #send(calls: readonly PendingCall[]): void {
    const fail = (error: unknown): void => {
      const reason = error instanceof Error ? error : new RampartError('RAMPART_REDIS', String(error));
      for (const call of calls) call.reject(reason);
    };
    const stop = this.#timers.after(this.#timeoutMs, () => fail(late()));
    this.#deliver(calls)
      .catch(fail)
      .finally(() => {
        stop();
        this.#waiting -= calls.length;
      });
  }

  async #deliver(calls: readonly PendingCall[]): Promise<void> {
    const { keys, packed } = encode(calls, this.#book, this.#rowPrefix);
    settle(calls, await this.#evaluate(this.#book.script, keys, [packed]));
  }

  /** EVALSHA, and EVAL where Redis does not know the script (restarted, flushed, another node took over). */
  async #evaluate(
    script: Script,
    keys: readonly string[],
    args: readonly (string | Buffer)[],
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#command(['EVALSHA', script.sha1, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#command(['EVAL', script.text, ...rest]);
    }
  }

  #command(args: readonly (string | Buffer)[]): Promise<unknown> {
    const client = this.#client;
    return client && this.#isReady() ? client.sendCommand(args, RAW_REPLY) : Promise.reject(offline());
  }

  /** Like `#command`, given up after the time-out. */
  #timed(command: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const stop = this.#timers.after(this.#timeoutMs, () => reject(late()));
      command.then(resolve, reject).finally(stop);
    });
  }

  async read(
    wanted: readonly { program: CounterProgram; key: string }[],
  ): Promise<readonly (CounterRow | undefined)[]> {
    if (wanted.length === 0) return [];
    const keys = wanted.map((one) => this.#key(one));
    const values = (await this.#timed(this.#command(['MGET', ...keys]))) as readonly unknown[];
    return wanted.map(({ program, key }, i) => {
      const value = values[i];
      if (!(value instanceof Uint8Array) || value.length !== 8 * program.columns + 8) return undefined;
      const numbers = toNumbers(value);
      const expiresAtMs = numbers[program.columns] as number;
      if (this.#callerClock && expiresAtMs <= this.#latestMs) return undefined;
      return { key, row: numbers.slice(0, program.columns), expiresAtMs };
    });
  }

  async reset(wanted: readonly { program: CounterProgram; key: string }[]): Promise<number> {
    if (wanted.length === 0) return 0;
    const there = await this.read(wanted);
    await this.#timed(this.#command(['DEL', ...wanted.map((one) => this.#key(one))]));
    return there.filter((row) => row !== undefined).length;
  }

  #key({ program, key }: { program: CounterProgram; key: string }): string {
    return `${this.#rowPrefix}${program.name}:${key}`;
  }

  async ping(): Promise<void> {
    await this.#opened;
    await this.#timed(this.#command(['PING']));
  }

  async nodeCount(node: string): Promise<number> {
    const count = await this.#timed(
      this.#evaluate(HEARTBEAT, [this.#nodesKey], [node.slice(0, 200), String(NODE_MS)]),
    );
    return Math.max(1, Number(count));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const client = await this.#opened?.catch(() => undefined);
    client?.destroy();
  }
}

function offline(): RampartError {
  return new RampartError('RAMPART_REDIS_OFFLINE', 'there is no connection to Redis');
}

function late(): RampartError {
  return new RampartError('RAMPART_REDIS_TIMEOUT', 'Redis did not answer in time');
}
