import { systemTimers, type Timers } from '../../core/clock.ts';
import { OptionsError, RampartError } from '../../core/errors.ts';
import { custom, duration, list, number, oneOf, optional, readOptions, text } from '../../core/options.ts';
import type {
  CounterAnswer,
  CounterProgram,
  CounterRow,
  CounterStep,
  CounterStore,
} from '../../ports/counter.ts';
import { batchEnd, encode, measure, settle, toNumbers, type PendingCall } from './counter-batch.ts';
import { openRedis, RAW_REPLY, type OpenedRedis, type RedisClient } from './client.ts';
import { HEARTBEAT, ScriptBook, type Script } from './script.ts';

/** What the counters in Redis may be told. One of `client` and `url` is needed. */
export interface RedisCounterOptions {
  /** A client of the application's. It is not closed here; let it refuse commands while it is disconnected. */
  readonly client?: RedisClient;
  /** Where to connect (needs the package `redis`): `redis://user:password@host:6379/0`, or `rediss://`. */
  readonly url?: string;
  /** What all keys begin with, in braces, so that a cluster keeps them on one shard. Default `rampart`. */
  readonly prefix?: string;
  /** Programs known from the start; others are added when a call brings them, at the price of a new script. */
  readonly programs?: readonly CounterProgram[];
  /** Whose time decides: Redis' own (default; nodes' clocks need not agree), or the caller's `nowMs` (tests, replay). */
  readonly clock?: 'server' | 'caller';
  /** How long a command may take before it is given up. Default '1s', '10ms' to '1m'. */
  readonly timeout?: string;
  /** Calls in one script call. Default 128, 1 to 1,000. Redis serves nobody else meanwhile, about 5 µs per policy. */
  readonly maxBatch?: number;
  /** Calls that may wait for an answer; more are refused at once. Default 10,000, 1 to 1,000,000. */
  readonly maxWaiting?: number;
  /** Hears of connection errors of a client that was opened by `url`. */
  readonly onError?: (error: Error) => void;
  /** Where time-outs come from. */
  readonly timers?: Timers;
}

/** Counters in Redis: every answer is a promise. */
export interface RedisCounters extends CounterStore {
  readonly kind: 'redis';
  run(steps: readonly CounterStep[], nowMs: number): Promise<CounterAnswer>;
}

interface Settings extends Omit<RedisCounterOptions, 'timeout'> {
  readonly timeout: number;
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
  const settings = readOptions<Settings>('counters', options, {
    client: optional(custom<RedisClient>('a Redis client', readClient)),
    url: optional(text({ about: 'a URL with redis: or rediss:', pattern: /^rediss?:\/\//, max: 2_000 })),
    prefix: text({ about: 'letters, digits, . _ : -', pattern: /^[\w.:-]+$/, max: 64, default: 'rampart' }),
    programs: list(
      custom<CounterProgram>('a program', (value) => value as CounterProgram),
      { default: [] },
    ),
    clock: oneOf(['server', 'caller'], 'server'),
    timeout: duration({ min: '10ms', max: '1m', default: '1s' }),
    maxBatch: number({ min: 1, max: 1_000, default: 128 }),
    maxWaiting: number({ min: 1, max: 1_000_000, default: 10_000 }),
    onError: optional(custom('a function', (value) => value as (error: Error) => void)),
    timers: optional(custom('timers', (value) => value as Timers)),
  });
  if ((settings.client === undefined) === (settings.url === undefined)) {
    throw new OptionsError('counters', "give either 'client' or 'url'");
  }
  return new Counters(settings);
}

function readClient(value: unknown, path: string): RedisClient {
  if (typeof (value as RedisClient | null)?.sendCommand === 'function') return value as RedisClient;
  throw new OptionsError(path, 'expected a Redis client with sendCommand()');
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

  constructor(settings: Settings) {
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
