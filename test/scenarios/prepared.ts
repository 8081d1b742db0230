import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { migrations } from '../../src/server/data/index.ts';
import { databaseTemplate } from '../../src/testing/database.ts';
import { rampart, temporaryFolder } from './server.ts';

/**
 * A new folder whose embedded database was made and migrated before: a start from it takes half the time. The first
 * test run that needs it makes it; another version of the database or of the migrations makes another one.
 */
export async function preparedFolder(): Promise<string> {
  const version = createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 12);
  const kept = `${databaseTemplate().replace(/\.tar\.gz$/, '')}-migrated-${version}`;
  const folder = temporaryFolder();
  if (!existsSync(kept)) {
    const { code, err } = await rampart(['migrate'], folder);
    if (code !== 0) throw new Error(`no database could be prepared: ${err}`);
    // Copied aside first and renamed then: other test files may look for it at this moment.
    const aside = `${kept}.${process.pid}`;
    cpSync(join(folder, 'data', 'database'), aside, { recursive: true });
    try {
      renameSync(aside, kept);
    } catch {
      rmSync(aside, { recursive: true, force: true });
    }
    return folder;
  }
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  cpSync(kept, join(folder, 'data', 'database'), { recursive: true });
  return folder;
}
