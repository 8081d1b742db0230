import { download } from './download.ts';
import { csvLines, type CsvColumn, type CsvOptions } from './lines.ts';

/** How a table is answered. */
export interface CsvAnswerOptions extends CsvOptions {
  /** Name of the file without its end; what is not a letter, digit, `-` or `_` becomes `-`. */
  readonly file: string;
}

/** Without it spreadsheets take UTF-8 for the code page of their machine. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * A table as a download: no browser shows it in place, guesses its type or keeps it. Rows are read as fast as the client
 * takes them, and not any more once it is gone; when reading fails, the connection breaks off instead of ending well.
 */
export function csvAnswer<Row>(
  columns: readonly CsvColumn<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  { file, ...options }: CsvAnswerOptions,
): Response {
  return download(marked(csvLines(columns, rows, options)), {
    file,
    end: 'csv',
    type: 'text/csv; charset=utf-8; header=present',
  });
}

async function* marked(
  lines: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string, void, undefined> {
  let mark = BYTE_ORDER_MARK;
  for await (const line of lines) {
    yield mark + line;
    mark = '';
  }
}
