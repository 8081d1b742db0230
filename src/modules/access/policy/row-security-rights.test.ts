import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqlStore } from '../../../ports/sql.ts';
import { openServer } from '../../../stores/postgres/server.ts';
import { postgresService, temporaryDatabase } from '../../../testing/services.ts';
import { createAccess } from './access.ts';
import { defineAccess } from './declare.ts';

const access = createAccess(
  defineAccess({
    resources: {
      orders: {
        columns: { id: 'text', shop_id: 'text' },
        relations: { shop: { resource: 'shops', on: { shop_id: 'id' } } },
      },
      shops: { columns: { id: 'text', owner_id: 'text' } },
    },
    roles: { owner: { 'orders:read': { exists: { shop: { owner: 'owner_id' } } } } },
  }),
);
const service = await postgresService();

describe.skipIf(service.absent !== undefined)('policies installed by a role that is no superuser', () => {
  const mark = randomBytes(5).toString('hex');
  const [login, lookup] = [`rampart_deploy_${mark}`, `rampart_lookup_${mark}`];
  const security = access.rowLevelSecurity({ lookupRole: lookup });
  let admin: SqlStore;
  let deploy: SqlStore;
  let database: Awaited<ReturnType<typeof temporaryDatabase>>;

  beforeEach(async () => {
    database = await temporaryDatabase(service.url as string);
    admin = await openServer({ url: database.url });
    await admin.script(
      `CREATE ROLE ${login} LOGIN PASSWORD '${mark}'; GRANT CREATE ON SCHEMA public TO ${login}`,
    );
    const url = new URL(database.url);
    Object.assign(url, { username: login, password: mark });
    deploy = await openServer({ url: url.href });
    await deploy.script(
      'CREATE TABLE shops (id text PRIMARY KEY, owner_id text); CREATE TABLE orders (id text PRIMARY KEY, shop_id text)',
    );
  });
  afterEach(async () => {
    await deploy.close();
    for (const role of [login, lookup]) {
      const { rows } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      if (rows.length > 0) await admin.script(`DROP OWNED BY ${role} CASCADE`);
    }
    await admin.script(`DROP ROLE IF EXISTS ${lookup}; DROP ROLE ${login}`);
    await admin.close();
    await database.drop();
  });
  const grantCreate = (): Promise<void> =>
    admin.script(`GRANT CREATE ON DATABASE ${new URL(database.url).pathname.slice(1)} TO ${login}`);

  it('work with CREATEROLE and CREATE on the database, once and again', async () => {
    await grantCreate();
    await admin.script(`ALTER ROLE ${login} CREATEROLE`);
    await deploy.query(security.install);
    await deploy.query(security.install);
    expect(await security.drift(deploy)).toEqual([]);
  });

  it('name what an administrator runs where a right is missing, and work once it was run', async () => {
    const remedies: string[] = [];
    for (let tries = 0; tries < 5; tries++) {
      try {
        await deploy.query(security.install);
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: '42501' });
        const remedy = /An administrator runs once: (.*)$/.exec((error as Error).message)?.[1];
        expect(remedy).toBeDefined();
        remedies.push(remedy as string);
        await admin.script(remedy as string);
      }
    }
    expect(remedies).toEqual([
      `CREATE ROLE ${lookup} NOLOGIN; GRANT ${lookup} TO ${login};`,
      `GRANT CREATE ON DATABASE ${new URL(database.url).pathname.slice(1)} TO ${login};`,
    ]);
    expect(await security.drift(deploy)).toEqual([]);
    // Later installs need neither.
    await admin.script(`REVOKE CREATE ON DATABASE ${new URL(database.url).pathname.slice(1)} FROM ${login}`);
    await deploy.query(security.install);
  });

  it('name the membership where the role is there and cannot be granted', async () => {
    await grantCreate();
    await admin.script(`CREATE ROLE ${lookup} NOLOGIN`);
    await expect(deploy.query(security.install)).rejects.toThrow(
      `An administrator runs once: GRANT ${lookup} TO ${login};`,
    );
  });
});
