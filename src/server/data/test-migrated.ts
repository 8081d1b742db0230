import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import type { SqlStore } from '../../ports/sql.ts';
import { openEmbedded } from '../../stores/postgres/embedded.ts';
import { migrate } from '../../stores/postgres/migrate.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { migrations } from './migrations.ts';

/** Another version of the embedded database or of any table makes another one. */
function migratedTemplate(): string {
  const version = createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 12);
  return databaseTemplate().replace(/\.tar\.gz$/, `-${version}.tar.gz`);
}

async function make(path: string): Promise<void> {
  const empty = databaseTemplate();
  const engine = await PGlite.create(
    'memory://',
    existsSync(empty) ? { loadDataDir: new Blob([readFileSync(empty)]) } : {},
  );
  try {
    const store: Pick<SqlStore, 'withLock' | 'script' | 'query'> = {
      withLock: (_name, work) => work(),
      script: async (text) => void (await engine.exec(text)),
      async query(text, values) {
        const { rows, affectedRows } = await engine.query<Record<string, unknown>>(text, [...(values ?? [])]);
        return { rows, affected: affectedRows ?? 0 };
      },
    };
    await migrate(store as SqlStore, migrations);
    await engine.exec('CHECKPOINT');
    const dump = await engine.dumpDataDir('gzip');
    // Written beside its place and renamed: other test files may look for it at this moment.
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, Buffer.from(await dump.arrayBuffer()), { mode: 0o600 });
    renameSync(aside, path);
  } finally {
    await engine.close();
  }
}

/**
 * An embedded database in memory that has all tables. The first test run that needs it keeps one, from which all others start in
 * half the time that migrating takes.
 */
export async function openMigrated(): Promise<SqlStore> {
  const template = migratedTemplate();
  if (!existsSync(template)) await make(template);
  return openEmbedded({ dir: ':memory:', template });
}
