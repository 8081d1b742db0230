/** What became of a batch. */
export interface InsertCount {
  /** New rows. */
  readonly inserted: number;
  /** Entries that the database will never take (a value out of its range) and that were left out. */
  readonly refused: number;
}

/** How entries are divided among statements. */
export interface InsertLimits {
  /** Entries of one statement at most; default 500. */
  readonly atOnce?: number;
  /** Statements that are under way together, on as many connections; default 1. */
  readonly together?: number;
}

/**
 * Inserts entries in statements of bounded size. Where a statement fails because of its data (SQLSTATE classes 22 and 23,
 * or 54: too large), it is halved until the entry that is at fault stands alone and can be left out; any other failure
 * (the database is gone) is thrown once no statement is under way, and the whole batch may be given again.
 */
export async function insertInChunks<T>(
  entries: readonly T[],
  insert: (chunk: readonly T[]) => Promise<number>,
  { atOnce = 500, together = 1 }: InsertLimits = {},
): Promise<InsertCount> {
  let inserted = 0;
  let refused = 0;
  const waiting: (readonly T[])[] = [];
  for (let i = 0; i < entries.length; i += atOnce) waiting.push(entries.slice(i, i + atOnce));
  const work = async (): Promise<void> => {
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      try {
        const count = await insert(chunk);
        inserted += count;
      } catch (error) {
        if (!isDataFault(error)) {
          waiting.length = 0;
          throw error;
        }
        if (chunk.length === 1) refused++;
        else {
          const half = chunk.length >> 1;
          waiting.unshift(chunk.slice(0, half), chunk.slice(half));
        }
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: together }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return { inserted, refused };
}

function isDataFault(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(22|23|54)/.test(code);
}
