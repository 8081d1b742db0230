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
  const lines = csvLines(columns, rows, options);
  const encoder = new TextEncoder();
  let isFirst = true;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await lines.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encode(isFirst ? BYTE_ORDER_MARK + value : value));
        isFirst = false;
      },
      async cancel() {
        await lines.return();
      },
    },
    { highWaterMark: 0 },
  );
  const name = file.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 100);
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${name}.csv"`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  });
}
