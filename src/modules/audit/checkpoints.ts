import { RampartError } from '../../core/errors.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { openNote } from './note.ts';
import type { ReadAuditOptions } from './options.ts';
import { newestCheckpoints, type StoredCheckpoint } from './read.ts';
import type { LogState } from './rows.ts';
import type { Witness } from './witness.ts';

/** Rows that are looked at, newest first: whoever can write the table can write any number of them. */
const MAX_OPENED = 100;

/**
 * The newest checkpoint in the database that a key of ours has signed, of no more events than the log has. The row around
 * a note is not believed: size and time are what was signed.
 */
export async function believedCheckpoint(
  sql: SqlRunner,
  { origin, tree }: Pick<LogState, 'origin' | 'tree'>,
  keys: readonly Uint8Array[],
): Promise<StoredCheckpoint | undefined> {
  for (const row of await newestCheckpoints(sql, origin, tree.size, MAX_OPENED)) {
    const opened = openNote(row.note, keys);
    if (opened?.origin === origin && opened.size === row.size) return { ...row, madeUs: opened.atUs };
  }
  return undefined;
}

/** Whether a checkpoint is to be signed: `last` is the newest that is believed. */
export function isDue(
  { tree, nowUs }: LogState,
  last: StoredCheckpoint | undefined,
  { checkpointEvents, checkpointEvery }: ReadAuditOptions,
): boolean {
  const fresh = tree.size - (last?.size ?? 0);
  if (fresh <= 0) return false;
  return (
    last === undefined ||
    fresh >= checkpointEvents ||
    nowUs - BigInt(last.madeUs) >= BigInt(checkpointEvery) * 1_000n
  );
}

/**
 * Whether another node has accepted what stands in the database: it is a log of another name, and our key has signed it
 * later than anything that was seen here. The name of an older log, put back, is none.
 */
export async function isAcceptedElsewhere(
  sql: SqlRunner,
  state: LogState,
  witness: Pick<Witness, 'origin' | 'kept'>,
  keys: readonly Uint8Array[],
): Promise<boolean> {
  if (witness.origin === null || witness.origin === state.origin) return false;
  const signed = await believedCheckpoint(sql, state, keys);
  return signed !== undefined && BigInt(signed.madeUs) > BigInt(witness.kept?.atUs ?? 0);
}

/** The error of a node that signs nothing. */
export function conflictError(reason: string): RampartError {
  return new RampartError(
    'AUDIT_LOG_CONFLICT',
    `The audit log is not what this node has seen: ${reason}. Nothing is signed. Look with 'rampart audit verify'; where a backup was put back on purpose: rampart audit checkpoint --accept-restored.`,
  );
}
