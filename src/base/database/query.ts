import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { SqlResult, SqlRunner, SqlValue } from '../../ports/sql.ts';
import { toSqlText } from './json-text.ts';

/**
 * Builds SQL text and never runs it: statements go through the `SqlRunner` at hand, so that the same code works inside
 * and outside of a transaction, embedded and on a server.
 */
export function sqlBuilder<Tables>(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}

/** Runs a built statement. @returns its rows */
export async function rows<T>(sql: SqlRunner, statement: Compilable<T>): Promise<readonly T[]> {
  return (await run(sql, statement)).rows as readonly T[];
}

/** Runs a built statement. @returns its first row, if any */
export async function firstRow<T>(sql: SqlRunner, statement: Compilable<T>): Promise<T | undefined> {
  return (await rows(sql, statement))[0];
}

/** Runs a built statement. @returns how many rows it inserted, updated or deleted */
export async function affected(sql: SqlRunner, statement: Compilable): Promise<number> {
  return (await run(sql, statement)).affected;
}

/** PostgreSQL takes neither NUL nor lone surrogates in a text; one in a parameter must not become an error of ours. */
function run(sql: SqlRunner, statement: Compilable): Promise<SqlResult> {
  const { sql: text, parameters } = statement.compile();
  return sql.query(
    text,
    parameters.map((value) => (typeof value === 'string' ? toSqlText(value) : (value as SqlValue))),
  );
}
