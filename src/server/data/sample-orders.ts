import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { newId } from '../../core/id.ts';
import type { SqlFilter } from '../../modules/access/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { toJsonText } from '../../base/database/index.ts';
import { affected, db, firstRow, rows } from './query.ts';
import type { SampleOrdersTable } from './tables.ts';

/** An order of the sample application. */
export interface SampleOrder {
  readonly id: string;
  /** Id of the customer whose it is. */
  readonly owner: string;
  /** Id of the restaurant's owner. */
  readonly restaurant: string | null;
  /** Id of the driver who brings it. */
  readonly driver: string | null;
  readonly items: readonly { readonly name: string; readonly quantity: number }[];
  readonly instructions: string | null;
  readonly status: 'placed' | 'preparing' | 'delivered' | 'cancelled';
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Orders that are kept per customer and in all; the oldest go first. */
export const MAX_ORDERS_PER_OWNER = 100;
export const MAX_ORDERS = 10_000;

/** Which orders somebody may touch: a filter of the policy. */
export type OrderFilter = Pick<SqlFilter, 'parts' | 'values'>;

/** The filter as a condition of a statement. */
export function within({ parts, values }: OrderFilter): RawBuilder<SqlBool> {
  return sql<SqlBool>(parts as unknown as TemplateStringsArray, ...values);
}

/**
 * The sample application's orders. Each statement keeps to the filter of whoever asks, and what writes can be part of the
 * transaction that also writes the audit event.
 */
export class SampleOrderStore {
  readonly #sql: SqlRunner;
  #sinceTrim = 0;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Newest first; only ids older than `before`. */
  async list(
    filter: OrderFilter,
    limit: number,
    before: string | undefined,
  ): Promise<readonly SampleOrder[]> {
    let select = db
      .selectFrom('rampart.sample_orders')
      .selectAll()
      .where(within(filter))
      .orderBy('id', 'desc')
      .limit(limit);
    if (before !== undefined) select = select.where('id', '<', before);
    return (await rows(this.#sql, select)).map(orderOf);
  }

  /** The order, whoever's it is: the policy decides on it. */
  async get(id: string): Promise<SampleOrder | undefined> {
    const row = await firstRow(
      this.#sql,
      db.selectFrom('rampart.sample_orders').selectAll().where('id', '=', id),
    );
    return row && orderOf(row);
  }

  /** Places an order. */
  async add(
    owner: string,
    order: Pick<SampleOrder, 'items' | 'instructions' | 'restaurant'>,
    nowMs: number,
    runner: SqlRunner = this.#sql,
  ): Promise<SampleOrder> {
    const row = await firstRow(
      runner,
      db
        .insertInto('rampart.sample_orders')
        .values({
          id: newId('ord', nowMs),
          owner,
          restaurant: order.restaurant,
          driver: null,
          items: sql`${toJsonText(order.items)}::text::jsonb`,
          instructions: order.instructions,
          status: 'placed',
          created_at_ms: nowMs,
          updated_at_ms: nowMs,
        })
        .returningAll(),
    );
    await this.#trim(owner, runner);
    return orderOf(row as SampleOrdersTable);
  }

  /** Changes an order within the filter. @returns it as it is now */
  async change(
    id: string,
    filter: OrderFilter,
    change: Partial<Pick<SampleOrder, 'instructions' | 'status' | 'driver'>>,
    nowMs: number,
    runner: SqlRunner = this.#sql,
  ): Promise<SampleOrder | undefined> {
    const update = db
      .updateTable('rampart.sample_orders')
      .set({ ...change, updated_at_ms: nowMs })
      .where('id', '=', id)
      .where(within(filter));
    const row = await firstRow(runner, update.returningAll());
    return row && orderOf(row);
  }

  /** @returns whether there was such an order within the filter */
  async remove(id: string, filter: OrderFilter, runner: SqlRunner = this.#sql): Promise<boolean> {
    const remove = db.deleteFrom('rampart.sample_orders').where('id', '=', id).where(within(filter));
    return (await affected(runner, remove)) > 0;
  }

  /** Keeps the table within its ceilings: the owner's at each order, the whole at every hundredth. */
  async #trim(owner: string, runner: SqlRunner): Promise<void> {
    const trim = (limit: number, ofOwner: string | undefined): Promise<number> => {
      let surplus = db.selectFrom('rampart.sample_orders').select('id').orderBy('id', 'desc').offset(limit);
      if (ofOwner !== undefined) surplus = surplus.where('owner', '=', ofOwner);
      // What somebody else is deleting just now is theirs: waiting for one another in two orders would be a deadlock.
      const mine = db
        .selectFrom('rampart.sample_orders')
        .select('id')
        .where('id', 'in', surplus)
        .orderBy('id')
        .forUpdate()
        .skipLocked();
      return affected(runner, db.deleteFrom('rampart.sample_orders').where('id', 'in', mine));
    };
    await trim(MAX_ORDERS_PER_OWNER, owner);
    if (++this.#sinceTrim % 100 === 0) await trim(MAX_ORDERS, undefined);
  }
}

function orderOf(row: SampleOrdersTable): SampleOrder {
  return {
    id: row.id,
    owner: row.owner,
    restaurant: row.restaurant,
    driver: row.driver,
    items: row.items,
    instructions: row.instructions,
    status: row.status,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
