import { challengeInvalid, invalidField } from '../errors.ts';
import type { FactorSummary } from '../contract.ts';
import type { Granted, PasskeyQuestion, Proof } from '../facade.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { admitAccount, holdAccount, knownDevice, maySignIn } from './admit.ts';
import { type Challenge, consumeChallenge, findChallenge } from './challenges.ts';
import { noteSignIn } from './history.ts';
import type { Kit } from './kit.ts';
import { hasSecondFactor } from './level.ts';
import { prove } from './prove.ts';
import { finishing, maySecondStep, noteSend, refuseFatigue } from './second-due.ts';
import { accountById } from './store.ts';
import { eventOf } from './tell.ts';

interface Begun {
  readonly challenge: Challenge;
  readonly account: AccountRow;
  readonly summary: FactorSummary;
}

/** @throws AppError 401 CHALLENGE_INVALID */
async function begun(kit: Kit, token: string, facts: ClientFacts): Promise<Begun> {
  const { sql, clock } = kit.ports;
  const challenge = await findChallenge(sql, token, facts.client, clock.now());
  const account = await accountById(sql, challenge.account);
  if (account === undefined || !maySignIn(kit, account)) throw challengeInvalid();
  return { challenge, account, summary: await kit.parts.factors.summary(account.id) };
}

function flowOf(challenge: Challenge): string {
  return `sign-in:${challenge.hash}`;
}

/**
 * Sends a code for a second step.
 * @throws AppError 401 CHALLENGE_INVALID, 400 where the account has no such channel, 429
 */
export async function sendSecondStepCode(
  kit: Kit,
  token: string,
  channel: 'sms' | 'email',
  facts: ClientFacts,
): Promise<void> {
  const { challenge, account, summary } = await begun(kit, token, facts);
  const to = channel === 'sms' ? summary.sms?.phone : account.email;
  if (to === undefined || !finishing(summary, challenge.data.proven).includes(channel)) {
    throw invalidField('factor', 'not_enrolled', 'This way of receiving codes is not set up.');
  }
  const verdict = await kit.parts.devices.judge(account.id, facts);
  const leave = await kit.ports.transaction(async (tx) => {
    const held = await holdAccount(kit, tx, account, 'second');
    const asked = await maySecondStep(kit, tx, held, knownDevice(verdict) !== null, facts);
    if (asked === 'yes') await noteSend(kit, tx, held, facts);
    return asked;
  });
  if (leave !== 'yes') refuseFatigue(kit, account, leave, facts);
  const { locale, id } = account;
  await kit.parts.factors.codes.send({ flow: flowOf(challenge), account: id, channel, to, locale, facts });
}

/** Options for a passkey as second step. @throws AppError 401 CHALLENGE_INVALID */
export async function secondStepPasskey(
  kit: Kit,
  token: string,
  facts: ClientFacts,
): Promise<PasskeyQuestion> {
  const { challenge, account } = await begun(kit, token, facts);
  return kit.parts.factors.passkeys.authenticationOptions(account.id, flowOf(challenge));
}

/**
 * Finishes a sign-in. The proof, the half-done sign-in and the new session are one transaction: whichever of fifty
 * simultaneous tries comes first uses all of them up.
 * @throws AppError 401 CHALLENGE_INVALID, INVALID_CODE; 403 FACTOR_DISABLED; 429
 */
export async function finishSecondStep(
  kit: Kit,
  token: string,
  proof: Proof,
  facts: ClientFacts,
): Promise<Granted> {
  const { challenge, account, summary } = await begun(kit, token, facts);
  const verdict = await kit.parts.devices.judge(account.id, facts);
  const allowed = finishing(summary, challenge.data.proven);
  const gone = challengeInvalid;
  const asked = { account, summary, allowed, proof, flow: flowOf(challenge), verdict, facts, gone };
  try {
    const admission = await prove(kit, asked, async (tx, held, right) => {
      await consumeChallenge(tx, challenge.hash, kit.ports.clock.now());
      const factors = [...challenge.data.proven, right.factor];
      const { userVerified } = right;
      return admitAccount(
        kit,
        tx,
        held,
        { factors, userVerified, secondFactor: hasSecondFactor(summary) },
        facts,
      );
    });
    admission.announce();
    return admission.granted;
  } catch (error) {
    await noteWrongCode(kit, account, proof, facts, error);
    throw error;
  }
}

async function noteWrongCode(
  kit: Kit,
  account: AccountRow,
  proof: Proof,
  facts: ClientFacts,
  error: unknown,
): Promise<void> {
  const code = (error as { code?: unknown }).code;
  if (code !== 'INVALID_CODE' && code !== 'FACTOR_DISABLED') return;
  const outcome = code === 'INVALID_CODE' ? 'wrong-code' : 'refused';
  await noteSignIn(kit, kit.ports.sql, account.id, outcome, [proof.factor], facts);
  kit.ports.events.emit(
    'SIGN_IN_FAILED',
    eventOf(facts, account.id, { outcome: 'failure', details: { factor: proof.factor } }),
  );
}
