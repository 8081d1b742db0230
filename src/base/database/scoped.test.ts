import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded, openServer } from '../../stores/postgres/index.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import type { DatabasePrincipal } from './principal.ts';
import { type PrincipalScope, principalScope } from './scoped.ts';
import { notesOf } from './test-scope.ts';

const user = (n: number): DatabasePrincipal => ({ id: `user:${n}`, kind: 'user', roles: ['customer'] });
const owners = async (sql: SqlRunner): Promise<readonly unknown[]> => {
  const { rows } = await sql.query('SELECT owner FROM notes');
  return [...new Set(rows.map((row) => row['owner']))];
};

/** What holds on both columns. */
function scopes(open: () => Promise<{ store: SqlStore; remove(): Promise<void> }>): void {
  let store: SqlStore;
  let scope: PrincipalScope;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const opened = await open();
    store = opened.store;
    const notes = await notesOf(store, 5);
    scope = principalScope(store, { role: notes.role });
    close = async () => {
      await notes.drop();
      await opened.remove();
    };
  });
  afterAll(() => close?.());

  it('shows everybody his own rows, and nobody any without a name', async () => {
    expect(await scope.run(user(1), owners)).toEqual(['user:1']);
    expect(await scope.run(user(2), owners)).toEqual(['user:2']);
    expect(await scope.run({ ...user(1), id: '' }, owners)).toEqual([]);
  });

  it('lets nobody write for another', async () => {
    const written = scope.run(user(1), (sql) => sql.query("INSERT INTO notes VALUES (1000, 'user:2', 'x')"));
    await expect(written).rejects.toMatchObject({ code: '42501' });
    const { affected } = await scope.run(user(1), (sql) =>
      sql.query("UPDATE notes SET body = 'y' WHERE id = 2"),
    );
    expect(affected).toBe(0);
  });

  it('leaves nothing on the connection, whether the work ends well or not', async () => {
    const left = async (): Promise<unknown> =>
      (
        await store.query(
          "SELECT current_user = session_user AS own, coalesce(current_setting('rampart.user', true), '') AS name",
        )
      ).rows[0];
    await scope.run(user(1), owners);
    expect(await left()).toEqual({ own: true, name: '' });
    await expect(scope.run(user(1), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await left()).toEqual({ own: true, name: '' });
    await expect(scope.run(user(1), (sql) => sql.query('SELECT nonsense'))).rejects.toMatchObject({
      code: '42703',
    });
    expect(await left()).toEqual({ own: true, name: '' });
  });

  it('refuses a runner that was kept beyond its end', async () => {
    let kept: SqlRunner | undefined;
    await scope.run(user(1), async (sql) => void (kept = sql));
    await expect(kept?.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_SCOPE' });
  });

  it.each([
    'SET ROLE postgres',
    'RESET ROLE',
    ' /* a */ reset all',
    "SET LOCAL rampart.user = 'user:2'",
    "SELECT set_config('rampart.user', 'user:2', true)",
    "SELECT pg_catalog.\"set_config\"('rampart.user', 'user:2', true)",
    "SELECT U&\"set!005fconfig\" UESCAPE '!' ('rampart.user', 'user:2', true)",
    "UPDATE pg_settings SET setting = 'user:2' WHERE name = 'rampart.user'",
    "SELECT query_to_xml('SELECT set_config(''rampart.user'', ''user:2'', true)', true, true, '')",
    "DO $$ BEGIN PERFORM set_config('rampart.user', 'user:2', true); END $$",
    'COMMIT',
    'ROLLBACK',
    'DECLARE c CURSOR WITH HOLD FOR SELECT * FROM notes',
    'PREPARE p AS SELECT 1',
    'CREATE TEMP TABLE notes (owner text)',
  ])('does not run %s', async (text) => {
    await scope.run(user(1), async (sql) => {
      await expect(sql.query(text)).rejects.toMatchObject({ code: 'DATABASE_SCOPE' });
      expect(await owners(sql)).toEqual(['user:1']);
    });
  });

  it('joins the same principal inside, and refuses another one', async () => {
    await scope.run(user(1), async (outer) => {
      const inner = await scope.run(user(1), async (sql) => sql.query('SELECT txid_current() AS id'));
      expect(inner.rows).toEqual((await outer.query('SELECT txid_current() AS id')).rows);
      await expect(scope.run(user(2), owners)).rejects.toMatchObject({ code: 'DATABASE_SCOPE' });
      expect(scope.inside()).toBe(true);
    });
    expect(scope.inside()).toBe(false);
  });

  it('lets work that was begun inside and goes on after the end have a transaction of its own', async () => {
    const ended = Promise.withResolvers<void>();
    let later: Promise<readonly unknown[]> | undefined;
    await scope.run(user(1), async () => {
      later = ended.promise.then(() => scope.run(user(2), owners));
    });
    ended.resolve();
    expect(await later).toEqual(['user:2']);
  });

  it('ends when it is cancelled, and rolls back', async () => {
    const abort = new AbortController();
    const cancelled = scope.run(
      user(1),
      async (sql) => {
        await sql.query("UPDATE notes SET body = 'cancelled' WHERE id = 1");
        abort.abort(new Error('gone'));
        await expect(sql.query('SELECT 1')).rejects.toMatchObject({ code: 'DATABASE_SCOPE' });
        await new Promise(() => undefined);
      },
      { signal: abort.signal },
    );
    await expect(cancelled).rejects.toThrow('gone');
    const { rows } = await scope.run(user(1), (sql) => sql.query('SELECT body FROM notes WHERE id = 1'));
    expect(rows).toEqual([{ body: 'note 1' }]);
    const before = scope.run(user(1), owners, { signal: abort.signal });
    await expect(before).rejects.toThrow('gone');
  });

  it('refuses writes where it was told to read', async () => {
    const written = scope.run(user(1), (sql) => sql.query("UPDATE notes SET body = 'x'"), { readOnly: true });
    await expect(written).rejects.toMatchObject({ code: '25006' });
    expect(await scope.run(user(1), owners, { readOnly: true })).toEqual(['user:1']);
  });

  it('takes only a role that need not be quoted', () => {
    expect(() => principalScope(store, { role: 'a"; DROP' })).toThrow(TypeError);
  });
}

describe('the transaction of a principal, embedded', () => {
  scopes(async () => {
    const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    return { store, remove: () => store.close() };
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('the transaction of a principal, on a server', () => {
  const open = async (): Promise<{ store: SqlStore; remove(): Promise<void> }> => {
    const database = await temporaryDatabase(service.url as string);
    const store = await openServer({ url: database.url, max: 5, connectLimit: '1m', maxWaiting: 20_000 });
    const remove = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return { store, remove };
  };
  scopes(open);

  it('mixes up nobody: 10,000 requests of 50 users over 5 connections', { timeout: 120_000 }, async () => {
    const opened = await open();
    const { store } = opened;
    const notes = await notesOf(store, 50);
    const scope = principalScope(store, { role: notes.role });
    let foreign = 0;
    let answered = 0;
    let failed = 0;
    const look = async (sql: SqlRunner, me: DatabasePrincipal): Promise<void> => {
      const { rows } = await sql.query('SELECT owner FROM notes');
      answered += 1;
      foreign += rows.length === 3 ? rows.filter((row) => row['owner'] !== me.id).length : 1;
    };
    const ways: readonly ((me: DatabasePrincipal, next: DatabasePrincipal) => Promise<unknown>)[] = [
      (me) => scope.run(me, (sql) => look(sql, me)),
      (me) => scope.run(me, (sql) => look(sql, me), { readOnly: true }),
      // Fails in JavaScript, in SQL, and in an error that was swallowed.
      (me) => scope.run(me, (sql) => look(sql, me).then(() => Promise.reject(new Error('failed')))),
      (me) => scope.run(me, (sql) => look(sql, me).then(() => sql.query('SELECT 1 / 0'))),
      (me) => scope.run(me, (sql) => sql.query('SELECT nonsense').catch(() => undefined)),
      // Is cancelled while it asks.
      (me) => {
        const abort = new AbortController();
        const run = scope.run(me, (sql) => look(sql, me), { signal: abort.signal });
        queueMicrotask(() => abort.abort());
        return run;
      },
      // Calls inside, for himself and for another.
      (me) => scope.run(me, (sql) => look(sql, me).then(() => scope.run(me, (inner) => look(inner, me)))),
      (me, next) =>
        scope.run(me, (sql) => look(sql, me).then(() => scope.run(next, (inner) => look(inner, next)))),
      // Does not wait for its own statements, and uses its runner after the end.
      (me) => scope.run(me, async (sql) => void look(sql, me).catch(() => undefined)),
      async (me) => {
        let kept: SqlRunner | undefined;
        await scope.run(me, async (sql) => void (kept = sql));
        return kept && look(kept, me);
      },
      // Tries to become somebody else.
      (me, next) =>
        scope.run(me, (sql) => sql.query("SELECT set_config('rampart.user', $1, false)", [next.id])),
    ];
    let started = 0;
    const worker = async (): Promise<void> => {
      while (started < 10_000) {
        const n = started++;
        const way = ways[(n * 7 + Math.floor(n / 50)) % ways.length] as (typeof ways)[number];
        await way(user(n % 50), user((n + 1) % 50)).catch(() => (failed += 1));
      }
    };
    await Promise.all(Array.from({ length: 100 }, worker));
    expect(foreign).toBe(0);
    expect(answered).toBeGreaterThan(5_000);
    expect(failed).toBeGreaterThan(2_000);
    await notes.drop();
    await opened.remove();
  });
});
