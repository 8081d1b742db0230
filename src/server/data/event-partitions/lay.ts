import type { SqlStore } from '../../../ports/sql.ts';
import { INDEXES, indexSql } from './indexes.ts';
import { lockEvents } from './locks.ts';
import { attachSql, boundAt, createPart, detachSql, isOpen, nextName, readParts } from './parts.ts';

/**
 * Adds rows as one settled partition, which takes a part of the time that inserting them would: they are written into a
 * table without indexes, which becomes the partition before the open one. The open one must hold nothing older than the
 * newest of them.
 * @param fill writes the rows into the table of that name, whose columns are those of the events
 * @returns its name
 */
export async function layPart(store: SqlStore, fill: (table: string) => Promise<unknown>): Promise<string> {
  const name = await nextName(store);
  const table = `rampart.${name}`;
  await store.script(createPart(name));
  await fill(table);
  for (const index of INDEXES) await store.script(indexSql(name, index));
  await store.script(`ALTER TABLE ${table} RESET (autovacuum_enabled)`);
  await store.script(`VACUUM (ANALYZE) ${table}`);
  await store.transaction(async (tx) => {
    await lockEvents(tx);
    const open = (await readParts(tx)).find(isOpen);
    const { rows } = await tx.query(`SELECT max(id) AS newest FROM ${table}`);
    const newest = rows[0]?.['newest'];
    if (open === undefined || typeof newest !== 'string')
      throw new Error(`Nothing can be laid before ${open?.name}.`);
    const bound = boundAt(`${newest}0`);
    await tx.query(detachSql(open.name));
    await tx.query(attachSql(name, open.from, bound));
    await tx.query(attachSql(open.name, bound, open.to));
  });
  return name;
}
