import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { openEmbedded, openServer } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { managePartitions, type PartitionPlan } from './partitions.ts';

const november = Date.UTC(2026, 10, 21);
const nothing = { created: [], dropped: [], moved: 0, busy: [] };

function partitions(open: () => Promise<{ store: SqlStore; remove(): Promise<void> }>): void {
  let store: SqlStore;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const opened = await open();
    store = opened.store;
    remove = () => opened.remove();
    await store.script(`
      CREATE SCHEMA app;
      CREATE TABLE app.events (id int, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE metrics (id int, at_ms bigint NOT NULL) PARTITION BY RANGE (at_ms);
      CREATE TABLE users (id int, role text NOT NULL, PRIMARY KEY (id, role)) PARTITION BY LIST (role);
      CREATE TABLE plain (id int)`);
  });
  afterAll(() => remove?.());

  const where = async (table: string): Promise<readonly unknown[]> =>
    (await store.query(`SELECT id, tableoid::regclass::text AS place FROM ${table} ORDER BY id`)).rows.map(
      (row) => `${String(row['id'])} ${String(row['place'])}`,
    );

  it('makes the months ahead, drops those that are too old, and changes nothing twice', async () => {
    const plan: PartitionPlan = { table: 'app.events', by: 'month', ahead: 2, keep: 2 };
    const report = await managePartitions(store, plan, november);
    expect(report.created).toEqual(['events_default', 'events_2026_11', 'events_2026_12', 'events_2027_01']);
    expect(await managePartitions(store, plan, november)).toEqual(nothing);
    await store.query(`INSERT INTO app.events VALUES (1, '2026-11-30 23:59:59.999999+00'), (2, '2026-12-01 00:00:00+00'),
      (3, '2026-02-01'), (4, '2027-02-03')`);
    expect(await where('app.events')).toEqual([
      '1 app.events_2026_11',
      '2 app.events_2026_12',
      '3 app.events_default',
      '4 app.events_default',
    ]);
    // In January February's row is fetched from where it waited.
    const january = await managePartitions(store, plan, Date.UTC(2027, 0, 5));
    expect(january).toEqual({
      created: ['events_2027_02', 'events_2027_03'],
      dropped: [],
      moved: 1,
      busy: [],
    });
    const february = await managePartitions(store, plan, Date.UTC(2027, 1, 5));
    expect(february.dropped).toEqual(['events_2026_11']);
    expect(await where('app.events')).toEqual([
      '2 app.events_2026_12',
      '3 app.events_default',
      '4 app.events_2027_02',
    ]);
  });

  it('knows milliseconds, and runs of several nodes at once', async () => {
    const plan: PartitionPlan = { table: 'metrics', by: 'month', ahead: 1 };
    const reports = await Promise.all([1, 2, 3].map(() => managePartitions(store, plan, november)));
    expect(reports.flatMap(({ created }) => created)).toEqual([
      'metrics_default',
      'metrics_2026_11',
      'metrics_2026_12',
    ]);
    await store.query('INSERT INTO metrics VALUES (1, $1), (2, $2)', [november, Date.UTC(2026, 11, 1) - 1]);
    expect(await where('metrics')).toEqual(['1 metrics_2026_11', '2 metrics_2026_11']);
  });

  it('keeps users apart by role, also when their role changes', async () => {
    await managePartitions(store, { table: 'users', by: 'list', lists: { admin: ['admin'] } }, november);
    await store.query("INSERT INTO users VALUES (1, 'admin'), (2, 'agent'), (3, 'client'), (4, 'guest')");
    expect(await where('users')).toEqual([
      '1 users_admin',
      '2 users_default',
      '3 users_default',
      '4 users_default',
    ]);
    const plan: PartitionPlan = {
      table: 'users',
      by: 'list',
      lists: { admin: ['admin'], agent: ['agent', 'senior agent'], client: ['client'] },
    };
    expect(await managePartitions(store, plan, november)).toEqual({
      created: ['users_agent', 'users_client'],
      dropped: [],
      moved: 2,
      busy: [],
    });
    await store.query("UPDATE users SET role = 'admin' WHERE id = 3");
    expect(await where('users')).toEqual([
      '1 users_admin',
      '2 users_agent',
      '3 users_admin',
      '4 users_default',
    ]);
    expect(await managePartitions(store, plan, november)).toEqual(nothing);
  });

  it.each([
    [{ table: 'plain', by: 'month' }],
    [{ table: 'users', by: 'month' }],
    [{ table: 'gone', by: 'month' }],
    [{ table: 'a"; DROP TABLE users; --', by: 'month' }],
    [{ table: 'metrics', by: 'month', ahead: 0 }],
    [{ table: 'metrics', by: 'month', keep: 0 }],
    [{ table: 'users', by: 'list', lists: { default: ['x'] } }],
    [{ table: 'users', by: 'list', lists: { x: ["'); DROP TABLE users; --"] } }],
  ])('refuses %j', async (plan) => {
    await expect(managePartitions(store, plan as PartitionPlan, november)).rejects.toThrow(TypeError);
  });
}

describe('partitions of the embedded database', () => {
  partitions(async () => {
    const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    return { store, remove: () => store.close() };
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('partitions of a server', () => {
  const open = async (): Promise<{ store: SqlStore; remove(): Promise<void> }> => {
    const database = await temporaryDatabase(service.url as string);
    const store = await openServer({ url: database.url });
    const remove = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return { store, remove };
  };
  partitions(open);

  it('make room beside a long reader, and leave the drop for later', async () => {
    const opened = await open();
    const { store } = opened;
    await store.script('CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at)');
    const plan: PartitionPlan = { table: 'events', by: 'month', ahead: 1, keep: 1 };
    await managePartitions(store, plan, november);
    await store.query("INSERT INTO events VALUES (1, '2026-11-21')");
    const later = Date.UTC(2027, 0, 5);
    await store.transaction(async (sql) => {
      await sql.query("SELECT * FROM events WHERE at >= '2026-11-01' AND at < '2026-12-01'");
      const report = await managePartitions(store, plan, later, 100);
      expect(report).toEqual({
        created: ['events_2027_01', 'events_2027_02'],
        dropped: [],
        moved: 0,
        busy: ['events_2026_11'],
      });
      await store.query("INSERT INTO events VALUES (2, '2027-01-07')");
    });
    expect((await managePartitions(store, plan, later, 100)).dropped).toEqual(['events_2026_11']);
    await opened.remove();
  });
});
