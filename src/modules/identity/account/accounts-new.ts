import { ConflictError } from '../../../core/errors.ts';
import type { Accounts, Actor } from '../facade.ts';
import { invalidField } from '../errors.ts';
import { emailKey } from '../lockout/index.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { readStored } from '../password/index.ts';
import { cleanRoles } from './accounts-roles.ts';
import { cleanEmail, cleanName } from './clean.ts';
import type { Kit } from './kit.ts';
import { createLink, endLinks } from './links.ts';
import { judgePassword } from './sign-up.ts';
import { accountByEmailKey, insertAccount, type NewAccount } from './store.ts';
import { adminAct, linkTo, tellOwner } from './tell.ts';

const TAKEN = 'There is an account with this address already.';

/**
 * Makes an active account with a password. Where somebody else chose that password, give `mustReset`.
 * @throws AppError 400 with the password's faults, 409 where the address has an account
 */
export async function createAccount(
  kit: Kit,
  given: Parameters<Accounts['create']>[0],
  actor: Actor,
): Promise<AccountRow> {
  const email = cleanEmail(given.email);
  const name = cleanName(given.name);
  const roles = cleanRoles(given.roles);
  await judgePassword(kit, 'password', given.password, [email, name], roles);
  const passwordHash = await kit.parts.hasher.hash(given.password);
  const fresh: NewAccount = {
    email,
    emailKey: emailKey(email),
    name,
    locale: kit.settings.locale,
    status: 'active',
    roles,
    passwordHash,
    mustReset: given.mustReset ?? false,
  };
  return kit.ports.transaction(async (tx) => {
    const account = await insertAccount(tx, fresh, kit.ports.clock.now());
    if (account === undefined) throw new ConflictError(TAKEN);
    await tx.audit('USER_CREATED', adminAct(actor, account.id, { how: 'created', roles: roles.join(' ') }));
    return account;
  });
}

/**
 * Takes an active account over from an older system, with its password hash as it is: the next sign-in replaces it by a
 * current one. A hash that cannot be verified here leaves an account that "forgot password" opens.
 * @throws AppError 400, 409 where the address has an account
 */
export async function importAccount(
  kit: Kit,
  given: Parameters<Accounts['import']>[0],
  actor: Actor,
): Promise<AccountRow> {
  const email = cleanEmail(given.email);
  const roles = cleanRoles(given.roles);
  const { passwordHash } = given;
  if (passwordHash !== null && readStored(passwordHash) === undefined)
    throw invalidField('passwordHash', 'pattern', 'This hash is of no kind that is verified here.');
  const nowMs = kit.ports.clock.now();
  const createdAtMs = given.createdAtMs ?? nowMs;
  if (!Number.isSafeInteger(createdAtMs) || createdAtMs < 0 || createdAtMs > nowMs)
    throw invalidField('createdAtMs', 'range', 'Milliseconds since 1970, not ahead.');
  const fresh: NewAccount = {
    email,
    emailKey: emailKey(email),
    name: cleanName(given.name),
    locale: given.locale ?? kit.settings.locale,
    status: 'active',
    roles,
    passwordHash,
  };
  return kit.ports.transaction(async (tx) => {
    const account = await insertAccount(tx, fresh, createdAtMs);
    if (account === undefined) throw new ConflictError(TAKEN);
    await tx.audit('USER_CREATED', adminAct(actor, account.id, { how: 'imported', roles: roles.join(' ') }));
    return account;
  });
}

/**
 * Makes a pending account and mails its owner a link to set a password; nobody else ever knows one (ASVS 6.4.6). An
 * account that is still pending is mailed a new link, and the old one ends.
 * @throws AppError 400, 409 where the address has an account
 */
export async function inviteAccount(
  kit: Kit,
  given: Parameters<Accounts['invite']>[0],
  actor: Actor,
): Promise<AccountRow> {
  const { ports, settings } = kit;
  const nowMs = ports.clock.now();
  const email = cleanEmail(given.email);
  const roles = cleanRoles(given.roles);
  const fresh: NewAccount = {
    email,
    emailKey: emailKey(email),
    name: cleanName(given.name),
    locale: settings.locale,
    status: 'pending',
    roles,
    passwordHash: null,
  };
  const { account, token } = await ports.transaction(async (tx) => {
    const made = await insertAccount(tx, fresh, nowMs);
    const account = made ?? (await accountByEmailKey(tx, fresh.emailKey));
    const same = account?.roles.join(' ') === roles.join(' ');
    if (account?.status !== 'pending' || !same) throw new ConflictError(TAKEN);
    await endLinks(tx, account.id, nowMs, ['invitation']);
    const token = await createLink(
      tx,
      ports.box,
      {
        kind: 'invitation',
        account: account.id,
        emailKey: account.email_key,
        group: '',
        payload: null,
        lifeMs: settings.links.invitation,
      },
      nowMs,
    );
    await tx.audit('USER_CREATED', adminAct(actor, account.id, { how: 'invited', roles: roles.join(' ') }));
    return { account, token };
  });
  tellOwner(kit, account, 'invitation', {
    link: linkTo(kit, 'invitation', token),
    product: settings.product,
  });
  return account;
}
