import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { OptionsError } from '../../core/errors.ts';
import { auditWriter } from '../audit-writer.ts';
import { readIdentities } from '../backup/files.ts';
import { readBackup } from '../backup/read.ts';
import { restoreBackup } from '../backup/restore.ts';
import { migrations } from '../data/index.ts';
import { readEnvironment } from '../environment.ts';
import { openOwnDatabase, progressLines } from './backup.ts';
import { endingOnWrongUsage } from './usage.ts';

interface RestoreFlags {
  readonly key: string;
  readonly replace?: boolean;
  readonly acceptStage?: string;
  readonly check?: boolean;
}

/** `rampart restore`: proves a backup and puts it back. */
export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('put a backup back: all of it is proven before anything is written, all of it or nothing is')
    .argument('<file>', 'made by rampart backup')
    .requiredOption('--key <file>', 'identities of age, one a line (rampart backup --make-key)')
    .option('--check', 'only prove that it is whole and say what it holds')
    .option('--replace', 'replace what the database holds; otherwise it must be new')
    .option('--accept-stage <stage>', 'take a backup of another environment: development, test or production')
    .action(run);
  return endingOnWrongUsage(command);
}

async function run(file: string, flags: RestoreFlags): Promise<void> {
  const identities = readIdentities(await keyText(resolve(flags.key)));
  if (identities.length === 0) throw new OptionsError('--key', 'there is no identity in the file');
  if (flags.check === true) {
    const { header, manifest } = await readBackup(resolve(file), identities);
    const made = new Date(header.createdAtMs).toISOString();
    process.stdout.write(`whole; made ${made} of a database for ${header.stage ?? 'nothing named'}\n`);
    for (const { schema, name, rows } of manifest.tables)
      process.stdout.write(`${schema}.${name}: ${rows}\n`);
    return;
  }
  const { stage } = readEnvironment(process.env, false);
  const sql = await openOwnDatabase();
  const audit = auditWriter(hostname().slice(0, 40), systemClock);
  try {
    const { tables } = await restoreBackup(sql, {
      file: resolve(file),
      identities,
      migrations,
      stage,
      acceptStage: flags.acceptStage,
      replace: flags.replace === true,
      onProgress: progressLines(),
      record: (tx, restored) =>
        audit(tx, 'BACKUP_RESTORED', {
          actor: 'operator',
          subject: basename(file),
          details: { ...restored, replaced: flags.replace === true },
        }),
    });
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    process.stdout.write(`restored ${rows} rows of ${tables.length} tables\n`);
  } finally {
    await sql.close();
  }
}

async function keyText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new OptionsError('--key', 'the file cannot be read');
  }
}
