import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { markEnvironment, mismatchWords } from '../base/database/environment-stamp.ts';
import { defineEvents } from '../core/own-events.ts';
import { createLogger } from '../base/observe/index.ts';
import { openDatabase } from '../doors/database.ts';
import { migrate, openServer } from '../stores/postgres/index.ts';
import { postgresService, temporaryDatabase } from '../testing/services.ts';
import { migrations, QueryReportStore } from './data/index.ts';
import { attach, type Attached, type AttachOptions } from './attach.ts';
import { keepEventParts } from './attach-event-parts.ts';
import { keepRetention } from './attach-retention.ts';
import type { RampartConfig } from './config.ts';
import { productionFaults } from './production-checks.ts';

vi.mock('./attach-retention.ts', { spy: true });
vi.mock('./attach-event-parts.ts', { spy: true });

const NONE = { databaseUrl: '', redisUrl: '' };
const LONG = 'q8Zr1vWk3xTb6yLm9nPd2sGf5hJc7aEu';
let dataDir = '';
let open: Attached | undefined;
const attached = async (options: AttachOptions = {}, config: RampartConfig = {}): Promise<Attached> => {
  open = await attach(config, { dataDir, ...NONE, ...options });
  return open;
};
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rampart-attach-'));
  for (const name of ['RAMPART_SECRET', 'RAMPART_NODES', 'NODE_TLS_REJECT_UNAUTHORIZED'])
    vi.stubEnv(name, '');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await open?.close();
  open = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a Rampart inside an application, in production', () => {
  const faults: readonly (readonly [Record<string, string>, AttachOptions])[] = [
    [{ RAMPART_SECRET: 'change-me-change-me-change-me-change-me' }, {}],
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, {}],
    [{ RAMPART_NODES: '2' }, {}],
    [{}, { databaseUrl: 'postgres://db.example.com/x?sslmode=disable' }],
  ];
  it.each(faults)('is refused with %j in the words of the start', async (env, options) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    vi.stubEnv('NODE_ENV', 'production');
    const [fault] = productionFaults({
      production: true,
      secret: env['RAMPART_SECRET'],
      databaseUrl: options.databaseUrl,
      redisUrl: undefined,
      nodes: Number(env['RAMPART_NODES'] ?? 1),
      trustsAnyCertificate: env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
    });
    expect(fault).toBeDefined();
    await expect(attached(options)).rejects.toThrow(`${fault?.path}: ${fault?.reason}. ${fault?.remedy}`);
  });

  it('starts without a fault', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    vi.stubEnv('RAMPART_SECRET', LONG);
    expect((await attached()).house.node).not.toBe('');
  });

  it('does not hinder development', async () => {
    vi.stubEnv('NODE_ENV', 'development');
    vi.stubEnv('RAMPART_SECRET', 'change-me-change-me-change-me-change-me');
    vi.stubEnv('RAMPART_NODES', '2');
    expect((await attached()).house.node).not.toBe('');
  });
});

