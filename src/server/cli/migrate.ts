import { Command, Option } from 'commander';
import {
  markEnvironment,
  type Stage,
  STAGES,
  stampEnvironment,
} from '../../base/database/environment-stamp.ts';
import { systemClock } from '../../core/clock.ts';
import { migrate, openEmbedded } from '../../stores/postgres/index.ts';
import { migrations } from '../data/index.ts';
import { openDataDir } from '../data-dir.ts';
import { readEnvironment } from '../environment.ts';
import { openDatabaseServer } from '../foundation.ts';

/** `rampart migrate`: brings the database to this version, or says what is missing. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database to this version (rampart start does so by itself)')
    .addOption(new Option('--mark <environment>', 'change what the database is marked for').choices(STAGES))
    .action(async ({ mark }: { mark?: Stage }) => {
      const { dataDir, databaseUrl, stage } = readEnvironment(process.env, false);
      const sql =
        databaseUrl === undefined
          ? await openEmbedded({ dir: openDataDir(dataDir).database })
          : await openDatabaseServer(databaseUrl);
      try {
        const applied = await migrate(sql, migrations);
        // Without NODE_ENV nobody has said what it is for; the first start does.
        if (mark !== undefined) await markEnvironment(sql, mark, systemClock.now());
        else if ((process.env['NODE_ENV'] ?? '') !== '')
          await stampEnvironment(sql, stage, systemClock.now());
        for (const id of applied) process.stdout.write(`applied ${id}\n`);
        process.stdout.write(
          applied.length === 0
            ? 'The database is up to date.\n'
            : `${applied.length} of ${migrations.length} migrations applied.\n`,
        );
      } finally {
        await sql.close();
      }
    });
}
