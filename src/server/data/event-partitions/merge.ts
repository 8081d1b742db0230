import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import { INDEXES } from './indexes.ts';
import { lockEvents, step } from './locks.ts';
import { cancelMerge, sameParts } from './merge-begin.ts';
import { type Merge, readMerge } from './merge-state.ts';
import { attachSql, detachSql, type EventPart, readParts } from './parts.ts';
import { buildIndex } from './settle.ts';

/** Rows that one step copies; and changes that one step, or the last one under the lock, brings after. */
const COPY_ROWS = { server: 20_000, embedded: 2_000 } as const;
const MAX_TOUCHES = 2_000;

/**
 * Goes on with a merge by one bounded step: copies some rows, makes an index, or brings changes after that were made
 * meanwhile; at last puts the new table into the place of the old ones. A merge whose tables are no longer the same is
 * given up.
 * @returns whether there was something to do and nobody else was at it
 */
export async function continueMerge(store: SqlStore, merge: Merge): Promise<boolean> {
  const parts = merge.parts.map((name) => ({ name }));
  if (!merge.isSound || (await sameParts(store, parts)) === undefined) return cancelMerge(store, merge);
  if (!merge.isCopied) return copySome(store);
  const missing = await missingIndex(store, merge.target);
  if (missing !== undefined) return buildIndex(store, merge.target, missing, 'merge');
  const touched = await catchUp(store);
  if (touched === undefined) return false;
  if (touched >= MAX_TOUCHES) return true;
  await store.script(`VACUUM (ANALYZE) rampart.${merge.target}`);
  return swap(store);
}

/** The running merge with its partitions; undefined where it was given up, or they are others. */
async function current(tx: SqlRunner): Promise<{ merge: Merge; parts: readonly EventPart[] } | undefined> {
  const merge = await readMerge(tx);
  if (merge?.isSound !== true) return undefined;
  const parts = await sameParts(
    tx,
    merge.parts.map((name) => ({ name })),
  );
  return parts && { merge, parts };
}

async function copySome(store: SqlStore): Promise<boolean> {
  const most = COPY_ROWS[store.kind];
  const done = await step(store, 'merge', async (tx) => {
    const found = await current(tx);
    if (found === undefined || found.merge.isCopied) return false;
    const { merge, parts } = found;
    const [first, last] = [parts[0] as EventPart, parts.at(-1) as EventPart];
    const from = first.from === 'MINVALUE' ? 'true' : `id >= ${first.from}`;
    const { rows } = await tx.query(
      `WITH next AS MATERIALIZED (SELECT * FROM rampart.events WHERE ${from} AND id < ${last.to} AND id > $1 ORDER BY id LIMIT ${most}),
         put AS (INSERT INTO rampart.${merge.target} SELECT * FROM next)
       SELECT count(*)::int AS rows, max(id) AS copied FROM next`,
      [merge.copied],
    );
    const count = Number(rows[0]?.['rows']);
    await tx.query('UPDATE rampart.event_merges SET copied = $1, is_copied = $2', [
      (rows[0]?.['copied'] as string | null) ?? merge.copied,
      count < most,
    ]);
    return true;
  });
  return done === true;
}

async function missingIndex(runner: SqlRunner, target: string): Promise<string | undefined> {
  const { rows } = await runner.query(
    `SELECT x.relname AS name FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
     WHERE i.indrelid = to_regclass($1)`,
    [`rampart.${target}`],
  );
  const has = new Set(rows.map((row) => row['name'] as string));
  return INDEXES.find((index) => !has.has(`${target}_${index}`));
}

/**
 * Brings some of the changes after that were made since the copy. A note is seen when its change is: they were written
 * together. A row that is changed again leaves another note.
 */
async function bringAfter(tx: SqlRunner, target: string): Promise<number> {
  const { rows } = await tx.query(
    `DELETE FROM rampart.event_touches WHERE ctid = ANY (ARRAY(SELECT ctid FROM rampart.event_touches LIMIT ${MAX_TOUCHES}))
     RETURNING id`,
  );
  if (rows.length === 0) return 0;
  const ids = [[...new Set(rows.map((row) => row['id'] as string))]];
  await tx.query(`DELETE FROM rampart.${target} WHERE id = ANY ($1::text[])`, ids);
  await tx.query(
    `INSERT INTO rampart.${target} SELECT * FROM rampart.events WHERE id = ANY ($1::text[])`,
    ids,
  );
  return rows.length;
}

async function catchUp(store: SqlStore): Promise<number | undefined> {
  return step(store, 'merge', async (tx) => {
    const found = await current(tx);
    return found && bringAfter(tx, found.merge.target);
  });
}

/** Puts the new table into the place of the old ones, for whoever comes next. */
async function swap(store: SqlStore): Promise<boolean> {
  const done = await step(store, 'merge', async (tx) => {
    await lockEvents(tx);
    const found = await current(tx);
    if (found === undefined) return false;
    const { merge, parts } = found;
    const [first, last] = [parts[0] as EventPart, parts.at(-1) as EventPart];
    // Too many at once would keep everybody waiting: then another step comes first.
    if ((await bringAfter(tx, merge.target)) >= MAX_TOUCHES) return true;
    for (const { name } of parts) await tx.query(detachSql(name));
    await tx.query(attachSql(merge.target, first.from, last.to));
    await tx.query(
      `ALTER TABLE rampart.${merge.target} DROP CONSTRAINT ${merge.target}_bounds, RESET (autovacuum_enabled)`,
    );
    await tx.query(`DROP TABLE ${parts.map(({ name }) => `rampart.${name}`).join(', ')}`);
    await tx.query('DELETE FROM rampart.event_merges');
    await tx.query('TRUNCATE rampart.event_touches');
    return true;
  });
  return done === true;
}

/** Makes one of partitions from which everything was deleted; what they took on the disk is free again. */
export async function joinEmpty(store: SqlStore, chosen: readonly EventPart[]): Promise<boolean> {
  const done = await step(store, 'merge', async (tx) => {
    await lockEvents(tx);
    const parts = (await sameParts(tx, chosen)) ?? [];
    const [first, ...others] = parts;
    const last = parts.at(-1);
    if (first === undefined || last === undefined || (await readMerge(tx)) !== undefined) return false;
    if (
      (await readParts(tx)).some(({ name, bytes }) => bytes > 0 && parts.some((part) => part.name === name))
    )
      return false;
    for (const { name } of parts) await tx.query(detachSql(name));
    await tx.query(`DROP TABLE ${others.map(({ name }) => `rampart.${name}`).join(', ')}`);
    await tx.query(`TRUNCATE rampart.${first.name}`);
    await tx.query(attachSql(first.name, first.from, last.to));
    return true;
  });
  return done === true;
}
