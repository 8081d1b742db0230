/** A value that a statement may carry. `Date`, arrays and objects (as JSON) are passed as the driver does. */
export type SqlValue =
  string | number | boolean | bigint | null | Date | Uint8Array | readonly unknown[] | object;

/** A statement's rows. int8 comes as number where it fits exactly, json as parsed data, timestamps as `Date`. */
export interface SqlResult {
  readonly rows: readonly Record<string, unknown>[];
  /** Rows that were inserted, updated or deleted. */
  readonly affected: number;
}

/** Runs statements. Parameters are `$1`, `$2`, …; text is never put together from values. */
export interface SqlRunner {
  /** @throws the driver's error, with `code` holding the SQLSTATE */
  query(text: string, values?: readonly SqlValue[]): Promise<SqlResult>;
}

/** A PostgreSQL, in this process or on a server: the same SQL on both. */
export interface SqlStore extends SqlRunner {
  readonly kind: 'embedded' | 'server';
  /** Commits when `work` resolves, rolls back when it rejects. Inside, only the handed runner may be used. */
  transaction<T>(work: (sql: SqlRunner) => Promise<T>): Promise<T>;
  /** Runs several statements without parameters (migrations). */
  script(text: string): Promise<void>;
  /** Runs `work` while no other process holds the lock of that name; waits for it. */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Hears notifications of a channel (NOTIFY). @returns what stops it */
  listen(channel: string, handler: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
