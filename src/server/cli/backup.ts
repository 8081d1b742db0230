import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import { openEmbedded } from '../../stores/postgres/index.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { backupName, makeKey, pruneBackups } from '../backup/files.ts';
import { isRecipient } from '../backup/options.ts';
import { type BackupProgress, writeBackup } from '../backup/write.ts';
import { openDataDir } from '../data-dir.ts';
import { readEnvironment } from '../environment.ts';
import { openDatabaseServer } from '../foundation.ts';
import { endingOnWrongUsage } from './usage.ts';

interface BackupFlags {
  readonly to: string;
  readonly recipient: readonly string[];
  readonly schema: readonly string[];
  readonly keep?: number;
  readonly makeKey?: string;
}

const LINE_MS = 1_000;

/** `rampart backup`: one encrypted file with everything that Rampart keeps in the database. */
export function backupCommand(): Command {
  const command = new Command('backup')
    .description('write an encrypted backup of the database, of one moment, while it is in use')
    .option('--to <folder>', 'folder of the backups', 'backups')
    .option('--recipient <age1…>', 'public key that opens it; several may be given', collect, [])
    .option('--schema <name>', "also this schema of the application's; several may be given", collect, [])
    .option('--keep <number>', 'remove all but the newest ones afterwards', readCount)
    .option(
      '--make-key <file>',
      'make a pair of keys instead: the file opens backups, the printed key makes them',
    )
    .addHelpText(
      'after',
      `
The key file opens every backup: make it on another machine and keep it off the server.

Examples:
  $ rampart backup --make-key backup-key.txt
  $ rampart backup --recipient age1… --to /var/backups/rampart --keep 7`,
    )
    .action(run);
  return endingOnWrongUsage(command);
}

function collect(value: string, known: readonly string[]): readonly string[] {
  return [...known, value];
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new OptionsError('--keep', 'expected 1 to 10000');
  return count;
}

async function run(flags: BackupFlags): Promise<void> {
  if (flags.makeKey !== undefined) {
    const recipient = await makeKey(resolve(flags.makeKey));
    process.stdout.write(`${recipient}\n`);
    return;
  }
  if (flags.recipient.length === 0)
    throw new OptionsError(
      '--recipient',
      'expected a public key (rampart backup --make-key FILE prints one)',
    );
  if (!flags.recipient.every(isRecipient))
    throw new OptionsError('--recipient', 'one of them is no public key of age');
  const folder = resolve(flags.to);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, backupName(systemClock.now()));
  const sql = await openOwnDatabase();
  try {
    const { tables } = await writeBackup(sql, {
      file,
      recipients: flags.recipient,
      schemas: flags.schema,
      nowMs: systemClock.now(),
      onProgress: progressLines(),
    });
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    process.stdout.write(`${file}: ${rows} rows of ${tables.length} tables\n`);
  } finally {
    await sql.close();
  }
  if (flags.keep === undefined) return;
  for (const name of await pruneBackups(folder, flags.keep)) process.stdout.write(`removed ${name}\n`);
}

/** The database that the environment names. */
export async function openOwnDatabase(): Promise<SqlStore> {
  const { dataDir, databaseUrl } = readEnvironment(process.env, false);
  return databaseUrl === undefined
    ? await openEmbedded({ dir: openDataDir(dataDir).database })
    : await openDatabaseServer(databaseUrl);
}

/** At most a line a second, to stderr: stdout says what came of it. */
export function progressLines(): (progress: BackupProgress) => void {
  let nextMs = systemClock.monotonic() + LINE_MS;
  return ({ table, tablesDone, tables, rows }) => {
    if (systemClock.monotonic() < nextMs) return;
    nextMs = systemClock.monotonic() + LINE_MS;
    process.stderr.write(`table ${tablesDone + 1} of ${tables}: ${table}, ${rows} rows\n`);
  };
}
