import { ConflictError, NotFoundError } from '../../../core/errors.ts';
import type { FactorSummary, SessionState } from '../contract.ts';
import { mfaRequired } from '../errors.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { type Current, current, demandFresh } from './current.ts';
import { holdActive, tellOfFactor } from './enrol.ts';
import type { Kit } from './kit.ts';
import { hasSecondFactor, isEnforced } from './level.ts';
import { actedBy, ownAct, ownerOf } from './tell.ts';

/** Second factors and whether the account's roles demand one. */
export async function mfaStatus(
  kit: Kit,
  session: SessionState,
): Promise<FactorSummary & { readonly enforced: boolean }> {
  const { account } = await current(kit, session, ['full', 'enrol']);
  const summary = await kit.parts.factors.summary(account.id);
  return { ...summary, enforced: isEnforced(account.roles, kit.settings.roles.mfaEnforced) };
}

/**
 * Makes ten new backup codes; older ones end.
 * @throws AppError 401 FRESH_AUTH_REQUIRED; 403 MFA_REQUIRED while there is no second factor that they could stand in for
 */
export async function makeBackupCodes(
  kit: Kit,
  session: SessionState,
  facts: ClientFacts,
): Promise<readonly string[]> {
  const now = await current(kit, session);
  const summary = await demandFresh(kit, now, { factor: 'second' });
  if (!hasSecondFactor(summary)) throw mfaRequired();
  const codes = await kit.ports.transaction(async (tx) => {
    const held = await holdActive(tx, now.account.id);
    const made = await kit.parts.factors.makeBackupCodes(tx, held.id);
    await kit.parts.lockout.clear(tx, kit.accountKey(held.email), 'backup');
    await tx.audit('BACKUP_CODES_MADE', ownAct(facts, held.id));
    return made;
  });
  tellOfFactor(kit, now.account, 'factor-added', 'backup', facts);
  return codes;
}

/**
 * Removes a second factor.
 * @throws AppError 401 FRESH_AUTH_REQUIRED; 404; 409 for the last one where roles demand one
 */
export async function disableFactor(
  kit: Kit,
  session: SessionState,
  kind: 'totp' | 'sms' | 'passkey',
  facts: ClientFacts,
): Promise<void> {
  const now = await mayRemove(kit, session);
  await kit.ports.transaction(async (tx) => {
    const held = await holdActive(tx, now.account.id);
    if (!(await kit.parts.factors.remove(tx, held.id, kind))) throw new NotFoundError();
    await afterRemoval(kit, tx, held, now.session, kind, facts);
  });
  tellOfFactor(kit, now.account, 'factor-removed', kind, facts);
}

/** Removes one passkey. @throws AppError as `disableFactor` does */
export async function removePasskey(
  kit: Kit,
  session: SessionState,
  id: string,
  facts: ClientFacts,
): Promise<void> {
  const now = await mayRemove(kit, session);
  await kit.ports.transaction(async (tx) => {
    const held = await holdActive(tx, now.account.id);
    if (!(await kit.parts.factors.passkeys.remove(tx, held.id, id))) throw new NotFoundError();
    await afterRemoval(kit, tx, held, now.session, 'passkey', facts);
  });
  tellOfFactor(kit, now.account, 'factor-removed', 'passkey', facts);
}

/** Removing needs what enrolling needs: a hijacked session cannot fall back to something weaker (A48, ASVS 6.5.6). */
async function mayRemove(kit: Kit, session: SessionState): Promise<Current> {
  const now = await current(kit, session);
  await demandFresh(kit, now, { factor: 'second' });
  return now;
}

/** The account's row is held, so that two removals at once cannot both believe that the other one stays. */
async function afterRemoval(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  session: SessionState,
  kind: 'totp' | 'sms' | 'passkey',
  facts: ClientFacts,
): Promise<void> {
  const left = await factorsLeft(tx, account.id);
  if (left === 0) {
    if (isEnforced(account.roles, kit.settings.roles.mfaEnforced)) {
      throw new ConflictError(
        'Your role demands a second factor. Set up another one before you remove the last.',
      );
    }
    await kit.parts.factors.remove(tx, account.id, 'backup');
  }
  await kit.parts.sessions.endAll(
    actedBy(tx, ownerOf(facts, account.id)),
    account.id,
    'factors-changed',
    session.id,
  );
  const type = kind === 'passkey' ? 'PASSKEY_REMOVED' : 'MFA_DISABLED';
  await tx.audit(type, ownAct(facts, account.id, { factor: kind, left }));
}

/** Confirmed second factors of an account, as this transaction sees them. */
async function factorsLeft(tx: IdentityTransaction, account: string): Promise<number> {
  const found = await tx.query(
    `SELECT
       (SELECT count(*) FROM rampart.identity_totp WHERE account = $1 AND confirmed_at_ms IS NOT NULL)
     + (SELECT count(*) FROM rampart.identity_phones WHERE account = $1)
     + (SELECT count(*) FROM rampart.identity_passkeys WHERE account = $1) AS n`,
    [account],
  );
  return (found.rows[0] as { n: number }).n;
}
