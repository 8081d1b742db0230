import type { SqlRunner } from '../../ports/sql.ts';

/** A table as a backup holds it. */
export interface BackupTable {
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  /** Columns that are written: generated ones follow from them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Where a sequence stands. Whole numbers as text, since they may exceed what a number holds. */
export interface BackupSequence {
  readonly schema: string;
  readonly name: string;
  /** What it gives next. */
  readonly next: string;
}

/** What the database was brought to. */
export interface AppliedMigration {
  readonly set: string;
  readonly id: string;
  readonly checksum: string;
}

/** What a database is for, and how far the merging of its partitions is, belongs to the database, not to its contents. */
const LEFT_OUT = ['environment', 'event_merges', 'event_touches', 'event_keeping'];
/** Tables that are to become partitions: what they hold stands elsewhere still. */
const UNFINISHED = '^events_p[0-9]+$';

/** Tables of some schemas, partitions through their parents, in the order of their names. */
export async function readTables(
  sql: SqlRunner,
  schemas: readonly string[],
): Promise<readonly BackupTable[]> {
  const { rows } = await sql.query(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind = 'p' AS partitioned,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
          'name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY($1::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND NOT (n.nspname = 'rampart' AND (c.relname = ANY($2::text[]) OR c.relname ~ $3))
     ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`,
    [schemas, LEFT_OUT, UNFINISHED],
  );
  const tables = rows as unknown as readonly (BackupTable & { columns: BackupTable['columns'] | null })[];
  return tables.map((table) => ({ ...table, columns: table.columns ?? [] }));
}

/** Sequences of some schemas that have given something. */
export async function readSequences(
  sql: SqlRunner,
  schemas: readonly string[],
): Promise<readonly BackupSequence[]> {
  const { rows } = await sql.query(
    `SELECT schemaname AS schema, sequencename AS name, (last_value + increment_by)::text AS next
     FROM pg_catalog.pg_sequences WHERE schemaname = ANY($1::text[]) AND last_value IS NOT NULL
     ORDER BY schemaname COLLATE "C", sequencename COLLATE "C"`,
    [schemas],
  );
  return rows as unknown as readonly BackupSequence[];
}

/** Migrations of every set, in order; none in a database that never had any. */
export async function readMigrations(sql: SqlRunner): Promise<readonly AppliedMigration[]> {
  const there = await sql.query("SELECT to_regclass('rampart_migrations') IS NOT NULL AS there");
  if (there.rows[0]?.['there'] !== true) return [];
  const { rows } = await sql.query(
    'SELECT set_name AS set, id, checksum FROM rampart_migrations ORDER BY set_name, id',
  );
  return rows as unknown as readonly AppliedMigration[];
}

/** A name in quotes. */
export function quoteName(...names: readonly string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
}
