import { readStamp, type Stage } from '../../base/database/environment-stamp.ts';
import { RampartError } from '../../core/errors.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { migrate, type Migration } from '../../stores/postgres/index.ts';
import { type BackupHeader, type BackupManifest, type RowsLine, unreadable } from './format.ts';
import { type Identities, readBackup } from './read.ts';
import { type BackupTable, quoteName, readMigrations, readTables, type BackupSequence } from './tables.ts';
import type { BackupProgress } from './write.ts';

/** What is put back, and where. */
export interface RestorePlan {
  readonly file: string;
  readonly identities: Identities;
  /** All migrations of this version. */
  readonly migrations: readonly Migration[];
  /** What the database is for; absent where nobody says. */
  readonly stage?: Stage | undefined;
  /** A backup of another stage that is meant all the same. */
  readonly acceptStage?: string | undefined;
  /** Replaces what the database holds; otherwise it must be new. */
  readonly replace?: boolean;
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Writes down what was put back, last in its transaction: no restored database is without it. */
  readonly record?: (tx: SqlRunner, restored: Restored) => Promise<void>;
}

/** What was put back. */
export interface Restored {
  /** When the backup was made. */
  readonly createdAtMs: number;
  readonly tables: number;
  readonly rows: number;
}

/**
 * Puts a backup back: first proves the whole file, then empties and fills the tables in one transaction that ends only when
 * the file was found the same again. Whatever goes wrong, also a killed process, leaves the database as it was; a new one
 * is left with empty tables.
 * @throws RampartError `BACKUP_UNREADABLE`, `BACKUP_ENVIRONMENT`, `BACKUP_SCHEMA`, `BACKUP_NOT_EMPTY`
 */
export async function restoreBackup(sql: SqlStore, plan: RestorePlan): Promise<BackupManifest> {
  const { header, manifest } = await readBackup(plan.file, plan.identities);
  await checkStage(sql, header, plan);
  return sql.withLock('restore', async () => {
    await prepare(sql, header, plan);
    await sql.transaction(async (tx) => {
      await tx.query('SET LOCAL statement_timeout = 0');
      await tx.query('SET LOCAL row_security = off');
      const present = await checkTables(tx, header);
      const restraints = await loosen(tx, present);
      const again = await readBackup(plan.file, plan.identities, async (line) => {
        if (line.kind === 'rows') await insert(tx, header, line);
        if (line.kind === 'rows') report(plan, header, line);
        if (line.kind === 'sequences') await setSequences(tx, line.values);
      });
      if (again.manifest.sha256 !== manifest.sha256) throw unreadable('it changed while it was read');
      for (const text of restraints) await tx.query(text);
      const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
      await plan.record?.(tx, { createdAtMs: header.createdAtMs, tables: manifest.tables.length, rows });
    });
    await migrate(sql, plan.migrations);
    return manifest;
  });
}

async function checkStage(sql: SqlStore, header: BackupHeader, plan: RestorePlan): Promise<void> {
  const stage = plan.stage ?? (await readStamp(sql));
  if (header.stage === null || stage === undefined || header.stage === stage) return;
  if (plan.acceptStage === header.stage) return;
  throw new RampartError(
    'BACKUP_ENVIRONMENT',
    `The backup is of a database for ${header.stage}, and this one is for ${stage}. Where that is meant: --accept-stage ${header.stage}. Nothing was written.`,
  );
}

/** Brings a new database to what the backup was made of; any other must be there already. */
async function prepare(sql: SqlStore, header: BackupHeader, plan: RestorePlan): Promise<void> {
  const held = header.migrations.filter(({ set }) => set === 'rampart');
  const known = new Set(plan.migrations.map(({ id }) => id));
  const strange = held.find(({ id }) => !known.has(id));
  if (strange) throw schemaError(`it holds migration '${strange.id}', which this version does not know`);
  if ((await ownMigrations(sql)).length === 0) {
    await migrate(sql, plan.migrations.slice(0, held.length));
  } else if (plan.replace !== true) {
    throw new RampartError(
      'BACKUP_NOT_EMPTY',
      'The database is not new. To replace what it holds: --replace. Nothing was written.',
    );
  }
  const present = await ownMigrations(sql);
  if (JSON.stringify(present) !== JSON.stringify(held))
    throw schemaError('its migrations are not those of this database; restore it into a new one');
}

