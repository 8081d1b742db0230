import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import type { EventFields, EventType } from '../../../core/events.ts';
import type { Bus } from '../../../ports/bus.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { memoryBus } from '../../../stores/memory/bus.ts';
import { openEmbedded } from '../../../stores/postgres/embedded.ts';
import { openServer } from '../../../stores/postgres/server.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { databaseTemplate } from '../../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../../testing/services.ts';
import { createGrants, type Grants } from './grants.ts';
import type { GrantOptions } from './options.ts';
import type { GrantPorts } from './ports.ts';
import { accessOverdueColumn, accessTables } from './tables.ts';

/** Whoever acts in the tests. */
export const ADA = { id: 'user:ada', address: '192.0.2.1' };
export const BEA = { id: 'user:bea', address: '192.0.2.2' };

/** What a test may hand in. */
export interface TestOptions {
  readonly options?: GrantOptions;
  readonly clock?: ManualClock;
  readonly bus?: Bus;
  readonly secret?: Uint8Array;
  readonly ports?: Partial<GrantPorts>;
}

/** Grants of a test: what was said can be looked at. */
export interface TestGrants {
  readonly grants: Grants;
  readonly clock: ManualClock;
  readonly audited: { type: EventType; fields: EventFields }[];
  readonly warned: string[];
  /** Roles that subjects have of themselves; one that is null may not act. */
  readonly own: Map<string, readonly string[] | null>;
}

const SECRET = new Uint8Array(randomBytes(32));

/** Opens grants on a database. `lead` inherits `clerk`. */
export function testGrants(sql: SqlStore, given: TestOptions = {}): TestGrants {
  const clock = given.clock ?? new ManualClock();
  const audited: TestGrants['audited'] = [];
  const warned: string[] = [];
  const own: TestGrants['own'] = new Map();
  const ports: GrantPorts = {
    sql,
    clock,
    timers: clock,
    bus: given.bus ?? memoryBus(),
    events: { emit: () => undefined },
    log: { warn: (text) => void warned.push(text), error: (text) => void warned.push(text) },
    secret: given.secret ?? SECRET,
    environment: 'test',
    policy: {
      roles: ['clerk', 'lead', 'auditor', 'payer'],
      closure: (role) => (role === 'lead' ? ['lead', 'clerk'] : [role]),
      isScope: (scope) => /^(\*|orders:(\*|read|update))$/.test(scope),
    },
    subjects: {
      rolesOf: (_sql, subject) =>
        Promise.resolve(own.get(subject) === null ? undefined : (own.get(subject) ?? [])),
    },
    async transaction(work) {
      let written: TestGrants['audited'] = [];
      const value = await sql.transaction((tx) => {
        written = [];
        return work({
          query: (text, values) => tx.query(text, values),
          audit: (type, fields) => Promise.resolve(void written.push({ type, fields })),
        });
      });
      audited.push(...written);
      return value;
    },
    ...given.ports,
  };
  return { grants: createGrants(given.options ?? {}, ports), clock, audited, warned, own };
}

const service = await postgresService();

/** A database with the tables of the grants, emptied by `wipe`. */
async function prepare(sql: SqlStore): Promise<SqlStore> {
  await sql.script(`CREATE SCHEMA IF NOT EXISTS rampart; ${accessTables} ${accessOverdueColumn}`);
  return sql;
}

/** Forgets everything but the version. */
export async function wipe(sql: SqlStore): Promise<void> {
  await sql.script(`TRUNCATE rampart.access_assignments, rampart.access_requests, rampart.access_keys,
    rampart.access_services, rampart.access_reviews, rampart.access_review_items, rampart.access_changes`);
}

/** Runs a suite on a database of its own: embedded, and on a server where there is one. */
export function onEachDatabase(suite: (sql: () => SqlStore) => void): void {
  describe('on the embedded database', () => {
    let sql: SqlStore;
    beforeAll(async () => {
      sql = await prepare(await openEmbedded({ dir: ':memory:', template: databaseTemplate() }));
    });
    afterAll(() => sql?.close());
    suite(() => sql);
  });
  onServer(suite);
}

/** Runs a suite on a PostgreSQL server, where there is one. */
export function onServer(suite: (sql: () => SqlStore) => void): void {
  describe.skipIf(service.absent !== undefined)('on a PostgreSQL server', () => {
    let sql: SqlStore;
    let drop: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      const database = await temporaryDatabase(service.url as string);
      drop = () => database.drop();
      sql = await prepare(await openServer({ url: database.url }));
    });
    afterAll(async () => {
      await sql?.close();
      await drop?.();
    });
    suite(() => sql);
  });
}
