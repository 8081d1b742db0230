import type { Duration } from '../../core/duration.ts';
import { OptionsError } from '../../core/errors.ts';
import {
  custom,
  duration,
  type Field,
  type Fields,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  text,
} from '../../core/options.ts';
import { TYPES } from './types.ts';

/** Pictures: what they may be before anybody decodes them. */
export interface ImageOptions {
  /** Width times height at most, 1 to 1,000,000,000; default 40,000,000. */
  readonly maxPixels?: number;
  /** Pictures of an animation at most, 1 to 10,000; default 500. Their pixels together: ten times `maxPixels`. */
  readonly maxFrames?: number;
  /** Write the picture anew (without metadata, upright); default false. Needs the package `sharp`. */
  readonly reencode?: boolean;
}

/** Archives and compressed files: what they may be once they are unpacked. */
export interface ArchiveOptions {
  /** Entries at most, those of inner archives too, 1 to 100,000; default 2,000. */
  readonly maxEntries?: number;
  /** Bytes of everything unpacked at most, 1 KiB to 100 GiB; default 268,435,456 (256 MiB). */
  readonly maxUnpackedBytes?: number;
  /** Unpacked bytes per packed byte at most, 2 to 10,000; default 200. Counted above 1 MiB. */
  readonly maxRatio?: number;
  /** Archives within archives, 0 to 3; default 1: one within another. */
  readonly maxDepth?: number;
}

/** The virus scanner: clamd. */
export interface ScanOptions {
  /** `HOST:PORT`, or the absolute path of its socket. */
  readonly clamd: string;
  /** What happens while it does not answer: `refuse` (default, 503), or `hold` the file until it has been scanned. */
  readonly onDown?: 'refuse' | 'hold';
  /** Time for one file, 100ms to 10m; default 30s. */
  readonly within?: Duration;
  /** Larger files are refused, 1 KiB to 4 GiB; default 25 MiB, clamd's own `StreamMaxLength`. */
  readonly maxBytes?: number;
}

/** One kind of upload: what a route takes. */
export interface UploadOptions {
  /** Media types by content, of those in the README; at least one. There is no default. */
  readonly types: readonly string[];
  /** Bytes of one file at most, 1 to 100 GiB; default 10,485,760 (10 MiB). */
  readonly maxFileBytes?: number;
  /** Bytes of the whole body at most, decoded; default files × `maxFileBytes` and 1 MiB. */
  readonly maxTotalBytes?: number;
  /** Files at most, 1 to 1,000; default 1. */
  readonly maxFiles?: number;
  /** Other fields at most, 0 to 1,000; default 20. */
  readonly maxFields?: number;
  /** Bytes of one such field at most, 1 to 1 MiB; default 16,384. */
  readonly maxFieldBytes?: number;
  /** Bytes of the headers of one part at most, 256 to 65,536; default 8,192. */
  readonly maxHeaderBytes?: number;
  /** Time for the whole body, 1s to 24h; default 2m. */
  readonly within?: Duration;
  /** Longest silence, 100ms to 10m; default 15s. */
  readonly idle?: Duration;
  /** Received at the same time at most, 1 to 10,000; default 32. Further ones are answered 503. */
  readonly maxConcurrent?: number;
  /** Content codings of the body that are decoded, such as `gzip`; default none: 415. */
  readonly encodings?: readonly ('gzip' | 'br' | 'zstd')[];
  /** Take a body that is the file itself, beside forms; default false. */
  readonly raw?: boolean;
  /** Scripts, macros and launch actions in documents: `refuse` (default, 422), or `flag` them. */
  readonly activeContent?: 'refuse' | 'flag';
  /** What pictures may be. */
  readonly images?: ImageOptions;
  /** What archives and documents may become. */
  readonly archives?: ArchiveOptions;
  /** Virus scan; absent: none. */
  readonly scan?: ScanOptions;
}

/** With every default filled in. */
export interface ReadUploadOptions {
  readonly types: ReadonlySet<string>;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
  readonly maxFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
  readonly maxHeaderBytes: number;
  readonly withinMs: number;
  readonly idleMs: number;
  readonly maxConcurrent: number;
  readonly encodings: readonly string[];
  readonly raw: boolean;
  readonly activeContent: 'refuse' | 'flag';
  readonly images: Required<ImageOptions>;
  readonly archives: Required<ArchiveOptions>;
  readonly scan: ReadScanOptions | undefined;
}

/** The scanner's options, read. */
export interface ReadScanOptions {
  readonly target: { readonly path: string } | { readonly host: string; readonly port: number };
  readonly onDown: 'refuse' | 'hold';
  readonly withinMs: number;
  readonly maxBytes: number;
}

