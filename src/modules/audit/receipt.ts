import { ConflictError, NotFoundError } from '../../core/errors.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { believedCheckpoint } from './checkpoints.ts';
import { type BundleEntry, readEntries } from './read.ts';
import { readState } from './rows.ts';
import {
  consistencyRanges,
  inclusionRanges,
  type LeafRange,
  nodeHash,
  rangeParts,
  rangeRoot,
  type ReadNode,
} from './tree.ts';

/** Proof that one event is in the log: whoever has the public key can check it, and needs nothing else. */
export interface AuditReceipt extends BundleEntry {
  /** Roots beside the way from the leaf to the root, base64. */
  readonly path: readonly string[];
  /** The checkpoint that the path leads to. */
  readonly note: string;
}

/**
 * The receipt of an event, against the newest checkpoint that one of the keys has signed.
 * @throws NotFoundError; ConflictError while no checkpoint covers the event
 */
export async function readReceipt(
  sql: SqlRunner,
  id: string,
  keys: readonly Uint8Array[],
): Promise<AuditReceipt> {
  const [found] = await readEntries(sql, { limit: 1, id });
  const state = await readState(sql);
  const checkpoint = state && (await believedCheckpoint(sql, state, keys));
  if (found === undefined) {
    const { rows } = await sql.query("SELECT 1 FROM rampart.events WHERE id = $1 AND class = 'audit'", [id]);
    throw rows.length === 0 ? new NotFoundError() : notCovered();
  }
  if (checkpoint === undefined || checkpoint.size <= found.seq) throw notCovered();
  const path = await rootsOf(sql, inclusionRanges(found.seq, checkpoint.size));
  return { ...found, path, note: checkpoint.note };
}

function notCovered(): ConflictError {
  return new ConflictError('No checkpoint covers this event yet. Ask again in a minute.');
}

/** Proof that the log of `size` events begins with that of `before`. */
export function readConsistency(sql: SqlRunner, before: number, size: number): Promise<readonly string[]> {
  return rootsOf(sql, consistencyRanges(before, size));
}

async function rootsOf(sql: SqlRunner, ranges: readonly LeafRange[]): Promise<readonly string[]> {
  const read = nodeReader(sql);
  const roots: string[] = [];
  for (const range of ranges) roots.push(Buffer.from(await rangeRoot(range, read)).toString('base64'));
  return roots;
}

/** Roots of the largest complete subtrees of a range, from left to right, base64. */
export async function readSubtrees(sql: SqlRunner, range: LeafRange): Promise<readonly string[]> {
  const read = nodeReader(sql);
  const roots: string[] = [];
  for (const { level, index } of rangeParts(range))
    roots.push(Buffer.from(await read(level, index)).toString('base64'));
  return roots;
}

/** Reads subtrees: from the kept level below, at most 128 hashes each. */
function nodeReader(sql: SqlRunner): ReadNode {
  return async (level, index) => {
    const below = level - (level % 8);
    const span = 2 ** (level - below);
    const [table, column, condition] =
      below === 0
        ? ['rampart.audit_leaves', 'leaf', 'seq >= $1 AND seq < $2 ORDER BY seq']
        : ['rampart.audit_nodes', 'hash', `level = ${below} AND idx >= $1 AND idx < $2 ORDER BY idx`];
    const { rows } = await sql.query(`SELECT ${column} AS hash FROM ${table} WHERE ${condition}`, [
      index * span,
      (index + 1) * span,
    ]);
    let hashes: readonly Uint8Array[] = rows.map((row) => new Uint8Array(row['hash'] as Uint8Array));
    if (hashes.length !== span)
      throw new NotFoundError('A part of the log is missing: rampart audit verify.');
    for (; hashes.length > 1; hashes = pairs(hashes));
    return hashes[0] as Uint8Array;
  };
}

function pairs(hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  return Array.from({ length: hashes.length / 2 }, (_, i) =>
    nodeHash(hashes[2 * i] as Uint8Array, hashes[2 * i + 1] as Uint8Array),
  );
}
