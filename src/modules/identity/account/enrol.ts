import { factorDisabled, invalidCode, sessionEnded, tooManyAttempts } from '../errors.ts';
import type { Attempt, FactorKind, FactorSummary, SessionScope, SessionState } from '../contract.ts';
import type { Granted } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { granted } from './admit.ts';
import { type Current, current, demandFresh } from './current.ts';
import type { Kit } from './kit.ts';
import { hasSecondFactor } from './level.ts';
import { accountById } from './store.ts';
import { actedBy, circumstances, ownAct, tellOwner, ownerOf } from './tell.ts';

/** A session that must enrol first may do that, and nothing else. */
const ENROL_SCOPES: readonly SessionScope[] = ['full', 'enrol'];

/** What comes of an enrolment. */
export interface Enrolled {
  /** Shown once; empty where the account has codes already. */
  readonly backupCodes: readonly string[];
  readonly granted: Granted;
}

/**
 * Whoever enrols must have proven a second factor lately, or, while there is none, any: a hijacked session adds nothing
 * (A48, ASVS 7.5.1).
 */
export async function mayEnrol(
  kit: Kit,
  session: SessionState,
): Promise<Current & { readonly summary: FactorSummary }> {
  const now = await current(kit, session, ENROL_SCOPES);
  const summary = await demandFresh(kit, now, { factor: 'second' });
  return { ...now, summary };
}

/** Starts the enrolment of an authenticator app. */
export async function enrolTotp(
  kit: Kit,
  session: SessionState,
): Promise<{
  readonly secret: string;
  readonly uri: string;
  readonly qrSvg: string;
  readonly qrPng: string;
}> {
  const { account } = await mayEnrol(kit, session);
  const made = await kit.ports.transaction(async (tx) => {
    await kit.parts.lockout.clear(tx, enrolKey(kit, account), 'totp');
    return kit.parts.factors.enrolTotp(tx, account.id, account.email);
  });
  return { secret: made.secret, uri: made.uri, qrSvg: made.qrSvg, qrPng: made.qrPng };
}

/** Codes of an enrolment are counted on their own: a slip there must not disable the factor that is in use. */
function enrolKey(kit: Kit, account: AccountRow): string {
  return `${kit.accountKey(account.email)} enrol`;
}

/**
 * Confirms an authenticator app by its first code.
 * @throws AppError 401 INVALID_CODE, FRESH_AUTH_REQUIRED; 403 FACTOR_DISABLED after ten wrong codes; 429
 */
export async function confirmTotp(
  kit: Kit,
  session: SessionState,
  code: string,
  facts: ClientFacts,
): Promise<Enrolled> {
  const now = await mayEnrol(kit, session);
  return confirm(kit, now, 'totp', facts, (tx) =>
    kit.parts.factors.confirmTotp(tx, now.account.id, code, kit.ports.clock.now()),
  );
}

/** Sends a code to a number that is to become a second factor. */
export async function enrolSms(
  kit: Kit,
  session: SessionState,
  phone: string,
  facts: ClientFacts,
): Promise<void> {
  const { account } = await mayEnrol(kit, session);
  const { id, locale } = account;
  const flow = phoneFlow(account);
  await kit.parts.factors.codes.send({ flow, account: id, channel: 'sms', to: phone, locale, facts });
}

/** The flow by whose first right code a number becomes a second factor. */
function phoneFlow(account: AccountRow): string {
  return `phone:${account.id}`;
}

/** Confirms a number by the code that was sent to it. */
export async function confirmSms(
  kit: Kit,
  session: SessionState,
  code: string,
  facts: ClientFacts,
): Promise<Enrolled> {
  const now = await mayEnrol(kit, session);
  const { codes } = kit.parts.factors;
  return confirm(kit, now, 'sms', facts, async (tx) => {
    const fault = await codes.verify(tx, phoneFlow(now.account), code, kit.ports.clock.now());
    return fault === 'ok';
  });
}

async function confirm(
  kit: Kit,
  now: Current & { readonly summary: FactorSummary },
  factor: 'totp' | 'sms',
  facts: ClientFacts,
  verify: (tx: IdentityTransaction) => Promise<boolean>,
): Promise<Enrolled> {
  const { lockout } = kit.parts;
  const { account } = now;
  const attempt: Attempt = {
    accountKey: enrolKey(kit, account),
    account: account.id,
    factor,
    knownDevice: now.session.device,
    facts,
  };
  const leave = await lockout.begin(attempt);
  if (!leave.allowed) {
    throw leave.why === 'wait' ? tooManyAttempts(leave.retryAfterSeconds) : factorDisabled();
  }
  const enrolled = await kit.ports.transaction(async (tx) => {
    const held = await holdActive(tx, account.id);
    return (await verify(tx)) ? complete(kit, tx, { ...now, account: held }, factor, facts) : undefined;
  });
  if (enrolled === undefined) {
    await lockout.fail(attempt, leave.ticket);
    throw invalidCode(factor);
  }
  await lockout.succeed(attempt, leave.ticket);
  tellOfFactor(kit, account, 'factor-added', factor, facts);
  return enrolled;
}

/** The account's row, held. @throws AppError 401 SESSION_ENDED */
export async function holdActive(tx: IdentityTransaction, id: string): Promise<AccountRow> {
  const held = await accountById(tx, id, 'lock');
  if (held?.status !== 'active') throw sessionEnded();
  return held;
}

/**
 * A factor is there. With the first one come backup codes, and sessions that were opened without it end; this session is
 * at level 2 and has new tokens. `now.account` is held.
 */
export async function complete(
  kit: Kit,
  tx: IdentityTransaction,
  now: Current & { readonly summary: FactorSummary },
  factor: 'totp' | 'sms' | 'passkey',
  facts: ClientFacts,
): Promise<Enrolled> {
  const { sessions, factors, lockout } = kit.parts;
  const { account, session, summary } = now;
  const first = !hasSecondFactor(summary);
  const backupCodes = summary.backupCodes === null ? await factors.makeBackupCodes(tx, account.id) : [];
  await tx.audit(
    factor === 'passkey' ? 'PASSKEY_ADDED' : 'MFA_ENABLED',
    ownAct(facts, account.id, { factor }),
  );
  if (backupCodes.length > 0) await tx.audit('BACKUP_CODES_MADE', ownAct(facts, account.id));
  // What was tried wrongly too often counts again once it is bound anew (NIST SP 800-63B-4, 3.2.2).
  await lockout.clear(tx, kit.accountKey(account.email), factor);
  if (first)
    await sessions.endAll(actedBy(tx, ownerOf(facts, account.id)), account.id, 'factors-changed', session.id);
  const aal = session.factors.includes('password') || session.aal === 2 ? 2 : 1;
  const scope: SessionScope = session.scope === 'enrol' && aal === 2 ? 'full' : session.scope;
  const grant = await sessions.renew(tx, session.id, { proven: [factor], aal, scope }, facts);
  return { backupCodes, granted: granted(account, grant) };
}

/** Mails an owner that a factor came or went. */
export function tellOfFactor(
  kit: Kit,
  account: AccountRow,
  kind: 'factor-added' | 'factor-removed',
  factor: FactorKind,
  facts: ClientFacts,
): void {
  tellOwner(kit, account, kind, { ...circumstances(kit, facts), factor });
}
