import type { Timers } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import { custom, duration, list, number, oneOf, optional, readOptions, text } from '../../core/options.ts';
import type { CounterProgram } from '../../ports/counter.ts';
import type { RedisClient } from './client.ts';

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

/** The options with durations in milliseconds. */
export interface RedisCounterSettings extends Omit<RedisCounterOptions, 'timeout'> {
  /** Milliseconds. */
  readonly timeout: number;
}

/** Reads the options and fills in the defaults. @throws OptionsError */
export function readRedisOptions(options: RedisCounterOptions): RedisCounterSettings {
  const settings = readOptions<RedisCounterSettings>('counters', options, {
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
  return settings;
}

function readClient(value: unknown, path: string): RedisClient {
  if (typeof (value as RedisClient | null)?.sendCommand === 'function') return value as RedisClient;
  throw new OptionsError(path, 'expected a Redis client with sendCommand()');
}
