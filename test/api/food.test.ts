import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../src/base/database/index.ts';
import { createAccess } from '../../src/modules/access/index.ts';
import type { SqlRunner } from '../../src/ports/sql.ts';
import { MAX_SAMPLE_ROWS_EACH, type Stores } from '../../src/server/data/index.ts';
import { samplePolicy } from '../../src/server/sample-policy.ts';
import { onEachDatabase, onEmbedded } from './databases.ts';
import {
  CHANGES,
  HALF_OWN,
  insert,
  loaded,
  nameOf,
  newRowOf,
  OPEN_ORDER,
  personOf,
  rowOf,
  tableOf,
  type Values,
} from './food-rows.ts';
import {
  type Action,
  ACTIONS,
  may,
  type Resource,
  RESOURCES,
  type Role,
  ROLES,
  WHOSE,
  type Whose,
} from './food-table.ts';
import { affectedBy, bodyOf, createdOverHttp, type Send, triedInSql, triedOverHttp } from './food-tries.ts';
import { House } from './house.ts';

type Tried = `${Whose} ${Action}`;
const access = createAccess(samplePolicy);
const PAIRS = ROLES.flatMap((role) => RESOURCES.map((resource) => [role, resource] as const));
const CASES = WHOSE.flatMap((whose) => ACTIONS.map((action) => [whose, action] as const));

const expected = (role: Role, resource: Resource): readonly Tried[] =>
  CASES.filter(([whose, action]) => may(role, resource, action, whose)).map(
    ([whose, action]): Tried => `${whose} ${action}`,
  );

/** What of all can be done, as somebody finds out by trying. */
async function found(
  attempt: (whose: Whose, action: Action) => boolean | Promise<boolean>,
): Promise<readonly Tried[]> {
  const done: Tried[] = [];
  for (const [whose, action] of CASES) if (await attempt(whose, action)) done.push(`${whose} ${action}`);
  return done;
}

describe('the four roles, in the process', () => {
  it.each(PAIRS)('%s: %s', async (role, resource) => {
    const can = (action: Action, row: Values): boolean =>
      access.can(personOf(role), `${resource}:${action}`, loaded(row));
    const done = await found((whose, action) => {
      if (action === 'create') return can(action, newRowOf(resource, role, whose));
      const row = rowOf(resource, role, whose);
      return can(action, row) && (action !== 'update' || can(action, { ...row, ...CHANGES[resource] }));
    });
    expect(done).toEqual(expected(role, resource));
  });

  it.each(HALF_OWN)('a row %s is not made by a %s: %s', (_why, role, resource, row) => {
    expect(access.can(personOf(role), `${resource}:create`, loaded(row))).toBe(false);
    expect(access.can(personOf('admin'), `${resource}:create`, loaded(row))).toBe(true);
  });
});

/** Rows of both worlds. */
async function fill(stores: Stores): Promise<void> {
  await stores.sql.script(`TRUNCATE ${RESOURCES.map(tableOf).join(', ')}`);
  for (const whose of WHOSE) {
    for (const resource of RESOURCES.filter((one) => one !== 'profile'))
      await insert(stores.sql, resource, rowOf(resource, 'customer', whose));
    for (const role of ROLES.filter((one) => one !== 'admin'))
      await insert(stores.sql, 'profile', rowOf('profile', role, whose));
  }
  await insert(stores.sql, 'orders', OPEN_ORDER);
}

