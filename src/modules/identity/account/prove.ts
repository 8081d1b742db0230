import type { AppError } from '../../../core/errors.ts';
import type { EventType } from '../../../core/events.ts';
import type { Attempt, DeviceVerdict, FactorKind, FactorSummary } from '../contract.ts';
import { factorDisabled, invalidCode, invalidCredentials, tooManyAttempts } from '../errors.ts';
import type { Proof } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { maySignIn } from './admit.ts';
import type { Kit } from './kit.ts';
import { attemptOn, tryPassword } from './password-try.ts';
import { accountById } from './store.ts';
import { circumstances, eventOf, ownAct, tellOwner } from './tell.ts';

/** What is to be proven, by whom, and for what. */
export interface Asked {
  readonly account: AccountRow;
  readonly summary: FactorSummary;
  /** Factors that count here. */
  readonly allowed: readonly FactorKind[];
  readonly proof: Proof;
  /** What a code or passkey must have been asked for: those of another flow do not fit (A43, A45). */
  readonly flow: string;
  readonly verdict: DeviceVerdict;
  readonly facts: ClientFacts;
  /** When the account was changed in between. */
  readonly gone: () => AppError;
}

/** A factor that was right. */
export interface Right {
  readonly factor: FactorKind;
  readonly userVerified: boolean;
}

interface Verified extends Right {
  readonly ok: boolean;
  /** Backup codes that are left. */
  readonly left?: number;
}

/**
 * Verifies one factor, on whatever path it is asked: every path shares the counters of the factor (A39).
 * @param then what follows in the same transaction, so that the proof is used up together with it, or not at all
 * @throws AppError 401 INVALID_CODE, INVALID_CREDENTIALS; 403 FACTOR_DISABLED; 429
 */
export async function prove<T>(
  kit: Kit,
  asked: Asked,
  then: (tx: IdentityTransaction, account: AccountRow, right: Right) => Promise<T>,
): Promise<T> {
  const { factor } = asked.proof;
  if (factor === 'password') return provePassword(kit, asked, then);
  if (isDisabled(asked.summary, factor)) throw factorDisabled();
  if (!asked.allowed.includes(factor)) throw invalidCode(factor);
  const attempt = attemptFor(kit, asked);
  const leave = await kit.parts.lockout.begin(attempt);
  if (!leave.allowed) {
    throw leave.why === 'wait' ? tooManyAttempts(leave.retryAfterSeconds) : factorDisabled();
  }
  const done = await kit.ports.transaction(async (tx) => {
    const account = await hold(kit, tx, asked);
    const verified = await verify(kit, tx, asked);
    if (!verified.ok) return { verified, value: undefined };
    if (factor === 'backup')
      await tx.audit('BACKUP_CODE_USED', ownAct(asked.facts, account.id, left(verified)));
    return { verified, value: { of: await then(tx, account, verified) } };
  });
  if (done.value === undefined) return refuse(kit, asked, attempt, leave.ticket);
  await kit.parts.lockout.succeed(attempt, leave.ticket);
  announce(kit, asked, done.verified);
  return done.value.of;
}

async function provePassword<T>(
  kit: Kit,
  asked: Asked,
  then: (tx: IdentityTransaction, account: AccountRow, right: Right) => Promise<T>,
): Promise<T> {
  const { account, proof, verdict, facts } = asked;
  if (!asked.allowed.includes('password')) throw invalidCredentials();
  const tried = await tryPassword(kit, account.email, account, proof.password ?? '', verdict, facts);
  if (!tried.ok || tried.account === undefined) throw invalidCredentials();
  const seen = { ...asked, account: tried.account };
  return kit.ports.transaction(async (tx) =>
    then(tx, await hold(kit, tx, seen), { factor: 'password', userVerified: false }),
  );
}

