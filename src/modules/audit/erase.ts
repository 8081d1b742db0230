import { ConflictError } from '../../core/errors.ts';
import type { EventFields } from '../../core/events.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { ERASED_TYPE, NOBODY, tagOf } from './leaf.ts';
import { holdOn } from './holds.ts';
import type { AuditPorts } from './ports.ts';
import { lockLog } from './rows.ts';
import { MAX_BATCH, readKeys, sequenceLocked } from './sequencer.ts';

/** Who does something to the log. */
export type By = Pick<EventFields, 'actor' | 'address' | 'decision'>;

/** What an erasure did. */
export interface Erasure {
  /** Pseudonym under which the log holds what is left. */
  readonly holder: string;
  /** Events of which a part was erased. */
  readonly events: number;
}

/** Whoever holds the operator key, as events name them. */
const OPERATOR = 'operator';
const FIND = '(SELECT event_id FROM rampart.audit_leaves WHERE';

/**
 * Erases what the log holds of somebody: destroys the key and the data in one transaction, with an event that says so
 * under the pseudonym alone. Leaves and proofs stay as they are. Events of signals are not touched.
 * @param holder as events name them: an account's id, say
 * @returns `undefined` when the log holds nothing of them
 * @throws ConflictError for those who are nobody's person (`-`, `operator`), for whoever asks: nobody wipes their own trace,
 * and while a legal hold keeps anything of them
 */
export async function eraseHolder(
  sql: SqlStore,
  holder: string,
  by: By,
  write: AuditPorts['write'],
): Promise<Erasure | undefined> {
  refuseKept(holder, by);
  return sql.transaction(async (tx) => {
    await lockLog(tx);
    // What waits would be written under a key that is gone.
    await placeWaiting(tx);
    const key = (await readKeys(tx, [holder])).get(holder);
    if (key === undefined) return undefined;
    const tag = tagOf(key);
    const hold = await holdOn(tx, tag);
    if (hold !== undefined)
      throw new ConflictError(
        `A legal hold keeps what the log says of them: lift ${hold} first, then erase.`,
      );
    const events = await eraseParts(tx, tag);
    await tx.query('DELETE FROM rampart.audit_holders WHERE holder = $1', [holder]);
    await write(tx, ERASED_TYPE, { ...by, details: { holder: tag, events } });
    // Its place comes with the erasure: a verification in between would take the data for stolen.
    await placeWaiting(tx);
    return { holder: tag, events };
  });
}

function refuseKept(holder: string, { actor }: By): void {
  if (holder === NOBODY || holder === OPERATOR)
    throw new ConflictError(`'${holder}' is no person: the log keeps what it says of it.`);
  if (actor === holder || actor === `user:${holder}`)
    throw new ConflictError('Nobody erases themselves from the audit log: ask another administrator.');
}

/** Until a batch is not full: what others write meanwhile may wait for its round. */
async function placeWaiting(tx: SqlRunner): Promise<void> {
  while ((await sequenceLocked(tx)) === MAX_BATCH);
}

async function eraseParts(tx: SqlRunner, tag: string): Promise<number> {
  const count = await tx.query(
    'SELECT count(*)::int AS events FROM rampart.audit_leaves WHERE who_tag = $1 OR what_tag = $1',
    [tag],
  );
  await tx.query(
    `UPDATE rampart.events SET actor = NULL, address = NULL, ip = NULL, session = NULL, user_agent = NULL, place = NULL,
       request = NULL, trace = NULL WHERE id IN ${FIND} who_tag = $1)`,
    [tag],
  );
  await tx.query(
    `UPDATE rampart.events SET subject = NULL, details = '{}' WHERE id IN ${FIND} what_tag = $1)`,
    [tag],
  );
  return Number(count.rows[0]?.['events'] ?? 0);
}
