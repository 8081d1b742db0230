import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EncryptedTable, localWrapper, type KeyWrapper, secretBox } from '../../base/secrets/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { migrate, openEmbedded, openServer } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { migrations } from '../data/index.ts';
import { keyFindings } from './findings.ts';
import { Rotation } from './rotation.ts';
import { boxedTable, sealedTable, type SealedTable } from './sealed.ts';
import { KeyStore } from './store.ts';

const service = await postgresService();
const wrapping = randomBytes(32);

/** A clock that jumps to the next timer, so that nobody waits for the three seconds of a new key. */
class JumpingClock implements Clock, Timers {
  ms = 1_795_000_000_000;
  now = (): number => this.ms;
  monotonic = (): number => this.ms;
  after(delayMs: number, task: () => void): () => void {
    const handle = setImmediate(() => {
      this.ms += delayMs;
      task();
    });
    return () => clearImmediate(handle);
  }
}

/** Timers that never fire: a node that looks only when it is told to. */
const DEAF: Timers = { after: () => () => undefined };

const TABLES = `CREATE SCHEMA IF NOT EXISTS app;
CREATE TABLE app.customers (id bigint PRIMARY KEY, tenant text NOT NULL, email text, email_index text, card text, note text);
CREATE INDEX ON app.customers (email_index);`;

// Where no server is, the line of `postgresService` says so.
const databases = service.url === undefined ? [undefined] : [undefined, service.url];

