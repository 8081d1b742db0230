import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import { custom, duration, list, readOptions, text } from '../../../core/options.ts';
import type { Separation } from './separation.ts';

/** Who may hold what, and how long keys live. */
export interface GrantOptions {
  /** Pairs of roles that nobody may hold together, each with the reason that is shown; at most 100, default none. */
  readonly separate?: readonly Separation[];
  /** Roles that one person asks for and another approves; at most 100, default none. */
  readonly approval?: readonly string[];
  /** Longest life of an API key, 1h to 1825d, default 365d. */
  readonly maxKeyLife?: Duration;
  /** How long a rotated API key goes on beside its successor, 0s to 30d, default 24h. */
  readonly keyOverlap?: Duration;
}

/** `GrantOptions` as they were read; times in milliseconds. */
export interface GrantSettings {
  readonly separate: readonly Separation[];
  readonly approval: readonly string[];
  readonly maxKeyLifeMs: number;
  readonly keyOverlapMs: number;
}

const role = text({
  max: 40,
  pattern: /^[A-Za-z][A-Za-z0-9:_-]*$/,
  about: 'role: letters, digits, :, _ and -',
});
const separation = custom<Separation>('{ roles: [one, other], reason }', (value, path) => {
  const read = readOptions<{ roles: readonly string[]; reason: string }>(path, value, {
    roles: list(role, { atMost: 2 }),
    reason: text({ max: 300 }),
  });
  const [one, other] = read.roles;
  if (one === undefined || other === undefined || one === other)
    throw new OptionsError(`${path}.roles`, 'expected two different roles');
  return { roles: [one, other], reason: read.reason };
});

/**
 * Reads the options.
 * @throws OptionsError naming the path and the reason
 */
export function readGrantOptions(path: string, given: GrantOptions): GrantSettings {
  const read = readOptions<{
    separate: readonly Separation[];
    approval: readonly string[];
    maxKeyLife: number;
    keyOverlap: number;
  }>(path, given, {
    separate: list(separation, { atMost: 100, default: [] }),
    approval: list(role, { atMost: 100, default: [] }),
    maxKeyLife: duration({ min: '1h', max: '1825d', default: '365d' }),
    keyOverlap: duration({ min: '0s', max: '30d', default: '24h' }),
  });
  return {
    separate: read.separate,
    approval: read.approval,
    maxKeyLifeMs: read.maxKeyLife,
    keyOverlapMs: read.keyOverlap,
  };
}
