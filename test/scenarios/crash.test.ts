import { afterAll, describe, it } from 'vitest';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { crash } from './crash.ts';
import { cleanUp } from './server.ts';

const service = await postgresService();
afterAll(cleanUp);

describe.skipIf(service.absent !== undefined)(
  'a server on PostgreSQL, killed in the middle of its traffic',
  () => {
    it('knows every decision and event that anybody was told', async () => {
      const database = await temporaryDatabase(service.url as string);
      try {
        await crash({ DATABASE_URL: database.url });
      } finally {
        await cleanUp();
        await database.drop();
      }
    });
  },
);
