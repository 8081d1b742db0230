import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { principalSettings } from '../../../base/database/index.ts';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import { openEmbedded } from '../../../stores/postgres/embedded.ts';
import { openServer } from '../../../stores/postgres/server.ts';
import { databaseTemplate } from '../../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../../testing/services.ts';
import type { AccessPrincipal } from '../contract.ts';

/** A database with a role that owns nothing, under which rows are asked for as an application would. */
export interface TestDatabase {
  readonly sql: SqlStore;
  readonly appRole: string;
  readonly lookupRole: string;
  /** Runs work as a principal, under the role of the application; nothing of it stays where it throws. */
  as<T>(
    principal: AccessPrincipal | undefined,
    nowMs: number,
    work: (sql: SqlRunner) => Promise<T>,
  ): Promise<T>;
}

const service = await postgresService();

/** Runs a suite on a database of its own: embedded, and on a server where there is one. */
export function onEachDatabase(tables: string, suite: (database: () => TestDatabase) => void): void {
  describe('embedded', () => {
    run(tables, suite, async () => {
      const sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
      return { sql, close: () => sql.close() };
    });
  });
  describe.skipIf(service.absent !== undefined)('server', () => {
    run(tables, suite, async () => {
      const database = await temporaryDatabase(service.url as string);
      const sql = await openServer({ url: database.url });
      const close = async (): Promise<void> => {
        await sql.close();
        await database.drop();
      };
      return { sql, close };
    });
  });
}

function run(
  tables: string,
  suite: (database: () => TestDatabase) => void,
  open: () => Promise<{ readonly sql: SqlStore; close(): Promise<void> }>,
): void {
  // Roles belong to the whole server: names that nobody else has.
  const mark = randomBytes(5).toString('hex');
  const [appRole, lookupRole] = [`rampart_app_${mark}`, `rampart_lookup_${mark}`];
  let database: (TestDatabase & { close(): Promise<void> }) | undefined;
  beforeAll(async () => {
    const opened = await open();
    const { sql } = opened;
    await sql.script(`CREATE ROLE ${appRole} NOLOGIN; ${tables}`);
    await sql.script(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${appRole}`);
    database = {
      sql,
      appRole,
      lookupRole,
      as: (principal, nowMs, work) =>
        sql.transaction(async (tx) => {
          await tx.query(`SET LOCAL ROLE ${appRole}`);
          if (principal) await become(tx, principal, nowMs);
          return work(tx);
        }),
      async close() {
        await sql.script(`DROP OWNED BY ${appRole}; DROP ROLE ${appRole}`);
        const { rows } = await sql.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [lookupRole]);
        if (rows.length > 0) await sql.script(`DROP OWNED BY ${lookupRole} CASCADE; DROP ROLE ${lookupRole}`);
        await opened.close();
      },
    };
  });
  afterAll(async () => {
    await database?.close();
  });
  suite(() => {
    if (!database) throw new Error('the database is not open yet');
    return database;
  });
}

/** Says in the transaction who asks. */
export async function become(sql: SqlRunner, principal: AccessPrincipal, nowMs: number): Promise<void> {
  const settings = principalSettings(principal, nowMs);
  const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`);
  await sql.query(`SELECT ${calls.join(', ')}`, settings.flat());
}
