import type { DeviceVerdict } from '../contract.ts';
import { invalidCredentials } from '../errors.ts';
import type { Granted, PasskeyAnswer, PasskeyQuestion, SecondStep } from '../facade.ts';
import type { ClientFacts } from '../request.ts';
import type { AccountRow } from '../tables/accounts.ts';
import { type Admission, admitAccount, holdAccount, knownDevice, maySignIn } from './admit.ts';
import { noteSignIn } from './history.ts';
import type { Kit } from './kit.ts';
import { beginSecondStep, refuseFatigue, tellSecondStep } from './second-due.ts';
import { accountById } from './store.ts';
import { eventOf, ownAct } from './tell.ts';

/** Challenges of a sign-in fit no second step and no step-up (A45). */
const FLOW = 'passkey-sign-in';

/** Options for whoever has a passkey here; says nothing about any account (A22). */
export function passkeySignInQuestion(kit: Kit): Promise<PasskeyQuestion> {
  return kit.parts.factors.passkeys.authenticationOptions(null, FLOW);
}

/**
 * Signs in with a passkey. With user verification it is two factors in one; without, a second step follows.
 * @throws AppError 401 INVALID_CREDENTIALS
 */
export async function passkeySignIn(
  kit: Kit,
  answer: PasskeyAnswer,
  facts: ClientFacts,
): Promise<Granted | SecondStep> {
  const { ports, parts } = kit;
  const found = await ports.transaction((tx) =>
    parts.factors.passkeys.authenticate(tx, FLOW, answer.challenge, answer.response, null),
  );
  const account = found === undefined ? undefined : await accountById(ports.sql, found.account);
  if (found === undefined || account === undefined || !maySignIn(kit, account)) {
    return refuse(kit, account, facts);
  }
  ports.events.emit('PASSKEY_USED', ownAct(facts, account.id));
  const verdict = await parts.devices.judge(account.id, facts);
  if (!found.userVerified) return secondStep(kit, account, verdict, facts);
  const admission = await ports.transaction<Admission>(async (tx) => {
    const held = await holdAccount(kit, tx, account, 'first');
    return admitAccount(
      kit,
      tx,
      held,
      { factors: ['passkey'], userVerified: true, secondFactor: true },
      facts,
    );
  });
  admission.announce();
  return admission.granted;
}

/** Somebody has the authenticator, but nobody has shown that it is its owner. */
async function secondStep(
  kit: Kit,
  account: AccountRow,
  verdict: DeviceVerdict,
  facts: ClientFacts,
): Promise<SecondStep> {
  const summary = await kit.parts.factors.summary(account.id);
  const step = await kit.ports.transaction(async (tx) => {
    const held = await holdAccount(kit, tx, account, 'first');
    const deviceKnown = knownDevice(verdict) !== null;
    return beginSecondStep(kit, tx, held, { summary, proven: ['passkey'], deviceKnown }, facts);
  });
  if (typeof step === 'string') return refuseFatigue(kit, account, step, facts);
  tellSecondStep(kit, account, ['passkey'], facts);
  return step;
}

async function refuse(kit: Kit, account: AccountRow | undefined, facts: ClientFacts): Promise<never> {
  if (account !== undefined) await noteSignIn(kit, kit.ports.sql, account.id, 'refused', ['passkey'], facts);
  const details = { factor: 'passkey' };
  kit.ports.events.emit('PASSKEY_FAILED', eventOf(facts, account?.id ?? null, { outcome: 'failure' }));
  kit.ports.events.emit(
    'SIGN_IN_FAILED',
    eventOf(facts, account?.id ?? null, { outcome: 'failure', details }),
  );
  throw invalidCredentials();
}
