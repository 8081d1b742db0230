import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import { INDEXES, indexSql } from './indexes.ts';
import { lockEvents, step } from './locks.ts';
import { fileOf, type Merge, readMerge } from './merge-state.ts';
import { type EventPart, createPart, isSettled, nextName, PART_NAME, readParts } from './parts.ts';

const TRIGGER = 'event_touched';

/**
 * Begins a merge: makes the table that takes the rows, and has every change of them noted from now on. Changes that are
 * under way are waited for, shortly; those that begin later are noted.
 * @returns whether it was done
 */
export async function beginMerge(
  store: SqlStore,
  chosen: readonly EventPart[],
  nowMs: number,
): Promise<boolean> {
  const done = await step(store, 'merge', async (tx) => {
    if ((await readMerge(tx)) !== undefined) return false;
    // Waits for whoever writes; readers go on.
    await tx.query('LOCK TABLE ONLY rampart.events IN SHARE ROW EXCLUSIVE MODE');
    const parts = (await sameParts(tx, chosen)) ?? [];
    const [first, last] = [parts[0], parts.at(-1)];
    if (first === undefined || last === undefined) return false;
    const target = await nextName(tx);
    await tx.query(createPart(target));
    // With it the database need not read all rows when the table becomes a partition.
    const from = first.from === 'MINVALUE' ? '' : `id >= ${first.from} AND`;
    await tx.query(
      `ALTER TABLE rampart.${target} ADD CONSTRAINT ${target}_bounds CHECK (${from} id < ${last.to})`,
    );
    // The embedded database answers nobody while it makes an index; many small steps leave it time in between.
    if (store.kind === 'embedded') for (const index of INDEXES) await tx.query(indexSql(target, index));
    for (const { name } of parts)
      await tx.query(
        `CREATE TRIGGER ${TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON rampart.${name}
         FOR EACH ROW EXECUTE FUNCTION rampart.event_touched()`,
      );
    await tx.query('TRUNCATE rampart.event_touches');
    await tx.query(
      `INSERT INTO rampart.event_merges (target, parts, files, target_file, begun_at_ms)
       SELECT $1, $2::text[], ARRAY(SELECT ${fileOf(`'rampart.' || one.part`)}
           FROM unnest($2::text[]) WITH ORDINALITY AS one (part, n) ORDER BY n), ${fileOf(`'rampart.' || $1::text`)}, $3::bigint`,
      [target, parts.map(({ name }) => name), Math.floor(nowMs)],
    );
    return true;
  });
  return done === true;
}

/** The partitions as they are now; undefined where they are no longer those that were chosen. */
export async function sameParts(
  tx: SqlRunner,
  chosen: readonly Pick<EventPart, 'name'>[],
): Promise<readonly EventPart[] | undefined> {
  const all = await readParts(tx);
  const at = all.findIndex(({ name }) => name === chosen[0]?.name);
  const found = at === -1 ? [] : all.slice(at, at + chosen.length);
  const isSame = chosen.length > 0 && chosen.every(({ name }, i) => found[i]?.name === name);
  return isSame && found.every(isSettled) ? found : undefined;
}

/** Gives a merge up: the partitions are as they were before. */
export async function cancelMerge(store: SqlStore, { target, parts }: Merge): Promise<boolean> {
  const done = await step(store, 'merge', async (tx) => {
    await lockEvents(tx);
    for (const name of parts) {
      if (PART_NAME.test(name) && (await kindOf(tx, name)) !== undefined)
        await tx.query(`DROP TRIGGER IF EXISTS ${TRIGGER} ON rampart.${name}`);
    }
    if (PART_NAME.test(target) && (await kindOf(tx, target)) === 'alone')
      await tx.query(`DROP TABLE rampart.${target}`);
    await tx.query('DELETE FROM rampart.event_merges');
    await tx.query('TRUNCATE rampart.event_touches');
    return true;
  });
  return done === true;
}

async function kindOf(tx: SqlRunner, name: string): Promise<'part' | 'alone' | undefined> {
  const { rows } = await tx.query('SELECT relispartition AS part FROM pg_class WHERE oid = to_regclass($1)', [
    `rampart.${name}`,
  ]);
  const [row] = rows;
  return row === undefined ? undefined : row['part'] === true ? 'part' : 'alone';
}
