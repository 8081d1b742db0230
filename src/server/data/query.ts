import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { SqlRunner, SqlValue } from '../../ports/sql.ts';
import type { Tables } from './tables.ts';

/**
 * Builds SQL text and never runs it: statements go through the `SqlRunner` at hand, so that the same code works inside
 * and outside of a transaction, embedded and on a server.
 */
export const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Runs a built statement. @returns its rows */
export async function rows<T>(sql: SqlRunner, statement: Compilable<T>): Promise<readonly T[]> {
  const { sql: text, parameters } = statement.compile();
  const result = await sql.query(text, parameters as readonly SqlValue[]);
  return result.rows as readonly T[];
}

/** Runs a built statement. @returns its first row, if any */
export async function firstRow<T>(sql: SqlRunner, statement: Compilable<T>): Promise<T | undefined> {
  return (await rows(sql, statement))[0];
}

/** Runs a built statement. @returns how many rows it inserted, updated or deleted */
export async function affected(sql: SqlRunner, statement: Compilable): Promise<number> {
  const { sql: text, parameters } = statement.compile();
  return (await sql.query(text, parameters as readonly SqlValue[])).affected;
}
