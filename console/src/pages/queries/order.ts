import type { QueryEntry } from '../../../../src/server/api/query-types.ts';
import { millis } from '../../format/number.ts';
import { duration } from '../../format/time.ts';

/** A slow statement with the figures that the list is made of. */
export interface Statement extends QueryEntry {
  readonly meanMs: number;
  /** Of the time that all listed statements took, 0 to 1. */
  readonly share: number;
}

/** Columns that the list can be ordered by; the address holds the name. */
export const COLUMNS = ['time', 'calls', 'p95', 'p99', 'max', 'last'] as const;
export type Column = (typeof COLUMNS)[number];
const VALUE: Readonly<Record<Column, (statement: Statement) => number>> = {
  time: ({ totalMs }) => totalMs,
  calls: ({ calls }) => calls,
  p95: ({ p95Ms }) => p95Ms,
  p99: ({ p99Ms }) => p99Ms,
  max: ({ maxMs }) => maxMs,
  last: ({ lastAtMs }) => lastAtMs,
};

/** An order of the list. */
export interface Order {
  readonly column: Column;
  readonly direction: 'ascending' | 'descending';
}

/** Reads an order from the address; by time, the largest first, where it says nothing else. */
export function orderOf(sort: string | undefined): Order {
  const isDown = sort?.startsWith('-') === true;
  const name = isDown ? sort.slice(1) : sort;
  const column = COLUMNS.find((one) => one === name);
  return column === undefined
    ? { column: 'time', direction: 'descending' }
    : { column, direction: isDown ? 'descending' : 'ascending' };
}

/** What the address says once a column's head was pressed: the largest first, then the smallest, then again. */
export function nextSort(order: Order, column: Column): string | undefined {
  if (order.column === column && order.direction === 'descending') return column;
  return column === 'time' ? undefined : `-${column}`;
}

/** Adds mean and share. */
export function statementsOf(entries: readonly QueryEntry[]): readonly Statement[] {
  const total = entries.reduce((sum, { totalMs }) => sum + totalMs, 0);
  return entries.map((entry) => ({
    ...entry,
    meanMs: entry.calls === 0 ? 0 : entry.totalMs / entry.calls,
    share: total === 0 ? 0 : entry.totalMs / total,
  }));
}

/** A sum of durations: `42.10 s`, and from a minute on `49 min 26 s`. */
export function longTime(ms: number): string {
  return ms < 60_000 ? millis(ms) : duration(ms);
}

/** Those whose text holds what was typed, ordered. */
export function arranged(
  statements: readonly Statement[],
  { column, direction }: Order,
  typed: string,
): readonly Statement[] {
  const wanted = typed.trim().toLowerCase();
  const sign = direction === 'ascending' ? 1 : -1;
  return statements
    .filter(({ shape }) => shape.toLowerCase().includes(wanted))
    .toSorted((a, b) => sign * (VALUE[column](a) - VALUE[column](b)) || (a.id < b.id ? -1 : 1));
}
