import type { Cidr } from '../../../core/address.ts';
import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import { duration, type Fields, list, number, readOptions } from '../../../core/options.ts';
import type { TrustPreset } from '../../../core/proxy.ts';
import { rangeOrPreset } from '../../../core/range-option.ts';

/** How much time, room and company a connection is given. */
export interface HardenOptions {
  /** Until the head of a request must have come, 100ms to 10m; default 10s. */
  readonly headersTimeout?: Duration;
  /** Until a request must have come whole, 1s to 24h; default 10m: uploads over slow lines take their time. */
  readonly requestTimeout?: Duration;
  /** How long a connection may wait for its next request, 100ms to 1h; default 20s. */
  readonly keepAliveTimeout?: Duration;
  /** Bytes a second that a body must come with, and an answer be read with, 0 (any) to 1,000,000; default 500. */
  readonly minBytesPerSecond?: number;
  /** A body is measured over this time, 100ms to 1h; default 20s. */
  readonly uploadWindow?: Duration;
  /** An answer is measured over this time, 100ms to 1h; default 60s: players pause. */
  readonly downloadWindow?: Duration;
  /** Connections of one address (IPv6: one /64), 0 (any number) to 1,000,000; default 512. */
  readonly maxSocketsPerAddress?: number;
  /** Connections in all, 0 (any number) to 10,000,000; default 10,000. */
  readonly maxConnections?: number;
  /** Addresses, ranges and presets of one's own proxies, at most 1,000; their connections are not counted by address. */
  readonly proxies?: readonly (TrustPreset | (string & {}))[];
  /** Requests on one connection, 0 (any number) to 1,000,000; default 1,000. */
  readonly maxRequestsPerSocket?: number;
  /** Requests of one connection that are answered at once (pipelined), 1 to 1,000; default 32. */
  readonly maxPipelined?: number;
  /** Headers of one request, 10 to 2,000; default 100. */
  readonly maxHeaders?: number;
}

/** The options with every default filled in. */
export interface ResolvedHardenOptions {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly minBytesPerSecond: number;
  readonly uploadWindow: number;
  readonly downloadWindow: number;
  readonly maxSocketsPerAddress: number;
  readonly maxConnections: number;
  readonly proxies: readonly (readonly Cidr[])[];
  readonly maxRequestsPerSocket: number;
  readonly maxPipelined: number;
  readonly maxHeaders: number;
}

const FIELDS: Fields<ResolvedHardenOptions> = {
  headersTimeout: duration({ min: '100ms', max: '10m', default: '10s' }),
  requestTimeout: duration({ min: '1s', max: '24h', default: '10m' }),
  keepAliveTimeout: duration({ min: '100ms', max: '1h', default: '20s' }),
  minBytesPerSecond: number({ min: 0, max: 1_000_000, default: 500 }),
  uploadWindow: duration({ min: '100ms', max: '1h', default: '20s' }),
  downloadWindow: duration({ min: '100ms', max: '1h', default: '60s' }),
  maxSocketsPerAddress: number({ min: 0, max: 1_000_000, default: 512 }),
  maxConnections: number({ min: 0, max: 10_000_000, default: 10_000 }),
  proxies: list(rangeOrPreset, { atMost: 1_000, default: [] }),
  maxRequestsPerSocket: number({ min: 0, max: 1_000_000, default: 1_000 }),
  maxPipelined: number({ min: 1, max: 1_000, default: 32 }),
  maxHeaders: number({ min: 10, max: 2_000, default: 100 }),
};

/** @throws OptionsError naming the path and the reason */
export function readHardenOptions(given: HardenOptions): ResolvedHardenOptions {
  const options = readOptions('connections', given, FIELDS);
  if (options.headersTimeout > options.requestTimeout)
    throw new OptionsError('connections.headersTimeout', 'longer than requestTimeout');
  return options;
}
