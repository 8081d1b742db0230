import { ConflictError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { SettingStore } from './policies.ts';
import { affected, db, firstRow, rows } from './query.ts';
import type { BlocksTable } from './tables.ts';

/** A block as it is kept. */
export interface StoredBlock {
  readonly id: string;
  /** Canonical: address, range, or `kind:value`. */
  readonly target: string;
  readonly reason: string;
  readonly createdBy: string;
  /** Milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Milliseconds since the epoch; null for ever. */
  readonly expiresAtMs: number | null;
}

/** A block to be. */
export interface NewBlock {
  /** Canonical; the caller has checked it. */
  readonly target: string;
  readonly reason: string;
  readonly createdBy: string;
  readonly expiresAtMs: number | null;
}

/** Standing blocks at most. */
export const MAX_BLOCKS = 100_000;

/** Blocks past and present. Every change takes the runner of the transaction in which its audit event is written. */
export class BlockStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Blocks that act at a time, newest first. */
  async standing(nowMs: number): Promise<readonly StoredBlock[]> {
    const select = db
      .selectFrom('rampart.blocks')
      .selectAll()
      .where('removed_at_ms', 'is', null)
      .where((eb) => eb.or([eb('expires_at_ms', 'is', null), eb('expires_at_ms', '>', nowMs)]))
      .orderBy('id', 'desc')
      .limit(MAX_BLOCKS);
    return (await rows(this.#sql, select)).map(blockOf);
  }

  /** Another text after every change that was committed; `undefined` before the first. */
  async revision(): Promise<string | undefined> {
    const select = db.selectFrom('rampart.settings').select('value').where('name', '=', REVISION);
    const row = await firstRow(this.#sql, select);
    return row?.value;
  }

  /** @throws ConflictError when the target is blocked already, or there are too many blocks */
  async add(runner: SqlRunner, block: NewBlock, nowMs: number): Promise<StoredBlock> {
    await endExpired(runner, block.target, nowMs);
    const full = await firstRow(
      runner,
      db
        .selectFrom('rampart.blocks')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('removed_at_ms', 'is', null),
    );
    if (Number(full?.count) >= MAX_BLOCKS) {
      throw new ConflictError(`There are ${MAX_BLOCKS} blocks, and no more can be held. Lift some first.`);
    }
    const inserted = await firstRow(
      runner,
      db
        .insertInto('rampart.blocks')
        .values({
          id: newId('blk', nowMs),
          target: block.target,
          reason: block.reason,
          created_by: block.createdBy,
          created_at_ms: nowMs,
          expires_at_ms: block.expiresAtMs,
          removed_at_ms: null,
          removed_by: null,
        })
        .onConflict((on) => on.column('target').where('removed_at_ms', 'is', null).doNothing())
        .returningAll(),
    );
    if (!inserted) throw new ConflictError('This is blocked already.');
    await touch(runner, block.createdBy, nowMs);
    return blockOf(inserted);
  }

  /** @returns the block that was lifted, or `undefined` when none of that id stands */
  async remove(runner: SqlRunner, id: string, by: string, nowMs: number): Promise<StoredBlock | undefined> {
    const row = await firstRow(
      runner,
      db
        .updateTable('rampart.blocks')
        .set({ removed_at_ms: nowMs, removed_by: by })
        .where('id', '=', id)
        .where('removed_at_ms', 'is', null)
        .where((eb) => eb.or([eb('expires_at_ms', 'is', null), eb('expires_at_ms', '>', nowMs)]))
        .returningAll(),
    );
    if (row) await touch(runner, by, nowMs);
    return row && blockOf(row);
  }

  /**
   * Undoes a removal.
   * @returns the block, or `undefined` when none of that id was lifted
   * @throws ConflictError when it has run out meanwhile, or its target was blocked anew
   */
  async restore(runner: SqlRunner, id: string, nowMs: number): Promise<StoredBlock | undefined> {
    const row = await firstRow(
      runner,
      db
        .selectFrom('rampart.blocks')
        .selectAll()
        .where('id', '=', id)
        .where('removed_at_ms', 'is not', null)
        .forUpdate(),
    );
    if (!row) return undefined;
    if (row.expires_at_ms !== null && row.expires_at_ms <= nowMs) {
      throw new ConflictError('The block has run out meanwhile. Add a new one.');
    }
    await endExpired(runner, row.target, nowMs);
    const taken = await firstRow(
      runner,
      db
        .selectFrom('rampart.blocks')
        .select('id')
        .where('target', '=', row.target)
        .where('removed_at_ms', 'is', null),
    );
    if (taken) throw new ConflictError('This is blocked again already.');
    await affected(
      runner,
      db.updateTable('rampart.blocks').set({ removed_at_ms: null, removed_by: null }).where('id', '=', id),
    );
    await touch(runner, row.created_by, nowMs);
    return blockOf(row);
  }
}

const REVISION = 'blocks.revision';

/** Marks a change, in its transaction: whoever reads the mark reads the change. */
async function touch(runner: SqlRunner, by: string, nowMs: number): Promise<void> {
  await new SettingStore(runner).set(runner, REVISION, newId('rev', nowMs), by, nowMs);
}

/** Takes blocks of a target that have run out off the list of standing ones, so that it can be blocked anew. */
async function endExpired(runner: SqlRunner, target: string, nowMs: number): Promise<void> {
  await affected(
    runner,
    db
      .updateTable('rampart.blocks')
      .set((eb) => ({ removed_at_ms: eb.ref('expires_at_ms'), removed_by: 'expiry' }))
      .where('target', '=', target)
      .where('removed_at_ms', 'is', null)
      .where('expires_at_ms', '<=', nowMs),
  );
}

function blockOf(row: BlocksTable): StoredBlock {
  return {
    id: row.id,
    target: row.target,
    reason: row.reason,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}
