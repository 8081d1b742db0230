import { ConflictError } from '../../../core/errors.ts';
import { invalidCredentials, linkInvalid, passwordRefused } from '../errors.ts';
import type { SessionScope, SessionState } from '../contract.ts';
import type { Granted } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { granted } from './admit.ts';
import { endChallenges } from './challenges.ts';
import { type Current, current, demandFresh } from './current.ts';
import type { Kit } from './kit.ts';
import { hasSecondFactor, isEnforced, scopeOf } from './level.ts';
import { mayReset } from './forgot.ts';
import { consumeLink, endLinks, findLink } from './links.ts';
import { tryPassword } from './password-try.ts';
import { judgePassword } from './sign-up.ts';
import { accountById, updateAccount } from './store.ts';
import { actedBy, circumstances, ownAct, ownerOf, tellOwner } from './tell.ts';

/**
 * Sets a password through a mailed link. Every session ends, and a second factor is not skipped: the next sign-in asks
 * for it (ASVS 6.4.3). A refused password does not use the link up.
 * @throws AppError 400 LINK_INVALID, 400 with the password's faults
 */
export async function resetPassword(
  kit: Kit,
  given: { readonly token: string; readonly password: string },
  facts: ClientFacts,
): Promise<void> {
  const { ports, parts } = kit;
  const nowMs = ports.clock.now();
  const link = await findLink(ports.sql, given.token, ['reset', 'invitation'], nowMs);
  const seen = link === undefined ? undefined : await accountById(ports.sql, link.account ?? '');
  if (seen === undefined || !mayReset(kit, seen)) throw linkInvalid();
  await judgePassword(kit, 'password', given.password, [seen.email, seen.name], seen.roles);
  const hash = await parts.hasher.hash(given.password);
  const account = await ports.transaction(async (tx) => {
    const held = await accountById(tx, seen.id, 'lock');
    await consumeLink(tx, given.token, ['reset', 'invitation'], nowMs);
    // Another address since: whoever reads the old mailbox has no say any more (A31).
    if (held === undefined || !mayReset(kit, held) || held.email_key !== link?.email_key) throw linkInvalid();
    await setByLink(kit, tx, held, hash, facts);
    return held;
  });
  tellOwner(kit, account, 'password-changed', circumstances(kit, facts));
}

async function setByLink(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  hash: string,
  facts: ClientFacts,
): Promise<void> {
  const nowMs = kit.ports.clock.now();
  const first = account.status === 'pending';
  await updateAccount(
    tx,
    account.id,
    {
      password_hash: hash,
      password_changed_at_ms: nowMs,
      must_reset: false,
      status: 'active',
      email_verified_at_ms: account.email_verified_at_ms ?? nowMs,
    },
    first ? 'visible' : 'inner',
  );
  await kit.parts.sessions.endAll(actedBy(tx, ownerOf(facts, account.id)), account.id, 'password-reset');
  await afterPassword(kit, tx, account);
  await tx.audit('PASSWORD_RESET', ownAct(facts, account.id));
  if (first) await tx.audit('SIGNED_UP', ownAct(facts, account.id));
}

/** Links, half-done sign-ins and remembered devices end with the password (A31, A47); its counters start anew. */
async function afterPassword(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  device?: string,
): Promise<void> {
  const nowMs = kit.ports.clock.now();
  await endLinks(tx, account.id, nowMs);
  await endChallenges(tx, account.id, nowMs);
  await kit.parts.devices.forget(tx, account.id, device);
  await kit.parts.lockout.clear(tx, kit.accountKey(account.email), 'password');
}

/** What an owner says to change a password. */
export interface ChangeGiven {
  readonly currentPassword?: string | undefined;
  readonly newPassword: string;
  readonly endOtherSessions?: boolean | undefined;
}

/**
 * Changes a password: with the present one, a freshly proven factor, or in a session that is for nothing else.
 * @throws AppError 401 INVALID_CREDENTIALS, FRESH_AUTH_REQUIRED, SESSION_ENDED; 400 with the faults; 409; 429
 */
export async function changePassword(
  kit: Kit,
  given: SessionState,
  change: ChangeGiven,
  facts: ClientFacts,
): Promise<Granted> {
  const now = await current(kit, given, ['full', 'enrol', 'reset']);
  const seen = await authorise(kit, now, change, facts);
  await judgePassword(kit, 'newPassword', change.newPassword, [seen.email, seen.name], seen.roles);
  await refuseSame(kit, seen, change.newPassword);
  const hash = await kit.parts.hasher.hash(change.newPassword);
  const summary = await kit.parts.factors.summary(seen.id);
  const answer = await kit.ports.transaction(async (tx) => {
    const held = await accountById(tx, seen.id, 'lock');
    if (held?.status !== 'active' || held.password_hash !== seen.password_hash) {
      throw new ConflictError('The password was changed in the meantime.');
    }
    const nowMs = kit.ports.clock.now();
    const changed = { password_hash: hash, password_changed_at_ms: nowMs, must_reset: false };
    await updateAccount(tx, held.id, changed);
    const { session } = now;
    if (change.endOtherSessions !== false) {
      await kit.parts.sessions.endAll(
        actedBy(tx, ownerOf(facts, held.id)),
        held.id,
        'password-changed',
        session.id,
      );
    }
    await afterPassword(kit, tx, held, session.device ?? undefined);
    const scope = scopeAfter(kit, held, session, hasSecondFactor(summary));
    const proven = change.currentPassword === undefined ? [] : (['password'] as const);
    const grant = await kit.parts.sessions.renew(tx, session.id, { proven, scope }, facts);
    await tx.audit('PASSWORD_CHANGED', ownAct(facts, held.id));
    return granted(held, grant);
  });
  tellOwner(kit, seen, 'password-changed', circumstances(kit, facts));
  return answer;
}

function scopeAfter(
  kit: Kit,
  account: AccountRow,
  session: SessionState,
  secondFactor: boolean,
): SessionScope {
  const enforced = isEnforced(account.roles, kit.settings.roles.mfaEnforced);
  // A session of level 2 has proven its second factor; one that must enrol stays where it is.
  return scopeOf({ mustReset: false, enforced, secondFactor: secondFactor && session.scope !== 'enrol' });
}

/** @returns the account with the hash it has now */
async function authorise(
  kit: Kit,
  now: Current,
  change: ChangeGiven,
  facts: ClientFacts,
): Promise<AccountRow> {
  const { account, session } = now;
  if (change.currentPassword !== undefined) {
    const verdict = await kit.parts.devices.judge(account.id, facts);
    const tried = await tryPassword(kit, account.email, account, change.currentPassword, verdict, facts);
    if (!tried.ok || tried.account === undefined) throw invalidCredentials();
    return tried.account;
  }
  // Whoever is here has just signed in with the password that is to go.
  if (session.scope !== 'reset') await demandFresh(kit, now);
  return account;
}

async function refuseSame(kit: Kit, account: AccountRow, password: string): Promise<void> {
  if (account.password_hash === null) return;
  const { ok } = await kit.parts.hasher.verify(password, account.password_hash);
  if (!ok) return;
  const message = 'This is the password you have. Choose another one.';
  throw passwordRefused('newPassword', [{ code: 'PASSWORD_REUSED', message }]);
}
