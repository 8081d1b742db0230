import type { DeviceVerdict, FactorKind, SessionGrant } from '../contract.ts';
import { challengeInvalid, invalidCredentials } from '../errors.ts';
import type { Granted } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { impossibleJourney, type Journey } from '../device/travel.ts';
import { lastSignIn, noteSignIn } from './history.ts';
import type { Kit } from './kit.ts';
import { isEnforced, levelOf, scopeOf } from './level.ts';
import { accountById, updateAccount, userView } from './store.ts';
import { circumstances, eventOf, tellOwner } from './tell.ts';

/** What a completed sign-in has proven. */
export interface Proven {
  readonly factors: readonly FactorKind[];
  /** A passkey verified its user by PIN or fingerprint. */
  readonly userVerified: boolean;
  /** A second factor is enrolled. */
  readonly secondFactor: boolean;
}

/** A sign-in that was written, and what is to be told once its transaction has committed. */
export interface Admission {
  readonly granted: Granted;
  announce(): void;
}

/** Whether an account may sign in now; a lock that has run out holds nobody, and a block holds like a lock. */
export function maySignIn({ ports }: Pick<Kit, 'ports'>, account: AccountRow): boolean {
  const nowMs = ports.clock.now();
  if (ports.isBlocked?.(account.id) === true) return false;
  if (account.status === 'active') return true;
  return account.status === 'locked' && account.locked_until_ms !== null && account.locked_until_ms <= nowMs;
}

/**
 * The account's row, held until the transaction ends, as it was when its password or challenge was looked at.
 * Without this a password change or a lock at the same moment would leave a session behind.
 * @throws AppError 401 when it may not sign in any more, or the password is another one
 */
export async function holdAccount(
  kit: Kit,
  tx: IdentityTransaction,
  seen: AccountRow,
  step: 'first' | 'second',
): Promise<AccountRow> {
  const held = await accountById(tx, seen.id, 'lock');
  const same = held?.password_hash === seen.password_hash && held.must_reset === seen.must_reset;
  if (held === undefined || !same || !maySignIn(kit, held)) {
    throw step === 'first' ? invalidCredentials() : challengeInvalid();
  }
  return held;
}

/** Opens the session, remembers the device and writes the history. `account` is held by the transaction. */
export async function admitAccount(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  proven: Proven,
  facts: ClientFacts,
): Promise<Admission> {
  const { clock } = kit.ports;
  const first = account.last_sign_in_at_ms === null;
  const change = { last_sign_in_at_ms: clock.now() };
  const unlocked = { status: 'active', locked_until_ms: null, locked_reason: null } as const;
  if (account.status === 'locked') await updateAccount(tx, account.id, { ...change, ...unlocked }, 'visible');
  else await updateAccount(tx, account.id, change);
  const remembered = await kit.parts.devices.remember(tx, account.id, facts);
  const grant = await kit.parts.sessions.open(tx, {
    account: account.id,
    scope: scopeOf({
      mustReset: account.must_reset,
      enforced: isEnforced(account.roles, kit.settings.roles.mfaEnforced),
      secondFactor: proven.secondFactor,
    }),
    factors: proven.factors,
    aal: levelOf(proven.factors, proven.userVerified),
    device: remembered.device,
    facts,
  });
  const journey = remembered.isNew && !first ? await journeyOf(kit, tx, account.id, facts) : undefined;
  await noteSignIn(kit, tx, account.id, 'signed-in', proven.factors, facts);
  return {
    granted: granted(account, grant, remembered.cookie),
    announce() {
      announceSignIn(kit, account, proven.factors, facts);
      if (!first) tellOfDevice(kit, account, remembered, facts);
      if (journey !== undefined)
        kit.ports.events.emit('IMPOSSIBLE_TRAVEL', eventOf(facts, account.id, { details: { ...journey } }));
    },
  };
}

/**
 * Whether the caller cannot have come here since the last sign-in. Asked on new devices alone: whoever switches a VPN on
 * where they are known has not travelled. Coordinates are looked up for both now, and kept nowhere.
 */
async function journeyOf(
  { ports }: Kit,
  tx: IdentityTransaction,
  account: string,
  facts: ClientFacts,
): Promise<Journey | undefined> {
  const place = ports.placeOf?.(facts.address);
  if (place?.point === undefined || place.hidden === true) return undefined;
  const last = await lastSignIn(tx, account);
  if (last === undefined) return undefined;
  const from = { place: ports.placeOf?.(last.address), atMs: last.at_ms };
  return impossibleJourney(from, { place, atMs: ports.clock.now() });
}

/** What the caller is given. */
export function granted(
  account: AccountRow,
  grant: SessionGrant,
  deviceCookie: string | null = null,
): Granted {
  return { kind: 'granted', user: userView(account), grant, deviceCookie };
}

function announceSignIn(
  kit: Kit,
  account: AccountRow,
  factors: readonly FactorKind[],
  facts: ClientFacts,
): void {
  kit.ports.events.emit(
    'SIGN_IN_SUCCEEDED',
    eventOf(facts, account.id, { actor: `user:${account.id}`, details: { factors: factors.join(' ') } }),
  );
}

/** The very first sign-in after the sign-up is new in every way: no mail for that. */
function tellOfDevice(
  kit: Kit,
  account: AccountRow,
  found: { readonly isNew: boolean; readonly newPlace: boolean },
  facts: ClientFacts,
): void {
  if (found.isNew) {
    kit.ports.events.emit('NEW_DEVICE', eventOf(facts, account.id));
    tellOwner(kit, account, 'new-device', circumstances(kit, facts));
    return;
  }
  if (!found.newPlace) return;
  kit.ports.events.emit('NEW_PLACE', eventOf(facts, account.id));
  tellOwner(kit, account, 'new-place', circumstances(kit, facts));
}

/** Device id for counting, where the device is known. */
export function knownDevice(verdict: DeviceVerdict): string | null {
  return verdict.kind === 'known' ? verdict.device : null;
}
