import { type Cidr, parseCidr } from '../../../core/address.ts';
import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import {
  custom,
  duration,
  type Fields,
  flag,
  list,
  number,
  optional,
  readOptions,
} from '../../../core/options.ts';

/** What outgoing calls may do. */
export interface SafeFetchOptions {
  /** Plain `http:` is let through, too; default false. */
  readonly allowHttp?: boolean;
  /** Ports that may be called, at most 100; default 443, with `allowHttp` also 80. */
  readonly ports?: readonly number[];
  /** Names that may be called and no others: `api.example.com`, `*.example.com`; at most 1,000. Default every public one. */
  readonly hosts?: readonly string[];
  /** Ranges of one's own network that may be called all the same, at most 100; default none. */
  readonly allowRanges?: readonly string[];
  /** Time for everything from the name to the last byte, redirects included, 100ms to 10m; default 15s. */
  readonly timeout?: Duration;
  /** Bytes of an answer's body, packed and unpacked, 1 to 268,435,456; default 65,536. */
  readonly maxBodyBytes?: number;
  /** Bytes of an answer's head, 1,024 to 1,048,576; default 16,384. */
  readonly maxHeaderBytes?: number;
  /** Redirects that `redirect: 'follow'` follows, 0 to 20; default 5. */
  readonly maxRedirects?: number;
  /** Calls at once, 1 to 10,000; default 100. Further ones are refused at once. */
  readonly maxConnections?: number;
}

/** The options with every default filled in. */
export interface ResolvedFetchOptions {
  readonly allowHttp: boolean;
  readonly ports: readonly number[] | undefined;
  readonly hosts: readonly string[] | undefined;
  readonly allowRanges: readonly Cidr[];
  readonly timeout: number;
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxRedirects: number;
  readonly maxConnections: number;
}

const range = custom('address or range', (value, path): Cidr => {
  const found = typeof value === 'string' ? parseCidr(value) : undefined;
  if (!found) throw new OptionsError(path, 'expected an address or a range such as 10.1.2.0/24');
  return found;
});

/** A name as URLs write it, in small letters; `*.` before it for every name below. */
const host = custom('host name', (value, path): string => {
  const star = typeof value === 'string' && value.startsWith('*.');
  const plain = star ? value.slice(2) : value;
  if (
    typeof plain === 'string' &&
    plain !== '' &&
    !/[\s/@:?#*]/.test(plain) &&
    URL.canParse(`https://${plain}`)
  )
    return (star ? '*.' : '') + new URL(`https://${plain}`).hostname;
  throw new OptionsError(path, 'expected a name such as api.example.com or *.example.com');
});

const FIELDS: Fields<ResolvedFetchOptions> = {
  allowHttp: flag(false),
  ports: optional(list(number({ min: 1, max: 65_535 }), { atMost: 100 })),
  hosts: optional(list(host, { atMost: 1_000 })),
  allowRanges: list(range, { atMost: 100, default: [] }),
  timeout: duration({ min: '100ms', max: '10m', default: '15s' }),
  maxBodyBytes: number({ min: 1, max: 268_435_456, default: 65_536 }),
  maxHeaderBytes: number({ min: 1_024, max: 1_048_576, default: 16_384 }),
  maxRedirects: number({ min: 0, max: 20, default: 5 }),
  maxConnections: number({ min: 1, max: 10_000, default: 100 }),
};

/** @throws OptionsError naming the path and the reason */
export function readFetchOptions(given: SafeFetchOptions): ResolvedFetchOptions {
  return readOptions('safeFetch', given, FIELDS);
}