async function ownMigrations(sql: SqlStore): Promise<readonly unknown[]> {
  return (await readMigrations(sql)).filter(({ set }) => set === 'rampart');
}

function schemaError(reason: string): RampartError {
  return new RampartError('BACKUP_SCHEMA', `The backup does not fit: ${reason}.`);
}

/** All tables of the backup must be there with their columns. @returns all tables of its schemas */
async function checkTables(tx: SqlRunner, header: BackupHeader): Promise<readonly BackupTable[]> {
  await tx.query('SET LOCAL search_path = pg_catalog');
  const present = await readTables(tx, header.schemas);
  const held = new Set(header.tables.map(({ schema, name }) => quoteName(schema, name)));
  const more = present.find(({ schema, name }) => !held.has(quoteName(schema, name)));
  if (more) throw schemaError(`the table ${more.schema}.${more.name} is not in it and would be emptied`);
  for (const table of header.tables) {
    const same = present.find(({ schema, name }) => schema === table.schema && name === table.name);
    if (JSON.stringify(same?.columns) !== JSON.stringify(table.columns))
      throw schemaError(`the table ${table.schema}.${table.name} is not there or has other columns`);
  }
  return present;
}

/**
 * Empties the tables and takes away what would refuse rows in the wrong order: foreign keys and triggers.
 * @returns the statements that put them back, which check every row again
 */
async function loosen(tx: SqlRunner, tables: readonly BackupTable[]): Promise<readonly string[]> {
  if (tables.length === 0) return [];
  const names = tables.map(({ schema, name }) => quoteName(schema, name));
  const { rows } = await tx.query(
    `SELECT c.conrelid::regclass::text AS table, pg_catalog.quote_ident(c.conname) AS name,
       pg_catalog.pg_get_constraintdef(c.oid) AS definition
     FROM pg_catalog.pg_constraint c
     WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid = ANY($1::text[]::regclass[])`,
    [names],
  );
  const keys = rows as readonly { table: string; name: string; definition: string }[];
  for (const key of keys) await tx.query(`ALTER TABLE ${key.table} DROP CONSTRAINT ${key.name}`);
  for (const name of names) await tx.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
  await tx.query(`TRUNCATE ${names.join(', ')} RESTART IDENTITY`);
  return [
    ...keys.map((key) => `ALTER TABLE ${key.table} ADD CONSTRAINT ${key.name} ${key.definition}`),
    ...names.map((name) => `ALTER TABLE ${name} ENABLE TRIGGER USER`),
  ];
}

async function insert(tx: SqlRunner, header: BackupHeader, line: RowsLine): Promise<void> {
  const { schema, name, columns } = header.tables[line.table] as BackupTable;
  const names = columns.map((column) => quoteName(column.name)).join(', ');
  const values = columns.map(({ type }, i) => `(r->>${i})::${type}`).join(', ');
  await tx.query(
    `INSERT INTO ${quoteName(schema, name)} (${names}) OVERRIDING SYSTEM VALUE
     SELECT ${values} FROM json_array_elements($1::json) AS r`,
    [JSON.stringify(line.rows)],
  );
}

function report(plan: RestorePlan, header: BackupHeader, line: RowsLine): void {
  plan.onProgress?.({
    table: header.tables[line.table]?.name ?? '',
    tablesDone: line.table,
    tables: header.tables.length,
    rows: line.rows.length,
  });
}

/** Unlike setval, this is undone with its transaction. */
async function setSequences(tx: SqlRunner, values: readonly BackupSequence[]): Promise<void> {
  for (const { schema, name, next } of values) {
    if (!/^-?\d+$/.test(next)) throw unreadable('a sequence of it is no number');
    await tx.query(`ALTER SEQUENCE ${quoteName(schema, name)} RESTART WITH ${next}`);
  }
}
