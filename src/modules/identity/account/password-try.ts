import type { Attempt, DeviceVerdict } from '../contract.ts';
import { tooManyAttempts } from '../errors.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { knownDevice, maySignIn } from './admit.ts';
import type { Kit } from './kit.ts';
import { replaceHash } from './store.ts';
import { circumstances, tellOwner } from './tell.ts';
import { offerUnlock } from './unlock.ts';

/** What came of a password. */
export interface PasswordTry {
  readonly ok: boolean;
  /** The account with the hash it has now. */
  readonly account: AccountRow | undefined;
}

/** How attempts on an account are counted. */
export function attemptOn(
  kit: Kit,
  email: string,
  account: AccountRow | undefined,
  factor: Attempt['factor'],
  verdict: DeviceVerdict,
  facts: ClientFacts,
): Attempt {
  return {
    accountKey: kit.accountKey(email),
    account: account?.id ?? null,
    factor,
    knownDevice: knownDevice(verdict),
    facts,
  };
}

/**
 * Tries a password. Counted before it is verified (A28); one hash is computed whatever the account is (A23).
 * @param account `undefined` where there is none
 * @throws RateLimitError while the account or the client has to wait, or when the hash queue is full
 */
export async function tryPassword(
  kit: Kit,
  email: string,
  account: AccountRow | undefined,
  password: string,
  verdict: DeviceVerdict,
  facts: ClientFacts,
): Promise<PasswordTry> {
  const { lockout, hasher } = kit.parts;
  const attempt: Attempt = {
    ...attemptOn(kit, email, account, 'password', verdict, facts),
    secret: password,
  };
  const leave = await lockout.begin(attempt);
  if (!leave.allowed && leave.why === 'wait') throw tooManyAttempts(leave.retryAfterSeconds);
  const { ok, rehash } = await hasher.verify(
    password,
    leave.allowed ? (account?.password_hash ?? null) : null,
  );
  if (!leave.allowed) return { ok: false, account };
  const may = account !== undefined && maySignIn(kit, account);
  if (!ok || !may) {
    const { notifyOwner, disabled } = await lockout.fail(attempt, leave.ticket);
    if (account !== undefined) {
      if (notifyOwner) offerUnlock(kit, account, facts);
      else if (disabled) tellOwner(kit, account, 'suspicious-attempts', circumstances(kit, facts));
    }
    return { ok: false, account };
  }
  await lockout.succeed(attempt, leave.ticket);
  return { ok: true, account: rehash ? await hashAnew(kit, account, password) : account };
}

/** A hash of older parameters is replaced while the password is at hand; that never fails a sign-in. */
async function hashAnew(kit: Kit, account: AccountRow, password: string): Promise<AccountRow> {
  try {
    const hash = await kit.parts.hasher.hash(password);
    const replaced = await replaceHash(kit.ports.sql, account.id, account.password_hash as string, hash);
    return replaced ? { ...account, password_hash: hash } : account;
  } catch (cause) {
    kit.ports.log.warn('A password could not be hashed anew.', { account: account.id, cause: String(cause) });
    return account;
  }
}
