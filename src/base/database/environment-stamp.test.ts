import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { openEmbedded } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { markEnvironment, readStamp, stampEnvironment, stampTable } from './environment-stamp.ts';

describe('the mark of a database', () => {
  let store: SqlStore;
  beforeAll(async () => {
    store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  });
  afterAll(() => store.close());

  it('is nothing before there is a table, and before somebody has started', async () => {
    expect(await readStamp(store)).toBeUndefined();
    await store.script(`CREATE SCHEMA rampart; ${stampTable}`);
    expect(await readStamp(store)).toBeUndefined();
  });

  it('is set by the first that comes, and holds for all others', async () => {
    await stampEnvironment(store, 'production', 5);
    await stampEnvironment(store, 'production', 6);
    expect((await store.query('SELECT * FROM rampart.environment')).rows).toEqual([
      { one: true, name: 'production', stamped_at_ms: 5 },
    ]);
    for (const other of ['test', 'development'] as const) {
      const refused = stampEnvironment(store, other, 7);
      await expect(refused).rejects.toMatchObject({ code: 'ENVIRONMENT_MISMATCH' });
      await expect(refused).rejects.toThrow(`marked for production, and this process runs as ${other}`);
    }
    await markEnvironment(store, 'test', 8);
    await stampEnvironment(store, 'test', 8);
  });
});
