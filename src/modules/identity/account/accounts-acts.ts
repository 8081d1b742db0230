import type { FactorKind } from '../contract.ts';
import type { Actor } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { invalidField } from '../errors.ts';
import { keepOneAdministrator } from './administrators.ts';
import { endChallenges } from './challenges.ts';
import { cleanName } from './clean.ts';
import type { Kit } from './kit.ts';
import { createLink, endLinks } from './links.ts';
import { accountById, updateAccount } from './store.ts';
import { actedBy, adminAct, linkTo, tellOwner } from './tell.ts';

const HOUR_MS = 3_600_000;
const MAX_HOURS = 8_760;

/** Does something with an account that is there, while its row is held. @returns the account, if there is one */
async function act(
  kit: Kit,
  id: string,
  actor: Actor,
  work: (tx: IdentityTransaction, account: AccountRow) => Promise<void>,
  first?: (tx: IdentityTransaction) => Promise<void>,
): Promise<AccountRow | undefined> {
  return kit.ports.transaction(async (given) => {
    const tx = actedBy(given, { actor: actor.id, address: actor.address });
    await first?.(tx);
    const held = await accountById(tx, id, 'lock');
    if (held === undefined || held.status === 'deleted') return undefined;
    await work(tx, held);
    return held;
  });
}

function timeOf(kit: Kit): Readonly<Record<string, string>> {
  return { time: String(Math.floor(kit.ports.clock.now())) };
}

/**
 * Locks an account and ends its sessions.
 * @param given.hours 1 to 8,760; left out: until somebody unlocks it
 * @throws AppError 400; 409 for the last administrator
 */
export async function lockAccount(
  kit: Kit,
  id: string,
  given: { readonly reason: string; readonly hours?: number | undefined },
  actor: Actor,
): Promise<boolean> {
  const { hours } = given;
  if (hours !== undefined && !(hours > 0 && hours <= MAX_HOURS)) {
    throw invalidField('hours', 'range', `Between 1 and ${MAX_HOURS} hours.`);
  }
  const nowMs = kit.ports.clock.now();
  const reason = cleanName(given.reason);
  const until = hours === undefined ? null : nowMs + hours * HOUR_MS;
  const locked = await act(
    kit,
    id,
    actor,
    async (tx, held) => {
      const change = { status: 'locked', locked_reason: reason, locked_until_ms: until } as const;
      await updateAccount(tx, held.id, change, 'visible');
      await endChallenges(tx, held.id, nowMs);
      await endLinks(tx, held.id, nowMs);
      await kit.parts.sessions.endAll(tx, held.id, 'locked');
      await kit.parts.sessions.changed(tx, held.id);
      await tx.audit('ACCOUNT_LOCKED', adminAct(actor, held.id, { reason, hours: hours ?? null }));
    },
    (tx) => keepOneAdministrator(kit, tx, id),
  );
  if (locked !== undefined) tellOwner(kit, locked, 'account-locked', timeOf(kit));
  return locked !== undefined;
}

/** Unlocks an account: its status, every delay on its factors, and what was disabled by failures. */
export async function unlockAccount(kit: Kit, id: string, actor: Actor): Promise<boolean> {
  const unlocked = await act(kit, id, actor, async (tx, held) => {
    if (held.status === 'locked') {
      const status = held.email_verified_at_ms === null ? 'pending' : 'active';
      await updateAccount(tx, held.id, { status, locked_reason: null, locked_until_ms: null }, 'visible');
      await kit.parts.sessions.changed(tx, held.id);
    }
    await kit.parts.lockout.clear(tx, kit.accountKey(held.email));
    await tx.audit('ACCOUNT_UNLOCKED', adminAct(actor, held.id, { by: 'administrator' }));
  });
  return unlocked !== undefined;
}

/**
 * Takes the password away: every session ends and the next sign-in needs the link that is mailed. Whoever has stolen the
 * old password cannot set the new one.
 */
export async function requireReset(kit: Kit, id: string, actor: Actor): Promise<boolean> {
  const { ports } = kit;
  const nowMs = ports.clock.now();
  let token = '';
  const done = await act(kit, id, actor, async (tx, held) => {
    await updateAccount(tx, held.id, { password_hash: null, must_reset: true });
    await endChallenges(tx, held.id, nowMs);
    await endLinks(tx, held.id, nowMs, ['reset', 'unlock', 'email-change']);
    await kit.parts.devices.forget(tx, held.id);
    await kit.parts.sessions.endAll(tx, held.id, 'admin');
    const link = {
      kind: 'reset',
      account: held.id,
      emailKey: held.email_key,
      group: '',
      payload: null,
    } as const;
    token = await createLink(tx, ports.box, { ...link, lifeMs: kit.settings.links.reset }, nowMs);
    await tx.audit('USER_RESET_REQUIRED', adminAct(actor, held.id));
  });
  if (done !== undefined) {
    tellOwner(kit, done, 'reset-required', { ...timeOf(kit), link: linkTo(kit, 'reset', token) });
  }
  return done !== undefined;
}

const SECOND_FACTORS: readonly FactorKind[] = ['totp', 'sms', 'email', 'backup', 'passkey'];

/** Removes every second factor: for people who have lost theirs. Where roles demand one, the next sign-in enrols anew. */
export async function resetFactors(kit: Kit, id: string, actor: Actor): Promise<boolean> {
  const done = await act(kit, id, actor, async (tx, held) => {
    await kit.parts.factors.removeAll(tx, held.id);
    for (const factor of SECOND_FACTORS) {
      await kit.parts.lockout.clear(tx, kit.accountKey(held.email), factor);
    }
    await endChallenges(tx, held.id, kit.ports.clock.now());
    await kit.parts.sessions.endAll(tx, held.id, 'factors-changed');
    await tx.audit('USER_FACTORS_RESET', adminAct(actor, held.id));
  });
  if (done !== undefined) tellOwner(kit, done, 'factor-removed', { ...timeOf(kit), factor: 'all' });
  return done !== undefined;
}

/** Ends all sessions of an account, or one. @returns how many ended */
export async function endAccountSessions(
  kit: Kit,
  id: string,
  actor: Actor,
  session?: string,
): Promise<number> {
  return kit.ports.transaction(async (tx) => {
    const acting = actedBy(tx, { actor: actor.id, address: actor.address });
    if (session === undefined) return kit.parts.sessions.endAll(acting, id, 'admin');
    return (await kit.parts.sessions.end(acting, id, session, 'admin')) ? 1 : 0;
  });
}
