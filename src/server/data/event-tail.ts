import type { SqlRunner } from '../../ports/sql.ts';
import type { Span } from './event-spans.ts';

/** The newest events, which have no index but that of their ids yet. */
export interface Tail {
  /** Their first id may be this one; absent where there is nothing before them. */
  readonly from: string | undefined;
  /** Bytes of their rows, about. */
  readonly bytes: number;
}

// The index of words is the last that a partition gets.
const WITHOUT_INDEXES = `SELECT pg_get_expr(c.relpartbound, c.oid) AS bound, pg_relation_size(c.oid)::float8 AS bytes
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
WHERE h.inhparent = to_regclass('rampart.events') AND NOT EXISTS (
  SELECT 1 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
  WHERE i.indrelid = c.oid AND i.indisvalid AND m.amname = 'gin')`;
const BOUND = /^FOR VALUES FROM \((?:MINVALUE|'([^']*)')\) TO \((?:MAXVALUE|'([^']*)')\)$/;

/**
 * Where the events without indexes begin: the open partition, and those before it whose indexes are not made yet. What it
 * tells may be outdated at once; a search that goes by it finds the same, only slower.
 * @returns undefined where all events have their indexes
 */
export async function tailOf(runner: SqlRunner): Promise<Tail | undefined> {
  const { rows } = await runner.query(WITHOUT_INDEXES);
  const byEnd = new Map<string | undefined, Tail>();
  for (const { bound, bytes } of rows) {
    const [read, from, to] = BOUND.exec(bound as string) ?? [];
    if (read !== undefined) byEnd.set(to, { from, bytes: Number(bytes ?? 0) });
  }
  let tail = byEnd.get(undefined);
  while (tail?.from !== undefined) {
    const before = byEnd.get(tail.from);
    if (before === undefined) break;
    tail = { from: before.from, bytes: tail.bytes + before.bytes };
  }
  return tail;
}

/** The part of a span that lies in the tail. @returns undefined where none does */
export function inTail({ from: start }: Tail, span: Span): Span | undefined {
  if (start === undefined) return span;
  if (span.below !== undefined && span.below <= start) return undefined;
  return span.from === undefined || span.from < start ? { ...span, from: start } : span;
}
