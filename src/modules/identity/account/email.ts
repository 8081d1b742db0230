import { sessionEnded } from '../errors.ts';
import type { SessionState } from '../contract.ts';
import { emailKey } from '../lockout/index.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { cleanEmail } from './clean.ts';
import { current, demandFresh } from './current.ts';
import type { Kit } from './kit.ts';
import { createLink, endLinks, holdAddress, mayLink } from './links.ts';
import { accountByEmailKey, accountById } from './store.ts';
import { circumstances, linkTo, tellOwner } from './tell.ts';
import type { PendingEmail } from './verify-email.ts';

interface Sending {
  readonly token: string;
  readonly owner: AccountRow | undefined;
}

/**
 * Mails a link to a new address; the account keeps the old one until it is used. An address that has an account is
 * answered alike, and its owner is mailed instead (A22).
 * @throws AppError 401 FRESH_AUTH_REQUIRED, SESSION_ENDED; 400
 */
export async function changeEmail(
  kit: Kit,
  session: SessionState,
  email: string,
  facts: ClientFacts,
): Promise<void> {
  const now = await current(kit, session);
  await demandFresh(kit, now, { factor: 'second' });
  const to = cleanEmail(email);
  const { account } = now;
  const sending = await kit.ports.transaction((tx) => linkFor(kit, tx, account, to, facts));
  if (sending === undefined) return;
  const { owner, token } = sending;
  if (owner === undefined) {
    const { name, locale } = account;
    const link = linkTo(kit, 'email-change', token);
    tellOwner(kit, { email: to, name, locale }, 'email-change', { ...circumstances(kit, facts), link });
  } else {
    const link = `${kit.settings.publicUrl}/account/sign-in`;
    tellOwner(kit, owner, 'already-registered', { ...circumstances(kit, facts), link });
  }
}

async function linkFor(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  to: string,
  facts: ClientFacts,
): Promise<Sending | undefined> {
  const { box, clock } = kit.ports;
  const nowMs = clock.now();
  const key = emailKey(to);
  await holdAddress(tx, key, facts.group);
  const held = await accountById(tx, account.id, 'lock');
  if (held?.status !== 'active') throw sessionEnded();
  const found = await accountByEmailKey(tx, key);
  if (!(await mayLink(tx, 'email-change', key, facts.group, nowMs))) return undefined;
  // Only the newest request counts.
  await endLinks(tx, account.id, nowMs, ['email-change']);
  const payload: PendingEmail = { email: to };
  const lifeMs = kit.settings.links.emailChange;
  const link = { kind: 'email-change', account: account.id, emailKey: key, group: facts.group } as const;
  const token = await createLink(tx, box, { ...link, payload, lifeMs }, nowMs);
  return { token, owner: found?.id === account.id ? undefined : found };
}
