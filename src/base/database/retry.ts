import { randomInt } from 'node:crypto';
import { systemTimers, type Timers } from '../../core/clock.ts';

/** How often and how soon {@link retryContended} tries again. */
export interface RetryOptions {
  /** Tries in all, 1 to 10. Default 4. */
  readonly attempts?: number;
  /** Longest wait before the second try, milliseconds; doubles with each further one. Default 20. */
  readonly firstDelayMs?: number;
}

/** Live objects of {@link retryContended}. */
export interface RetryPorts {
  readonly timers?: Timers;
  /** A whole number from 0 to below `max`. */
  readonly random?: (max: number) => number;
}

/** Serialization failure, deadlock: the same transaction may pass the next time (PostgreSQL 13.5). */
const CONTENDED: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/**
 * Runs a whole transaction again when others changed the same data meanwhile. `work` must do nothing outside of it.
 * @throws the last error; any other error at once
 */
export async function retryContended<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions = {},
  ports: RetryPorts = {},
): Promise<T> {
  const attempts = Math.min(10, Math.max(1, options.attempts ?? 4));
  const timers = ports.timers ?? systemTimers;
  const random = ports.random ?? randomInt;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= attempts || !CONTENDED.has((error as { code?: unknown } | null)?.code)) throw error;
      // Full jitter: those who met once must not meet again.
      const delayMs = random((options.firstDelayMs ?? 20) * 2 ** (attempt - 1) + 1);
      await new Promise<void>((resolve) => void timers.after(delayMs, resolve));
    }
  }
}
