import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import {
  duration,
  flag,
  number,
  object,
  oneOf,
  readOptions,
  text,
  type Fields,
} from '../../../core/options.ts';
import type { AssuranceLevel } from '../contract.ts';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from '../token/index.ts';

/** What follows when a session is used from something that is not what it was opened on. */
export const ON_MISMATCH = ['step-up', 'end', 'note'] as const;
export type OnMismatch = (typeof ON_MISMATCH)[number];

/** How long a session of one level may live (NIST SP 800-63B-4 §2.1.3, §2.2.3). */
export interface LevelLifetime {
  /** Whatever happens, the session ends then. */
  readonly overall?: Duration;
  /** The session ends after that long without a request. */
  readonly idle?: Duration;
}

/** Sessions and their tokens. */
export interface SessionOptions {
  /** `iss` of access tokens, 1 to 200 characters: the house's address. */
  readonly issuer: string;
  /** `aud` of access tokens, 1 to 200 characters. */
  readonly audience: string;
  /** Default EdDSA. HS256 has no public keys. */
  readonly algorithm?: TokenAlgorithm;
  /** Life of an access token, 5m to 15m, default 15m. */
  readonly accessTtl?: Duration;
  /** Life of a refresh token that nobody uses, 15m to 30d, default 7d. */
  readonly refreshTtl?: Duration;
  /**
   * By assurance level: 1 (one factor) overall ≤ 30d, idle ≤ 30d, default 30d and 7d; 2 (two factors) overall ≤ 24h, idle
   * ≤ 1h, default 24h and 1h. `relaxed` allows 90d and 30d at either level, against the recommendation.
   */
  readonly lifetime?: { readonly 1?: LevelLifetime; readonly 2?: LevelLifetime; readonly relaxed?: boolean };
  /** For that long a refresh token that was just used gives the same pair again, 0s to 30s, default 10s. */
  readonly grace?: Duration;
  /** Sessions of one account at once, 1 to 1,000, default 50; the oldest ends. */
  readonly maxSessions?: number;
  /** Default step-up: nothing counts as freshly proven any more. */
  readonly onDeviceMismatch?: OnMismatch;
  /** Longest time for which memory is believed while revocations cannot be read, 1s to 60s, default 10s. */
  readonly maxStale?: Duration;
  /** Whether API clients may bind their tokens to a key (RFC 9449), default off. */
  readonly dpop?: 'off' | 'optional';
  /** Sessions and tokens that are kept in memory, 100 to 1,000,000, default 10,000 of each. */
  readonly cacheSize?: number;
}

/** `SessionOptions` as read: milliseconds. */
export interface SessionSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithm: TokenAlgorithm;
  readonly accessTtl: number;
  readonly refreshTtl: number;
  readonly lifetime: Readonly<Record<AssuranceLevel, { readonly overall: number; readonly idle: number }>> & {
    readonly relaxed: boolean;
  };
  readonly grace: number;
  readonly maxSessions: number;
  readonly onDeviceMismatch: OnMismatch;
  readonly maxStale: number;
  readonly dpop: 'off' | 'optional';
  readonly cacheSize: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BOUNDS: Readonly<Record<AssuranceLevel, { readonly overall: number; readonly idle: number }>> = {
  1: { overall: 30 * DAY_MS, idle: 30 * DAY_MS },
  2: { overall: DAY_MS, idle: HOUR_MS },
};

const fields: Fields<SessionSettings> = {
  issuer: text({ max: 200 }),
  audience: text({ max: 200 }),
  algorithm: oneOf(TOKEN_ALGORITHMS, 'EdDSA'),
  accessTtl: duration({ min: '5m', max: '15m', default: '15m' }),
  refreshTtl: duration({ min: '15m', max: '30d', default: '7d' }),
  lifetime: object<SessionSettings['lifetime']>(
    {
      1: object(lifetimeFields('30d', '7d'), {}),
      2: object(lifetimeFields('24h', '1h'), {}),
      relaxed: flag(false),
    },
    {},
  ),
  grace: duration({ min: '0s', max: '30s', default: '10s' }),
  maxSessions: number({ min: 1, max: 1_000, default: 50 }),
  onDeviceMismatch: oneOf(ON_MISMATCH, 'step-up'),
  maxStale: duration({ min: '1s', max: '60s', default: '10s' }),
  dpop: oneOf(['off', 'optional'], 'off'),
  cacheSize: number({ min: 100, max: 1_000_000, default: 10_000 }),
};

function lifetimeFields(overall: string, idle: string): Fields<{ overall: number; idle: number }> {
  return {
    overall: duration({ min: '10m', max: '90d', default: overall }),
    idle: duration({ min: '5m', max: '30d', default: idle }),
  };
}

/**
 * Reads the options of sessions.
 * @throws OptionsError with the path of what does not fit
 */
export function readSessionOptions(path: string, given: unknown): SessionSettings {
  const read = readOptions(path, given, fields);
  for (const level of [1, 2] as const) {
    const { overall, idle } = read.lifetime[level];
    const at = `${path}.lifetime.${level}`;
    const most = BOUNDS[level];
    if (!read.lifetime.relaxed && (overall > most.overall || idle > most.idle)) {
      const name = overall > most.overall ? 'overall' : 'idle';
      throw new OptionsError(
        `${at}.${name}`,
        `longer than ${most[name] / HOUR_MS}h, which NIST SP 800-63B-4 recommends at most; set relaxed: true to allow it`,
      );
    }
    if (idle > overall) throw new OptionsError(`${at}.idle`, 'longer than the overall lifetime');
  }
  return read;
}
