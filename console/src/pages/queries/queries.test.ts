import { describe, expect, it } from 'vitest';
import type { QueryEntry, QueryPlanStep } from '../../../../src/server/api/query-types.ts';
import { arranged, COLUMNS, longTime, nextSort, orderOf, statementsOf } from './order.ts';
import { shownPlan, wholeReads } from './plan.ts';
import { formatSql, titleOf } from './sql.ts';

const format = (text: string): string =>
  formatSql(text)
    .map(({ indent, parts }) => '  '.repeat(indent) + parts.map((part) => part.text).join(''))
    .join('\n');

describe('the text of a statement', () => {
  it('has a line for each clause, join and condition', () => {
    const text =
      'SELECT o.id, c.name FROM app.orders o LEFT OUTER JOIN app.customers c ON c.id = o.customer_id WHERE o.at BETWEEN ? AND ? AND (o.a = ? OR o.b = ?) GROUP BY o.id ORDER BY o.at DESC LIMIT ?';
    expect(format(text)).toBe(
      [
        'SELECT o.id, c.name',
        'FROM app.orders o',
        'LEFT OUTER JOIN app.customers c ON c.id = o.customer_id',
        'WHERE o.at BETWEEN ? AND ?',
        '  AND (o.a = ? OR o.b = ?)',
        'GROUP BY o.id',
        'ORDER BY o.at DESC',
        'LIMIT ?',
      ].join('\n'),
    );
  });

  it('moves statements within statements in, and lists of values not', () => {
    expect(format('SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = ?) AND e IN (?)')).toBe(
      [
        'SELECT a',
        'FROM t',
        'WHERE b IN (',
        '    SELECT c',
        '    FROM u',
        '    WHERE d = ?',
        '  )',
        '  AND e IN (?)',
      ].join('\n'),
    );
  });

  it.each([
    ['INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET a = EXCLUDED.a', 2],
    ['DELETE FROM t WHERE a IS DISTINCT FROM ?', 2],
    ['SELECT a FROM t FOR UPDATE SKIP LOCKED', 2],
    ['SELECT extract(epoch FROM at) FROM t', 2],
    ['select "from", "where and" from "t or u" where a = ?', 3],
  ])('breaks %j only where a clause begins', (text, lines) => {
    expect(formatSql(text)).toHaveLength(lines);
  });

  it.each([
    'SELECT a,b FROM t WHERE ((a=?)) AND b LIKE ? || ?',
    'WITH x AS (SELECT ? AS one) SELECT * FROM x, LATERAL (SELECT x.one) y UNION ALL SELECT ?, ?',
    'REFRESH MATERIALIZED VIEW app.turnover',
    'SELECT a FROM t WHERE b = (SELECT … ',
    ') ) SELECT ( (',
    'SELECT "an open quote',
    '',
  ])('keeps every word of %j', (text) => {
    expect(format(text).replaceAll(/\s+/g, '')).toBe(text.replaceAll(/\s+/g, ''));
  });

  it('gives a title', () => {
    expect(titleOf('select a from only "app"."Orders" o')).toBe('SELECT from "app"."Orders"');
    expect(titleOf('UPDATE app.couriers SET a = ?')).toBe('UPDATE app.couriers');
    expect(titleOf('INSERT INTO t (a) SELECT b FROM u')).toBe('INSERT into t');
    expect(titleOf('VACUUM')).toBe('VACUUM');
  });
});

