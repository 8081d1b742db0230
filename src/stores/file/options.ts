import { type Fields, number, text } from '../../core/options.ts';

/** Options of the journal. */
export interface JournalOptions {
  /** Folder of its files, made when absent. */
  readonly dir: string;
  /** Bytes on disk at most; beyond, `append` throws `JOURNAL_FULL`: 16 KiB to 1 TiB. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Bytes after which a new file is begun: 1 KiB to 1 GiB, and never more than a quarter of `maxBytes`. Default 16 MiB. */
  readonly segmentBytes?: number;
}

/** Readers of {@link JournalOptions}. */
export const journalFields: Fields<{ dir: string; maxBytes: number; segmentBytes: number }> = {
  dir: text({ max: 4_096, about: 'folder' }),
  maxBytes: number({ min: 16 * 1024, max: 2 ** 40, default: 2 ** 30 }),
  segmentBytes: number({ min: 1024, max: 2 ** 30, default: 16 * 2 ** 20 }),
};
