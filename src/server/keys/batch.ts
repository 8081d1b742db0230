import { OptionsError, RampartError } from '../../core/errors.ts';
import type { SqlRunner, SqlStore, SqlValue } from '../../ports/sql.ts';
import type { SealedColumn, SealedRow, SealedTable } from './sealed.ts';

/** Whether a batch went through. */
export interface BatchResult {
  /** Rows that were looked at; fewer than asked for: the table has no more. */
  readonly rows: number;
  /** Text of the last row's primary key, to go on after; null of an empty batch. */
  readonly lastKey: string | null;
  /** Fields that could not be opened: left as they are. */
  readonly unreadable: number;
}

/** Statements of one table and purpose, made once. */
export interface TableStatements {
  readonly count: string;
  readonly batch: string;
  readonly update: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/;

/** Quotes a name for SQL, with its schema if it has one. @throws OptionsError on what is no plain name */
export function quoted(name: string): string {
  const parts = name.split('.');
  if (parts.length > 2 || !parts.every((part) => NAME.test(part)))
    throw new OptionsError('encrypted', `'${name}' is not the name of a table or column`);
  return parts.map((part) => `"${part}"`).join('.');
}

/** Columns of a table that keys of that purpose make. */
export function columnsOf(table: SealedTable, purpose: string): readonly SealedColumn[] {
  return table.columns.filter((column) => column.purpose === purpose);
}

/**
 * Makes the statements. Rows that need nothing are passed over by the database, so that a second pass is quick; the
 * update compares with every text that was read, so that it never overwrites what an application wrote meanwhile.
 * @param keyType the primary key's type, as the database names it
 */
export function statementsOf(
  table: SealedTable,
  purpose: string,
  kid: string,
  keyType: string,
): TableStatements {
  const own = columnsOf(table, purpose);
  const from = quoted(table.table);
  const key = quoted(table.key);
  const stale = own
    .map(({ name, prefix }) => `NOT starts_with(${quoted(name)}, '${prefix(kid)}')`)
    .join(' OR ');
  const read = [...new Set(table.columns.map(({ name }) => name))].map(quoted);
  const others = table.tenant === undefined ? read : [...read, quoted(table.tenant)];
  const lists = own.map((_, i) => `$${2 + own.length + i}::text[]`);
  const olds = own.map((_, i) => `$${2 + i}::text[]`);
  const names = (letter: string): string[] => own.map((_, i) => `${letter}${i}`);
  return {
    count: `SELECT count(*) AS n FROM ${from} WHERE ${stale}`,
    batch: `SELECT ${key}::text AS last_key, ${[key, ...others].join(', ')} FROM ${from}
      WHERE ($1::text IS NULL OR ${key} > $1::text::${keyType}) AND (${stale}) ORDER BY ${key} LIMIT $2`,
    update: `UPDATE ${from} AS t SET ${own.map(({ name }, i) => `${quoted(name)} = v.n${i}`).join(', ')}
      FROM unnest($1::${keyType}[], ${[...olds, ...lists].join(', ')}) AS v(k, ${[...names('o'), ...names('n')].join(', ')})
      WHERE t.${key} = v.k AND ${own.map(({ name }, i) => `t.${quoted(name)} IS NOT DISTINCT FROM v.o${i}`).join(' AND ')}`,
  };
}

/** The type of a primary key. @throws RampartError `KEY_TABLE_UNKNOWN` when table or column is not there */
export async function keyTypeOf(sql: SqlRunner, table: SealedTable): Promise<string> {
  const { rows } = await sql.query(
    `SELECT format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped`,
    [quoted(table.table), table.key],
  );
  const type = rows[0]?.['type'];
  if (typeof type !== 'string')
    throw new RampartError(
      'KEY_TABLE_UNKNOWN',
      `The database has no ${table.table}.${table.key}, which the configuration declares as encrypted.`,
    );
  // Without its length `character` would mean a single one.
  return type === 'character' ? 'bpchar' : type;
}

/** One batch: reads, seals anew, and writes together with its progress, in one transaction. */
export async function runBatch(
  sql: SqlStore,
  table: SealedTable,
  own: readonly SealedColumn[],
  statements: TableStatements,
  at: {
    readonly afterKey: string | null;
    readonly limit: number;
    readonly note: (tx: SqlRunner, result: BatchResult) => Promise<void>;
  },
): Promise<BatchResult> {
  const { rows } = await sql.query(statements.batch, [at.afterKey, at.limit]);
  const changed: { readonly row: SealedRow; readonly texts: readonly (string | null)[] }[] = [];
  let unreadable = 0;
  for (const row of rows) {
    const texts = own.map((column) => {
      const text = row[column.name];
      if (typeof text !== 'string') return null;
      const sealed = tryReseal(column, row);
      if (sealed === undefined) unreadable += 1;
      return sealed ?? text;
    });
    if (texts.some((text, i) => text !== row[own[i]?.name ?? ''])) changed.push({ row, texts });
  }
  const result = {
    rows: rows.length,
    lastKey: (rows.at(-1)?.['last_key'] as string | undefined) ?? null,
    unreadable,
  };
  await sql.transaction(async (tx) => {
    // Shorter than the second after which the database looks for deadlocks: it is we who give way, never an application.
    await tx.query("SELECT set_config('lock_timeout', '200ms', true)");
    if (changed.length > 0) {
      const values: SqlValue[] = [
        changed.map(({ row }) => row['last_key']),
        ...own.map(({ name }) => changed.map(({ row }) => row[name] ?? null)),
        ...own.map((_, i) => changed.map(({ texts }) => texts[i] ?? null)),
      ];
      await tx.query(statements.update, values);
    }
    await at.note(tx, result);
  });
  return result;
}

function tryReseal(column: SealedColumn, row: SealedRow): string | undefined {
  try {
    return column.reseal(row);
  } catch (error) {
    // What is wrong with the ring is no fault of the row.
    if (error instanceof RampartError && error.code.startsWith('KEY_')) throw error;
    return undefined;
  }
}
