import type { SqlRunner } from '../../../ports/sql.ts';
import { eagerIndexes, INDEXES } from './indexes.ts';

/** A partition of the events as it stands. */
export interface EventPart {
  /** In the schema `rampart`: `events_p` and a number. */
  readonly name: string;
  /** Its bounds as SQL: literals, or MINVALUE and MAXVALUE. */
  readonly from: string;
  readonly to: string;
  /** Bytes of its rows, without indexes and what is stored aside. */
  readonly bytes: number;
  /** Estimate, as of the last look that the database took. */
  readonly rows: number;
  /** Indexes that it has not yet. */
  readonly missing: readonly string[];
}

/** Whether new events go there. */
export function isOpen(part: EventPart): boolean {
  return part.to === 'MAXVALUE';
}

/** Whether it has all its indexes. */
export function isSettled(part: EventPart): boolean {
  return !isOpen(part) && part.missing.length === 0;
}

/** Names of partitions; nothing else is ever touched. */
export const PART_NAME = /^events_p\d{1,9}$/;

const READ = `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound,
  coalesce(pg_relation_size(c.oid), 0)::float8 AS bytes, greatest(c.reltuples, 0)::float8 AS tuples, c.relpages AS pages,
  ARRAY(SELECT x.relname::text FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND i.indisvalid) AS indexes
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE h.inhparent = to_regclass('rampart.events')`;
/** How the database words bounds. */
const [FROM, TO, END] = ['FOR VALUES FROM (', ') TO (', ')'] as const;
const PAGE_BYTES = 8_192;
/** Of a partition that was never looked at. */
const BYTES_A_ROW = 600;

/** All partitions, the oldest first; none where the events are not partitioned. */
export async function readParts(runner: SqlRunner): Promise<readonly EventPart[]> {
  const { rows } = await runner.query(READ);
  return rows.map(partOf).toSorted((a, b) => compareBounds(a.to, b.to));
}

function partOf(row: Readonly<Record<string, unknown>>): EventPart {
  const name = row['name'] as string;
  const { from, to } = boundsOf(row['bound'] as string | null);
  const has = new Set(row['indexes'] as readonly string[]);
  const bytes = Number(row['bytes']);
  const [tuples, pages] = [Number(row['tuples']), Number(row['pages'])];
  const rows = pages > 0 && tuples > 0 ? (tuples / pages) * (bytes / PAGE_BYTES) : bytes / BYTES_A_ROW;
  const missing = INDEXES.filter((index) => !has.has(`${name}_${index}`));
  return { name, from, to, bytes, rows: Math.round(rows), missing };
}

/** Empty ones of a partition that another node takes out at this moment: it is neither open nor adjacent to anything. */
function boundsOf(bound: string | null): Pick<EventPart, 'from' | 'to'> {
  const middle = bound?.indexOf(TO) ?? -1;
  if (bound === null || middle < 0) return { from: '', to: '' };
  return {
    from: bound.slice(FROM.length, middle),
    to: bound.slice(middle + TO.length, -END.length),
  };
}

/** Ids are compared by byte, and so are these: they are of ASCII. */
function compareBounds(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'MAXVALUE' || b === 'MAXVALUE') return a === 'MAXVALUE' ? 1 : -1;
  return a < b ? -1 : 1;
}

/** The id that a bound names; undefined for an open end. */
export function idOf(bound: string): string | undefined {
  return bound.startsWith("'") ? bound.slice(1, -1).replaceAll("''", "'") : undefined;
}

/** An id as a bound. */
export function boundAt(id: string): string {
  return `'${id.replaceAll("'", "''")}'`;
}

/** What a table needs to become a partition of the events: their columns and their key. */
export function createPart(name: string): string {
  return `CREATE TABLE rampart.${name} (LIKE rampart.events INCLUDING DEFAULTS INCLUDING STORAGE,
  CONSTRAINT ${name}_pkey PRIMARY KEY (id)) WITH (autovacuum_enabled = false)`;
}

/** Makes an empty table with what every partition has. */
export async function makePart(runner: SqlRunner, name: string): Promise<void> {
  for (const statement of [createPart(name), ...eagerIndexes(name)]) await runner.query(statement);
}

/** A name that no table has. */
export async function nextName(runner: SqlRunner): Promise<string> {
  const { rows } = await runner.query(
    `SELECT 1 + coalesce(max(substr(c.relname, length('events_p') + 1)::int), 0) AS next
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'rampart' AND c.relkind = 'r' AND c.relname ~ '^events_p[0-9]{1,9}$'`,
  );
  return `events_p${Number(rows[0]?.['next'])}`;
}

/** Statements about bounds. */
export const attachSql = (name: string, from: string, to: string): string =>
  `ALTER TABLE rampart.events ATTACH PARTITION rampart.${name} FOR VALUES FROM (${from}) TO (${to})`;
export const detachSql = (name: string): string =>
  `ALTER TABLE rampart.events DETACH PARTITION rampart.${name}`;