describe('a Rampart inside an application, without a database', () => {
  it('says that nothing is sent to the sinks that it was given', async () => {
    const lines: string[] = [];
    const log = createLogger({ sink: { write: (line) => void lines.push(line) } });
    open = await attach({ sinks: { out: { kind: 'log' } } }, { dataDir, ...NONE, log });
    expect(lines.filter((line) => line.includes('Nothing is sent to sinks'))).toHaveLength(1);
    await open.close();
    lines.length = 0;
    await attached({ log });
    expect(lines.join()).not.toContain('sinks');
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('a Rampart inside an application, on a server', () => {
  let migrated: Awaited<ReturnType<typeof temporaryDatabase>>;
  let database: Awaited<ReturnType<typeof temporaryDatabase>>;
  beforeAll(async () => {
    migrated = await temporaryDatabase(service.url as string);
    const sql = await openServer({ url: migrated.url });
    await migrate(sql, migrations);
    await sql.close();
  });
  afterAll(() => migrated.drop());
  beforeEach(async () => {
    database = await temporaryDatabase(service.url as string, migrated.url);
  });
  afterEach(async () => {
    await open?.close();
    open = undefined;
    await database.drop();
  });

  it('marks its database, and is refused on one that is marked for something else', async () => {
    const databaseUrl = database.url;
    await (await attached({ databaseUrl })).close();
    const sql = await openServer({ url: databaseUrl });
    try {
      expect((await sql.query('SELECT name FROM rampart.environment')).rows).toEqual([{ name: 'test' }]);
      await markEnvironment(sql, 'production', 1);
    } finally {
      await sql.close();
    }
    open = undefined;
    const refused = attached({ databaseUrl });
    await expect(refused).rejects.toMatchObject({ code: 'ENVIRONMENT_MISMATCH' });
    await expect(refused).rejects.toThrow(mismatchWords('production', 'test'));
  });

  it('gives audit events their places in the log and signs them, as a node does', async () => {
    const rampart = await attached({ databaseUrl: database.url });
    const sql = await openServer({ url: database.url });
    try {
      await sql.transaction((tx) => rampart.audit(tx, 'CONFIGURATION_CHANGE', { actor: 'user:7' }));
      await rampart.close();
      open = undefined;
      const { rows } = await sql.query('SELECT size, node FROM rampart.audit_checkpoints');
      expect(rows).toEqual([{ size: 1, node: rampart.house.node }]);
    } finally {
      await sql.close();
    }
  });

  it('keeps its records for the times of its configuration, and stops with the application', async () => {
    const rampart = await attached(
      { databaseUrl: database.url },
      { retention: { events: { signals: '7d' } } },
    );
    const [given] = vi.mocked(keepRetention).mock.lastCall ?? [];
    expect(given?.config.retention.signalsMs).toBe(7 * 86_400_000);
    expect(given?.ground.sql.kind).toBe('server');
    expect(vi.mocked(keepEventParts).mock.lastCall?.[0]).toBe(given?.ground.sql);
    await rampart.close();
    open = undefined;
    await expect(given?.ground.sql.query('SELECT 1')).rejects.toThrow();
  });

  it('detects what it tells and what is audited through it, and keeps the detections', async () => {
    const rampart = await attached({ databaseUrl: database.url });
    const sql = await openServer({ url: database.url });
    rampart.house.events.emit('REFRESH_REUSE', { subject: 'usr_bob' });
    const details = { count: 5_000 };
    await sql.transaction((tx) => rampart.audit(tx, 'DATA_VIEWED', { actor: 'user:7', details }));
    await rampart.close();
    open = undefined;
    const found = await sql.query(
      `SELECT details->>'rule' AS rule FROM rampart.events WHERE details->>'detection' IS NOT NULL ORDER BY 1`,
    );
    expect(found.rows).toEqual([{ rule: 'mass_read' }, { rule: 'refresh_reuse' }]);
    await sql.close();
  });

  it('keeps events of the application: a signal through the journal, an audit event with its act or not at all', async () => {
    const kitchen = defineEvents({
      ORDER_REFUNDED: {
        class: 'audit',
        severity: 'HIGH',
        about: 'An order was refunded: {amountMinor}.',
        details: z.object({ amountMinor: z.number() }),
      },
      KITCHEN_CLOSED: { class: 'signal', severity: 'LOW', about: 'A kitchen takes no orders.' },
    });
    const config: RampartConfig = {
      events: kitchen,
      detect: {
        rules: {
          refunds: {
            title: 'A refund',
            description: '{count} refunds.',
            on: ['ORDER_REFUNDED'],
            window: '1m',
            severity: 'HIGH',
          },
        },
      },
    };
    const rampart = await attached({ databaseUrl: database.url }, config);
    const own = rampart.events(kitchen);
    const sql = await openServer({ url: database.url });
    try {
      own.emit('KITCHEN_CLOSED', { subject: 'kitchen:1' });
      const fields = { actor: 'user:7', subject: 'order:1', details: { amountMinor: 500, card: '4111' } };
      await sql.transaction((tx) => own.audit(tx, 'ORDER_REFUNDED', fields));
      const undone = sql.transaction(async (tx) => {
        await own.audit(tx, 'ORDER_REFUNDED', { details: { amountMinor: 9 } });
        // Counted twice, it would be told twice.
        await own.audit(tx, 'ORDER_REFUNDED', { details: { amountMinor: 10 } });
        throw new Error('the act failed');
      });
      await expect(undone).rejects.toThrow('the act failed');
      const wrong = sql.transaction((tx) =>
        own.audit(tx, 'ORDER_REFUNDED', { details: { amountMinor: 'x' as never } }),
      );
      await expect(wrong).rejects.toMatchObject({ code: 'EVENT_DETAILS_INVALID' });
      await rampart.close();
      open = undefined;
      const { rows } = await sql.query(
        `SELECT type, class, severity, subject, details, audit_seq IS NOT NULL AS placed FROM rampart.events
         WHERE type IN ('ORDER_REFUNDED', 'KITCHEN_CLOSED') ORDER BY type`,
      );
      expect(rows).toEqual([
        {
          type: 'KITCHEN_CLOSED',
          class: 'signal',
          severity: 'LOW',
          subject: 'kitchen:1',
          details: {},
          placed: false,
        },
        {
          type: 'ORDER_REFUNDED',
          class: 'audit',
          severity: 'HIGH',
          subject: 'order:1',
          details: { amountMinor: 500 },
          placed: true,
        },
      ]);
      const { rows: seen } = await sql.query(
        "SELECT count(*)::int AS n FROM rampart.events WHERE type = 'DETECTION' AND details->>'rule' = 'refunds'",
      );
      expect(seen).toEqual([{ n: 1 }]);
      const stranger = defineEvents({ OTHER_THING: { class: 'signal', severity: 'LOW', about: 'Another.' } });
      expect(() => rampart.events(stranger)).toThrow(/events.OTHER_THING: is not in the configuration/);
    } finally {
      await sql.close();
    }
  });

  it('shows the slow statements of a database to all nodes, without values, also after its end', async () => {
    const rampart = await attached({ databaseUrl: database.url });
    const queries = { counted: '1ms', slow: '1ms' } as const;
    const asked: string[] = [];
    for (const [url, text] of [
      [database.url, "SELECT pg_sleep(0.005), 'hush' AS secret"],
      [undefined, 'SELECT count(*) FROM generate_series(1, 200000) WHERE 7 < 8'],
    ] as const) {
      const db = await openDatabase({ ...(url ? { url } : { dir: ':memory:' }), queries }, { rampart });
      await db.query(text);
      asked.push(...db.queries().statements.map(({ shape }) => shape));
      await db.close();
    }
    const sql = await openServer({ url: database.url });
    try {
      const store = new QueryReportStore(sql);
      const sources = await store.sources();
      const name = new URL(database.url).pathname.slice(1);
      expect(sources.map(({ source }) => source).toSorted()).toEqual(['embedded', name].toSorted());
      expect(new Set(sources.map(({ node }) => node))).toEqual(new Set([rampart.house.node]));
      const reports = await Promise.all(
        sources.map(({ node, source }) => store.find(node, source).then((found) => found?.report)),
      );
      const shapes = reports.flatMap((report) => report?.statements.map(({ shape }) => shape) ?? []);
      expect(new Set(shapes)).toEqual(new Set(asked));
      expect(asked).toHaveLength(2);
      expect(JSON.stringify(reports)).not.toContain('hush');
    } finally {
      await sql.close();
    }
  });

  it('writes down in the same transaction who reads sensitive rows, also under row-level security', async () => {
    const rampart = await attached({ databaseUrl: database.url });
    const owner = await openServer({ url: database.url });
    const role = `rampart_app_${database.url
      .split('/')
      .at(-1)
      ?.replaceAll(/[^a-z0-9]/g, '')
      .slice(-20)}`;
    const db = await openDatabase({ url: database.url, role }, { rampart });
    const act = { actor: 'user:7', rows: 'payouts', purpose: 'ticket 4711' };
    const events = async (): Promise<readonly unknown[]> =>
      (await owner.query('SELECT actor, subject, details FROM rampart.events')).rows;
    try {
      await owner.script(`CREATE TABLE payouts (id text, owner text, iban text);
        INSERT INTO payouts VALUES ('p1', 'user:7', 'DE1'), ('p2', 'user:8', 'DE2');
        CREATE ROLE ${role} NOLOGIN; GRANT SELECT ON payouts TO ${role}; ALTER TABLE payouts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON payouts USING (owner = current_setting('rampart.user', true));`);
      const read = async (sql: Pick<typeof owner, 'query'>) =>
        (await sql.query('SELECT * FROM payouts')).rows;
      const idOf = (row: Record<string, unknown>): string => String(row['id']);
      let inside = -1;
      await db.readSensitive(
        act,
        async (sql) => {
          const rows = await read(sql);
          inside = (await events()).length;
          return rows;
        },
        idOf,
      );
      const principal = { id: 'user:7', kind: 'user', roles: [] } as const;
      expect(await db.readSensitive(act, read, idOf, principal)).toMatchObject([{ id: 'p1' }]);
      const line = { actor: 'user:7', subject: 'payouts' };
      expect(inside).toBe(0);
      expect(await events()).toEqual([
        { ...line, details: { purpose: 'ticket 4711', count: 2, ids: 'p1,p2' } },
        { ...line, details: { purpose: 'ticket 4711', count: 1, ids: 'p1' } },
      ]);
      const broken = (): Promise<never> => Promise.reject(new Error('no such row'));
      await expect(db.readSensitive(act, broken, idOf, principal)).rejects.toThrow('no such row');
      const within = db.withPrincipal(principal, () => db.readSensitive(act, read, idOf, principal));
      await expect(within).rejects.toMatchObject({ code: 'DATABASE_SCOPE' });
      // Without the table nothing is handed out.
      await owner.script('ALTER TABLE rampart.events RENAME TO events_elsewhere');
      for (const who of [undefined, principal])
        await expect(db.readSensitive(act, read, idOf, who)).rejects.toMatchObject({
          code: 'AUDIT_UNAVAILABLE',
        });
      await owner.script('ALTER TABLE rampart.events_elsewhere RENAME TO events');
      expect(await events()).toHaveLength(2);
    } finally {
      await db.close();
      await owner.script(`DROP OWNED BY ${role}; DROP ROLE ${role}`).catch(() => undefined);
      await owner.close();
    }
  });

  it('reads no sensitive rows through a database that was opened without it', async () => {
    const db = await openDatabase({ url: database.url });
    const act = { actor: 'user:7', rows: 'payouts', purpose: 'ticket 4711' };
    const read = db.readSensitive(act, () => Promise.resolve([]), String);
    await expect(read).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    await db.close();
  });
});
