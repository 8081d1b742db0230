import type { Duration } from '../core/duration.ts';
import { custom, duration, type Fields, number, readOptions } from '../core/options.ts';

/** What is kept of decisions. */
export interface RecordOptions {
  /** Share of the passes, 0 to 1; `auto` (default) keeps all while there are few and less as traffic grows. */
  readonly passes?: number | 'auto';
  /** How long decisions are kept, 1h to 400d; default 30d. */
  readonly keep?: Duration;
  /** MiB on disk that may wait for the database, 1 to 1,048,576; default 1,024. What comes beyond is dropped and counted. */
  readonly journalMib?: number;
}

/** The same with every default filled in. */
export interface ReadRecords {
  readonly passes: number | 'auto';
  readonly keepMs: number;
  readonly journalBytes: number;
}

interface Raw {
  readonly passes: number | 'auto';
  readonly keep: number;
  readonly journalMib: number;
}

const share = number({ min: 0, max: 1, fraction: true });
const FIELDS: Fields<Raw> = {
  passes: custom(
    'a share, or auto',
    (value, path) => (value === undefined || value === 'auto' ? 'auto' : share.parse(value, path)),
    true,
  ),
  keep: duration({ min: '1h', max: '400d', default: '30d' }),
  journalMib: number({ min: 1, max: 1_048_576, default: 1_024 }),
};

/** Reads the options. @throws OptionsError naming the path and the reason */
export function readRecords(value: unknown, path: string): ReadRecords {
  const { passes, keep, journalMib } = readOptions<Raw>(path, value ?? {}, FIELDS);
  return { passes, keepMs: keep, journalBytes: journalMib * 2 ** 20 };
}
