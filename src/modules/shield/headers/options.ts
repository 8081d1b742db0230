import type { Mode } from '../../../core/guard.ts';
import { type Fields, flag, list, number, oneOf, readOptions, text } from '../../../core/options.ts';

/** Which headers a request must and must not bring. Every check can be switched off, also on one route. */
export interface HeaderSanityOptions {
  /** `enforce` (default) refuses; `shadow` only records what it would have refused. */
  readonly mode?: Mode;
  /** Refuse requests without User-Agent; default true. */
  readonly userAgent?: boolean;
  /** Refuse requests without Accept; default true. */
  readonly accept?: boolean;
  /** Refuse repeated or contradicting Content-Length and Transfer-Encoding; default true. */
  readonly framing?: boolean;
  /** Refuse more than one Host, or one that contradicts `:authority`; default true. */
  readonly host?: boolean;
  /** Refuse control bytes in values, and names that are none; default true. */
  readonly controlBytes?: boolean;
  /** Headers of a request at most, 10 to 10,000; default 100. */
  readonly maxHeaders?: number;
  /** Bytes of one header, name and value, at most; 256 to 1,048,576, default 8,192. */
  readonly maxHeaderBytes?: number;
  /** Bytes of all headers at most; 1,024 to 4,194,304, default 16,384. Node.js itself stops at 16,384 unless told otherwise. */
  readonly maxTotalBytes?: number;
  /** Paths where neither User-Agent nor Accept is asked for, exact, at most 50; default those of health probes and metrics. */
  readonly probePaths?: readonly string[];
}

/** What differs on a route. */
export type HeaderSanityRouteOptions = Omit<HeaderSanityOptions, 'mode' | 'probePaths'>;

/** The options with every default filled in. */
export type ResolvedHeaderSanity = Required<HeaderSanityOptions>;

/** Platforms and monitors ask these with the barest of requests. */
const PROBE_PATHS = ['/livez', '/readyz', '/startupz', '/healthz', '/health', '/metrics'];

const FIELDS: Fields<ResolvedHeaderSanity> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  userAgent: flag(true),
  accept: flag(true),
  framing: flag(true),
  host: flag(true),
  controlBytes: flag(true),
  maxHeaders: number({ min: 10, max: 10_000, default: 100 }),
  maxHeaderBytes: number({ min: 256, max: 1_048_576, default: 8_192 }),
  maxTotalBytes: number({ min: 1_024, max: 4_194_304, default: 16_384 }),
  probePaths: list(text({ max: 200, pattern: /^\/[^?#]*$/, about: "path such as '/livez'" }), {
    atMost: 50,
    default: PROBE_PATHS,
  }),
};

/** @throws OptionsError naming the path and the reason */
export function readHeaderSanity(path: string, given: unknown): ResolvedHeaderSanity {
  return readOptions(path, given, FIELDS);
}

const { mode: _mode, probePaths: _paths, ...ROUTE_FIELDS } = FIELDS;

/**
 * Lays a route's settings over the module's.
 * @throws OptionsError also on `mode` and `probePaths`, which are of the guard as a whole
 */
export function readHeaderSanityRoute(
  path: string,
  base: ResolvedHeaderSanity,
  given: unknown,
): ResolvedHeaderSanity {
  const read = readOptions(path, given, ROUTE_FIELDS);
  const said = Object.fromEntries(
    Object.keys(given as object).map((key) => [key, read[key as keyof typeof read]]),
  );
  return { ...base, ...said };
}
