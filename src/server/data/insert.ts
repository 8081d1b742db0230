/** What became of a batch. */
export interface InsertCount {
  /** New rows. */
  readonly inserted: number;
  /** Entries that the database will never take (a value out of its range) and that were left out. */
  readonly refused: number;
}

const CHUNK = 500;

/**
 * Inserts entries in statements of at most `atOnce` (default 500). Where a statement fails because of its data (SQLSTATE classes 22 and 23,
 * or 54: too large), it is halved until the entry that is at fault stands alone and can be left out; any other failure
 * (the database is gone) is thrown, and the whole batch may be given again.
 */
export async function insertInChunks<T>(
  entries: readonly T[],
  insert: (chunk: readonly T[]) => Promise<number>,
  atOnce = CHUNK,
): Promise<InsertCount> {
  let inserted = 0;
  let refused = 0;
  const waiting: (readonly T[])[] = [];
  for (let i = 0; i < entries.length; i += atOnce) waiting.push(entries.slice(i, i + atOnce));
  for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
    try {
      inserted += await insert(chunk);
    } catch (error) {
      if (!isDataFault(error)) throw error;
      if (chunk.length === 1) refused++;
      else {
        const half = chunk.length >> 1;
        waiting.unshift(chunk.slice(0, half), chunk.slice(half));
      }
    }
  }
  return { inserted, refused };
}

function isDataFault(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}
