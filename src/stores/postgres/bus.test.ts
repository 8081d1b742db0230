import { describe } from 'vitest';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { busSuite } from '../../testing/suites/bus.ts';
import { postgresBus } from './bus.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { openEmbedded } from './embedded.ts';
import { openServer } from './server.ts';

busSuite('postgres, embedded', async () => {
  const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  const bus = postgresBus(store);
  const remove = async (): Promise<void> => {
    await bus.close();
    await store.close();
  };
  return { here: bus, there: bus, remove };
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('with a PostgreSQL server', () => {
  busSuite('postgres, two nodes', async () => {
    const database = await temporaryDatabase(service.url as string);
    const stores = await Promise.all([openServer({ url: database.url }), openServer({ url: database.url })]);
    const [here, there] = [postgresBus(stores[0]), postgresBus(stores[1])];
    const remove = async (): Promise<void> => {
      await Promise.all([here.close(), there.close()]);
      await Promise.all(stores.map((store) => store.close()));
      await database.drop();
    };
    return { here, there, remove };
  });
});
