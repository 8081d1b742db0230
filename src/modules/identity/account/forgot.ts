import { emailKey } from '../lockout/index.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { cleanEmail } from './clean.ts';
import type { Kit } from './kit.ts';
import { createLink, endLinks, holdAddress, mayLink } from './links.ts';
import { accountByEmailKey } from './store.ts';
import { circumstances, eventOf, linkTo, tellOwner } from './tell.ts';

/** Mails a link to set a new password. Answers alike whether or not the address is known (A22). */
export async function forgotPassword(kit: Kit, email: string, facts: ClientFacts): Promise<void> {
  const { ports, settings } = kit;
  const to = cleanEmail(email);
  const key = emailKey(to);
  const nowMs = ports.clock.now();
  ports.events.emit('PASSWORD_RESET_REQUESTED', eventOf(facts, null));
  const sending = await ports.transaction(async (tx) => {
    await holdAddress(tx, key, facts.group);
    const account = await accountByEmailKey(tx, key, 'lock');
    if (!(await mayLink(tx, 'reset', key, facts.group, nowMs))) return undefined;
    await endLinks(tx, account?.id ?? '', nowMs, ['reset']);
    const id = account !== undefined && mayReset(kit, account) ? account.id : null;
    const lifeMs = settings.links.reset;
    const link = {
      kind: 'reset',
      account: id,
      emailKey: key,
      group: facts.group,
      payload: null,
      lifeMs,
    } as const;
    return { account, token: await createLink(tx, ports.box, link, nowMs) };
  });
  if (sending === undefined) return;
  const { account, token } = sending;
  if (account === undefined) {
    tellOwner(kit, { email: to, name: '', locale: settings.locale }, 'no-account', circumstances(kit, facts));
  } else if (mayReset(kit, account)) {
    const link = linkTo(kit, 'reset', token);
    tellOwner(kit, account, 'reset-password', { ...circumstances(kit, facts), link });
  }
}

/** An invited account sets its first password in the same way. */
export function mayReset({ ports }: Pick<Kit, 'ports'>, account: AccountRow): boolean {
  if (ports.isBlocked?.(account.id) === true) return false;
  return account.status === 'active' || account.status === 'pending';
}
