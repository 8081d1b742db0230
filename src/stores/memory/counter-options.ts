import type { Clock } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import type { KeyedHash } from '../../core/hash.ts';
import { custom, number, optional, readOptions, type Field } from '../../core/options.ts';

/** What the counters in memory may be told. */
export interface MemoryCounterOptions {
  /** Rows held per program. Default 1,000,000; 16 to 16,000,000. A sliding window takes 50 to 63 bytes per row. */
  readonly maxKeys?: number;
  /** Makes fingerprints of keys. Default: HalfSipHash with a random key of this process. */
  readonly hash?: KeyedHash;
  /**
   * Hears how many living rows were forgotten because the store was full: at the first one, then at most once per
   * second of the callers' time. Must not throw.
   */
  readonly onEvicted?: (count: number) => void;
  /** Tells `read`, `reset` and `nodeCount` the time. Default: the time of the latest `run`. */
  readonly clock?: Clock;
}

/** Reads the options and fills in the defaults. @throws OptionsError */
export function readMemoryOptions(options: MemoryCounterOptions): MemoryCounterOptions {
  return readOptions<MemoryCounterOptions>('counters', options, {
    maxKeys: number({ min: 16, max: 16_000_000, default: 1_000_000 }),
    hash: optional(withMethod<KeyedHash>('a keyed hash', 'to53')),
    onEvicted: optional(custom('a function', readFunction)),
    clock: optional(withMethod<Clock>('a clock', 'now')),
  });
}

function withMethod<T>(about: string, method: keyof T & string): Field<T> {
  return custom(about, (value, path) => {
    if (typeof (value as Record<string, unknown> | null)?.[method] === 'function') return value as T;
    throw new OptionsError(path, `expected ${about} with ${method}()`);
  });
}

function readFunction(value: unknown, path: string): (count: number) => void {
  if (typeof value === 'function') return value as (count: number) => void;
  throw new OptionsError(path, 'expected a function');
}
