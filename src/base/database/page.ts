import { ValidationError } from '../../core/errors.ts';
import type { SqlRunner, SqlValue } from '../../ports/sql.ts';
import type { Cursors } from './cursor.ts';

/** A column that a list is ordered by. Without NULLs: they have no place in an order that continues. */
export interface OrderColumn {
  /** `placed_at`, or with its table `o.placed_at`. */
  readonly column: string;
  /** PostgreSQL's type, such as `timestamptz`. */
  readonly type: string;
  /** Default `asc`. */
  readonly direction?: 'asc' | 'desc';
}

/** A list. Its texts are written by developers, never put together from what a request says. */
export interface ListQuery {
  /** Such as `id, name`. */
  readonly select: string;
  /** Such as `orders o JOIN dishes d ON …`. */
  readonly from: string;
  /** With `$1` … of `values`. Default: all rows. */
  readonly where?: string;
  readonly values?: readonly SqlValue[];
  /** The last one must be unique, so that the order is the same every time; an index over all of them keeps pages fast. */
  readonly order: readonly [OrderColumn, ...OrderColumn[]];
}

/** A page of a list that continues at a cursor. */
export interface CursorPage {
  readonly rows: readonly Record<string, unknown>[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** A page by number. */
export interface OffsetPage {
  readonly rows: readonly Record<string, unknown>[];
  /** Rows of the list; where `atLeast`, there are more and nobody counted them. */
  readonly total: number;
  readonly atLeast: boolean;
}

const MAX_LIMIT = 500;
/** Skipping rows reads them: further pages are for cursors. */
const MAX_OFFSET = 10_000;
const MAX_COUNTED = 10_000;
const COLUMN = /^[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?$/;
const TYPE = /^[a-z_][a-z0-9_]*(?: [a-z]+){0,3}(?:\(\d{1,4}(?:,\d{1,4})?\))?$/;
const PLACE = 'rampart_page_place';

/**
 * Reads the page after a cursor by comparing, not by counting: rows that come and go meanwhile neither repeat nor hide
 * others, and the hundredth page costs what the first one did.
 * @param limit rows, 1 to 500
 * @throws ValidationError (400) on a cursor of another list; RangeError, TypeError on a mistake of the developer
 */
export async function cursorPage(
  sql: SqlRunner,
  cursors: Cursors,
  list: ListQuery,
  page: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<CursorPage> {
  const { limit } = checked(list, page.limit);
  const values = list.values ?? [];
  // Everything that gives the list its rows and their order.
  const bound = [list.from, list.where ?? '', values.map(plain), list.order];
  const after = page.cursor === undefined ? undefined : cursors.read(bound, page.cursor);
  const conditions = [list.where, after && laterThan(list.order, values.length)].filter(
    (one) => one !== undefined,
  );
  const { rows } = await sql.query(
    // The places as text: a Date would lose the microseconds, and with them rows.
    `SELECT ${list.select}, ARRAY[${list.order.map(({ column }) => `(${column})::text`).join(', ')}] AS ${PLACE}
     FROM ${list.from}
     ${conditions.length === 0 ? '' : `WHERE ${conditions.map((one) => `(${one})`).join(' AND ')}`}
     ORDER BY ${orderText(list.order)} LIMIT ${limit + 1}`,
    [...values, ...(after ?? [])],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown.map(({ [PLACE]: _place, ...row }) => row),
    nextCursor: rows.length > limit && last ? cursors.write(bound, last[PLACE] as readonly string[]) : null,
  };
}

/**
 * Reads a page by its number, and counts the list up to 10,000.
 * @param limit rows, 1 to 500
 * @param page from 1
 * @throws ValidationError (400) on a page that lies beyond 10,000 rows
 */
export async function offsetPage(
  sql: SqlRunner,
  list: ListQuery,
  { limit: asked, page }: { readonly limit: number; readonly page: number },
): Promise<OffsetPage> {
  const { limit } = checked(list, asked);
  const offset = (page - 1) * limit;
  if (!Number.isSafeInteger(page) || page < 1 || offset > MAX_OFFSET) {
    const message = `From 1, and within the first ${MAX_OFFSET} rows: narrow the list, or follow its cursors.`;
    throw new ValidationError(undefined, { details: [{ field: 'page', code: 'INVALID', message }] });
  }
  const values = list.values ?? [];
  const from = `FROM ${list.from} ${list.where === undefined ? '' : `WHERE (${list.where})`}`;
  const { rows } = await sql.query(
    `SELECT ${list.select} ${from} ORDER BY ${orderText(list.order)} LIMIT ${limit} OFFSET ${offset}`,
    values,
  );
  const counted = await sql.query(
    `SELECT count(*) AS n FROM (SELECT 1 ${from} LIMIT ${MAX_COUNTED + 1}) AS counted`,
    values,
  );
  const total = Number(counted.rows[0]?.['n']);
  return { rows, total: Math.min(total, MAX_COUNTED), atLeast: total > MAX_COUNTED };
}

function checked(list: ListQuery, limit: number): { readonly limit: number } {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new RangeError(`limit: a whole number from 1 to ${MAX_LIMIT}`);
  for (const { column, type, direction } of list.order) {
    if (!COLUMN.test(column) || !TYPE.test(type)) throw new TypeError(`order: ${column} ${type}`);
    if (direction !== undefined && direction !== 'asc' && direction !== 'desc')
      throw new TypeError(`order: direction of ${column}`);
  }
  return { limit };
}

function orderText(order: readonly OrderColumn[]): string {
  return order.map(({ column, direction = 'asc' }) => `${column} ${direction.toUpperCase()}`).join(', ');
}

/** One comparison of rows where all columns go the same way, which an index answers at once; else one per column. */
function laterThan(order: readonly OrderColumn[], before: number): string {
  const place = (i: number): string => `$${before + i + 1}::text::${(order[i] as OrderColumn).type}`;
  const sign = ({ direction }: OrderColumn): string => (direction === 'desc' ? '<' : '>');
  const first = sign(order[0] as OrderColumn);
  if (order.every((one) => sign(one) === first)) {
    const columns = order.map(({ column }) => column).join(', ');
    return `(${columns}) ${first} (${order.map((_, i) => place(i)).join(', ')})`;
  }
  return order
    .map((one, i) => {
      const same = order.slice(0, i).map(({ column }, j) => `${column} = ${place(j)}`);
      return `(${[...same, `${one.column} ${sign(one)} ${place(i)}`].join(' AND ')})`;
    })
    .join(' OR ');
}

/** JSON knows no bigint. */
function plain(value: SqlValue): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
