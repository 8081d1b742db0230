import { ConflictError } from '../../core/errors.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { ListEntry } from '../api/types.ts';
import { affected, db, firstRow, rows } from './query.ts';

/** Which list of the limits. */
export type ListName = 'allow' | 'deny';

/** Entries of one list at most. */
export const MAX_LIST_ENTRIES = 10_000;

/** Allow and deny lists of the limits, as all nodes read them. */
export class ListStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Both lists, oldest entry first. */
  async all(): Promise<Readonly<Record<ListName, readonly ListEntry[]>>> {
    const found = await rows(
      this.#sql,
      db
        .selectFrom('rampart.limit_lists')
        .selectAll()
        .orderBy('added_at_ms')
        .orderBy('value')
        .limit(2 * MAX_LIST_ENTRIES),
    );
    const of = (list: ListName): readonly ListEntry[] =>
      found
        .filter((row) => row.list === list)
        .map(({ value, note, added_by, added_at_ms }) => ({
          value,
          note,
          addedBy: added_by,
          addedAtMs: added_at_ms,
        }));
    return { allow: of('allow'), deny: of('deny') };
  }

  /** @throws ConflictError when the value is on the list already, or the list is full */
  async add(runner: SqlRunner, list: ListName, entry: ListEntry): Promise<void> {
    const count = await firstRow(
      runner,
      db
        .selectFrom('rampart.limit_lists')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('list', '=', list),
    );
    if (Number(count?.count) >= MAX_LIST_ENTRIES) {
      throw new ConflictError(`The list holds ${MAX_LIST_ENTRIES} entries, and no more are taken.`);
    }
    const inserted = await affected(
      runner,
      db
        .insertInto('rampart.limit_lists')
        .values({
          list,
          value: entry.value,
          note: entry.note,
          added_by: entry.addedBy,
          added_at_ms: entry.addedAtMs,
        })
        .onConflict((on) => on.columns(['list', 'value']).doNothing()),
    );
    if (inserted === 0) throw new ConflictError(`This is on the ${list} list already.`);
  }

  /** @returns whether it was on the list */
  async remove(runner: SqlRunner, list: ListName, value: string): Promise<boolean> {
    const removed = await affected(
      runner,
      db.deleteFrom('rampart.limit_lists').where('list', '=', list).where('value', '=', value),
    );
    return removed > 0;
  }
}