// Among the slow tests on a server too.
(process.env['RAMPART_SLOW'] === '1' ? onEachDatabase : onEmbedded)((stores) => {
  describe('the four roles, over HTTP', () => {
    const people = new Map<Role, Send>();
    beforeAll(async () => {
      await fill(stores());
      const house = new House(stores());
      for (const role of ROLES) {
        const send: Send =
          role === 'admin'
            ? (...request) => house.operator(...request)
            : await house.customer(nameOf(role), role);
        people.set(role, send);
      }
    });

    it.each(PAIRS)('%s: %s', async (role, resource) => {
      const send = people.get(role) as Send;
      const visit = { role, resource, send, sql: stores().sql };
      const done = await found((whose, action) => {
        if (action === 'create') return createdOverHttp(visit, whose);
        return triedOverHttp(visit, whose, action);
      });
      expect(done).toEqual(expected(role, resource));
    });

    it.each(HALF_OWN)(
      'a row %s is not made by a %s: %s',
      async (_why, role, resource, { id: _id, ...row }) => {
        const send = people.get(role) as Send;
        expect((await send('POST', `/sample/${resource}`, bodyOf(row))).status).toBe(403);
      },
    );

    it('many at once get what each alone would, and no more is kept', async () => {
      const send = people.get('customer') as Send;
      const { sql } = stores();
      await sql.query(
        `INSERT INTO ${tableOf('addresses')} SELECT 'adr_0' || n, 'sample:ada', 'Road', n - 1000 FROM generate_series(1, 100) AS n`,
      );
      const lines = Array.from({ length: 20 }, (_, i) => `${i} Road`);
      const answers = await Promise.all(lines.map((line) => send('POST', '/sample/addresses', { line })));
      expect(answers.map(({ status }) => status)).toEqual(lines.map(() => 201));
      const { rows } = await sql.query(
        `SELECT line FROM ${tableOf('addresses')} WHERE user_id = 'sample:ada' ORDER BY created_at_ms DESC`,
      );
      expect(rows).toHaveLength(MAX_SAMPLE_ROWS_EACH);
      expect(new Set(rows.slice(0, 20).map(({ line }) => line))).toEqual(new Set(lines));
      await sql.query(`DELETE FROM ${tableOf('profile')} WHERE id = 'sample:ada'`);
      const looks = await Promise.all(lines.map(() => send('GET', '/sample/profile/sample:ada')));
      expect(looks.map(({ status }) => status)).toEqual(lines.map(() => 200));
    });

    it('nobody names the customer of an order', async () => {
      for (const role of ROLES) {
        const send = people.get(role) as Send;
        const given = { items: [{ name: 'Tea', quantity: 1 }], customer: 'sample:bob' };
        expect((await send('POST', '/sample/orders', given)).status).toBe(400);
      }
    });
  });

  describe('the four roles, by row-level security', () => {
    const mark = randomBytes(5).toString('hex');
    const [role_, lookupRole] = [`rampart_app_${mark}`, `rampart_lookup_${mark}`];
    let database: Database;
    beforeAll(async () => {
      await fill(stores());
      const { sql } = stores();
      await sql.script(`CREATE ROLE ${role_} NOLOGIN; GRANT USAGE ON SCHEMA rampart TO ${role_};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ${RESOURCES.map(tableOf).join(', ')} TO ${role_}`);
      await sql.query(access.rowLevelSecurity({ lookupRole }).install);
      database = await createDatabase({ role: role_ }, { primary: sql });
    });
    afterAll(async () => {
      await stores().sql.query(access.rowLevelSecurity({ lookupRole }).drop);
      for (const role of [role_, lookupRole])
        await stores().sql.script(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    });

    it.each(PAIRS)('%s: %s', async (role, resource) => {
      const done = await found((whose, action) =>
        triedInSql(database, role, (sql) => affectedBy(sql, { role, resource, whose, action })),
      );
      expect(done).toEqual(expected(role, resource));
    });

    it.each(PAIRS)('%s: lists of %s hold what may be read, and nothing else', async (role, resource) => {
      const { rows } = await database.withPrincipal(personOf(role), (sql) =>
        sql.query(`SELECT id FROM ${tableOf(resource)}`),
      );
      const ids = rows.map(({ id }) => id);
      for (const whose of WHOSE)
        expect(ids.includes(rowOf(resource, role, whose)['id'])).toBe(may(role, resource, 'read', whose));
    });

    it.each(HALF_OWN)('a row %s is not made by a %s: %s', async (_why, role, resource, row) => {
      const add = async (sql: SqlRunner): Promise<number> => {
        await insert(sql, resource, row);
        return 1;
      };
      expect(await triedInSql(database, role, add)).toBe(false);
      expect(await triedInSql(database, 'admin', add)).toBe(true);
    });

    it('is as it was installed', async () => {
      expect(await access.rowLevelSecurity({ lookupRole }).drift(stores().sql)).toEqual([]);
    });
  });
});
