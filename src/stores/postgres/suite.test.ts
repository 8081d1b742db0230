import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { sqlSuite } from '../../testing/suites/sql.ts';
import { openEmbedded } from './embedded.ts';
import { openServer } from './server.ts';

sqlSuite('embedded, in memory', async () => {
  const store = await openEmbedded({ dir: ':memory:' });
  return { store, remove: () => store.close() };
});

sqlSuite('embedded, on disk', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rampart-sql-'));
  const store = await openEmbedded({ dir });
  const remove = async (): Promise<void> => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return { store, remove };
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('with a PostgreSQL server', () => {
  sqlSuite('server', async () => {
    const database = await temporaryDatabase(service.url as string);
    const store = await openServer({ url: database.url });
    const remove = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return { store, remove };
  });
});