/** The account's row, held; refuses when its password or status was changed since it was looked at. */
async function hold(kit: Kit, tx: IdentityTransaction, asked: Asked): Promise<AccountRow> {
  const held = await accountById(tx, asked.account.id, 'lock');
  const same = held?.password_hash === asked.account.password_hash;
  if (held === undefined || !same || !maySignIn(kit, held)) throw asked.gone();
  return held;
}

function isDisabled(summary: FactorSummary, factor: FactorKind): boolean {
  return (
    (factor === 'totp' && summary.totp?.disabled === true) ||
    (factor === 'sms' && summary.sms?.disabled === true)
  );
}

function attemptFor(kit: Kit, { account, summary, proof, verdict, facts }: Asked): Attempt {
  const attempt = attemptOn(kit, account.email, account, proof.factor, verdict, facts);
  const authenticator =
    proof.factor === 'totp' ? summary.totp?.id : proof.factor === 'sms' ? summary.sms?.id : undefined;
  return authenticator === undefined ? attempt : { ...attempt, authenticator };
}

async function verify(kit: Kit, tx: IdentityTransaction, asked: Asked): Promise<Verified> {
  const { factors } = kit.parts;
  const { proof, flow } = asked;
  const account = asked.account.id;
  const nowMs = kit.ports.clock.now();
  const code = proof.code ?? '';
  switch (proof.factor) {
    case 'totp':
      return plain('totp', await factors.verifyTotp(tx, account, code, nowMs));
    case 'sms':
    case 'email':
      return plain(proof.factor, (await factors.codes.verify(tx, flow, code, nowMs)) === 'ok');
    case 'backup': {
      const rest = await factors.useBackupCode(tx, account, code);
      return rest === undefined ? plain('backup', false) : { ...plain('backup', true), left: rest };
    }
    case 'passkey':
      return verifyPasskey(kit, tx, asked);
    case 'password':
      return plain('password', false);
  }
}

async function verifyPasskey(kit: Kit, tx: IdentityTransaction, asked: Asked): Promise<Verified> {
  const answer = asked.proof.passkey;
  if (answer === undefined) return plain('passkey', false);
  const { challenge, response } = answer;
  const { id } = asked.account;
  const found = await kit.parts.factors.passkeys.authenticate(tx, asked.flow, challenge, response, id);
  if (found?.account !== id) return plain('passkey', false);
  return { factor: 'passkey', ok: true, userVerified: found.userVerified };
}

function plain(factor: FactorKind, ok: boolean): Verified {
  return { factor, ok, userVerified: false };
}

function left(verified: Verified): { readonly left: number } {
  return { left: verified.left ?? 0 };
}

/** Codes by SMS and mail announce themselves where they are verified. */
const SUCCEEDED: Partial<Record<FactorKind, EventType>> = { totp: 'TOTP_SUCCESS', passkey: 'PASSKEY_USED' };
const FAILED: Partial<Record<FactorKind, EventType>> = {
  totp: 'TOTP_FAILED',
  backup: 'BACKUP_CODE_FAILED',
  passkey: 'PASSKEY_FAILED',
};

function announce(kit: Kit, asked: Asked, verified: Verified): void {
  const type = SUCCEEDED[verified.factor];
  if (type !== undefined) kit.ports.events.emit(type, ownAct(asked.facts, asked.account.id));
  if (verified.factor !== 'backup') return;
  tellOwner(kit, asked.account, 'backup-code-used', {
    ...circumstances(kit, asked.facts),
    left: String(left(verified).left),
  });
}

async function refuse(kit: Kit, asked: Asked, attempt: Attempt, ticket: string): Promise<never> {
  const { account, proof, facts } = asked;
  const { disabled, notifyOwner } = await kit.parts.lockout.fail(attempt, ticket);
  const type = FAILED[proof.factor];
  if (type !== undefined) kit.ports.events.emit(type, eventOf(facts, account.id, { outcome: 'failure' }));
  if (disabled || notifyOwner) tellOwner(kit, account, 'suspicious-attempts', circumstances(kit, facts));
  throw invalidCode(proof.factor);
}
