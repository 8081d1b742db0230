import { csvRow, type CsvValue } from './cell.ts';

/** One column: its heading, and what it shows of a row. */
export interface CsvColumn<Row> {
  readonly name: string;
  readonly value: (row: Row) => CsvValue;
}

/** Bounds of a table. */
export interface CsvOptions {
  /** Rows at most, the heading apart: 1 to 1,000,000. Default 100,000. A last line says that there were more. */
  readonly maxRows?: number;
}

const DEFAULT_ROWS = 100_000;
const MOST_ROWS = 1_000_000;
const CHUNK_LENGTH = 16_384;

/** A table as texts of about 16 KiB: rows are asked for as they are taken, and never more than `maxRows`. */
export async function* csvLines<Row>(
  columns: readonly CsvColumn<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  { maxRows = DEFAULT_ROWS }: CsvOptions = {},
): AsyncGenerator<string, void, undefined> {
  const most = mostRows(maxRows);
  let chunk = csvRow(columns.map(({ name }) => name));
  let count = 0;
  for await (const row of rows) {
    if (count === most) {
      chunk += csvRow([`There are more: only the first ${most} rows are here.`]);
      break;
    }
    count += 1;
    chunk += csvRow(columns.map(({ value }) => value(row)));
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** What is no number would be no bound at all: no row count is ever equal to it. */
function mostRows(maxRows: number): number {
  const asked = Number.isFinite(maxRows) ? Math.floor(maxRows) : DEFAULT_ROWS;
  return Math.min(MOST_ROWS, Math.max(1, asked));
}