describe.each(databases)('keys on the database %s', (url) => {
  let sql: SqlStore;
  let drop: (() => Promise<void>) | undefined;
  const clock = new JumpingClock();
  const audited: string[] = [];
  const errors: unknown[] = [];
  const open = async (
    more: { wrapper?: KeyWrapper; timers?: Timers; secret?: Uint8Array } = {},
  ): Promise<KeyStore> => {
    const secret = more.secret ?? wrapping;
    const store = new KeyStore({
      sql,
      clock,
      timers: more.timers ?? DEAF,
      wrapper: more.wrapper ?? localWrapper(secret, 'secret'),
      derive: (purpose) => (purpose === 'identity' ? secret : undefined),
      log: { warn: () => undefined, error: (...told) => void errors.push(told) },
      audit: (_tx, type) => Promise.resolve(void audited.push(type)),
    });
    await store.start();
    return store;
  };
  const customersOf = (store: KeyStore): EncryptedTable =>
    new EncryptedTable(
      {
        table: 'app.customers',
        key: 'id',
        tenant: 'tenant',
        columns: {
          email: { index: { column: 'email_index', normalise: (text) => text.toLowerCase() } },
          card: { purpose: 'payment' },
        },
      },
      store,
    );
  const rotationOf = (store: KeyStore, tables?: readonly SealedTable[]): Rotation =>
    new Rotation({
      sql,
      clock,
      timers: clock,
      store,
      tables: tables ?? [sealedTable(customersOf(store))],
      audit: (_tx, type) => Promise.resolve(void audited.push(type)),
    });
  const insert = async (
    store: KeyStore,
    id: number,
    email: string | null = `User${id}@example.org`,
  ): Promise<void> => {
    const row = customersOf(store).encrypt({ id, tenant: 't1', email, card: '4242424242424242', note: 'n' });
    await sql.query(
      'INSERT INTO app.customers (id, tenant, email, email_index, card, note) VALUES ($1, $2, $3, $4, $5, $6)',
      [id, 't1', row.email as string, row['email_index'] as string, row.card as string, 'n'],
    );
  };
  const fill = async (store: KeyStore, rows: number): Promise<void> => {
    await sql.script('TRUNCATE app.customers');
    for (let id = 1; id <= rows; id++) await insert(store, id);
  };
  const readAll = async (store: KeyStore): Promise<readonly Record<string, unknown>[]> =>
    customersOf(store).read((await sql.query('SELECT * FROM app.customers ORDER BY id')).rows);

  beforeAll(async () => {
    if (url === undefined) sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    else {
      const database = await temporaryDatabase(url);
      drop = () => database.drop();
      sql = await openServer({ url: database.url });
    }
    await migrate(sql, migrations);
    await sql.script(TABLES);
  });
  afterAll(async () => {
    await sql.close();
    await drop?.();
  });

  it('are made once, by however many nodes start at the same time', async () => {
    const stores = await Promise.all([open(), open(), open()]);
    const kids = stores.map((store) => [store.ring('fields').sealing().key.export().toString('hex')]);
    expect(new Set(kids.flat()).size).toBe(1);
    const keys = await stores[0].list();
    expect(keys.map(({ purpose, id, state, usable }) => [purpose, id, state, usable])).toEqual(
      ['fields', 'payment', 'index', 'hmac', 'identity'].map((purpose) => [purpose, 'k1', 'active', true]),
    );
    expect(JSON.stringify(keys)).not.toContain('rw1');
  });

  it('seal by a new key only once every node could have read it', async () => {
    const writer = await open();
    const reader = await open();
    const { id } = await writer.add('hmac', 'test');
    expect(writer.ring('hmac').sealing().id).toBe('k1');
    expect(reader.ring('hmac').knows(id)).toBe(false);
    await reader.refresh();
    expect(reader.ring('hmac').find(id)).toBeDefined();
    expect(reader.ring('hmac').sealing().id).toBe('k1');
    clock.ms += 3_000;
    expect(reader.ring('hmac').sealing().id).toBe(id);
    expect(writer.ring('hmac').sealing().id).toBe(id);
    expect(audited).toContain('KEY_ADDED');
  });

  it('are rotated: everything is sealed anew, found by its index, and the old key retires', async () => {
    const store = await open();
    await fill(store, 250);
    const before = await readAll(store);
    const rotation = rotationOf(store);
    for (const purpose of ['fields', 'payment', 'index'] as const) {
      const old = store.ring(purpose).sealing().id;
      expect(await rotation.begin(purpose, 'test')).toBe(true);
      const seen: number[] = [];
      const done = await rotation.run(purpose, {
        by: 'test',
        batchRows: 40,
        onProgress: ({ tables }) => void seen.push(tables[0]?.rowsDone ?? 0),
      });
      expect(done?.tables).toEqual([
        { table: 'app.customers', rowsTotal: 250, rowsDone: 250, unreadable: 0 },
      ]);
      expect(done?.endedAtMs).not.toBeNull();
      expect(seen).toEqual([40, 80, 120, 160, 200, 240, 250]);
      const kid = store.ring(purpose).sealing().id;
      expect(kid).not.toBe(old);
      expect([...(await rotation.counts(purpose))]).toEqual([[kid, 250]]);
      expect(await rotation.retireUnused(purpose, 'test')).toEqual({ retired: [old], kept: [] });
      expect(store.ring(purpose).find(old)).toBeUndefined();
      expect(await rotation.run(purpose, { by: 'test' })).toBeUndefined();
    }
    expect(await readAll(store)).toEqual(before);
    const entries = customersOf(store).lookup('email', 'USER7@example.org', 't1');
    const found = await sql.query('SELECT id FROM app.customers WHERE email_index = ANY($1)', [entries]);
    expect(found.rows.map((row) => row['id'])).toEqual([7]);
    expect(audited).toEqual(expect.arrayContaining(['KEY_ROTATED', 'KEY_RETIRED']));
  });

  it('go on where they were, in another process', async () => {
    const store = await open();
    await fill(store, 100);
    const rotation = rotationOf(store);
    await rotation.begin('fields', 'test');
    const stop = new AbortController();
    const half = await rotation.run('fields', {
      by: 'test',
      batchRows: 30,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(half?.endedAtMs).toBeNull();
    expect(half?.tables[0]).toMatchObject({ rowsTotal: 100, rowsDone: 30 });
    const other = await open();
    expect(await rotationOf(other).begin('fields', 'test')).toBe(false);
    const done = await rotationOf(other).run('fields', { by: 'test', batchRows: 30 });
    expect(done?.tables[0]).toMatchObject({ rowsTotal: 100, rowsDone: 100, unreadable: 0 });
    expect(await readAll(store)).toHaveLength(100);
  });

  it('never lose what an application writes meanwhile, by an old key or a new one', async () => {
    const store = await open();
    const slow = await open();
    await fill(store, 60);
    const customers = customersOf(slow);
    const rotation = rotationOf(store);
    await rotation.begin('fields', 'test');
    let turn = 0;
    const result = await rotation.run('fields', {
      by: 'test',
      batchRows: 10,
      async onProgress() {
        // Behind the cursor, by a node that has not heard of the new key.
        turn += 1;
        if (turn > 6) return;
        const row = customers.encrypt({ id: turn, tenant: 't1', email: `changed${turn}@example.org` });
        await sql.query('UPDATE app.customers SET email = $2, email_index = $3 WHERE id = $1', [
          turn,
          row.email as string,
          row['email_index'] as string,
        ]);
      },
    });
    expect(result?.endedAtMs).not.toBeNull();
    const rows = await readAll(store);
    expect(rows.slice(0, 6).map((row) => row['email'])).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `changed${n}@example.org`),
    );
    expect([...(await rotation.counts('fields')).keys()]).toEqual([store.ring('fields').sealing().id]);
    // The node that never looked reads the keys as soon as a row names one that it does not know.
    expect(await readAll(slow)).toEqual(rows);
  });

  it('do not overwrite a row that changed between reading and writing', async () => {
    const store = await open();
    await fill(store, 3);
    const customers = customersOf(store);
    const inner = sealedTable(customers);
    let raced = false;
    const racing: SealedTable = {
      ...inner,
      columns: inner.columns.map((column) => ({
        ...column,
        reseal(row) {
          if (column.name === 'email' && row['id'] === 2 && !raced) raced = true;
          return column.reseal(row);
        },
      })),
    };
    const guarded: SqlStore = {
      ...sql,
      query: (text, values) => sql.query(text, values),
      withLock: (name, work) => sql.withLock(name, work),
      async transaction(work) {
        if (raced) {
          raced = false;
          const row = customers.encrypt({ id: 2, tenant: 't1', email: 'newer@example.org' });
          await sql.query('UPDATE app.customers SET email = $1 WHERE id = 2', [row.email as string]);
        }
        return sql.transaction(work);
      },
    };
    const rotation = new Rotation({
      sql: guarded,
      clock,
      timers: clock,
      store,
      tables: [racing],
      audit: () => Promise.resolve(),
    });
    await rotation.begin('fields', 'test');
    await rotation.run('fields', { by: 'test' });
    expect((await readAll(store)).map((row) => row['email'])).toEqual([
      'User1@example.org',
      'newer@example.org',
      'User3@example.org',
    ]);
  });

  it('leave fields that cannot be opened as they are, count them, and keep their key', async () => {
    const store = await open();
    await fill(store, 20);
    const { rows } = await sql.query('SELECT email FROM app.customers WHERE id = 1');
    await sql.query('UPDATE app.customers SET email = $1 WHERE id = 2', [rows[0]?.['email'] as string]);
    await sql.query("UPDATE app.customers SET email = 'plain@example.org' WHERE id = 3");
    const rotation = rotationOf(store);
    const old = store.ring('fields').sealing().id;
    await rotation.begin('fields', 'test');
    const done = await rotation.run('fields', { by: 'test', batchRows: 7 });
    expect(done?.tables[0]).toMatchObject({ unreadable: 2 });
    expect(Object.fromEntries(await rotation.counts('fields'))).toEqual({
      '': 1,
      [old]: 1,
      [done?.keyId ?? '']: 18,
    });
    expect((await rotation.retireUnused('fields', 'test')).kept).toContain(old);
    expect(store.ring('fields').find(old)).toBeDefined();
  });

  it('rotate what identity seals: old texts open, and are sealed anew', async () => {
    const store = await open();
    const legacy = secretBox([{ id: 'k1', key: wrapping }]);
    await sql.query(
      "INSERT INTO rampart.identity_totp (id, account, secret, last_step, created_at_ms) VALUES ('fac_1', 'a', $1, 0, 0)",
      [legacy.seal('JBSWY3DP', 'identity_totp.secret fac_1')],
    );
    const box = secretBox(store.ring('identity'));
    const { SEALED_COLUMNS } = await import('../../modules/identity/index.ts');
    const rotation = rotationOf(
      store,
      SEALED_COLUMNS.map((column) => boxedTable(column, box)),
    );
    await rotation.begin('identity', 'test');
    await rotation.run('identity', { by: 'test' });
    const { rows } = await sql.query('SELECT secret FROM rampart.identity_totp');
    const text = rows[0]?.['secret'] as string;
    expect(text).toMatch(/^rb1\.k2\./);
    expect(Buffer.from(box.open(text, 'identity_totp.secret fac_1')).toString()).toBe('JBSWY3DP');
    expect((await rotation.retireUnused('identity', 'test')).retired).toEqual(['k1']);
  });

  it('that sign are kept by a rotation, for nothing proves that what they signed is gone', async () => {
    const store = await open();
    const rotation = rotationOf(store);
    const old = store.ring('hmac').sealing().id;
    await rotation.begin('hmac', 'test');
    await rotation.run('hmac', { by: 'test' });
    expect(store.ring('hmac').sealing().id).not.toBe(old);
    const left = await rotation.retireUnused('hmac', 'test');
    expect(left.retired).toEqual([]);
    expect(left.kept).toContain(old);
    expect(store.ring('hmac').find(old)).toBeDefined();
    expect((await rotation.retireUnused('hmac', 'test', 'retire')).retired).toContain(old);
    expect(store.ring('hmac').find(old)).toBeUndefined();
  });

  it('are retired only when they seal nothing, and can be taken back', async () => {
    const store = await open();
    const active = store.ring('payment').sealing().id;
    await expect(store.retire('payment', active, 'test')).rejects.toMatchObject({ status: 409 });
    await expect(store.retire('payment', 'k99', 'test')).rejects.toMatchObject({ status: 404 });
    await store.restore('payment', 'k1', 'test');
    expect(store.ring('payment').find('k1')).toBeDefined();
    expect(store.ring('payment').sealing().id).toBe(active);
    await store.retire('payment', 'k1', 'test');
    await expect(store.restore('payment', active, 'test')).rejects.toMatchObject({ status: 404 });
  });

  it('of another wrapping key are told, and seal nothing', async () => {
    errors.length = 0;
    const stranger = await open({ secret: randomBytes(32) });
    expect(() => stranger.ring('fields').sealing()).toThrow('No key for');
    const keys = await stranger.list();
    expect(keys.filter(({ purpose, usable }) => purpose === 'fields' && usable)).toEqual([]);
    const told = errors.length;
    expect(told).toBeGreaterThan(0);
    await stranger.refresh();
    expect(errors).toHaveLength(told);
    expect(keyFindings(keys, clock.ms).some(({ level }) => level === 'error')).toBe(true);
  });

  it('are used again when what unwraps them has come back', async () => {
    let isAway = true;
    const inner = localWrapper(wrapping, 'secret');
    const wrapper: KeyWrapper = {
      ...inner,
      unwrap: (text, context) => (isAway ? Promise.reject(new Error('away')) : inner.unwrap(text, context)),
    };
    const store = await open({ wrapper });
    expect(() => store.ring('fields').sealing()).toThrow('No key for');
    isAway = false;
    await store.refresh();
    expect(store.ring('fields').sealing().id).toMatch(/^k\d+$/);
  });

  it('count their uses over all nodes', async () => {
    const [one, two] = [await open(), await open()];
    const usesOf = async (): Promise<number> =>
      (await one.list()).find(({ purpose, state }) => purpose === 'payment' && state === 'active')?.uses ??
      -1;
    const before = await usesOf();
    for (let id = 0; id < 5; id++) {
      customersOf(one).encrypt({ id, tenant: 't', card: '1' });
      customersOf(two).encrypt({ id, tenant: 't', card: '1' });
    }
    await one.flushUses();
    await two.close();
    expect((await usesOf()) - before).toBe(10);
    await one.refresh();
    expect(one.ring('payment').sealing().uses).toBe(await usesOf());
  });

  it('are found to be old, and near their bound', () => {
    const key = {
      purpose: 'fields',
      id: 'k1',
      state: 'active',
      wrapper: 'secret',
      usable: true,
      createdAtMs: 0,
      createdBy: 'x',
      writesFromMs: 0,
      retiredAtMs: null,
      uses: 0,
    } as const;
    const day = 86_400_000;
    expect(keyFindings([key], 365 * day)).toEqual([]);
    expect(keyFindings([key], 366 * day)).toEqual([
      expect.objectContaining({ level: 'warning', remedy: 'rampart keys rotate fields' }),
    ]);
    expect(keyFindings([{ ...key, uses: 2 ** 29 }], 0)[0]?.text).toContain('536,870,912');
    expect(keyFindings([{ ...key, state: 'retired', usable: false }], 999 * day)).toEqual([]);
  });
});
