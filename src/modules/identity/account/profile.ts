import { sessionEnded } from '../errors.ts';
import type { SessionState } from '../contract.ts';
import type { UserView } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { keepOneAdministrator } from './administrators.ts';
import { endChallenges } from './challenges.ts';
import { cleanLocale, cleanName } from './clean.ts';
import { current, demandFresh } from './current.ts';
import { forgetHistory } from './history.ts';
import type { Kit } from './kit.ts';
import { endLinks, endLinksTo, holdAddress } from './links.ts';
import { accountById, updateAccount, userView } from './store.ts';
import { actedBy, ownAct, ownerOf } from './tell.ts';

/** Changes name and language, and nothing else (A34). */
export async function changeProfile(
  kit: Kit,
  session: SessionState,
  given: { readonly name?: string | undefined; readonly locale?: string | undefined },
): Promise<UserView> {
  const { account } = await current(kit, session);
  return kit.ports.transaction(async (tx) => {
    const held = await accountById(tx, account.id, 'lock');
    if (held?.status !== 'active') throw sessionEnded();
    const change = {
      name: given.name === undefined ? held.name : cleanName(given.name),
      locale: cleanLocale(given.locale, held.locale),
    };
    await updateAccount(tx, held.id, change, 'visible');
    await kit.parts.sessions.changed(tx, held.id);
    await tx.audit('PROFILE_CHANGED', { actor: `user:${held.id}`, subject: held.id });
    return userView({ ...held, ...change });
  });
}

/**
 * Deletes an account for its owner: what is personal goes, the row stays under its id so that the audit trail still
 * means something. The address is free again.
 * @throws AppError 401 FRESH_AUTH_REQUIRED, SESSION_ENDED; 409 for the last administrator
 */
export async function deleteAccount(kit: Kit, session: SessionState, facts: ClientFacts): Promise<void> {
  const now = await current(kit, session);
  await demandFresh(kit, now, { factor: 'second' });
  await kit.ports.transaction(async (tx) => {
    await holdAddress(tx, now.account.email_key);
    await keepOneAdministrator(kit, tx, now.account.id);
    const held = await accountById(tx, now.account.id, 'lock');
    if (held?.status !== 'active') throw sessionEnded();
    await kit.parts.sessions.endAll(actedBy(tx, ownerOf(facts, held.id)), held.id, 'deleted');
    await removeAccount(kit, tx, held);
    await tx.audit('ACCOUNT_DELETED', ownAct(facts, held.id));
  });
}

async function removeAccount(kit: Kit, tx: IdentityTransaction, account: AccountRow): Promise<void> {
  const { parts, ports } = kit;
  const nowMs = ports.clock.now();
  await parts.factors.removeAll(tx, account.id);
  // Devices and places that are only marked as removed would still say where somebody was.
  await tx.query('DELETE FROM rampart.identity_devices WHERE account = $1', [account.id]);
  await tx.query('DELETE FROM rampart.identity_places WHERE account = $1', [account.id]);
  await endLinks(tx, account.id, nowMs);
  await endLinksTo(tx, 'sign-up', account.email_key, nowMs);
  await endChallenges(tx, account.id, nowMs);
  await forgetHistory(tx, account.id);
  await parts.lockout.clear(tx, kit.accountKey(account.email));
  const gone = {
    email: '',
    // No address has this form, since none comes without `@`.
    email_key: `deleted ${account.id}`,
    name: '',
    status: 'deleted',
    roles: [],
    password_hash: null,
    must_reset: false,
    locked_reason: null,
    locked_until_ms: null,
  } as const;
  await updateAccount(tx, account.id, gone, 'visible');
}
