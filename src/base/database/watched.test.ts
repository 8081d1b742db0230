import { createServer, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { openEmbedded } from '../../stores/postgres/index.ts';
import { ManualClock } from '../../testing/clock.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { QueryLog, type SlowNotice } from './query-log.ts';
import { type RepeatNotice, repeatWatch } from './repeated.ts';
import { asRequest, watchHttpRequests } from './request-scope.ts';
import { StatementCache } from './statement.ts';
import { watchSql } from './watched.ts';

const shapeOf = (text: string): string => new StatementCache().read(text).shape;

describe('the log of statements', () => {
  const made = (options = {}) => {
    const clock = new ManualClock();
    const told: SlowNotice[] = [];
    return { clock, told, log: new QueryLog(options, { clock, onSlow: (notice) => void told.push(notice) }) };
  };

  it('counts above the first bound and lists above the second, without values', () => {
    const { log, told } = made();
    log.record('SELECT 1', 5, false, shapeOf);
    log.record('SELECT 1', 100, false, shapeOf);
    log.record("SELECT * FROM users WHERE email = 'ada@example.com'", 1_500, false, shapeOf);
    log.record("SELECT * FROM users WHERE email = 'bob@example.com'", 2_500, true, shapeOf);
    const summary = log.summary();
    expect(summary).toMatchObject({
      total: 4,
      counted: 3,
      slow: 2,
      failures: 1,
      countedMs: 100,
      slowMs: 1_000,
    });
    expect(summary.statements).toMatchObject([
      { shape: 'SELECT * FROM users WHERE email = ?', calls: 2, failures: 1, totalMs: 4_000, maxMs: 2_500 },
    ]);
    expect(JSON.stringify([summary, told])).not.toContain('example.com');
  });

  it('tells of each shape once a minute', () => {
    const { clock, log, told } = made();
    for (let i = 0; i < 5; i += 1) log.record(`SELECT ${i}`, 2_000, false, shapeOf);
    log.record('SELECT a', 2_000, false, shapeOf);
    expect(told.map(({ shape }) => shape)).toEqual(['SELECT ?', 'SELECT a']);
    clock.advance(60_000);
    log.record('SELECT 9', 3_000, false, shapeOf);
    expect(told.at(-1)).toMatchObject({ shape: 'SELECT ?', durationMs: 3_000 });
  });

  it('never holds more shapes than it may, and keeps those that took most', () => {
    const { log } = made({ maxStatements: 10 });
    log.record('SELECT costly', 60_000, false, shapeOf);
    for (let i = 0; i < 1_000; i += 1) log.record(`SELECT a${i}`, 1_000, false, shapeOf);
    const { statements, forgotten } = log.summary();
    expect(statements).toHaveLength(10);
    expect(statements[0]?.shape).toBe('SELECT costly');
    expect(forgotten).toBe(991);
  });

  it('refuses bounds that make no sense', () => {
    expect(() => made({ slow: 'soon' })).toThrow('database.queries.slow');
    expect(() => made({ max: 1 })).toThrow('database.queries');
  });
});

describe('a store whose statements are watched', () => {
  let plain: SqlStore;
  beforeAll(async () => {
    plain = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
  });
  afterAll(() => plain.close());

  const watched = (limit = 3) => {
    const clock = new ManualClock();
    const statements = new StatementCache();
    const events: unknown[] = [];
    const notices: RepeatNotice[] = [];
    const log = new QueryLog({}, { clock });
    const store = watchSql(plain, {
      clock,
      log,
      statements,
      events: { emit: (type, fields) => void events.push([type, fields]) },
      repeated: repeatWatch(limit, statements, { clock, notice: (notice) => void notices.push(notice) }),
    });
    return { clock, events, log, notices, store };
  };

  it('times statements inside and outside of transactions, and works as before', async () => {
    const { clock, log, store } = watched();
    expect(store.kind).toBe('embedded');
    expect((await store.query('SELECT $1::int AS v', [7])).rows).toEqual([{ v: 7 }]);
    await store.transaction(async (sql) => {
      const answer = sql.query('SELECT 1 AS slow_one');
      clock.advance(1_200);
      await answer;
    });
    await store.script('CREATE TABLE IF NOT EXISTS watched (a int)');
    expect(log.summary()).toMatchObject({ total: 2, slow: 1, statements: [{ maxMs: 1_200 }] });
    expect(log.summary().statements[0]?.shape).toBe('SELECT ? AS slow_one');
  });

  it('tells of errors that no fixed statement has, at most every ten seconds, without the text', async () => {
    const { clock, events, store } = watched();
    const wrong = (): Promise<unknown> => store.query("SELEC 'secret'").catch(() => undefined);
    await wrong();
    await wrong();
    await store.query("SELECT 'x'::int").catch(() => undefined);
    expect(events).toEqual([
      ['DATABASE_ERROR', { outcome: 'failure', details: { code: '42601', count: 1 } }],
    ]);
    clock.advance(10_000);
    await wrong();
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject(['DATABASE_ERROR', { details: { count: 2 } }]);
  });

  it('notices what one request asks again and again, with the place, and only within one request', async () => {
    const { notices, store } = watched(3);
    const ask = (sql: SqlRunner, n: number): Promise<unknown> => sql.query('SELECT $1::int', [n]);
    for (let i = 0; i < 10; i += 1) await asRequest(() => ask(store, i));
    for (let i = 0; i < 10; i += 1) await ask(store, i);
    expect(notices).toEqual([]);
    await asRequest(async () => {
      for (let i = 0; i < 3; i += 1) await ask(store, i);
      expect(notices).toEqual([]);
      for (let i = 0; i < 9; i += 1) await ask(store, i);
    });
    expect(notices).toEqual([
      { shape: 'SELECT ?::int', count: 4, place: expect.stringMatching(/watched\.test\.ts:\d+$/) as unknown },
    ]);
  });

  it('knows the requests of Node’s servers by itself, each its own', async () => {
    const { notices, store } = watched(3);
    const stop = watchHttpRequests();
    const server = createServer((incoming, outgoing) => {
      const many = incoming.url === '/many' ? 5 : 2;
      void (async () => {
        for (let i = 0; i < many; i += 1) await store.query('SELECT 1 AS per_request');
        outgoing.end();
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const get = (path: string): Promise<void> =>
      new Promise((resolve, reject) => {
        request({ port, path, host: '127.0.0.1' }, (answer) => answer.resume().on('end', resolve))
          .on('error', reject)
          .end();
      });
    await get('/few');
    await get('/few');
    await Promise.all([get('/few'), get('/few')]);
    expect(notices).toEqual([]);
    await get('/many');
    expect(notices).toMatchObject([{ shape: 'SELECT ? AS per_request', count: 4 }]);
    stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
