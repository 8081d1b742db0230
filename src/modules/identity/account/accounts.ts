import type { Accounts } from '../facade.ts';
import { emailKey } from '../lockout/index.ts';
import { createAccount, importAccount, inviteAccount } from './accounts-new.ts';
import { listAccounts } from './accounts-list.ts';
import {
  endAccountSessions,
  lockAccount,
  requireReset,
  resetFactors,
  unlockAccount,
} from './accounts-acts.ts';
import { setRoles } from './accounts-roles.ts';
import { signInHistory } from './history.ts';
import type { Kit } from './kit.ts';
import { isEnforced } from './level.ts';
import { accountByEmailKey, accountById } from './store.ts';

/** Accounts as the house manages them. Who may call what is for the routes to say. */
export function createAccounts(kit: Kit): Accounts {
  const { sql } = kit.ports;
  return {
    get: (id) => accountById(sql, id.slice(0, 64)),
    byEmail: (email) => accountByEmailKey(sql, emailKey(email)),
    list: (query) => listAccounts(kit, query),
    mfaEnforced: (roles) => isEnforced(roles, kit.settings.roles.mfaEnforced),
    history: (account, limit, cursor) => signInHistory(sql, account, limit, cursor),
    async attempts(id) {
      const account = await accountById(sql, id.slice(0, 64));
      return account === undefined ? [] : kit.parts.lockout.state(kit.accountKey(account.email));
    },
    create: (given, actor) => createAccount(kit, given, actor),
    import: (given, actor) => importAccount(kit, given, actor),
    invite: (given, actor) => inviteAccount(kit, given, actor),
    lock: (id, given, actor) => lockAccount(kit, id, given, actor),
    unlock: (id, actor) => unlockAccount(kit, id, actor),
    requireReset: (id, actor) => requireReset(kit, id, actor),
    resetFactors: (id, actor) => resetFactors(kit, id, actor),
    endSessions: (id, actor, session) => endAccountSessions(kit, id, actor, session),
    setRoles: (id, roles, actor) => setRoles(kit, id, roles, actor),
  };
}
