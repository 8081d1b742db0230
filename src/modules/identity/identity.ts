import { createDevices, pruneDevices } from './device/index.ts';
import type { FactorKind, Notices } from './contract.ts';
import type { Identity } from './facade.ts';
import { createFactors } from './factor/index.ts';
import { accountKeys, createLockout, pruneLockout } from './lockout/index.ts';
import { createNotices } from './notify/index.ts';
import { type IdentityOptions, type IdentitySettings, readIdentityOptions } from './options.ts';
import { createPasswordHasher, createPasswordPolicy } from './password/index.ts';
import type { IdentityPorts } from './ports.ts';
import type { ClientFacts } from './request.ts';
import { createSessions, type ManagedSessions } from './session/index.ts';
import { type Background, background } from './account/background.ts';
import { flowsOf } from './account/facade.ts';
import type { Kit, Parts } from './account/kit.ts';
import { pruneAccounts } from './account/prune.ts';
import { accountById } from './account/store.ts';
import { circumstances, tellOwner } from './account/tell.ts';

const PRUNE_BATCH = 1_000;

/** What `createIdentity` stands on. */
export interface IdentityModulePorts extends IdentityPorts {
  /** Asks the list of breached passwords; needed only where `passwords.breached` is set. */
  readonly fetch?: typeof fetch;
}

/**
 * Makes accounts, sign-in and everything around them, over one database. Call `start` once its tables are there
 * (`identityTables`), and `prune` every few minutes.
 * @throws OptionsError
 */
export function createIdentity(options: IdentityOptions, ports: IdentityModulePorts): Identity {
  const settings = readIdentityOptions('identity', options);
  const accountKey = accountKeys(ports.secret);
  const running = background(ports.log);
  const onReuse = (account: string, _session: string, facts: ClientFacts): void =>
    running.run('a notice of a stolen token', () => tellOfReuse(kit, account, facts));
  const sessions = createSessions(settings.sessions, { ...ports, onReuse });
  const own = partsOf(settings, ports, sessions, accountKey);
  const notices = withBackground(own.notices, running, sessions);
  const kit: Kit = { settings, ports, parts: { ...own, notices }, accountKey, background: running };
  return identityOver(kit, sessions);
}

function partsOf(
  settings: IdentitySettings,
  ports: IdentityModulePorts,
  sessions: ManagedSessions,
  accountKey: Kit['accountKey'],
): Parts {
  const notices = createNotices({ product: settings.product }, ports);
  const lockout = createLockout(settings.lockout, ports);
  const disabledOf = async (id: string): Promise<readonly FactorKind[]> => {
    const account = await accountById(ports.sql, id);
    if (account === undefined) return [];
    const state = await lockout.state(accountKey(account.email));
    return state.filter(({ disabled }) => disabled).map(({ factor }) => factor);
  };
  return {
    hasher: createPasswordHasher(settings.passwords, ports),
    passwords: createPasswordPolicy(settings.passwords, ports),
    notices,
    sessions,
    lockout,
    devices: createDevices(settings.devices, ports),
    factors: createFactors(settings.factors, { ...ports, notices, disabledOf }),
  };
}

/** What is still being looked up is not sent yet: `settled` and `close` wait for it. */
function withBackground(notices: Notices, running: Background, sessions: ManagedSessions): Notices {
  const ready = async (): Promise<void> => {
    await sessions.settled();
    await running.settled();
  };
  return {
    send: (notice) => notices.send(notice),
    async settled() {
      await ready();
      await notices.settled();
    },
    async close() {
      await ready();
      await notices.close();
    },
  };
}

/** A refresh token was used twice: its session has ended, and the owner should know why. */
async function tellOfReuse(kit: Kit, account: string, facts: ClientFacts): Promise<void> {
  const owner = await accountById(kit.ports.sql, account);
  if (owner?.status === 'active') tellOwner(kit, owner, 'refresh-reuse', circumstances(kit, facts));
}

/** The facade over parts that are there. */
function identityOver(kit: Kit, sessions: ManagedSessions): Identity {
  const { sql } = kit.ports;
  return {
    ...flowsOf(kit),
    start: () => sessions.start(),
    async prune(nowMs) {
      const rows = [
        await pruneAccounts(sql, nowMs),
        await sessions.prune(nowMs, PRUNE_BATCH),
        await pruneLockout(sql, nowMs, PRUNE_BATCH),
        await pruneDevices(sql, nowMs, PRUNE_BATCH),
      ];
      return rows.reduce((sum, one) => sum + one, 0);
    },
    async close() {
      await sessions.close();
      await kit.parts.notices.close();
    },
  };
}
