import { afterAll, beforeAll, describe } from 'vitest';
import type { SqlStore } from '../../src/ports/sql.ts';
import { createStores, migrations, type Stores } from '../../src/server/data/index.ts';
import { openMigrated } from '../../src/server/data/test-migrated.ts';
import { migrate } from '../../src/stores/postgres/migrate.ts';
import { openServer } from '../../src/stores/postgres/server.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';

const service = await postgresService();

async function openOnServer(): Promise<{ store: SqlStore; close(): Promise<void> }> {
  const database = await temporaryDatabase(service.url as string);
  const store = await openServer({ url: database.url });
  return {
    store,
    async close() {
      await store.close();
      await database.drop();
    },
  };
}

async function openInProcess(): Promise<{ store: SqlStore; close(): Promise<void> }> {
  const store = await openMigrated();
  return { store, close: () => store.close() };
}

/** Runs a suite on a migrated database of its own: embedded, and on a server where there is one. */
export function onEachDatabase(suite: (stores: () => Stores) => void): void {
  const on = (name: string, skip: boolean, open: typeof openInProcess): void => {
    describe.skipIf(skip)(name, () => {
      let stores: Stores;
      let close: (() => Promise<void>) | undefined;
      beforeAll(async () => {
        const opened = await open();
        close = () => opened.close();
        await migrate(opened.store, migrations);
        stores = createStores(opened.store);
      });
      afterAll(() => close?.());
      suite(() => stores);
    });
  };
  on('on the embedded database', false, openInProcess);
  on('on a PostgreSQL server', service.absent !== undefined, openOnServer);
}

/** The same, on the embedded database alone: for what does not depend on it. */
export function onEmbedded(suite: (stores: () => Stores) => void): void {
  let stores: Stores;
  let close: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const opened = await openInProcess();
    close = () => opened.close();
    await migrate(opened.store, migrations);
    stores = createStores(opened.store);
  });
  afterAll(() => close?.());
  suite(() => stores);
}
