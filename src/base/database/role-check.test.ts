import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../ports/sql.ts';
import { openServer } from '../../stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { roleFaults } from './role-check.ts';
import { notesOf } from './test-scope.ts';

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('the role of an application', () => {
  let admin: SqlStore;
  let plain: SqlStore;
  let role: string;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const database = await temporaryDatabase(service.url as string);
    admin = await openServer({ url: database.url });
    const notes = await notesOf(admin, 3);
    role = notes.role;
    await admin.script(`CREATE ROLE ${role}_login LOGIN; GRANT ${role} TO ${role}_login`);
    const url = new URL(database.url);
    url.username = `${role}_login`;
    plain = await openServer({ url: url.href });
    close = async () => {
      await plain.close();
      await admin.script('DROP TABLE IF EXISTS loose, lax, owned');
      await admin.script(`DROP ROLE ${role}_login`);
      await notes.drop();
      await admin.close();
      await database.drop();
    };
  });
  afterAll(() => close?.());

  const reasons = async (sql: SqlStore): Promise<readonly string[]> =>
    (await roleFaults(sql, role)).map(({ reason }) => reason);

  it('is bound where the login is plain and every table forces its policies', async () => {
    expect(await reasons(plain)).toEqual([]);
  });

  it('is not where the login is a superuser, or there is no such role', async () => {
    expect(await reasons(admin)).toEqual([expect.stringContaining('login of this connection')]);
    expect((await roleFaults(plain, 'nobody_of_that_name')).map(({ reason }) => reason)).toEqual([
      'The role nobody_of_that_name does not exist.',
    ]);
  });

  it('is not where a table is its own, unbound, or open to its owner', async () => {
    await admin.script(`
      CREATE TABLE loose (id int); GRANT SELECT ON loose TO ${role};
      CREATE TABLE lax (id int); ALTER TABLE lax ENABLE ROW LEVEL SECURITY; GRANT UPDATE ON lax TO ${role};
      CREATE TABLE owned (id int); ALTER TABLE owned ENABLE ROW LEVEL SECURITY; ALTER TABLE owned FORCE ROW LEVEL SECURITY;
      ALTER TABLE owned OWNER TO ${role};
      CREATE TABLE elsewhere (id int)`);
    expect(await reasons(plain)).toEqual([
      `The role ${role} owns tables: public.owned.`,
      'Tables without row-level security: public.loose.',
      'Tables whose owner passes by row-level security: public.lax.',
    ]);
    await admin.script(`ALTER ROLE ${role} BYPASSRLS`);
    expect((await reasons(plain))[0]).toBe(`The role ${role} passes by row-level security.`);
  });
});
