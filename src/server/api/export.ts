import { csvAnswer, type CsvColumn } from '../../base/csv/index.ts';
import type { Scalar } from '../../core/verdict.ts';
import { audited } from './audit.ts';
import type { Caller } from './caller.ts';
import type { ApiPorts } from './ports.ts';
import type { AnswerSpec, ApiContext } from './route.ts';

/** Rows of a file at most; the last line says when there were more. */
export const MAX_ROWS = 100_000;

/** What a list is as a file. */
export interface ListExport<Row> {
  /** In the event and in the file's name: `assignments`. */
  readonly list: string;
  readonly columns: readonly CsvColumn<Row>[];
  readonly rows: AsyncIterable<Row> | Iterable<Row>;
  /** What the list was narrowed by, for the event. */
  readonly narrowed?: Readonly<Record<string, Scalar | undefined>>;
}

/** How routes that answer a file say so. */
export const CSV_ANSWER: AnswerSpec = {
  status: 200,
  about: `A table in UTF-8, of ${MAX_ROWS} rows at most; texts that begin like a formula have an apostrophe in front.`,
  type: 'text/csv',
};

/**
 * A list as a file for a spreadsheet. Who took it is written first: a list that leaves the house leaves a trace.
 * @throws what writing the event throws; nothing is given out then
 */
export async function exportList<Row>(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  { list, columns, rows, narrowed = {} }: ListExport<Row>,
): Promise<Response> {
  await audited(ports, c, caller, 'LIST_EXPORTED', () =>
    Promise.resolve({ value: true, event: { subject: list, details: wordsGiven(narrowed) } }),
  );
  return csvAnswer(columns, rows, { file: fileNameOf(list, ports.clock.now()), maxRows: MAX_ROWS });
}

/** What a list was narrowed by, without what was not given. */
export function wordsGiven(
  narrowed: Readonly<Record<string, Scalar | undefined>>,
): Readonly<Record<string, Scalar>> {
  return Object.fromEntries(
    Object.entries(narrowed).filter((one): one is [string, Scalar] => one[1] !== undefined && one[1] !== ''),
  );
}

/** Name of the file of a list, without its end: `rampart-events-2026-01-31`. */
export function fileNameOf(list: string, nowMs: number): string {
  return `rampart-${list}-${new Date(nowMs).toISOString().slice(0, 10)}`;
}

/** The entries of all pages, read a page at a time as they are taken. @param page newest first, below an id */
export async function* allPages<T extends { readonly id: string }>(
  pageSize: number,
  page: (before: string | undefined) => Promise<readonly T[]>,
): AsyncGenerator<T, void, undefined> {
  let before: string | undefined;
  for (;;) {
    const found = await page(before);
    yield* found;
    if (found.length < pageSize) return;
    before = found.at(-1)?.id;
  }
}

/** A moment as a cell: a date, or nothing. */
export function dateOf(atMs: number | null): Date | null {
  return atMs === null ? null : new Date(atMs);
}
