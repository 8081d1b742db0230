import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { secretBox } from '../../base/secrets/index.ts';
import type { EventFields, EventType, RampartEvent } from '../../core/events.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { memoryBus } from '../../stores/memory/bus.ts';
import { openEmbedded } from '../../stores/postgres/embedded.ts';
import { openServer } from '../../stores/postgres/server.ts';
import { ManualClock } from '../../testing/clock.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import type { IdentityPorts, Mail, Place } from './ports.ts';
import { identityTables } from './tables/index.ts';
import { transactions } from './transaction.ts';

/** Ports of a test: what was said and sent can be looked at. */
export interface TestPorts extends IdentityPorts {
  readonly clock: ManualClock;
  /** Signals, as they were emitted. */
  readonly signals: { type: EventType; fields: EventFields }[];
  /** Audit events, once their transaction had committed. */
  readonly audited: RampartEvent[];
  readonly mails: Mail[];
  readonly messages: { to: string; text: string }[];
  /** Accounts from which nothing is taken. */
  readonly blocked: Set<string>;
  /** Where addresses are. */
  readonly places: Map<string, Place>;
}

/** Ports over a database that has the tables; everything else is of the test alone. */
export function testPorts(sql: SqlStore, clock: ManualClock = new ManualClock()): TestPorts {
  const signals: TestPorts['signals'] = [];
  const audited: RampartEvent[] = [];
  const mails: Mail[] = [];
  const messages: TestPorts['messages'] = [];
  const blocked = new Set<string>();
  const places = new Map<string, Place>();
  return {
    sql,
    clock,
    timers: clock,
    signals,
    audited,
    mails,
    messages,
    blocked,
    places,
    placeOf: (address) => places.get(address),
    isBlocked: (account) => blocked.has(account),
    events: { emit: (type, fields = {}) => void signals.push({ type, fields }) },
    bus: memoryBus(),
    box: secretBox([{ id: 'test', key: randomBytes(32) }]),
    secret: new Uint8Array(randomBytes(32)),
    mailer: {
      kind: 'mailbox',
      send: (mail) => Promise.resolve(void mails.push(mail)),
      close: () => Promise.resolve(),
    },
    sms: { kind: 'mailbox', send: (to, text) => Promise.resolve(void messages.push({ to, text })) },
    log: { warn: () => undefined, error: () => undefined },
    transaction: transactions(sql, clock, {
      node: 'n1',
      write: () => Promise.resolve(),
      announce: (event) => void audited.push(event),
    }),
  };
}

const service = await postgresService();

async function prepare(sql: SqlStore): Promise<SqlStore> {
  await sql.script(`CREATE SCHEMA IF NOT EXISTS rampart; ${identityTables}`);
  return sql;
}

/** An embedded database with the tables of identity. */
export async function openTestDatabase(): Promise<SqlStore> {
  return prepare(await openEmbedded({ dir: ':memory:', template: databaseTemplate() }));
}

/** Runs a suite on a database of its own: embedded, and on a server where there is one. */
export function onEachDatabase(suite: (sql: () => SqlStore) => void): void {
  const on = (
    name: string,
    skip: boolean,
    open: () => Promise<{ sql: SqlStore; close(): Promise<void> }>,
  ): void => {
    describe.skipIf(skip)(name, () => {
      let opened: { sql: SqlStore; close(): Promise<void> } | undefined;
      beforeAll(async () => {
        opened = await open();
      });
      afterAll(() => opened?.close());
      suite(() => opened?.sql as SqlStore);
    });
  };
  on('on the embedded database', false, async () => {
    const sql = await openTestDatabase();
    return { sql, close: () => sql.close() };
  });
  on('on a PostgreSQL server', service.absent !== undefined, async () => {
    const database = await temporaryDatabase(service.url as string);
    const sql = await prepare(await openServer({ url: database.url }));
    return {
      sql,
      async close() {
        await sql.close();
        await database.drop();
      },
    };
  });
}
