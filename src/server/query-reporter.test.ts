import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { QueryLog, type QueryPlan } from '../base/database/index.ts';
import { createLogger } from '../base/observe/index.ts';
import type { SqlStore } from '../ports/sql.ts';
import { migrate, openEmbedded } from '../stores/postgres/index.ts';
import { ManualClock } from '../testing/clock.ts';
import { MAX_QUERY_SOURCES, migrations, QUERY_REPORT_LIFE_MS, QueryReportStore } from './data/index.ts';
import { type MeasuredDatabase, QueryReporter } from './query-reporter.ts';

const plan: QueryPlan = {
  plan: {
    kind: 'Seq Scan',
    table: 'a.b',
    index: null,
    rows: 1,
    cost: 1,
    condition: null,
    sortedBy: [],
    steps: [],
  },
  suggestions: [],
};
const lines: string[] = [];
const log = createLogger({ level: 'warn', sink: { write: (line) => void lines.push(line) } });

describe('what a node knows of its statements', () => {
  let sql: SqlStore;
  let store: QueryReportStore;
  beforeAll(async () => {
    sql = await openEmbedded({ dir: ':memory:' });
    await migrate(sql, migrations);
    store = new QueryReportStore(sql);
  });
  afterAll(() => sql.close());

  let clock: ManualClock;
  let queries: QueryLog;
  let asked: string[];
  let database: MeasuredDatabase;
  beforeEach(async () => {
    await sql.query('DELETE FROM rampart.query_reports');
    clock = new ManualClock();
    queries = new QueryLog({}, { clock });
    asked = [];
    database = {
      queries: () => queries.summary(),
      async plan(id) {
        asked.push(id);
        if (asked.length === 2) throw new Error('the table is gone');
        return plan;
      },
    };
  });
  const slow = (text: string, ms = 1_500): void => queries.record(text, ms, false, (one) => one);
  const reporter = (to: Pick<QueryReportStore, 'save'> = store): QueryReporter =>
    new QueryReporter('shop', database, { node: 'n1', store: to, clock, timers: clock, log });

  it('is written every ten seconds where there is something new, with plans, a few at a time', async () => {
    const own = reporter();
    for (const text of ['SELECT a', 'SELECT b', 'SELECT c', 'SELECT d']) slow(text);
    await own.write();
    expect(asked).toHaveLength(3);
    const first = await store.find('n1', 'shop');
    expect(first?.report).toMatchObject({ slow: 4, total: 4 });
    const plans = Object.values(first?.report.plans ?? {});
    expect(plans.filter((one) => one === null)).toHaveLength(1);
    expect(plans).toContainEqual(plan);
    await own.write();
    expect(Object.keys((await store.find('n1', 'shop'))?.report.plans ?? {})).toHaveLength(4);
    clock.advance(60_000);
    queries.record('SELECT fast', 1, false, (one) => one);
    await own.write();
    expect((await store.find('n1', 'shop'))?.report.total).toBe(4);
    clock.advance(5 * 60_000);
    await own.write();
    expect((await store.find('n1', 'shop'))?.report.total).toBe(5);
    expect(asked).toHaveLength(4);
    await own.stop();
  });

  it('is bounded, and written again after the database was away', async () => {
    for (let i = 0; i < 150; i++) slow(`SELECT ${i} FROM t`, 1_000 + i);
    let away = true;
    const own = reporter({
      save: (...given) => (away ? Promise.reject(new Error('away')) : store.save(...given)),
    });
    await own.write();
    expect(lines.at(-1)).toContain('could not be written');
    expect(await store.find('n1', 'shop')).toBeUndefined();
    away = false;
    await own.write();
    const kept = await store.find('n1', 'shop');
    expect(kept?.report.statements).toHaveLength(100);
    expect(kept?.report.statements[0]?.shape).toBe('SELECT 149 FROM t');
    await own.stop();
  });

  it('is written a last time at the end, and never after', async () => {
    const own = reporter();
    own.start();
    slow('SELECT a');
    await own.stop();
    expect((await store.find('n1', 'shop'))?.report.slow).toBe(1);
    slow('SELECT b');
    await own.stop();
    clock.advance(60_000);
    expect((await store.find('n1', 'shop'))?.report.slow).toBe(1);
  });

  it('is forgotten of nodes that are silent for a week, and of the oldest beyond 200', async () => {
    const report = { ...queries.summary(), plans: {} };
    const now = QUERY_REPORT_LIFE_MS * 2;
    await store.save('gone', 'shop', report, now - QUERY_REPORT_LIFE_MS - 1);
    for (let i = 0; i < MAX_QUERY_SOURCES + 2; i++) await store.save(`n${i}`, 'shop', report, now - i);
    expect(await store.sources()).toHaveLength(MAX_QUERY_SOURCES);
    expect(await store.prune(now)).toBe(3);
    expect(await store.prune(now)).toBe(0);
    expect((await store.sources())[0]).toEqual({ node: 'n0', source: 'shop', atMs: now, slow: 0 });
    expect(await store.find(`n${MAX_QUERY_SOURCES + 1}`, 'shop')).toBeUndefined();
  });
});
