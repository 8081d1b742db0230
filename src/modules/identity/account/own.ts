import { sessionEnded } from '../errors.ts';
import type { SessionState } from '../contract.ts';
import type { Granted } from '../facade.ts';
import type { ClientFacts } from '../request.ts';
import { granted } from './admit.ts';
import { current } from './current.ts';
import type { Kit } from './kit.ts';
import { accountById } from './store.ts';
import { actedBy, ownAct, ownerOf } from './tell.ts';

/** Exchanges a refresh token or session cookie. @throws AppError 401 SESSION_ENDED */
export async function refresh(kit: Kit, token: string, facts: ClientFacts): Promise<Granted> {
  const grant = await kit.parts.sessions.refresh(token, facts);
  if (grant === undefined) throw sessionEnded();
  const account = await accountById(kit.ports.sql, grant.session.account);
  if (account?.status !== 'active') throw sessionEnded();
  return granted(account, grant);
}

/** Ends the session that asks. Ending one that has ended is no mistake. */
export async function signOut(kit: Kit, session: SessionState, facts: ClientFacts): Promise<void> {
  await kit.ports.transaction(async (tx) => {
    const ended = await kit.parts.sessions.end(tx, session.account, session.id, 'sign-out');
    if (ended) await tx.audit('SIGNED_OUT', ownAct(facts, session.account));
  });
}

/** Ends one session of the account; one of somebody else is not found. */
export async function endSession(
  kit: Kit,
  session: SessionState,
  id: string,
  facts: ClientFacts,
): Promise<boolean> {
  const { account } = await current(kit, session);
  return kit.ports.transaction((tx) =>
    kit.parts.sessions.end(actedBy(tx, ownerOf(facts, account.id)), account.id, id, 'user'),
  );
}

/** Ends all sessions of the account but the one that asks. @returns how many ended */
export async function endOtherSessions(kit: Kit, session: SessionState, facts: ClientFacts): Promise<number> {
  const { account, session: now } = await current(kit, session);
  return kit.ports.transaction((tx) =>
    kit.parts.sessions.endAll(actedBy(tx, ownerOf(facts, account.id)), account.id, 'user', now.id),
  );
}

/**
 * Forgets a device: its sessions end, but for the one that asks, and what signs in there is unknown from then on.
 * One of somebody else is not found.
 */
export async function removeDevice(
  kit: Kit,
  session: SessionState,
  id: string,
  facts: ClientFacts,
): Promise<boolean> {
  const { account, session: now } = await current(kit, session);
  return kit.ports.transaction(async (tx) => {
    if (!(await kit.parts.devices.remove(tx, account.id, id))) return false;
    await kit.parts.sessions.endOfDevice(actedBy(tx, ownerOf(facts, account.id)), account.id, id, now.id);
    return true;
  });
}
