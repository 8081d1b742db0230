import { type RawBuilder, sql } from 'kysely';
import type { SqlFilter } from '../../modules/access/index.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { affected, db, firstRow, rows } from './query.ts';
import { type OrderFilter, within } from './sample-orders.ts';
import { SAMPLE_TABLES, type SampleTable } from './sample-tables.ts';

/** Rows of one table that are kept per person or restaurant, and in all; the oldest go first. */
export const MAX_SAMPLE_ROWS_EACH = 100;
export const MAX_SAMPLE_ROWS = 10_000;

/** A row by its columns. */
export type SampleRow = Readonly<Record<string, unknown>>;
/** What is written into one. */
export type SampleValues = Readonly<Record<string, string | number | boolean | null>>;

/** Which rows somebody may read, and with which the act at hand may be done. */
export interface SampleFilters {
  readonly read: OrderFilter;
  readonly act: SqlFilter;
}

/** `unseen`: not there, to whoever asks. `refused`: seen, but this may not be done with it. */
export type SampleRefusal = 'unseen' | 'refused' | 'exists';

/** Does what must be done with the act or not at all, once it is certain that it may be. */
type Written = (tx: SqlRunner) => Promise<unknown>;

/** A page of a list. */
export interface SamplePage {
  readonly limit: number;
  /** Only ids before this one. */
  readonly before?: string | undefined;
  /** Columns with the value that they must have. */
  readonly where?: SampleValues;
}

/** Ends a transaction that must not count. */
class Refused extends Error {}

const named = (table: SampleTable): RawBuilder<unknown> => sql.table(`rampart.sample_${table}`);
const compiled = (text: RawBuilder<SampleRow>) => ({ compile: () => text.compile(db) });

/**
 * Rows of the sample application beside its orders. The filters of whoever asks decide, in the transaction of the act: what
 * is written must be allowed as it stands afterwards, too.
 */
export class SampleRowStore {
  readonly #sql: SqlStore;
  /** Rows added per table. Of each its own: who adds to several must not skip the turn of one. */
  readonly #added = new Map<SampleTable, number>();

  constructor(store: SqlStore) {
    this.#sql = store;
  }

  /** Newest first. */
  async list(table: SampleTable, filter: OrderFilter, page: SamplePage): Promise<readonly SampleRow[]> {
    const conditions = [
      within(filter),
      ...(page.before === undefined ? [] : [sql`id < ${page.before}`]),
      ...Object.entries(page.where ?? {}).map(([column, value]) => sql`${sql.ref(column)} = ${value}`),
    ];
    const text = sql<SampleRow>`SELECT * FROM ${named(table)} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY id DESC LIMIT ${page.limit}`;
    return rows(this.#sql, compiled(text));
  }

  /** The row, where the filter lets it be seen. */
  async get(
    table: SampleTable,
    id: string,
    filter: OrderFilter,
    runner: SqlRunner = this.#sql,
  ): Promise<SampleRow | undefined> {
    const text = sql<SampleRow>`SELECT * FROM ${named(table)} WHERE id = ${id} AND ${within(filter)}`;
    return firstRow(runner, compiled(text));
  }

  /** Adds a row that the filter then allows. */
  async add(
    table: SampleTable,
    row: SampleValues & { readonly id: string },
    filter: OrderFilter,
    nowMs: number,
    written?: Written,
  ): Promise<SampleRow | SampleRefusal> {
    const made = await this.#attempt(async (tx) => {
      const [first] = await rows(tx, compiled(insertOf(table, { ...row, created_at_ms: nowMs })));
      if (first === undefined) return 'exists';
      if (!(await this.get(table, row.id, filter, tx))) throw new Refused();
      await written?.(tx);
      return first;
    });
    if (typeof made !== 'string') await this.#trim(table, row[SAMPLE_TABLES[table]] ?? null);
    return made;
  }

  /** Changes a row that may be changed before, and after. @returns it as it is now */
  async change(
    table: SampleTable,
    id: string,
    changes: SampleValues,
    { read, act }: SampleFilters,
    written?: Written,
  ): Promise<SampleRow | SampleRefusal> {
    const assignments = Object.entries(changes).map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
    return this.#attempt(async (tx) => {
      if (!(await this.get(table, id, read, tx))) return 'unseen';
      const text = sql<SampleRow>`UPDATE ${named(table)} SET ${sql.join(assignments)} WHERE id = ${id} AND ${within(act)} RETURNING *`;
      const changed = await firstRow(tx, compiled(text));
      if (changed === undefined) return 'refused';
      if (!(await this.get(table, id, act, tx))) throw new Refused();
      await written?.(tx);
      return changed;
    });
  }

  /** @returns nothing where the row is gone now */
  async remove(
    table: SampleTable,
    id: string,
    { read, act }: SampleFilters,
    written?: Written,
  ): Promise<SampleRefusal | undefined> {
    return this.#sql.transaction(async (tx) => {
      if (!(await this.get(table, id, read, tx))) return 'unseen';
      const text = sql<SampleRow>`DELETE FROM ${named(table)} WHERE id = ${id} AND ${within(act)}`;
      if ((await affected(tx, compiled(text))) === 0) return 'refused';
      await written?.(tx);
      return undefined;
    });
  }

  /** Whether there is a row of that id, whoever may see it: for whoever may do everything anyway. */
  async has(table: SampleTable, id: string): Promise<boolean> {
    const text = sql<SampleRow>`SELECT 1 FROM ${named(table)} WHERE id = ${id}`;
    return (await firstRow(this.#sql, compiled(text))) !== undefined;
  }

  async #attempt(
    work: (tx: SqlRunner) => Promise<SampleRow | SampleRefusal>,
  ): Promise<SampleRow | SampleRefusal> {
    try {
      return await this.#sql.transaction(work);
    } catch (error) {
      if (error instanceof Refused) return 'refused';
      throw error;
    }
  }

  /** Keeps a table within its ceilings: what counts together at each row, the whole at every hundredth. */
  async #trim(table: SampleTable, value: string | number | boolean | null): Promise<void> {
    const column = sql.ref(SAMPLE_TABLES[table]);
    const trim = (limit: number, where: RawBuilder<unknown>): Promise<number> => {
      const surplus = sql`SELECT id FROM ${named(table)} WHERE ${where} ORDER BY created_at_ms DESC, id DESC OFFSET ${limit}`;
      // What somebody else is deleting just now is theirs: waiting for one another in two orders would be a deadlock.
      const mine = sql`SELECT id FROM ${named(table)} WHERE id IN (${surplus}) ORDER BY id FOR UPDATE SKIP LOCKED`;
      const text = sql<SampleRow>`DELETE FROM ${named(table)} WHERE id IN (${mine})`;
      return affected(this.#sql, compiled(text));
    };
    await trim(MAX_SAMPLE_ROWS_EACH, sql`${column} = ${value}`);
    const added = (this.#added.get(table) ?? 0) + 1;
    this.#added.set(table, added);
    if (added % 100 === 0) await trim(MAX_SAMPLE_ROWS, sql`TRUE`);
  }
}

function insertOf(table: SampleTable, row: SampleValues): RawBuilder<SampleRow> {
  const columns = Object.keys(row).map((column) => sql.ref(column));
  return sql<SampleRow>`INSERT INTO ${named(table)} (${sql.join(columns)}) VALUES (${sql.join(Object.values(row))}) ON CONFLICT (id) DO NOTHING RETURNING *`;
}
