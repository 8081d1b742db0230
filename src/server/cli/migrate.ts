import { Command } from 'commander';
import { migrate, openEmbedded } from '../../stores/postgres/index.ts';
import { migrations } from '../data/index.ts';
import { openDataDir } from '../data-dir.ts';
import { readEnvironment } from '../environment.ts';
import { openDatabaseServer } from '../foundation.ts';

/** `rampart migrate`: brings the database to this version, or says what is missing. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('bring the database to this version (rampart start does so by itself)')
    .action(async () => {
      const { dataDir, databaseUrl } = readEnvironment(process.env, false);
      const sql =
        databaseUrl === undefined
          ? await openEmbedded({ dir: openDataDir(dataDir).database })
          : await openDatabaseServer(databaseUrl);
      try {
        const applied = await migrate(sql, migrations);
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
