import { systemClock } from '../../src/core/clock.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { EventKeeper, layPart } from '../../src/server/data/index.ts';
import { fill } from './data.ts';

/** Shares of all events in each partition, the oldest first; what is left stands in the open one. */
const SHARES: readonly number[] = [
  ...Array.from({ length: 11 }, () => 0.085),
  ...Array.from({ length: 14 }, () => 0.0043),
];

/**
 * Lays events as the keeper of their partitions leaves them: many merged ones, some that are not merged yet, and the newest
 * in the open one, which has few indexes and no statistics.
 */
export async function lay(sql: SqlStore, total: number): Promise<void> {
  let from = 0;
  for (const share of SHARES) {
    const below = from + Math.round(total * share);
    const part = { from, below, total };
    await layPart(sql, (table) => fill(sql, { table, ...part }));
    from = below;
  }
  await fill(sql, { table: 'rampart.events', from, below: total, total });
}

/** Adds newer events, all of one type and of nobody known, as one settled partition. */
export async function flood(sql: SqlStore, total: number, count: number): Promise<void> {
  const keeper = new EventKeeper({ sql, clock: systemClock, limits: { sealBytes: 1 } });
  while (await keeper.seal());
  while (await keeper.settle());
  await layPart(sql, async (table) => {
    await fill(sql, { table, from: total, below: total + count, total });
    await sql.script(`UPDATE ${table} SET type = 'CSP_VIOLATION', severity = 'LOW', about = 'A page broke its policy.',
      actor = NULL, subject = NULL, address = '10.9.9.9', ip = '10.9.9.9', details = '{"guard":"guard1"}'`);
    await sql.script(`VACUUM FULL ${table}`);
  });
}
