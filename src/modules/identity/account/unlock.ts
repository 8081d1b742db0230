import { linkInvalid } from '../errors.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { forgotPassword } from './forgot.ts';
import type { Kit } from './kit.ts';
import { consumeLink, createLink, mayLink } from './links.ts';
import { accountById } from './store.ts';
import { circumstances, linkTo, ownAct, tellOwner } from './tell.ts';

/**
 * Tells an owner that somebody tries passwords, with a link that lifts the delays. In the background: whether there is
 * an owner to be told must not show in how long the answer takes.
 */
export function offerUnlock(kit: Kit, account: AccountRow, facts: ClientFacts): void {
  kit.background.run('a notice of suspicious attempts', () => mailUnlock(kit, account, facts));
}

async function mailUnlock(kit: Kit, account: AccountRow, facts: ClientFacts): Promise<void> {
  const { sql, box, clock } = kit.ports;
  if (!(await mayLink(sql, 'unlock', account.email_key, '', clock.now()))) return;
  const link = {
    kind: 'unlock',
    account: account.id,
    emailKey: account.email_key,
    group: '',
    payload: null,
    lifeMs: kit.settings.links.unlock,
  } as const;
  const token = await createLink(sql, box, link, clock.now());
  tellOwner(kit, account, 'suspicious-attempts', circumstances(kit, facts));
  tellOwner(kit, account, 'unlock', { ...circumstances(kit, facts), link: linkTo(kit, 'unlock', token) });
}

/**
 * Lifts the delays on an account's password. One that is disabled stays so and must be set anew (NIST SP 800-63B-4,
 * 3.2.2): its owner is mailed a link for that.
 * @throws AppError 400 LINK_INVALID
 */
export async function unlock(kit: Kit, token: string, facts: ClientFacts): Promise<void> {
  const { ports, parts } = kit;
  const account = await ports.transaction(async (tx) => {
    const link = await consumeLink(tx, token, ['unlock'], ports.clock.now());
    return accountById(tx, link.account ?? '');
  });
  if (account === undefined || account.status === 'deleted') throw linkInvalid();
  const key = kit.accountKey(account.email);
  const state = await parts.lockout.state(key);
  if (state.some(({ factor, disabled }) => factor === 'password' && disabled)) {
    await forgotPassword(kit, account.email, facts);
    return;
  }
  await ports.transaction(async (tx) => {
    await parts.lockout.clear(tx, key, 'password');
    await tx.audit('ACCOUNT_UNLOCKED', ownAct(facts, account.id, { by: 'mail' }));
  });
}
