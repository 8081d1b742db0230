import type { Duration } from '../../../core/duration.ts';
import type { Mode } from '../../../core/guard.ts';
import {
  duration,
  type Fields,
  list,
  number,
  object,
  oneOf,
  readOptions,
  text,
} from '../../../core/options.ts';

/** How early a site-wide rise is taken for an attack. */
export const SENSITIVITIES = ['low', 'medium', 'high'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];

/** What differs on a route. */
export interface TrafficRouteOptions {
  /** How much a request here counts, 0 (not at all) to 1; default 1, and `assets` for files of a page. */
  readonly weight?: number;
}

/** Patterns of traffic: who asks too fast, who looks for what is not there, and how hard the whole site is pressed. */
export interface TrafficOptions {
  /** `enforce` (default) refuses and blocks; `shadow` only records what it would have refused. */
  readonly mode?: Mode;
  /** Requests of one client within one second that are still honest, 1 to 100,000; default 50. */
  readonly burst?: number;
  /** Requests of one client per second, over a minute, that are still honest, 1 to 10,000; default 20. */
  readonly sustained?: number;
  /** How long whoever goes beyond is blocked, '1m' to '7d'; default '1h'. */
  readonly blockFor?: Duration;
  /** Clients that one node blocks by itself within an hour at most, 0 to 100,000; default 1,000. Beyond: refused, not blocked. */
  readonly blocksPerHour?: number;
  /** How much a request for a file of a page (`.js`, `.css`, images, fonts) counts, 0 to 1; default 0.2. */
  readonly assets?: number;
  /** Clients that are counted at the same time, 256 to 1,048,576; default 16,384. About 150 bytes each. */
  readonly maxClients?: number;
  /** Paths that count for nothing, exact, at most 50; default those of health probes and metrics. */
  readonly probePaths?: readonly string[];
  /** A client that asks for many paths which are not there. */
  readonly scan?: {
    /** Different paths answered 404 within a minute, at least, 8 to 60; default 32. */
    readonly paths?: number;
    /** `note` (default) tells of it; `block` also blocks, for `blockFor`; `off` does not look. */
    readonly do?: 'note' | 'block' | 'off';
  };
  /** How early a rise of the whole site's traffic counts: `low`, `medium` (default), `high`; `off` for never. */
  readonly sensitivity?: Sensitivity | 'off';
  /** How long the baseline is learnt before it is used, '10s' to '1d'; default '5m'. */
  readonly warmUp?: Duration;
}

/** The options with every default filled in; durations in milliseconds. */
export interface ResolvedTraffic {
  readonly mode: Mode;
  readonly burst: number;
  readonly sustained: number;
  readonly blockFor: number;
  readonly blocksPerHour: number;
  readonly assets: number;
  readonly maxClients: number;
  readonly probePaths: readonly string[];
  readonly scan: { readonly paths: number; readonly do: 'note' | 'block' | 'off' };
  readonly sensitivity: Sensitivity | 'off';
  readonly warmUp: number;
}

const PROBE_PATHS = ['/livez', '/readyz', '/startupz', '/healthz', '/health', '/metrics'];

const FIELDS: Fields<ResolvedTraffic> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  burst: number({ min: 1, max: 100_000, default: 50 }),
  sustained: number({ min: 1, max: 10_000, default: 20 }),
  blockFor: duration({ min: '1m', max: '7d', default: '1h' }),
  blocksPerHour: number({ min: 0, max: 100_000, default: 1_000 }),
  assets: number({ min: 0, max: 1, default: 0.2, fraction: true }),
  maxClients: number({ min: 256, max: 1_048_576, default: 16_384 }),
  probePaths: list(text({ max: 200, pattern: /^\/[^?#]*$/, about: "path such as '/livez'" }), {
    atMost: 50,
    default: PROBE_PATHS,
  }),
  scan: object(
    {
      paths: number({ min: 8, max: 60, default: 32 }),
      do: oneOf(['note', 'block', 'off'], 'note'),
    },
    {},
  ),
  sensitivity: oneOf([...SENSITIVITIES, 'off'], 'medium'),
  warmUp: duration({ min: '10s', max: '1d', default: '5m' }),
};

/** @throws OptionsError naming the path and the reason */
export function readTrafficOptions(path: string, given: unknown): ResolvedTraffic {
  return readOptions(path, given, FIELDS);
}

const ROUTE_FIELDS: Fields<Required<TrafficRouteOptions>> = {
  weight: number({ min: 0, max: 1, fraction: true }),
};

/** @throws OptionsError naming the path and the reason */
export function readTrafficRoute(path: string, given: unknown): Required<TrafficRouteOptions> {
  return readOptions(path, given, ROUTE_FIELDS);
}
