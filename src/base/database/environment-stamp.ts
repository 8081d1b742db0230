import { RampartError } from '../../core/errors.ts';
import type { SqlRunner } from '../../ports/sql.ts';

/** What a database is for. They never share one. */
export const STAGES = ['development', 'test', 'production'] as const;
export type Stage = (typeof STAGES)[number];

/** The one row that says what this database is for, in the schema `rampart`. */
export const stampTable = `
CREATE TABLE rampart.environment (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  name text NOT NULL CHECK (name IN ('development', 'test', 'production')),
  stamped_at_ms bigint NOT NULL
);`;

/** What the database is for; `undefined` where nobody has said so yet. */
export async function readStamp(sql: SqlRunner): Promise<Stage | undefined> {
  const there = await sql.query("SELECT to_regclass('rampart.environment') IS NOT NULL AS there");
  if (there.rows[0]?.['there'] !== true) return undefined;
  const { rows } = await sql.query('SELECT name FROM rampart.environment');
  return rows[0]?.['name'] as Stage | undefined;
}

/**
 * Marks a database that is not marked yet, and refuses one that is marked for something else. Of nodes that start at the
 * same time the first one marks it.
 * @throws RampartError `ENVIRONMENT_MISMATCH`
 */
export async function stampEnvironment(sql: SqlRunner, stage: Stage, nowMs: number): Promise<void> {
  await sql.query(
    'INSERT INTO rampart.environment (name, stamped_at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [stage, nowMs],
  );
  const stamped = await readStamp(sql);
  if (stamped === stage) return;
  throw new RampartError('ENVIRONMENT_MISMATCH', mismatchWords(stamped ?? 'nothing', stage));
}

/** Changes what a database is for; a decision of a person. */
export async function markEnvironment(sql: SqlRunner, stage: Stage, nowMs: number): Promise<void> {
  await sql.query(
    'INSERT INTO rampart.environment (name, stamped_at_ms) VALUES ($1, $2) ON CONFLICT (one) DO UPDATE SET name = $1, stamped_at_ms = $2',
    [stage, nowMs],
  );
}

/** The same words for the start and the doctor: path, reason, remedy. */
export function mismatchWords(stamped: string, stage: Stage): string {
  return `DATABASE_URL (RAMPART_DATA_DIR for the embedded one): this database is marked for ${stamped}, and this process runs as ${stage} (NODE_ENV). Give each its own database. Where the mark is wrong: rampart migrate --mark ${stage}`;
}
