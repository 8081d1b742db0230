import type { SqlRunner } from '../../../ports/sql.ts';
import { PART_NAME } from './parts.ts';

/** A merge that has begun. */
export interface Merge {
  /** Table that takes the rows; not a partition yet. */
  readonly target: string;
  /** Partitions whose rows it takes, adjacent, the oldest first. */
  readonly parts: readonly string[];
  /** Id up to which rows were copied; '' for none. */
  readonly copied: string;
  readonly isCopied: boolean;
  /** Whether all tables are those that it began with: one that was emptied or put back is another one. */
  readonly isSound: boolean;
}

/** Number of the file of a table, which changes with whatever replaces all of its rows. */
export const fileOf = (table: string): string =>
  `coalesce(pg_relation_filenode(to_regclass(${table})), 0)::bigint`;

const READ = `SELECT m.target, m.parts, m.copied, m.is_copied,
  m.target_file = ${fileOf(`'rampart.' || m.target`)}
  AND m.files = ARRAY(SELECT ${fileOf(`'rampart.' || one.part`)} FROM unnest(m.parts) WITH ORDINALITY AS one (part, n) ORDER BY n)
  AS sound
FROM rampart.event_merges AS m LIMIT 1`;

/** The merge that is under way, of which there is one at most. */
export async function readMerge(runner: SqlRunner): Promise<Merge | undefined> {
  const { rows } = await runner.query(READ);
  const [row] = rows;
  if (row === undefined) return undefined;
  const target = row['target'] as string;
  const parts = row['parts'] as readonly string[];
  return {
    target,
    parts,
    copied: row['copied'] as string,
    isCopied: row['is_copied'] === true,
    isSound: row['sound'] === true && [target, ...parts].every((name) => PART_NAME.test(name)),
  };
}
