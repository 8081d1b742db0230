import { newId, newSecret } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import { affected, firstRow, sqlBuilder } from '../../../base/database/index.ts';
import type { UserView } from '../facade.ts';
import type { AccountRow, AccountTables } from '../tables/accounts.ts';

/** Builds the statements of accounts, links, challenges and the history. */
export const db = sqlBuilder<AccountTables>();

const ACCOUNTS = 'rampart.identity_accounts';

/** An account by its id. @param lock holds the row until the transaction ends, so that acts on one account come in turn */
export function accountById(
  sql: SqlRunner,
  id: string,
  lock: 'lock' | 'look' = 'look',
): Promise<AccountRow | undefined> {
  const select = db.selectFrom(ACCOUNTS).selectAll().where('id', '=', id);
  return firstRow<AccountRow>(sql, lock === 'lock' ? select.forUpdate() : select);
}

/** An account by what makes its address unique (`emailKey`). @param lock as for `accountById` */
export function accountByEmailKey(
  sql: SqlRunner,
  emailKey: string,
  lock: 'lock' | 'look' = 'look',
): Promise<AccountRow | undefined> {
  const select = db.selectFrom(ACCOUNTS).selectAll().where('email_key', '=', emailKey);
  return firstRow<AccountRow>(sql, lock === 'lock' ? select.forUpdate() : select);
}

/** What a new account is made of. */
export interface NewAccount {
  readonly email: string;
  readonly emailKey: string;
  readonly name: string;
  readonly locale: string;
  readonly status: 'pending' | 'active';
  readonly roles: readonly string[];
  readonly passwordHash: string | null;
  readonly mustReset?: boolean;
}

/** Inserts an account. @returns `undefined` when the address has one already */
export function insertAccount(
  sql: SqlRunner,
  given: NewAccount,
  nowMs: number,
): Promise<AccountRow | undefined> {
  const statement = db
    .insertInto(ACCOUNTS)
    .values({
      id: newId('acc', nowMs),
      email: given.email,
      email_key: given.emailKey,
      name: given.name,
      locale: given.locale,
      status: given.status,
      roles: given.roles,
      password_hash: given.passwordHash,
      password_changed_at_ms: given.passwordHash === null ? null : nowMs,
      must_reset: given.mustReset ?? false,
      email_verified_at_ms: given.status === 'active' ? nowMs : null,
      created_at_ms: nowMs,
      last_sign_in_at_ms: null,
      locked_until_ms: null,
      locked_reason: null,
      passkey_user: newSecret(),
      version: 1,
    })
    .onConflict((conflict) => conflict.column('email_key').doNothing())
    .returningAll();
  return firstRow<AccountRow>(sql, statement);
}

/** Columns that may be changed. */
export type AccountChange = Partial<Omit<AccountRow, 'id' | 'created_at_ms' | 'version'>>;

/** Changes an account. @param visible roles, name, address or status: its version grows */
export async function updateAccount(
  sql: SqlRunner,
  id: string,
  change: AccountChange,
  visible: 'visible' | 'inner' = 'inner',
): Promise<void> {
  const statement = db.updateTable(ACCOUNTS).set(change).where('id', '=', id);
  await affected(
    sql,
    visible === 'visible' ? statement.set((eb) => ({ version: eb('version', '+', 1) })) : statement,
  );
}

/** Takes over a hash of newer parameters, unless the password was changed meanwhile. */
export async function replaceHash(sql: SqlRunner, id: string, old: string, hash: string): Promise<boolean> {
  const statement = db
    .updateTable(ACCOUNTS)
    .set({ password_hash: hash })
    .where('id', '=', id)
    .where('password_hash', '=', old);
  return (await affected(sql, statement)) > 0;
}

/** An account as its owner sees it. */
export function userView(account: AccountRow): UserView {
  return {
    id: account.id,
    email: account.email,
    name: account.name,
    locale: account.locale,
    roles: account.roles,
    emailVerified: account.email_verified_at_ms !== null,
    createdAtMs: account.created_at_ms,
  };
}
