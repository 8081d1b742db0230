import type { FactorKind, FactorSummary } from '../contract.ts';
import { factorDisabled, tooManyAttempts } from '../errors.ts';
import { phoneHint } from '../factor/index.ts';
import type { SecondStep } from '../facade.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { type ChallengeData, createChallenge, recentChallenges } from './challenges.ts';
import type { Kit } from './kit.ts';
import { hasSecondFactor, isEnforced } from './level.ts';
import { circumstances, eventOf, tellOwner } from './tell.ts';

/** Second steps and codes that an account is asked for in an hour; after that only known devices are (A46). */
export const SECOND_STEPS_PER_HOUR = 20;
const HOUR_SECONDS = 3_600;

/** Whether a sign-in needs a second step. */
export function secondStepDue(
  kit: Kit,
  account: AccountRow,
  summary: FactorSummary,
  deviceKnown: boolean,
): boolean {
  // A code by mail, where it is allowed, is a step but no factor of its own.
  if (!hasSecondFactor(summary) && summary.usable.length === 0) return false;
  // Off by default: a remembered browser is no factor (NIST SP 800-63B-4, 5.1).
  const skip = kit.settings.allowSkipWithKnownDevice && deviceKnown;
  return !skip || isEnforced(account.roles, kit.settings.roles.mfaEnforced);
}

/** Factors with which a sign-in can be finished that has proven `proven`. @throws AppError 403 FACTOR_DISABLED when none is left */
export function finishing(summary: FactorSummary, proven: readonly FactorKind[]): readonly FactorKind[] {
  const left = summary.usable.filter((kind) => !proven.includes(kind));
  if (left.length === 0) throw factorDisabled();
  return left;
}

/** `first-no`: the first refusal of its hour, of which the owner is told; the others are answered alike. */
export type Leave = 'yes' | 'first-no' | 'no';

/**
 * Whether one more second step may be asked for. `account` is held by the transaction, so that simultaneous ones are
 * counted one after another.
 */
export async function maySecondStep(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  deviceKnown: boolean,
  facts: ClientFacts,
): Promise<Leave> {
  if (deviceKnown) return 'yes';
  const asked = await recentChallenges(tx, account.id, kit.ports.clock.now());
  if (asked < SECOND_STEPS_PER_HOUR) return 'yes';
  if (asked > SECOND_STEPS_PER_HOUR) return 'no';
  await noteSend(kit, tx, account, facts);
  return 'first-no';
}

/** Counts a code that is sent, or the first refusal of an hour. */
export async function noteSend(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  facts: ClientFacts,
): Promise<void> {
  const data: ChallengeData = { proven: [], client: facts.client };
  await createChallenge(tx, 'send', account.id, data, kit.ports.clock.now(), HOUR_SECONDS * 1_000);
}

/** Begins the second step. @returns why not, when too many were asked for; then `refuseFatigue` once committed */
export async function beginSecondStep(
  kit: Kit,
  tx: IdentityTransaction,
  account: AccountRow,
  given: {
    readonly summary: FactorSummary;
    readonly proven: readonly FactorKind[];
    readonly deviceKnown: boolean;
  },
  facts: ClientFacts,
): Promise<SecondStep | 'first-no' | 'no'> {
  const factors = finishing(given.summary, given.proven);
  const leave = await maySecondStep(kit, tx, account, given.deviceKnown, facts);
  if (leave !== 'yes') return leave;
  const nowMs = kit.ports.clock.now();
  const data: ChallengeData = { proven: given.proven, client: facts.client };
  const lifeMs = kit.settings.challengeTtl;
  const challenge = await createChallenge(tx, 'sign-in', account.id, data, nowMs, lifeMs);
  const phone = factors.includes('sms') ? given.summary.sms?.phone : undefined;
  return {
    kind: 'second-step',
    challenge,
    factors,
    phoneHint: phone === undefined ? null : phoneHint(phone),
    expiresAtMs: nowMs + lifeMs,
  };
}

/** Tells that a second step was asked for; once its transaction is over. */
export function tellSecondStep(
  kit: Kit,
  account: AccountRow,
  proven: readonly FactorKind[],
  facts: ClientFacts,
): void {
  kit.ports.events.emit(
    'SECOND_STEP_ASKED',
    eventOf(facts, account.id, { details: { factors: proven.join(' ') } }),
  );
}

/**
 * Too many second steps on one account: somebody else knows the password, or wants to wear the owner down (A46).
 * @throws RateLimitError
 */
export function refuseFatigue(
  kit: Kit,
  account: AccountRow,
  leave: 'first-no' | 'no',
  facts: ClientFacts,
): never {
  if (leave === 'first-no') {
    kit.ports.events.emit('MFA_FATIGUE', eventOf(facts, account.id, { outcome: 'refused' }));
    tellOwner(kit, account, 'suspicious-attempts', circumstances(kit, facts));
  }
  throw tooManyAttempts(HOUR_SECONDS);
}
