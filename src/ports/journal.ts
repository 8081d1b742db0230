/**
 * An append-only file of entries on the way to the database. What was appended survives the death of the process;
 * what was also synced survives the death of the machine.
 */
export interface Journal {
  /**
   * Appends entries (each one JSON text without line breaks) and returns when the operating system has them, so that
   * `kill -9` right after loses none. Synchronous, because it stands between a decision and its response.
   * @throws RampartError `JOURNAL_FULL` when the bound on disk space is reached
   */
  append(entries: readonly string[]): void;
  /** Forces appended entries to the disk (fsync). */
  sync(): Promise<void>;
  /** The oldest entries not yet taken, at most `maxEntries`; damaged ones (a torn tail) are left out and counted. */
  peek(maxEntries: number): Promise<JournalBatch>;
  /** Marks a batch as taken: it is not given again, even after a crash right after this returned. */
  take(batch: JournalBatch): Promise<void>;
  /** Entries that wait and bytes on disk. */
  stats(): { readonly waiting: number; readonly bytes: number; readonly damaged: number };
  close(): Promise<void>;
}

/** Entries in the order in which they were appended. */
export interface JournalBatch {
  readonly entries: readonly string[];
  /** Opaque position after the last entry. */
  readonly end: unknown;
}