describe('the list of statements', () => {
  const entry = (
    id: string,
    calls: number,
    totalMs: number,
    maxMs: number,
    lastAtMs: number,
  ): QueryEntry => ({
    id,
    shape: `SELECT ${id} FROM App.${id}`,
    calls,
    failures: 0,
    totalMs,
    maxMs,
    lastMs: 0,
    p50Ms: maxMs / 4,
    p95Ms: maxMs / 2,
    p99Ms: 5_000 - maxMs,
    firstAtMs: 0,
    lastAtMs,
  });
  const statements = statementsOf([
    entry('a', 10, 6000, 900, 1),
    entry('b', 1, 3000, 3000, 3),
    entry('c', 4, 1000, 400, 2),
  ]);
  const ids = (sort?: string, typed = ''): string =>
    arranged(statements, orderOf(sort), typed)
      .map(({ id }) => id)
      .join('');

  it('knows mean and share of each', () => {
    expect(statements.map(({ meanMs }) => meanMs)).toEqual([600, 3000, 250]);
    expect(statements.map(({ share }) => share)).toEqual([0.6, 0.3, 0.1]);
    expect(statementsOf([entry('z', 0, 0, 0, 0)])[0]).toMatchObject({ meanMs: 0, share: 0 });
  });

  it('tells long sums in minutes', () => {
    expect([longTime(59_990), longTime(2_966_080)]).toEqual(['59.99 s', '49 min 26 s']);
  });

  it('is ordered by each column, both ways', () => {
    expect(COLUMNS.map((column) => ids(`-${column}`))).toEqual(['abc', 'acb', 'bac', 'cab', 'bac', 'bca']);
    expect(COLUMNS.map((column) => ids(column))).toEqual(['cba', 'bca', 'cab', 'bac', 'cab', 'acb']);
  });

  it('is ordered by time where the address says nothing that is known', () => {
    expect([ids(), ids('zzz'), ids('-constructor')]).toEqual(['abc', 'abc', 'abc']);
  });

  it('turns round when a head is pressed again, and the default leaves the address', () => {
    expect(nextSort(orderOf(undefined), 'max')).toBe('-max');
    expect(nextSort(orderOf('-max'), 'max')).toBe('max');
    expect(nextSort(orderOf('max'), 'max')).toBe('-max');
    expect(nextSort(orderOf(undefined), 'time')).toBe('time');
    expect(nextSort(orderOf('time'), 'time')).toBeUndefined();
  });

  it('is narrowed by letters, whichever case', () => {
    expect(ids(undefined, ' app.B ')).toBe('b');
    expect(ids(undefined, 'nowhere')).toBe('');
  });
});

describe('a plan', () => {
  const step = (kind: string, rest: Partial<QueryPlanStep> = {}): QueryPlanStep => ({
    kind,
    table: null,
    index: null,
    rows: 1,
    cost: 0,
    condition: null,
    sortedBy: [],
    steps: [],
    ...rest,
  });
  const shown = (plan: QueryPlanStep, ...tables: string[]) =>
    shownPlan({
      plan,
      suggestions: tables.map((table) => ({ table, columns: ['a'], statement: '', reason: '' })),
    });

  it('gives each step its own share of the work, one that stops early none', () => {
    const top = shown(
      step('Limit', {
        cost: 5,
        steps: [step('Sort', { cost: 100, steps: [step('Index Scan', { cost: 75 })] })],
      }),
    );
    expect(top.share).toBe(0);
    expect(top.steps[0]?.share).toBe(0.25);
    expect(top.steps[0]?.steps[0]?.share).toBe(0.75);
    expect(shown(step('Result')).share).toBe(0);
  });

  it('says of a large table that it is read whole: by its cost, its rows, or the index that is missing', () => {
    const scan = (rest: Partial<QueryPlanStep>) => step('Seq Scan', { table: 'app.orders', ...rest });
    const warned = (plan: QueryPlanStep, ...tables: string[]) => shown(plan, ...tables).warning;
    expect(warned(scan({ cost: 20, rows: 12 }))).toBeNull();
    expect(warned(scan({ cost: 4000, rows: 12, condition: '(a = ?)' }))).toBe(
      'Large table, read from beginning to end to find about 12 rows.',
    );
    expect(warned(scan({ cost: 20, rows: 10_000 }))).toContain('for about 10,000 rows');
    expect(warned(scan({ cost: 20 }), 'app.orders')).toContain('to end for about 1 row.');
    expect(warned(step('Index Scan', { table: 'app.orders', cost: 9000 }), 'app.orders')).toBeNull();
  });

  it('counts such reads wherever they stand', () => {
    const scan = step('Parallel Seq Scan', { table: 't', cost: 9000 });
    const top = shown(step('Hash Join', { cost: 20_000, steps: [scan, step('Hash', { steps: [scan] })] }));
    expect(wholeReads(top)).toBe(2);
  });

  it('puts steps into words and keeps the database’s own name', () => {
    const titleOfStep = (one: QueryPlanStep): string => shown(one).title;
    expect(titleOfStep(step('Seq Scan', { table: 'app.t' }))).toBe('Reads the whole table app.t');
    expect(titleOfStep(step('Index Scan', { table: 'app.t', index: 't_pkey' }))).toBe(
      'Looks up app.t by the index t_pkey',
    );
    expect(titleOfStep(step('Bitmap Index Scan', { index: 't_a' }))).toBe(
      'Looks up places in the index: t_a',
    );
    expect(titleOfStep(step('Tid Scan'))).toBe('Tid Scan');
  });
});
