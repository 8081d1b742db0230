import { affected, firstRow } from '../../../base/database/index.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { CodeRow, CodeSendRow } from '../tables/factor.ts';
import { db } from './query.ts';

/** Wrong tries after which a code is used up. */
export const MAX_TRIES = 5;
/** Sends are counted for a day and kept for two. */
const KEEP_MS = 2 * 86_400_000;

/** One send is decided at a time on all nodes: two at once would both find room for the last one. */
export async function lockSends(tx: SqlRunner): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtext('rampart identity code sends'))`);
}

/** Notes a send and the code that it carries; an earlier code of the flow ends. Old rows are forgotten by the way. */
export async function putCode(tx: SqlRunner, send: CodeSendRow, code: CodeRow): Promise<void> {
  const before = send.at_ms - KEEP_MS;
  await affected(tx, db.deleteFrom('rampart.identity_code_sends').where('at_ms', '<', before));
  await affected(tx, db.deleteFrom('rampart.identity_codes').where('expires_at_ms', '<', before));
  await affected(tx, db.insertInto('rampart.identity_code_sends').values(send));
  const { flow: _, ...rest } = code;
  await affected(
    tx,
    db
      .insertInto('rampart.identity_codes')
      .values(code)
      .onConflict((conflict) => conflict.column('flow').doUpdateSet(rest)),
  );
}

/**
 * Counts a try before anything is compared: of any number at once, five are compared.
 * @returns the code that the flow waits for, locked until the transaction ends
 */
export function countTry(tx: SqlRunner, flow: string, nowMs: number): Promise<CodeRow | undefined> {
  return firstRow(
    tx,
    db
      .updateTable('rampart.identity_codes')
      .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
      .where('flow', '=', flow)
      .where('used_at_ms', 'is', null)
      .where('expires_at_ms', '>', nowMs)
      .where('tries', '<', MAX_TRIES)
      .returningAll(),
  );
}

/** The code of a flow, whatever has become of it. */
export function findCode(tx: SqlRunner, flow: string): Promise<CodeRow | undefined> {
  return firstRow(tx, db.selectFrom('rampart.identity_codes').selectAll().where('flow', '=', flow));
}

/** Uses a code up that `countTry` has locked. */
export async function useUp(tx: SqlRunner, row: CodeRow, nowMs: number): Promise<void> {
  await affected(
    tx,
    db.updateTable('rampart.identity_codes').set({ used_at_ms: nowMs }).where('flow', '=', row.flow),
  );
  await affected(
    tx,
    db.updateTable('rampart.identity_code_sends').set({ used_at_ms: nowMs }).where('id', '=', row.send_id),
  );
}

/** Whether this is the number that the account has confirmed. */
export async function isConfirmed(tx: SqlRunner, account: string, phone: string): Promise<boolean> {
  const row = await firstRow(
    tx,
    db.selectFrom('rampart.identity_phones').select('phone').where('account', '=', account),
  );
  return row?.phone === phone;
}

/** Ends the codes of an account that are on their way through a channel. */
export async function forgetCodes(
  tx: SqlRunner,
  account: string,
  channel: CodeRow['channel'],
): Promise<void> {
  await affected(
    tx,
    db.deleteFrom('rampart.identity_codes').where('account', '=', account).where('channel', '=', channel),
  );
}

/** Makes a number the account's second factor, in place of an earlier one, to which codes may be on their way. */
export async function confirmPhone(
  tx: SqlRunner,
  account: string,
  phone: string,
  nowMs: number,
): Promise<void> {
  const id = newId('fac', nowMs);
  await forgetCodes(tx, account, 'sms');
  await affected(
    tx,
    db
      .insertInto('rampart.identity_phones')
      .values({ id, account, phone, confirmed_at_ms: nowMs })
      .onConflict((conflict) =>
        conflict.column('account').doUpdateSet({ id, phone, confirmed_at_ms: nowMs }),
      ),
  );
}
