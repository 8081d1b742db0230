import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { Encrypter } from 'age-encryption';
import { readStamp } from '../../base/database/environment-stamp.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { type BackupHeader, type BackupManifest, FORMAT, FORMAT_VERSION, Tally } from './format.ts';
import { type BackupTable, quoteName, readMigrations, readSequences, readTables } from './tables.ts';

/** What is backed up, and to whom. */
export interface BackupPlan {
  /** File that is made: written beside its place and renamed when it is whole. */
  readonly file: string;
  /** Public keys of age (`age1…`): each opens the backup alone. */
  readonly recipients: readonly string[];
  /** Further schemas, whose tables the application makes itself. Always with `rampart`. */
  readonly schemas?: readonly string[];
  readonly nowMs: number;
  /** Told after every batch. */
  readonly onProgress?: (progress: BackupProgress) => void;
}

/** How far a backup or its restoration is. */
export interface BackupProgress {
  readonly table: string;
  readonly tablesDone: number;
  readonly tables: number;
  readonly rows: number;
}

const BATCH_ROWS = 200;
const CURSOR = 'rampart_backup';

/**
 * Writes a backup of one moment (REPEATABLE READ, READ ONLY) as a stream: memory does not grow with the database.
 * @returns the manifest that stands at its end
 * @throws the database's or the file system's error; no file is left behind then
 */
export async function writeBackup(sql: SqlStore, plan: BackupPlan): Promise<BackupManifest> {
  const draft = `${plan.file}.part`;
  const encrypter = new Encrypter();
  for (const recipient of plan.recipients) encrypter.addRecipient(recipient);
  const source = new PassThrough();
  const ended = new AbortController();
  const writing = pipeline(
    source,
    createZstdCompress(),
    async function* (compressed: AsyncIterable<Uint8Array>) {
      // Streams of node:stream and of the web differ in nothing but their types here.
      const plain = Readable.toWeb(Readable.from(compressed)) as unknown as ReadableStream<Uint8Array>;
      yield* await encrypter.encrypt(plain);
    },
    createWriteStream(draft, { mode: 0o600, flags: 'w' }),
  );
  writing.catch((error: unknown) => ended.abort(error));
  const write = async (text: string): Promise<void> => {
    ended.signal.throwIfAborted();
    if (!source.write(`${text}\n`)) await once(source, 'drain', { signal: ended.signal });
  };
  try {
    const manifest = await sql.transaction((tx) => dump(tx, plan, write));
    source.end();
    await writing;
    await settle(draft, plan.file);
    return manifest;
  } catch (error) {
    // Where the file was the trouble, the database only saw that nobody took its rows any more.
    const cause: unknown = ended.signal.aborted ? ended.signal.reason : error;
    source.destroy();
    await writing.catch(() => undefined);
    await rm(draft, { force: true });
    throw cause;
  }
}

async function settle(draft: string, file: string): Promise<void> {
  const handle = await open(draft, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

type Write = (text: string) => Promise<void>;

async function dump(tx: SqlRunner, plan: BackupPlan, write: Write): Promise<BackupManifest> {
  await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  const migrations = await readMigrations(tx);
  const stage = (await readStamp(tx)) ?? null;
  // Names of types come out whole, and a policy that would hide rows is an error instead.
  await tx.query('SET LOCAL search_path = pg_catalog');
  await tx.query('SET LOCAL row_security = off');
  const schemas = [...new Set(['rampart', ...(plan.schemas ?? [])])];
  const tables = await readTables(tx, schemas);
  const tally = new Tally();
  const say = async (text: string): Promise<void> => {
    tally.add(text);
    await write(text);
  };
  const header: BackupHeader = {
    kind: 'header',
    format: FORMAT,
    version: FORMAT_VERSION,
    createdAtMs: plan.nowMs,
    stage,
    schemas,
    migrations,
    tables,
  };
  await say(JSON.stringify(header));
  for (const [index, table] of tables.entries()) {
    await dumpTable(tx, table, async (rows) => {
      await say(`{"kind":"rows","table":${index},"rows":[${rows.join(',')}]}`);
      tally.addRows(index, rows.length);
      plan.onProgress?.({
        table: table.name,
        tablesDone: index,
        tables: tables.length,
        rows: tally.rows[index] ?? 0,
      });
    });
  }
  await say(JSON.stringify({ kind: 'sequences', values: await readSequences(tx, schemas) }));
  const manifest = tally.manifest(tables);
  await write(JSON.stringify(manifest));
  return manifest;
}

/** Reads a table through a cursor; rows come as JSON that PostgreSQL itself wrote. */
async function dumpTable(
  tx: SqlRunner,
  table: BackupTable,
  take: (rows: readonly string[]) => Promise<void>,
): Promise<void> {
  const texts = table.columns.map(({ name }) => `${quoteName(name)}::text`).join(', ');
  const from = `${table.partitioned ? '' : 'ONLY '}${quoteName(table.schema, table.name)}`;
  await tx.query(
    `DECLARE ${CURSOR} NO SCROLL CURSOR FOR SELECT array_to_json(ARRAY[${texts}]::text[])::text AS row FROM ${from}`,
  );
  for (;;) {
    const { rows } = await tx.query(`FETCH ${BATCH_ROWS} FROM ${CURSOR}`);
    if (rows.length > 0) await take(rows.map(({ row }) => row as string));
    if (rows.length < BATCH_ROWS) break;
  }
  await tx.query(`CLOSE ${CURSOR}`);
}
