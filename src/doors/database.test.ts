import { afterEach, describe, expect, it } from 'vitest';
import { postgresService, temporaryDatabase } from '../testing/services.ts';
import { type Database, inputScope, nodeSource, openDatabase, sqlGuard } from './database.ts';

let open: Database | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

describe('an application’s database', () => {
  it('is embedded where no server is named, and lists what was slow', async () => {
    open = await openDatabase({ dir: ':memory:', queries: { counted: '1ms', slow: '1ms' } });
    const { rows } = await open.query('SELECT count(*) AS n FROM generate_series(1, $1::int)', [300_000]);
    expect(rows).toEqual([{ n: 300_000 }]);
    const [slow] = open.queries().statements;
    expect(slow?.shape).toContain('generate_series(?::int)');
    expect((await open.plan(slow?.id as string))?.plan.kind).toBe('Aggregate');
    expect(open.replicas()).toEqual([]);
  });

  it('refuses a statement that a value of the request has changed, in and out of transactions', async () => {
    const scope = inputScope();
    const guard = sqlGuard({}, { inputs: scope.current });
    const database = await openDatabase({ dir: ':memory:' }, { guard });
    open = database;
    const find = (name: string) => `SELECT 1 AS n WHERE 'a' = '${name}'`;
    const asked = { url: `/?name=${encodeURIComponent("' OR '1'='1")}`, rawHeaders: [] };
    await scope.run(nodeSource(asked), async () => {
      const refused = { code: 'SQL_INJECTION_REFUSED' };
      await expect(database.query(find("' OR '1'='1"))).rejects.toMatchObject(refused);
      const inside = database.transaction((sql) => sql.query(find("' OR '1'='1")));
      await expect(inside).rejects.toMatchObject(refused);
      expect((await database.query('SELECT $1::text AS n', ["' OR '1'='1"])).rows).toHaveLength(1);
      expect((await database.query(find('a'))).rows).toEqual([{ n: 1 }]);
    });
  });

  it.each([
    ['postgres://db.example.com/x?sslmode=no-verify', 'unverified'],
    ['postgres://db.example.com/x?sslmode=disable', 'off'],
  ])('is refused in production over %s', async (url, mode) => {
    const refused = openDatabase({ url }, { production: true });
    await expect(refused).rejects.toThrow(
      `database.url: in production the server's certificate must be verified (now ${mode})`,
    );
  });

  it('refuses replicas of an embedded database, and unknown options', async () => {
    await expect(openDatabase({ replicaUrls: ['postgres://x/y'] })).rejects.toThrow('database.replicaUrls');
    await expect(openDatabase({ dir: ':memory:', pool: 3 } as never)).rejects.toThrow('database.pool');
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('on a server', () => {
  it('closes what was opened when a replica cannot be reached', async () => {
    const database = await temporaryDatabase(service.url as string);
    const opened = openDatabase({ url: database.url, replicaUrls: ['postgres://u:hush@127.0.0.1:1/x'] });
    await expect(opened).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(opened).rejects.not.toThrow('hush');
    await database.drop();
  });
});
