import { type Clock, systemClock, systemTimers, type Timers } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import { custom, type Field, type Fields, flag, number, readOptions } from '../../core/options.ts';

/** Keys of an account of the object store. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** How objects are encrypted where they lie: by the store's key, or by one of a key service. */
export type S3Encryption = 'AES256' | { readonly kmsKey: string };

/** Which bucket, as a configuration file can hold it. */
export interface S3Options {
  /** 3 to 63 of `a-z0-9.-`. No other program should write into it. */
  readonly bucket: string;
  /** Such as `eu-central-1`; stores that have none take `us-east-1`. */
  readonly region: string;
  /** Where the store answers, such as `https://minio.internal:9000`; default that of AWS in the region. */
  readonly endpoint?: string;
  /** What every key begins with, such as `shop/`; default nothing. */
  readonly prefix?: string;
  /** How objects are encrypted; default `AES256`. `false` for stores that do so unasked and know no such header. */
  readonly encryption?: S3Encryption | false;
  /** Bytes of a part, 5 to 64 MiB; default 8 MiB. A file has at most 10,000 parts; one part per file is in memory. */
  readonly partBytes?: number;
  /** Longest wait for an answer, or for more of one, 100 to 600,000 ms; default 30,000. */
  readonly withinMs?: number;
  /** Allow an endpoint of plain http other than on this machine; default false. */
  readonly plainHttp?: boolean;
}

/** What a store of files in a bucket stands on. */
export interface S3Ports {
  /** Asked for each request, so that temporary ones may change. */
  readonly credentials: () => S3Credentials | Promise<S3Credentials>;
  /** Default the machine's. */
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly fetch?: typeof fetch;
}

/** With every default filled in. */
export type ReadS3Options = Omit<Required<S3Options>, 'endpoint'> & { readonly endpoint: URL };

/** All ports. */
export type ReadS3Ports = Required<S3Ports>;

const MIB = 1_048_576;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

const matching = (pattern: RegExp, about: string): Field<string> =>
  custom(about, (value, path) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new OptionsError(path, `expected ${about}`);
    return value;
  });

/** Absent is empty. */
function shortText(about: string, max: number): Field<string> {
  const read = (value: unknown, path: string): string => {
    if (value === undefined) return '';
    if (typeof value === 'string' && value !== '' && value.length <= max) return value;
    throw new OptionsError(path, `expected ${about}`);
  };
  return custom(about, read, true);
}

const FIELDS: Fields<Omit<ReadS3Options, 'endpoint'> & { readonly endpoint: string }> = {
  bucket: matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
  region: matching(/^[a-z0-9-]{1,40}$/, 'a region such as eu-central-1'),
  endpoint: shortText('an address', 300),
  prefix: shortText('folders such as shop/', 200),
  encryption: custom("'AES256', { kmsKey } or false", readEncryption, true),
  partBytes: number({ min: 5 * MIB, max: 64 * MIB, default: 8 * MIB }),
  withinMs: number({ min: 100, max: 600_000, default: 30_000 }),
  plainHttp: flag(false),
};

/**
 * @param path where the options stand
 * @throws OptionsError naming the path and the reason
 */
export function readS3Options(given: S3Options, path = 's3'): ReadS3Options {
  const read = readOptions<Omit<ReadS3Options, 'endpoint'> & { readonly endpoint: string }>(
    path,
    given,
    FIELDS,
  );
  if (!/^(?:[A-Za-z0-9_-]+\/)*$/.test(read.prefix))
    throw new OptionsError(`${path}.prefix`, 'expected folders of letters, digits, _ and -, such as shop/');
  return { ...read, endpoint: endpointOf(read, path) };
}

/** Default ports. */
export function readS3Ports(given: S3Ports): ReadS3Ports {
  return { clock: systemClock, timers: systemTimers, fetch: globalThis.fetch, ...given };
}

function endpointOf(
  { endpoint, region, plainHttp }: { endpoint: string; region: string; plainHttp: boolean },
  path: string,
): URL {
  const url = URL.parse(endpoint === '' ? `https://s3.${region}.amazonaws.com` : endpoint);
  const isPlain = url?.protocol === 'http:' && (plainHttp || LOOPBACK.test(url.hostname));
  if (url === null || (url.protocol !== 'https:' && !isPlain))
    throw new OptionsError(`${path}.endpoint`, 'expected an address with https:, or plainHttp');
  if (
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.pathname !== '/'
  )
    throw new OptionsError(`${path}.endpoint`, 'expected protocol, host and port, and nothing else');
  return url;
}

function readEncryption(given: unknown, path: string): S3Encryption | false {
  if (given === undefined) return 'AES256';
  if (given === 'AES256' || given === false) return given;
  if (typeof given === 'object' && given !== null && 'kmsKey' in given) {
    const { kmsKey } = given;
    if (typeof kmsKey === 'string' && /^[\w:/-]{1,300}$/.test(kmsKey)) return { kmsKey };
  }
  throw new OptionsError(path, "expected 'AES256', { kmsKey: '…' } or false");
}
