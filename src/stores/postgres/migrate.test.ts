import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { openEmbedded } from './embedded.ts';
import { migrate, type Migration } from './migrate.ts';
import { openServer } from './server.ts';

const ONE: Migration = {
  id: '0001-things',
  sql: 'CREATE TABLE things (id int); INSERT INTO things VALUES (1);',
};
const TWO: Migration = {
  id: '0002-name',
  sql: "ALTER TABLE things ADD COLUMN name text DEFAULT 'x' -- no semicolon",
};

interface Opened {
  readonly stores: readonly SqlStore[];
  remove(): Promise<void>;
}

function suite(name: string, open: () => Promise<Opened>): void {
  describe(`migrations: ${name}`, () => {
    let opened: Opened;
    let store: SqlStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.stores[0] as SqlStore;
    });
    afterAll(() => opened?.remove());

    it('applies what is missing, once, also when many processes start at the same time', async () => {
      const runs = await Promise.all(
        [...opened.stores, ...opened.stores].map((one) => migrate(one, [ONE], { set: 'many' })),
      );
      expect(runs.flat()).toEqual(['0001-things']);
      expect((await store.query('SELECT count(*) AS n FROM things')).rows).toEqual([{ n: 1 }]);
      expect(await migrate(store, [ONE, TWO], { set: 'many' })).toEqual(['0002-name']);
      expect((await store.query('SELECT * FROM things')).rows).toEqual([{ id: 1, name: 'x' }]);
      expect(await migrate(store, [ONE, TWO], { set: 'many' })).toEqual([]);
    });

    it('keeps sets apart', async () => {
      const other = { id: '0001-other', sql: 'CREATE TABLE other (id int)' };
      expect(await migrate(store, [other], { set: 'other' })).toEqual(['0001-other']);
    });

    it('refuses a migration that was changed, but not another line end', async () => {
      const sql = 'SELECT 1;\nSELECT 2;';
      await migrate(store, [{ id: '0001-a', sql }], { set: 'changed' });
      expect(
        await migrate(store, [{ id: '0001-a', sql: sql.replace('\n', '\r\n') }], { set: 'changed' }),
      ).toEqual([]);
      const changed = migrate(store, [{ id: '0001-a', sql: `${sql} ` }], { set: 'changed' });
      await expect(changed).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
    });

    it('refuses a database that knows more than the code, and a step that was put in between', async () => {
      const steps = ['0001-a', '0003-c'].map((id) => ({ id, sql: 'SELECT 1' }));
      await migrate(store, steps, { set: 'newer' });
      const older = migrate(store, steps.slice(0, 1), { set: 'newer' });
      await expect(older).rejects.toMatchObject({ code: 'DATABASE_NEWER' });
      const between = [steps[0] as Migration, { id: '0002-b', sql: 'SELECT 1' }, steps[1] as Migration];
      await expect(migrate(store, between, { set: 'newer' })).rejects.toMatchObject({
        code: 'MIGRATION_CHANGED',
      });
    });

    it('leaves nothing of a step that fails, and keeps those before it', async () => {
      const good = { id: '0001-good', sql: 'CREATE TABLE good (id int)' };
      const bad = { id: '0002-bad', sql: 'CREATE TABLE bad (id int); SELECT nonsense' };
      const failed = migrate(store, [good, bad], { set: 'failing' });
      await expect(failed).rejects.toMatchObject({ code: 'MIGRATION_FAILED', cause: { code: '42703' } });
      await expect(store.query('SELECT * FROM bad')).rejects.toMatchObject({ code: '42P01' });
      const mended = { id: '0002-bad', sql: 'CREATE TABLE bad (id int)' };
      expect(await migrate(store, [good, mended], { set: 'failing' })).toEqual(['0002-bad']);
    });

    it('refuses ids that are out of order or no ids', async () => {
      await expect(migrate(store, [TWO, ONE])).rejects.toThrow('must come before');
      await expect(migrate(store, [{ id: "1'; --", sql: '' }])).rejects.toThrow('expected an id');
      await expect(migrate(store, [], { set: "a'b" })).rejects.toThrow('set');
    });
  });
}

suite('embedded', async () => {
  const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  return { stores: [store], remove: () => store.close() };
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('with a PostgreSQL server', () => {
  suite('server', async () => {
    const database = await temporaryDatabase(service.url as string);
    const stores = await Promise.all([1, 2, 3, 4].map(() => openServer({ url: database.url, max: 2 })));
    const remove = async (): Promise<void> => {
      await Promise.all(stores.map((store) => store.close()));
      await database.drop();
    };
    return { stores, remove };
  });
});
