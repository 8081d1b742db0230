import { randomBytes } from 'node:crypto';
import { principalScope } from '../src/base/database/index.ts';
import { createAccess, defineAccess } from '../src/modules/access/index.ts';
import type { SqlRunner, SqlStore, SqlValue } from '../src/ports/sql.ts';
import { openServer } from '../src/stores/postgres/server.ts';
import { postgresService, temporaryDatabase } from '../src/testing/services.ts';
import { machine, median, rowOf, type BenchResult } from './lib/result.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 15);
const ROWS = 100_000;
const CUSTOMERS = 1_000;

const access = createAccess(
  defineAccess({
    resources: {
      orders: { columns: { id: 'integer', customer_id: 'text', status: 'text', total: 'integer' } },
    },
    roles: {
      customer: { 'orders:read': { owner: 'customer_id' } },
      kitchen: { 'orders:read': { eq: { status: 'placed' } } },
      supervisor: { 'orders:read': true },
    },
  }),
);

/** A list, who asks for it, and the condition that a person would write for it. */
interface Case {
  readonly name: string;
  readonly role: string;
  readonly list: (where: string) => string;
  readonly byHand: string;
  readonly values: readonly SqlValue[];
  readonly rows: number;
}

const CASES: readonly Case[] = [
  {
    name: '100 of 100,000 rows, found by an index',
    role: 'customer',
    list: (where) => `SELECT id, total FROM TABLE_NAME WHERE ${where} ORDER BY id`,
    byHand: 'customer_id = $1',
    values: ['user:7'],
    rows: ROWS / CUSTOMERS,
  },
  {
    name: '25,000 of 100,000 rows, no index',
    role: 'kitchen',
    list: (where) => `SELECT id, total FROM TABLE_NAME WHERE ${where}`,
    byHand: 'status = $1',
    values: ['placed'],
    rows: ROWS / 4,
  },
  {
    name: 'all 100,000 rows, for somebody who may read all',
    role: 'supervisor',
    list: (where) => `SELECT id, total FROM TABLE_NAME WHERE ${where}`,
    byHand: 'true',
    values: [],
    rows: ROWS,
  },
];

/**
 * Lists of a table of 100,000 rows: under row-level security behind a filter of the list itself, under row-level security
 * alone, with the filter alone, and with nothing (the limit) for as many rows. Microseconds that the server plans and runs for, by EXPLAIN ANALYZE, in turns; PostgreSQL at `DATABASE_URL`.
 */
export async function bench(): Promise<BenchResult> {
  const service = await postgresService();
  if (service.url === undefined) throw new Error(service.absent);
  const database = await temporaryDatabase(service.url);
  const sql = await openServer({ url: database.url });
  const role = `rampart_bench_${randomBytes(5).toString('hex')}`;
  try {
    await prepare(sql, role);
    const results = [];
    for (const one of CASES) results.push(rowOf(about(one), await measure(sql, role, one)));
    return { name: 'rls', machine: machine(), results };
  } finally {
    await sql.script(`DROP OWNED BY ${role}; DROP ROLE ${role}`).catch(() => undefined);
    await sql.close();
    await database.drop();
  }
}

const about = ({ name }: Case) => ({ case: name, unit: 'µs of the server', better: 'less' }) as const;

/** The same rows twice: with policies, and without. */
async function prepare(sql: SqlStore, role: string): Promise<void> {
  await sql.script(`CREATE ROLE ${role} NOLOGIN;
    CREATE TABLE orders (id integer PRIMARY KEY, customer_id text, status text, total integer);
    INSERT INTO orders SELECT n, 'user:' || n % ${CUSTOMERS}, (ARRAY['placed', 'cooked', 'driven', 'done'])[n % 4 + 1], n % 97
      FROM generate_series(0, ${ROWS - 1}) AS n;
    CREATE INDEX ON orders (customer_id, id);
    CREATE TABLE plain (LIKE orders INCLUDING ALL); INSERT INTO plain SELECT * FROM orders;
    GRANT SELECT ON orders, plain TO ${role};`);
  await sql.query(access.rowLevelSecurity({ lookupRole: role }).install);
  // Each by itself: not within a transaction.
  await sql.query('VACUUM ANALYZE orders');
  await sql.query('VACUUM ANALYZE plain');
}

async function measure(sql: SqlStore, role: string, one: Case): Promise<Record<string, number>> {
  const scope = principalScope(sql, { role });
  const principal = { id: 'user:7', kind: 'user', roles: [one.role] } as const;
  const guarded = (where: string): string => one.list(where).replace('TABLE_NAME', 'orders');
  const plain = (where: string): string => one.list(where).replace('TABLE_NAME', 'plain');
  const ways: Record<string, (tx: SqlRunner) => Promise<number>> = {
    rampart: (tx) => timeOf(tx, guarded(one.byHand), one.values, one.rows),
    'row-level security alone': (tx) => timeOf(tx, guarded('true'), [], one.rows),
    'WHERE by hand': (tx) => timeOf(tx, plain(one.byHand), one.values, one.rows),
    limit: (tx) => timeOf(tx, `${plain('true')} LIMIT ${one.rows}`, [], one.rows),
  };
  const taken = Object.fromEntries(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, run] of Object.entries(ways)) {
      const us = await scope.run(principal, run);
      // The first round fills caches.
      if (round > 0) taken[name]?.push(us);
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, all]) => [name, median(all)]));
}

/** Planning and execution; proves that the list has as many rows as it should. */
async function timeOf(
  tx: SqlRunner,
  text: string,
  values: readonly SqlValue[],
  expected: number,
): Promise<number> {
  const { rows } = await tx.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values);
  const given = rows[0]?.['QUERY PLAN'];
  const [found] = (typeof given === 'string' ? JSON.parse(given) : given) as readonly {
    readonly Plan: { readonly 'Actual Rows': number };
    readonly 'Planning Time': number;
    readonly 'Execution Time': number;
  }[];
  if (found?.Plan['Actual Rows'] !== expected)
    throw new Error(`expected ${expected} rows, found ${found?.Plan['Actual Rows']}`);
  return (found['Planning Time'] + found['Execution Time']) * 1_000;
}
