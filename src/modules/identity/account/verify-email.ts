import { linkInvalid } from '../errors.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow, LinkRow } from '../tables/accounts.ts';
import { emailKey } from '../lockout/index.ts';
import type { Kit } from './kit.ts';
import {
  consumeLink,
  createLink,
  endLinks,
  endLinksTo,
  findLink,
  holdAddress,
  openLinks,
  payloadOf,
} from './links.ts';
import { isUsable, type PendingSignUp } from './sign-up.ts';
import { accountByEmailKey, accountById, insertAccount, updateAccount } from './store.ts';
import { circumstances, linkTo, ownAct, tellOwner } from './tell.ts';

/** A new address that waits for its link to be used; stands sealed in it. */
export interface PendingEmail {
  readonly email: string;
}

interface Outcome {
  readonly email: string;
  /** Mails what is to be told, once the transaction has committed. */
  readonly tell?: () => void;
}

/**
 * Uses up the link of a sign-up or of a changed address.
 * @throws AppError 400 LINK_INVALID when it is wrong, used or too old, or the address was taken meanwhile
 */
export async function verifyEmail(
  kit: Kit,
  token: string,
  facts: ClientFacts,
): Promise<{ readonly email: string }> {
  try {
    const outcome = await kit.ports.transaction(async (tx) => {
      const link = await takeLink(tx, token, kit.ports.clock.now());
      return link.kind === 'sign-up'
        ? verifySignUp(kit, tx, link, facts)
        : verifyChange(kit, tx, link, facts);
    });
    outcome.tell?.();
    return { email: outcome.email };
  } catch (error) {
    // Somebody else took the address in this very moment (A32): the unique key has decided.
    if ((error as { code?: unknown }).code === '23505') throw linkInvalid();
    throw error;
  }
}

/** Uses a link up while its address and, where there is one, its account are held. */
async function takeLink(tx: IdentityTransaction, token: string, nowMs: number): Promise<LinkRow> {
  const kinds = ['sign-up', 'email-change'] as const;
  const seen = await findLink(tx, token, kinds, nowMs);
  if (seen === undefined) throw linkInvalid();
  await holdAddress(tx, seen.email_key);
  if (seen.account !== null) await accountById(tx, seen.account, 'lock');
  return consumeLink(tx, token, kinds, nowMs);
}

async function verifySignUp(
  kit: Kit,
  tx: IdentityTransaction,
  link: LinkRow,
  facts: ClientFacts,
): Promise<Outcome> {
  const { box, clock } = kit.ports;
  const nowMs = clock.now();
  if (link.account !== null) throw linkInvalid();
  const pending = payloadOf(box, link) as PendingSignUp;
  const rivals = await openLinks(tx, 'sign-up', link.email_key, nowMs);
  const contested = rivals.some((one) => isUsable(one) && one.client_group !== link.client_group);
  const account = await insertAccount(
    tx,
    {
      email: pending.email,
      emailKey: link.email_key,
      name: contested ? '' : pending.name,
      locale: pending.locale,
      status: 'active',
      roles: kit.settings.roles.signUp,
      passwordHash: contested ? null : pending.passwordHash,
    },
    nowMs,
  );
  if (account === undefined) throw linkInvalid();
  await endLinksTo(tx, 'sign-up', link.email_key, nowMs);
  await tx.audit('SIGNED_UP', ownAct(facts, account.id));
  const tell = contested ? await offerPassword(kit, tx, account, facts) : undefined;
  return { email: account.email, ...(tell === undefined ? {} : { tell }) };
}

/**
 * Two clients have signed up with one address, and its owner may have followed the other one's link: then nobody's
 * password counts, and the owner is mailed a link to set one (A32).
 */
async function offerPassword(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  facts: ClientFacts,
): Promise<() => void> {
  const { box, clock } = kit.ports;
  const link = {
    kind: 'reset',
    account: account.id,
    emailKey: account.email_key,
    group: '',
    payload: null,
    lifeMs: kit.settings.links.reset,
  } as const;
  const token = await createLink(tx, box, link, clock.now());
  return () =>
    tellOwner(kit, account, 'reset-required', {
      ...circumstances(kit, facts),
      link: linkTo(kit, 'reset', token),
    });
}

async function verifyChange(
  kit: Kit,
  tx: IdentityTransaction,
  link: LinkRow,
  facts: ClientFacts,
): Promise<Outcome> {
  const { box, clock } = kit.ports;
  const nowMs = clock.now();
  const { email } = payloadOf(box, link) as PendingEmail;
  const before = await accountById(tx, link.account ?? '');
  const taken = await accountByEmailKey(tx, link.email_key);
  const free = taken === undefined || taken.id === before?.id;
  if (before?.status !== 'active' || !free) throw linkInvalid();
  const change = { email, email_key: emailKey(email), email_verified_at_ms: nowMs };
  await updateAccount(tx, before.id, change, 'visible');
  await endLinks(tx, before.id, nowMs);
  await kit.parts.sessions.changed(tx, before.id);
  await tx.audit('EMAIL_CHANGED', ownAct(facts, before.id));
  const tell = (): void => tellOwner(kit, before, 'email-changed', circumstances(kit, facts));
  return { email, tell };
}