const MIB = 1_048_576;
const GIB = 1_024 * MIB;

const clamdTarget = custom('HOST:PORT or the path of a socket', (value, path): ReadScanOptions['target'] => {
  if (typeof value === 'string') {
    if (value.startsWith('/') && value.length <= 100) return { path: value };
    const match = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253}):(\d{1,5})$/i.exec(value);
    const port = Number(match?.[2]);
    if (match && port >= 1 && port <= 65_535)
      return { host: (match[1] as string).replaceAll(/[[\]]/g, ''), port };
  }
  throw new OptionsError(
    path,
    "expected 'HOST:PORT', such as '127.0.0.1:3310', or the path of clamd's socket",
  );
});

const type = custom('a media type that can be told by its content', (value, path): string => {
  if (typeof value === 'string' && Object.hasOwn(TYPES, value)) return value;
  throw new OptionsError(path, `expected one of ${Object.keys(TYPES).join(', ')}`);
});

interface RawScan {
  clamd: ReadScanOptions['target'];
  onDown: 'refuse' | 'hold';
  within: number;
  maxBytes: number;
}
const SCAN: Fields<RawScan> = {
  clamd: clamdTarget,
  onDown: oneOf(['refuse', 'hold'], 'refuse'),
  within: duration({ min: '100ms', max: '10m', default: '30s' }),
  maxBytes: number({ min: 1_024, max: 4 * GIB, default: 25 * MIB }),
};

const IMAGES: Fields<Required<ImageOptions>> = {
  maxPixels: number({ min: 1, max: 1_000_000_000, default: 40_000_000 }),
  maxFrames: number({ min: 1, max: 10_000, default: 500 }),
  reencode: flag(false),
};

const ARCHIVES: Fields<Required<ArchiveOptions>> = {
  maxEntries: number({ min: 1, max: 100_000, default: 2_000 }),
  maxUnpackedBytes: number({ min: 1_024, max: 100 * GIB, default: 256 * MIB }),
  maxRatio: number({ min: 2, max: 10_000, default: 200 }),
  maxDepth: number({ min: 0, max: 3, default: 1 }),
};

type Raw = Omit<ReadUploadOptions, 'types' | 'maxTotalBytes' | 'withinMs' | 'idleMs' | 'scan'> & {
  types: readonly string[];
  maxTotalBytes: number | undefined;
  within: number;
  idle: number;
  scan: RawScan | undefined;
};
const coding: Field<string> = text({ pattern: /^(gzip|br|zstd)$/, about: 'gzip, br or zstd' });
const FIELDS: Fields<Raw> = {
  types: list(type, { atMost: 100 }),
  maxFileBytes: number({ min: 1, max: 100 * GIB, default: 10 * MIB }),
  maxTotalBytes: optional(number({ min: 1, max: 1_000 * GIB })),
  maxFiles: number({ min: 1, max: 1_000, default: 1 }),
  maxFields: number({ min: 0, max: 1_000, default: 20 }),
  maxFieldBytes: number({ min: 1, max: MIB, default: 16_384 }),
  maxHeaderBytes: number({ min: 256, max: 65_536, default: 8_192 }),
  within: duration({ min: '1s', max: '24h', default: '2m' }),
  idle: duration({ min: '100ms', max: '10m', default: '15s' }),
  maxConcurrent: number({ min: 1, max: 10_000, default: 32 }),
  encodings: list(coding, { atMost: 3, default: [] }),
  raw: flag(false),
  activeContent: oneOf(['refuse', 'flag'], 'refuse'),
  images: object(IMAGES, {}),
  archives: object(ARCHIVES, {}),
  scan: optional(object(SCAN)),
};

/** @throws OptionsError naming the path and the reason */
export function readUploadOptions(name: string, given: UploadOptions): ReadUploadOptions {
  const path = `uploads.${name}`;
  const { types, within, idle, scan, maxTotalBytes, ...rest } = readOptions<Raw>(path, given, FIELDS);
  if (types.length === 0) throw new OptionsError(`${path}.types`, 'expected at least one type');
  return {
    ...rest,
    types: new Set(types),
    withinMs: within,
    idleMs: idle,
    maxTotalBytes: maxTotalBytes ?? rest.maxFiles * rest.maxFileBytes + MIB,
    scan: scan && {
      target: scan.clamd,
      onDown: scan.onDown,
      withinMs: scan.within,
      maxBytes: scan.maxBytes,
    },
  };
}
